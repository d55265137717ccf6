BBBBBBB BBBBBBBBBBB
BBBB BBBB
BBBBB BBBBB gettext(u'The form is too old') BBBBBBBB
BBBBB BBBBBBBBBBXXXX XXXXXXXXXXXXXBBBBBBBB
BBBBB BBBBBBB
  XXXX gettext(u'The form is too old') XXXXX
  XXX gettext(u'Nothing was saved. The page had been open since before you signed in, or the browser does not accept cookies.') XXXX
  XXX gettext(u'Go back, load the page again, and send the form once more.') XXXX
  XXXXX XXXXXXXXXXXXXXXXX XXXXXXXXX gettext(u'Go to the start') XXXXXXXX
BBBBBBBB
