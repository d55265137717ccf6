"""Every word of the interface is in the Swedish catalogue, whole, and nothing else is."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as in_language
from django.utils.translation import pgettext as in_context
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "sv" / "LC_MESSAGES" / "django.po"
SOURCES = ("alarms", "consents", "devices", "safehome", "templates")

# The calls that mark text, and where their arguments stand; "c" is the context.
PLAIN, PLURAL = (1,), (1, 2)
IN_CONTEXT, PLURAL_IN_CONTEXT = ((1, "c"), 2), ((1, "c"), 2, 3)
MARKS = {
    f"{name}{ending}": arguments
    for ending in ("", "_lazy", "_noop")
    for name, arguments in (
        ("_", PLAIN),
        ("gettext", PLAIN),
        ("ngettext", PLURAL),
        ("pgettext", IN_CONTEXT),
        ("npgettext", PLURAL_IN_CONTEXT),
    )
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[ds]|\{[^{}]*\}|<[^>]+>")

Key = tuple[str | None, str]


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, abort_invalid=True)


def texts(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """The forms of a text: one, or one a number."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def messages(catalogue: Catalog) -> Iterator[Message]:
    """All but the header."""
    return (message for message in catalogue if message.id)


def pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each form of each text with its translation."""
    for message in messages(catalogue):
        yield from zip(texts(message.id), texts(message.string), strict=True)


def key(message: Message) -> Key:
    return message.context, texts(message.id)[0]


def marked() -> set[Key]:
    """What the code and the templates mark for translation, read without gettext's tools."""
    return {found for folder in SOURCES for path in sorted((ROOT / folder).rglob("*")) for found in marked_in(path)}


def marked_in(path: Path) -> Iterator[Key]:
    for _line, text, _comments, context in extract("python", io.BytesIO(as_python(path).encode()), keywords=MARKS):
        yield context, texts(text)[0]


def as_python(path: Path) -> str:
    """A template becomes its marked texts alone; the parentheses keep its indentation from meaning anything."""
    if path.suffix == ".py":
        return path.read_text()
    return f"({templatize(path.read_text())}\n)" if path.suffix == ".html" else ""


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def test_the_catalogue_holds_what_is_marked_and_nothing_else(catalogue: Catalog) -> None:
    assert {key(message) for message in messages(catalogue)} == marked(), "run `make messages`, then translate"


def test_every_text_is_translated(catalogue: Catalog) -> None:
    assert [key(message) for message in messages(catalogue) if not all(texts(message.string))] == []


def test_no_translation_is_a_guess_or_a_leftover(catalogue: Catalog) -> None:
    assert [key(message) for message in messages(catalogue) if message.fuzzy] == []
    assert not catalogue.obsolete


def test_translations_keep_placeholders_and_markup(catalogue: Catalog) -> None:
    assert [pair for pair in pairs(catalogue) if placeholders(pair[0]) != placeholders(pair[1])] == []


def test_sentences_keep_their_end(catalogue: Catalog) -> None:
    """A full stop or a colon says whether more follows, on the page and to a screen reader."""
    ended = [pair for pair in pairs(catalogue) if pair[0].endswith((".", ":", "?", "…"))]
    assert [(text, translated) for text, translated in ended if not translated.endswith(text[-1])] == []


def test_the_catalogue_compiles(catalogue: Catalog) -> None:
    faults = [(message.id, errors) for message, errors in catalogue.check()]
    write_mo(compiled := io.BytesIO(), catalogue)
    assert faults == []
    assert compiled.tell() > 0


def test_our_words_do_not_change_the_words_of_django() -> None:
    """One catalogue serves all: a label of ours without a context would also be the name of a month."""
    with translation.override("sv"):
        assert date_format(date(2026, 5, 17), "j F") == "17 maj"
        assert in_language("None") != in_context("protected identity", "None")
        assert in_language("Close") != in_context("alarm", "Close")


def test_english_is_english_though_the_default_is_swedish(catalogue: Catalog) -> None:
    """Django falls back on the default language for texts that a language lacks, but not for English."""
    assert settings.LANGUAGE_CODE == "sv"
    with translation.override("en"):
        for message in messages(catalogue):
            context, text = key(message)
            assert (in_context(context, text) if context else in_language(text)) == text
