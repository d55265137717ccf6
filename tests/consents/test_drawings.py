"""The drawings: whole, ours, plain enough for a strict page and a PDF, and told in words too."""

import re
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from consents.drawings import DRAWINGS, FOLDER, HEIGHT, WIDTH, svg

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {f"{SVG}{name}" for name in ("svg", "rect", "path", "ellipse", "circle", "g")}
ATTRIBUTES = {
    *("width", "height", "viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    *("d", "x", "y", "rx", "ry", "cx", "cy", "r", "transform"),
}


def elements(code: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg(code)).iter())


def test_each_file_has_a_row_and_each_row_a_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(DRAWINGS)


@pytest.mark.parametrize("code", DRAWINGS)
def test_a_drawing_holds_shapes_and_colours_only(code: str) -> None:
    found = elements(code)
    assert {element.tag for element in found} <= SHAPES
    assert {name for element in found for name in element.attrib} <= ATTRIBUTES
    assert not any((element.text or "").strip() for element in found)


@pytest.mark.parametrize("code", DRAWINGS)
def test_a_drawing_fetches_nothing(code: str) -> None:
    without_namespace = svg(code).replace(b'xmlns="http://www.w3.org/2000/svg"', b"")
    assert not re.search(rb"http|href|url\(|data:|<!|<\?", without_namespace)


@pytest.mark.parametrize("code", DRAWINGS)
def test_all_drawings_have_one_size_and_their_own_paper(code: str) -> None:
    root, paper, *shapes = elements(code)
    assert root.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert (paper.get("width"), paper.get("height"), paper.get("fill")) == (str(WIDTH), str(HEIGHT), "#fbf7ef")
    assert len(shapes) > 5
    assert len(svg(code)) < 20_000


@pytest.mark.parametrize("code", DRAWINGS)
def test_what_a_drawing_shows_is_said_in_a_sentence(code: str) -> None:
    with override("en"):
        label = str(DRAWINGS[code].label)
    assert label[0].isupper()
    assert label.endswith(".")


def test_an_unknown_code_opens_no_file() -> None:
    with pytest.raises(KeyError):
        svg("../../safehome/settings")
