"""Telephone numbers, written in as many ways as there are people."""

import re

SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]+")
INTERNATIONAL = re.compile(r"\+[1-9][0-9]{7,14}")


def international(text: str) -> str:
    """The number as E.164 (`+46701740605`), or "" when the text is no telephone number. A number that begins with a
    single 0 is Swedish."""
    number = SEPARATORS.sub("", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    elif number.startswith("0"):
        number = f"+46{number[1:]}"
    return number if INTERNATIONAL.fullmatch(number) else ""
