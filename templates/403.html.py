BBBBBBB BBBBBBBBBBB
BBBB BBBB
BBBBB BBBBB gettext(u"You can't open this page") BBBBBBBB
BBBBB BBBBBBBBBBXXXX XXXXXXXXXXXXXBBBBBBBB
BBBBB BBBBBBB
  XXXX gettext(u"You can't open this page") XXXXX
  XXX gettext(u'Your role does not include it. If you need it for your work, ask your unit manager.') XXXX
  XXXXX XXXXXXXXXXXXXXXXX XXXXXXXXX gettext(u'Go to the start') XXXXXXXX
BBBBBBBB
