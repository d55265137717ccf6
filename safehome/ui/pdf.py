"""PDF for people: tagged so that it can be read aloud (PDF/UA-1), the same bytes on every machine.

A document is a Typst template in templates/pdf/ and a dictionary. The dictionary goes in as one JSON value beside
the template and is never pasted into it, so that a name can hold any character. Only the vendored fonts are used:
what a machine happens to have installed changes nothing.
"""

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from safehome import clock

STANDARD: Final = "ua-1"
FONTS = ("Inter", "Noto Sans Arabic")


class PdfFailed(Exception):
    """The document could not be made; the message says what its author has to mend, and holds none of the data."""


def render(template: str, data: dict[str, Any], *, language: str, at: datetime | None = None) -> bytes:
    """Fill templates/pdf/`template`.typ with `data` and return the PDF.

    `language` is a language code ("sv"); Arabic and its like are set from right to left. `data` may hold what JSON
    can, dates, UUIDs, translated words, and bytes (a list of numbers in the template). `at` is the time the
    document says it was made, else now: the same data, language and `at` give the same bytes. Raises PdfFailed.
    """
    source = template_folder() / f"{template}.typ"
    if not source.is_file():
        raise PdfFailed(f"There is no template templates/pdf/{template}.typ.")
    made_at = (at or clock.now()).astimezone(UTC).replace(microsecond=0)
    compiler = typst.Compiler(
        source,
        root=template_folder(),
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(data, cls=Encoder), "language": language},
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=made_at)
    except typst.TypstError as fault:
        raise PdfFailed(f"templates/pdf/{template}.typ: {fault.message}") from fault
    if not isinstance(made, bytes):
        raise PdfFailed(f"templates/pdf/{template}.typ gave no document.")
    return made


class Encoder(DjangoJSONEncoder):
    """Django's, and bytes as a list of numbers."""

    def default(self, o: Any) -> Any:
        return list(o) if isinstance(o, bytes) else super().default(o)


def template_folder() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "pdf"


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The vendored fonts and no others, read once a process. Raises PdfFailed when set-up has not copied them."""
    folder = Path(settings.BASE_DIR) / "static" / "vendor" / "fonts-pdf"
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    if missing := set(FONTS) - set(found.families()):
        raise PdfFailed(f"Fonts are missing in static/vendor/fonts-pdf/ (run: make setup): {', '.join(missing)}.")
    return found
