BBBBBBB BBBBBBBBBBB
BBBB BBBB
BBBBB BBBBB gettext(u"The page isn't here") BBBBBBBB
BBBBB BBBBBBBBBBXXXX XXXXXXXXXXXXXBBBBBBBB
BBBBB BBBBBBB
  XXXX gettext(u"The page isn't here") XXXXX
  XXX gettext(u'It may have been moved, or it is about somebody whose information you do not have access to.') XXXX
  XXXXX XXXXXXXXXXXXXXXXX XXXXXXXXX gettext(u'Go to the start') XXXXXXXX
BBBBBBBB
