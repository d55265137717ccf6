BBBBBBB BBBBBBBBBBB
BBBB BBBB
BBBBB BBBBB gettext(u'Accessibility statement') BBBBBBBB
BBBBB BBBBBBBBBBXXXX XXXXXXXXXXXXX XXXXXBBBBBBBB
BBBBB BBBBBBB
  XXXX gettext(u'Accessibility statement') XXXXX
  XX XXXXXXXXXXXXX gettext(u'We want everybody to be able to use Safehome. Here is how well it meets the law on accessibility of digital public service, what is lacking, and what you can do.') XXXX
  XXXX gettext(u'How accessible it is') XXXXX
  XXX gettext(u'Safehome partly meets the requirements. The pages are built to WCAG 2.2, level AA, and to EN 301 549 version 3.2.1. They are tested by machine in Swedish and English, light and dark, and with the keyboard alone. They have not yet been tested by an independent party, nor with every screen reader.') XXXX
  XXXX gettext(u'What is lacking') XXXXX
  XXXX
    XXXX gettext(u'The activity and temperature pictures are wide. On a narrow screen they are moved sideways inside their own frame. The same is told in a sentence above, and in a table below.') XXXXX
    XXXX gettext(u'The alarm tone is made by the browser. Some browsers ask for a press before they let it sound, and the page says so when that is the case.') XXXXX
    XXXX gettext(u"The administration pages for the system administrator come from another product, Django. Some of their tables can't be read well on a narrow screen.") XXXXX
    XXXX gettext(u'The description of the programming interface is made for programmers, and is in English alone.') XXXXX
  XXXXX
  XXXX gettext(u'What you can do yourself') XXXXX
  XXX gettext(u'Under Display at the top of each page you choose language, larger text, and light or dark. The choice is kept in this browser.') XXXX
  XXXX gettext(u'Tell us about obstacles') XXXXX
  XXX gettext(u"Write to us if you meet something that you can't use, or if you need what a page says in another form.") XXXX
  XXXXX XXXXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXX
  XXXX gettext(u'Who checks that the law is followed') XXXXX
  XXX gettext(u'The Agency for Digital Government (DIGG) supervises the law on accessibility of digital public service. If you are not content with how we treat what you told us, you can <a class="ds-link" href="https://www.digg.se/tdosanmalan">report it to DIGG</a>.') 
    SSS SSSSSS SSS SSSSSSS SSSSSSSSSS SSSSSS SSSSSSSSSS SSS SSS SS SSSSSSSSSSSSS SS SSSSSSS SSSSSS SSSSSSSS
    SS SSS SSS SSS SSSSSSS SSSS SSS SS SSSSS SSSS SSS SSSS SSS SSS SSS
    SS SSSSSSSSSSSSSSS SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS SS SS SSSSSSSSS
  XXXX
  XXXX gettext(u'How this was tested') XXXXX
  XXX gettext(u'By the developers, with axe-core in Chromium on every page, by keyboard, at a width of 320 pixels, with text enlarged, and in the high-contrast mode of the operating system. This statement was last gone through on 21 November 2026.') XXXX
BBBBBBBB
