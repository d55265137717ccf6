BBBBBBB BBBBBBBBBBBBBBBBBBBBBBB
BBBB BBBB BB
BBBBB BBBBB gettext(u'My home') BBBBBBBB
BBBBB BBBBBBB
  BBB BBBB BB BBBBB
    XXXXXXXX XXXXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXX
      XXX XXXXXXXXXXXBB BBBBBBBB gettext(u'The technology in your home') BBBB gettext(u'The technology in the home of %(name)s') SSS SSSSSSSSSS SS SSS SSSS SS SSSSSSSSBBBBBXXXXX
      BBB BBBBBB BB BBBBBBBBBBBB
        XXXXXXXX XXXXXXXXXXX XXXXXX
          XXXXXXXXX
          XXXX
            BBB BBBB BB BBBBBBBBBBBBXXXXXXXXXBBBBBB
          XXXXX
          BB BBBBBBBBBBBBBBBBB
            BBBBBB BBBBBBBBB gettext(u'It is on.') BBBBBBBBB
          BBBB
            BBBBBB BBBBBB gettext(u'It is off. It saves nothing.') BBBBBBBBB
          BBBBB
          XXXX gettext(u'What it measures') XXXXX
          XXXXXXX
          BB BBBBBBBBBBBBBBB
            XXXX gettext(u'What it does not do') XXXXX
            XXXXXXX
          BBBBB
          XXXX gettext(u'Who is told') XXXXX
          XXXBB BBBBBBBBBBBFFFFFFF FBBBB gettext(u'Nobody.') BBBBBXXXX
        XXXXXXXXXX
      BBBBB
        BBBBB BBBBBBBBXXX gettext(u'There are no devices from the municipality in the home.') XXXXBBBBBBBB
      BBBBBB
    XXXXXXXXXX
  BBBBB
    XXXX gettext(u'My home') XXXXX
    XXX gettext(u'There is nothing to show here yet. Phone your contact person if you think that is wrong.') XXXX
  BBBBBB
BBBBBBBB
