"""Consent texts and drawings on a page."""

import base64
import re

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from consents import drawings

register = template.Library()


@register.filter
def plain_text(text: str) -> SafeString:
    """A consent text as paragraphs and bullets: an empty line parts paragraphs, a line that begins with "- " is a
    bullet. Nothing else in it means anything."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        blocks += _block([line.strip() for line in block.splitlines() if line.strip()])
    return mark_safe("".join(blocks))  # noqa: S308  (each block has been escaped)


def _block(lines: list[str]) -> list[SafeString]:
    found: list[SafeString] = []
    bullets: list[str] = []
    words: list[str] = []
    for line in [*lines, ""]:
        is_bullet = line.startswith(("- ", "• "))
        if bullets and not is_bullet:
            found.append(format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((row,) for row in bullets))))
            bullets = []
        if words and (is_bullet or not line):
            found.append(format_html("<p>{}</p>", " ".join(words)))
            words = []
        if is_bullet:
            bullets.append(line[2:])
        elif line:
            words.append(line)
    return found


@register.simple_tag
def drawing(code: str, digest: str = "", alt: str | None = None) -> SafeString:
    """One of our own drawings: as it was when the text was published, when `digest` says which. `alt` is what it shows,
    and empty where the words beside it say the same."""
    known = drawings.DRAWINGS.get(code)
    if known is None and not digest:
        return SafeString("")
    source = reverse("my:picture", args=[digest]) if digest else _inline(code)
    words = alt if alt is not None else (known.label if known else "")
    return format_html(
        '<img class="drawing" src="{}" alt="{}" width="{}" height="{}">',
        source,
        str(words),
        drawings.WIDTH,
        drawings.HEIGHT,
    )


@register.simple_tag
def scene(code: str, digest: str = "") -> SafeString:
    """A drawing with its words below: never a picture alone."""
    known = drawings.DRAWINGS.get(code)
    words = known.label if known else ""
    return format_html("<figure>{}<figcaption>{}</figcaption></figure>", drawing(code, digest, alt=""), words)


def _inline(code: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawings.svg(code)).decode()}"
