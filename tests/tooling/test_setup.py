"""`make setup` does what is needed, once, and says where it failed."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import setup


@pytest.fixture(autouse=True)
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "stamps"
    monkeypatch.setattr(setup, "STAMPS", folder)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "words.po"
    path.write_text("one")
    return path


@pytest.fixture
def copying(source: Path) -> setup.Step:
    target = source.with_suffix(".mo")

    def copy() -> None:
        target.write_text(source.read_text())

    return setup.Step("Copying", copy, [source], [target])


def test_a_step_is_done_once(copying: setup.Step, capsys: pytest.CaptureFixture[str]) -> None:
    setup.carry_out(copying, "[1/1] Copying")
    setup.carry_out(copying, "[1/1] Copying")
    assert capsys.readouterr().out.splitlines() == [
        "[1/1] Copying …",
        "[1/1] Copying: done in 0 s",
        "[1/1] Copying: ready",
    ]


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(lambda source: source.write_text("two"), id="its source changed"),
        pytest.param(lambda source: source.with_suffix(".mo").unlink(), id="what it made is gone"),
    ],
)
def test_a_step_is_done_again_when(disturb: Callable[[Path], object], source: Path, copying: setup.Step) -> None:
    setup.carry_out(copying, "")
    disturb(source)
    setup.carry_out(copying, "")
    assert source.with_suffix(".mo").read_text() == source.read_text()


def test_a_step_that_failed_is_not_taken_for_done(source: Path) -> None:
    def fail() -> None:
        setup.run("false")

    failing = setup.Step("Failing", fail, [source], [])
    with pytest.raises(subprocess.CalledProcessError):
        setup.carry_out(failing, "")
    assert not failing.is_done()


def test_translations_are_compiled_without_gettext(tmp_path: Path) -> None:
    catalogue = tmp_path / "locale" / "sv" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Alarm"\nmsgstr "Larm"\n'
    )
    setup.compile_translations([catalogue])
    assert b"Larm" in catalogue.with_suffix(".mo").read_bytes()
