"""The texts that a municipality starts from: easy, honest about saying no, and covering every kind of reading once."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from consents import starter
from consents.drawings import DRAWINGS
from consents.plain_language import AIM, LONGEST_SENTENCE, measure, whole
from consents.starter import StarterFault, StarterPurpose, StarterText, load
from devices.kinds import KINDS

PURPOSES = {purpose.code: purpose for purpose in load()}
TEXTS = {
    f"{purpose.code}-{text.language}-{text.variant}": (purpose, text) for purpose in load() for text in purpose.texts
}
each_text = pytest.mark.parametrize(("purpose", "text"), TEXTS.values(), ids=TEXTS)
each_purpose = pytest.mark.parametrize("purpose", PURPOSES.values(), ids=PURPOSES)

# Too short for LIX to say anything: one long word in a title of two makes it 50.
SHORT = {"title", "check_right", "check_wrong_1", "check_wrong_2"}
SAYS_NOTHING_OF_YOU = {"battery", "heartbeat"}
NO_COSTS_NOTHING = {
    "sv": "Du får lika bra hjälp om du säger nej.",
    "en": "You get just as good help if you say no.",
    "ar": "تحصل على عون جيد بنفس القدر إن قلت لا.",
}
SAME_PAGE = {"sv": "på den här sidan", "en": "on this page", "ar": "في هذه الصفحة"}
AS_EASY = {
    ("sv", "standard"): "lika många steg",
    ("sv", "easy"): "lika lätt som att säga ja",
    ("en", "standard"): "in as many steps",
    ("en", "easy"): "as easy as saying yes",
    ("ar", "standard"): "وبنفس عدد الخطوات",
    ("ar", "easy"): "سهل مثل قول نعم",
}


@each_text
def test_a_text_is_very_easy_as_a_whole(purpose: StarterPurpose, text: StarterText) -> None:
    measured = measure(whole(text.fields.values()), text.language)
    assert measured.lix < AIM
    assert measured.longest_sentence <= LONGEST_SENTENCE, measured.longest_sentence_text


@each_text
def test_each_field_of_a_text_is_very_easy(purpose: StarterPurpose, text: StarterText) -> None:
    for name, field in text.fields.items():
        measured = measure(field, text.language)
        assert measured.words, name
        assert measured.longest_sentence <= LONGEST_SENTENCE, measured.longest_sentence_text
        assert name in SHORT or measured.lix < AIM, (name, measured.lix, measured.long_words)


@each_text
def test_a_text_says_who_does_it(purpose: StarterPurpose, text: StarterText) -> None:
    assert measure(whole(text.fields.values()), text.language).passive_hints == []


@each_text
def test_saying_no_costs_nothing_and_is_changed_in_the_same_place(purpose: StarterPurpose, text: StarterText) -> None:
    assert text.if_no.startswith(NO_COSTS_NOTHING[text.language])
    assert measure(text.if_no, text.language).sentences > 1, "the alternative is named"
    assert SAME_PAGE[text.language] in text.change_mind
    assert AS_EASY[text.language, text.variant] in text.change_mind


@each_text
def test_the_check_has_three_different_answers_and_explains_again(purpose: StarterPurpose, text: StarterText) -> None:
    assert text.check_question.endswith(("?", "؟"))
    assert len({text.check_right, *text.check_wrong}) == 3
    assert measure(text.check_explain, text.language).sentences > 1


@each_purpose
def test_the_easy_text_is_shorter_and_easier(purpose: StarterPurpose) -> None:
    for language in {text.language for text in purpose.texts}:
        variants = {text.variant: text for text in purpose.texts if text.language == language}
        easy, standard = (measure(whole(variants[name].fields.values()), language) for name in ("easy", "standard"))
        assert easy.words < standard.words
        assert easy.longest_sentence < standard.longest_sentence
        assert easy.lix < standard.lix


@each_purpose
def test_swedish_and_english_stand_ready_and_nothing_else_is_more_than_a_sample(purpose: StarterPurpose) -> None:
    found = Counter((text.language, text.variant, text.sample) for text in purpose.texts)
    both = {(language, variant, False) for language in ("sv", "en") for variant in ("standard", "easy")}
    samples = {("ar", "standard", True), ("ar", "easy", True)} if purpose.code == "home_sensors" else set()
    assert found == Counter(both | samples)


@each_purpose
def test_the_pictures_are_drawn(purpose: StarterPurpose) -> None:
    assert purpose.pictures
    assert set(purpose.pictures) <= set(DRAWINGS)


@each_purpose
def test_what_a_text_says_of_time_is_what_the_rules_say(purpose: StarterPurpose) -> None:
    swedish, english = (
        next(text for text in purpose.texts if (text.language, text.variant) == (language, "standard"))
        for language in ("sv", "en")
    )
    if purpose.retention_days:
        assert f"{purpose.retention_days} dagar" in swedish.how_long
        assert f"{purpose.retention_days} days" in english.how_long
    if purpose.valid_months == 12:
        assert "ett år" in swedish.how_long
        assert "one year" in english.how_long


@pytest.mark.parametrize("kind", ["effort", "processing"])
def test_every_kind_of_reading_about_a_person_needs_one_purpose_of_each_kind(kind: str) -> None:
    needed = Counter(code for purpose in PURPOSES.values() if purpose.kind == kind for code in purpose.reading_kinds)
    assert needed == Counter(set(KINDS) - SAYS_NOTHING_OF_YOU)


def test_sensors_that_feel_whoever_is_at_home_ask_those_who_live_there() -> None:
    assert {code for code, purpose in PURPOSES.items() if purpose.cohabitants} == {"home_sensors", "home_sensors_data"}


def test_sharing_is_optional_and_needs_no_device() -> None:
    sharing = [purpose for purpose in PURPOSES.values() if purpose.kind in ("secrecy", "shared_records")]
    assert len(sharing) == 2
    assert all(purpose.necessity == "optional" and not purpose.reading_kinds for purpose in sharing)


def written(folder: Path, **changes: object) -> None:
    purpose = json.loads(msgspec.json.encode(PURPOSES["alarm_button"]))
    (folder / "alarm_button.json").write_text(json.dumps(purpose | changes))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(starter, "FOLDER", tmp_path)
    return tmp_path


def test_an_unknown_field_is_refused(folder: Path) -> None:
    written(folder, colour="green")
    with pytest.raises(StarterFault, match="colour"):
        load()


def test_a_code_that_is_not_the_files_name_is_refused(folder: Path) -> None:
    written(folder, code="other")
    with pytest.raises(StarterFault, match="other"):
        load()


def test_a_placeholder_that_nobody_fills_is_refused(folder: Path) -> None:
    text = json.loads(msgspec.json.encode(PURPOSES["alarm_button"].texts[0]))
    written(folder, texts=[text | {"what": "Vi på {department} kommer."}])
    with pytest.raises(StarterFault, match="department"):
        load()
