"""Safehome's own line drawings, on a grid of 24 × 24, drawn with a pen two units wide.

An icon never stands alone: the words beside it carry the meaning, so every icon is hidden from screen readers.
"""

ICONS: dict[str, str] = {
    "alert": "M12 3.5 22 20.5H2Z M12 10v5 M12 17.6v.2",
    "battery": "M3 8h15v8H3Z M21 11v2 M6 11v2",
    "bell": "M6 16v-5a6 6 0 0 1 12 0v5l1.6 2.2H4.4Z M10 21h4",
    "check": "M4.5 12.5 10 18 20 6.5",
    "chevron": "m7 10 5 5 5-5",
    "clipboard": "M9 4.5H6v16h12v-16h-3 M9 3h6v3.5H9Z M9 13.5l2.2 2.2 4-4.4",
    "clock": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z M12 7.5V12l3 2",
    "contrast": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z M12 3.5v17 M12 8l5.5-1.5 M12 12h8.3 M12 16l5.5 1.5",
    "device": "M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z M7 7a7 7 0 0 0 0 10 M17 7a7 7 0 0 1 0 10",
    "eye-off": "M3 12c2.4-4 5.4-6 9-6s6.6 2 9 6c-2.4 4-5.4 6-9 6s-6.6-2-9-6Z M4 20 20 4",
    "home": "M4 11.2 12 4l8 7.2V20h-5.5v-5.5h-5V20H4Z",
    "info": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z M12 11v5.5 M12 7.5v.2",
    "key": "M8 11.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z M11.2 12.8 20 4 M16.5 7.5 19 10",
    "language": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z M3.5 12h17 M12 3.5c-5 5.5-5 11.5 0 17"
    " M12 3.5c5 5.5 5 11.5 0 17",
    "people": "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z M2.5 20c.3-4 2.7-6 6.5-6s6.2 2 6.5 6"
    " M15.5 5a3.3 3.3 0 0 1 0 6.2 M17.5 14.3c2.5.7 3.8 2.6 4 5.7",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z M4.5 20.5c.5-4 3-6 7.5-6s7 2 7.5 6",
    "phone": "M6 3.5h3.5L11 8.5 8.7 10.3a12 12 0 0 0 5 5L15.5 13l5 1.5V18a2.5 2.5 0 0 1-2.7 2.5"
    "C10 20 4 14 3.5 6.2A2.5 2.5 0 0 1 6 3.5Z",
    "pin": "M12 21.5c-4.7-5-7-8.7-7-11.5a7 7 0 0 1 14 0c0 2.8-2.3 6.5-7 11.5Z M12 7.5a2.5 2.5 0 1 0 0 5"
    " 2.5 2.5 0 0 0 0-5Z",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z M15.5 15.5 20.5 20.5",
    "settings": "M4 7h9 M17 7h3 M15 4.5v5 M4 17h3 M11 17h9 M9 14.5v5",
    "sound": "M4 9.5v5h3.5l5 4v-13l-5 4Z M16 9a4.5 4.5 0 0 1 0 6 M18.5 6.5a8 8 0 0 1 0 11",
    "unplugged": "M3 12a9 9 0 0 1 4-5 M17 7a9 9 0 0 1 4 5 M8 14a5 5 0 0 1 2.5-3 M13.5 11a5 5 0 0 1 2.5 3"
    " M12 18v.2 M4.5 20 19.5 4",
}

# Priority is told by shape, word and colour together, so that it survives print, colour blindness and haste.
SHAPES: dict[str, str] = {
    "high": "M12 2.5 22.5 21.5H1.5Z",
    "medium": "M12 1.5 22.5 12 12 22.5 1.5 12Z",
    "low": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
}
