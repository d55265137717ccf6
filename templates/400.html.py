BBBBBBB BBBBBBBBBBBBBBBBBBBBBBB
BBBB BBBB
BBBBB BBBBB gettext(u'The request could not be understood') BBBBBBBB
BBBBB BBBBBBB
  XXXX gettext(u'The request could not be understood') XXXXX
  XXX gettext(u'Nothing was changed. Go back and try again.') XXXX
  XXXXX XXXXXXXXXXXXXXXXX XXXXXXXXX gettext(u'Go to the start') XXXXXXXX
BBBBBBBB
