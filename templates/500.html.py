BBBBBBB BBBBBBBBBBBBBBBBBBBBBBB
BBBB BBBB
BBBBB BBBBB gettext(u'Something went wrong') BBBBBBBB
BBBBB BBBBBBB
  XXXX gettext(u'Something went wrong') XXXXX
  XXX gettext(u'The fault is ours, and it has been noted. What you just did may not have been saved.') XXXX
  XXXXXXXXXXX gettext(u"If you are on shift: do not wait for this page. Follow the routine for when alarms can't be seen.") XXXXXXXXXXXXX
  XXXXX XXXXXXXXXXXXXXXXX XXXXXXXXX gettext(u'Try again from the start') XXXXXXXX
BBBBBBBB
