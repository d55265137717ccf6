"""Device ids as senders write them, made one."""

import re

_SEPARATED_HEX = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5,7}")


def normalise_id(raw: str) -> str:
    """Lower case, no surrounding space; a MAC address or EUI-64 loses its separators. `A8:40:…` equals `a840…`."""
    text = raw.strip().lower()
    return re.sub(r"[:-]", "", text) if _SEPARATED_HEX.fullmatch(text) else text
