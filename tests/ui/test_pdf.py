"""A PDF says what it was given, can be read aloud, and is the same on every machine."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from safehome.ui import pdf

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7H1z"/></svg>'
SAMPLE: dict[str, Any] = {
    "title": "Ditt svar",
    "sender": "Granby kommun",
    "large": True,
    "text": "Du har sagt ja.\n\nDu kan ändra dig.",
    "facts": [["Namn", "Astrid Ek"], ["När", "22 november 2026"]],
    "rows": [["Larm", "Hemtjänsten"]],
    "choices": ["Ja", "Nej", "Jag vill prata med någon först"],
    "lines": ["Namnteckning"],
    "picture": SQUARE,
}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def made(language: str = "sv", **changes: Any) -> PdfReader:
    return PdfReader(BytesIO(pdf.render("sample", SAMPLE | changes, language=language)))


def words(document: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def root(document: PdfReader) -> DictionaryObject:
    found = document.trailer["/Root"]
    assert isinstance(found, DictionaryObject)
    return found


def test_it_says_what_it_was_given() -> None:
    told = words(made())
    for expected in ("Granby kommun", "Du kan ändra dig.", "Astrid Ek", "Jag vill prata med någon först", "ABCD EFGH"):
        assert expected in told


def test_it_has_title_language_tags_and_the_mark_of_pdf_ua() -> None:
    document = made()
    assert document.metadata is not None
    assert document.metadata.title == "Ditt svar"
    assert str(root(document)["/Lang"]) == "sv"
    assert root(document)["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in root(document)
    assert root(document)["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]
    assert document.xmp_metadata is not None
    assert b"pdfuaid:part" in document.xmp_metadata.stream.get_data()


def test_markup_in_what_it_was_given_stays_text() -> None:
    nasty = '#panic("x") *bold* $x$ = Title // gone \\ <label> @ref "quoted"'
    told = words(made(text=nasty))
    for part in ('#panic("x")', "*bold*", "$x$", "// gone", "<label>", "@ref"):
        assert part in told


def test_arabic_is_set_from_right_to_left() -> None:
    """pypdf tells where each run of letters begins, in points from the left edge of a page that is 595 wide."""
    document = made("ar", title="موافقة", text="نعم")
    starts: list[float] = []

    def note(text: str, page: list[float], run: list[float], _font: object, _size: object) -> None:
        if any("\u0600" <= letter <= "\u06ff" for letter in text):
            starts.append(page[4] + run[4])

    document.pages[0].extract_text(visitor_text=note)
    assert str(root(document)["/Lang"]) == "ar"
    assert starts
    assert min(starts) > 300


def test_only_the_vendored_fonts_are_in_it() -> None:
    fonts = {
        font.get_object()["/BaseFont"].split("+")[-1]
        for page in made("ar", text="نعم").pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    assert all(name.startswith(("Inter", "NotoSansArabic")) for name in fonts), fonts


def test_residents_get_larger_type_than_staff() -> None:
    long = "Du kan ändra dig. " * 120
    assert len(made(text=long).pages) > len(made(text=long, large=False).pages)


def test_the_same_data_gives_the_same_bytes() -> None:
    first, second = (pdf.render("sample", SAMPLE, language="sv", at=NOON) for _ in range(2))
    assert first == second


def test_bytes_arrive_as_numbers() -> None:
    assert json.dumps({"a": b"\x01\xff"}, cls=pdf.Encoder) == '{"a": [1, 255]}'


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(pdf.PdfFailed, match=r"templates/pdf/nothing\.typ"):
        pdf.render("nothing", {}, language="sv")


def test_missing_data_is_told_without_the_data() -> None:
    with pytest.raises(pdf.PdfFailed) as failure:
        pdf.render("sample", {"title": "Hemligt", "sender": "", "large": True}, language="sv")
    assert "text" in str(failure.value)
    assert "Hemligt" not in str(failure.value)


def test_missing_fonts_are_told(settings: Any, tmp_path: Any) -> None:
    settings.BASE_DIR = tmp_path
    pdf.fonts.cache_clear()
    try:
        with pytest.raises(pdf.PdfFailed, match="make setup"):
            pdf.fonts()
    finally:
        pdf.fonts.cache_clear()
