"""LIX and what goes with it: counted the same way each time, never in the way of whoever writes."""

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from consents.plain_language import (
    AIM,
    LONGEST_SENTENCE,
    REFUSE,
    WARN,
    Severity,
    advice,
    measure,
    whole,
)

LANGUAGES = st.sampled_from(["sv", "en", "ar", "sv-SE", "so", ""])
PIECES = [*"abcdeåäöÅÄÖXY0123456789 .,:;!?-–•\n\t\"'’()@/", "t.ex. ", "kl. ", "m.m. ", " och ", ". ", "\n- "]
WRITTEN = st.lists(st.sampled_from(PIECES)).map("".join)


def counted(text: str, language: str = "sv") -> tuple[int, int]:
    measured = measure(text, language)
    return measured.words, measured.sentences


# --- Counting ----------------------------------------------------------------------------------------------------


def test_lix_is_words_by_sentence_and_long_words_by_the_hundred() -> None:
    measured = measure("Personalen kommer hem till dig. Du väljer tiden.")
    assert (measured.words, measured.sentences, measured.long_words) == (8, 2, ["personalen"])
    assert measured.lix == 8 / 2 + 100 * 1 / 8


def test_a_long_word_has_more_than_six_letters() -> None:
    assert measure("sensor kommer sensorn").long_words == ["sensorn"]


def test_a_long_word_is_shown_once_and_counted_each_time() -> None:
    measured = measure("Personalen ser. Personalen hör.")
    assert (measured.long_words, measured.long_count) == (["personalen"], 2)


def test_an_empty_text_has_no_lix() -> None:
    measured = measure(" \n\n ")
    assert (measured.words, measured.sentences, measured.lix, measured.longest_sentence) == (0, 0, 0.0, 0)


@pytest.mark.parametrize(
    ("text", "words", "sentences"),
    [
        ("Vi ser:\n- att du rör dig\n- att dörren går upp", 10, 3),
        ("Vi ser:\n• rörelse\n• värme", 4, 3),
        ("Så gör du:\n1. Tryck här\n2. Vänta", 6, 3),
        ("Rubrik\n\nSedan kommer vi.", 4, 2),
        ("Rubrik\nSedan kommer vi.", 4, 2),
        ("En rad som bryts\nmitt i en mening.", 8, 1),
        ("Vad? Nej! Jo...", 3, 3),
        ("”Kom hit.” Så sa hon.", 5, 2),
    ],
)
def test_where_a_sentence_ends(text: str, words: int, sentences: int) -> None:
    assert counted(text) == (words, sentences)


@pytest.mark.parametrize("spelling", ["t.ex.", "t. ex.", "t ex", "t.ex"])
def test_an_abbreviation_is_one_short_word_however_it_is_spelled(spelling: str) -> None:
    assert counted(f"Vi ger hjälp, {spelling} Anna får mat.") == (7, 1)


@pytest.mark.parametrize(
    ("text", "words", "sentences"),
    [
        ("Vi kommer kl. 14.30. Du är hemma.", 7, 2),
        ("Vi har bl.a. soppa, dvs. mat.", 6, 1),
        ("Vi ger mat, tvätt m.m. Det kostar inget.", 8, 2),
        ("Vi ger mat, tvätt m.m. varje dag.", 7, 1),
        ("Hon är f.d. lärare.", 4, 1),
        ("En ny förk. med liten bokstav.", 6, 1),
    ],
)
def test_an_abbreviation_ends_a_sentence_only_where_it_can(text: str, words: int, sentences: int) -> None:
    assert counted(text) == (words, sentences)


def test_english_no_is_a_word_that_ends_a_sentence() -> None:
    assert counted("You can say no. Nothing changes, e.g. Tuesday stays.", "en") == (9, 2)


@pytest.mark.parametrize(
    "number",
    ["7", "1,5", "3.14", "14.30", "14:30", "2026-11-22", "22/11", "12 000", "08-123 45 67", "5:e", "12 000,50"],
)
def test_a_number_is_one_short_word(number: str) -> None:
    measured = measure(f"Det är {number} här.")
    assert (measured.words, measured.sentences, measured.long_words) == (4, 1, [])


@pytest.mark.parametrize(
    ("word", "language"),
    [("e-post", "sv"), ("EU:s", "sv"), ("don't", "en"), ("Anna’s", "en"), ("anna@exempel.se", "sv"), ("كِتَاب", "ar")],
)
def test_a_word_with_signs_inside_is_one(word: str, language: str) -> None:
    assert counted(f"a {word} b", language) == (3, 1)


def test_letters_spelled_in_two_ways_count_alike() -> None:
    assert measure("a\u0308nglar o\u0308ver").long_words == measure("änglar över").long_words == []


def test_the_arabic_question_mark_ends_a_sentence() -> None:
    assert counted("هل تريد؟ قل نعم.", "ar") == (4, 2)


def test_the_longest_sentence_is_shown() -> None:
    measured = measure("Kort. Den här är lite längre. Kort.")
    assert (measured.longest_sentence, measured.longest_sentence_text) == (5, "Den här är lite längre.")


@pytest.mark.parametrize(
    ("text", "band"),
    [("Du får hjälp.", "very easy"), ("Vi ser att personalen hjälper dig.", "easy"), ("Personuppgifter.", "very hard")],
)
def test_the_band_is_said_in_words(text: str, band: str) -> None:
    with override("en"):
        assert str(measure(text).band) == band


def test_fields_are_joined_so_that_each_ends_a_sentence() -> None:
    assert counted(whole(["Larmknapp", "", "Vill du?  "])) == (3, 2)


# --- Hints of passives -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Uppgifterna sparas i ett år.", ["sparas"]),
        ("Knappen används av dig.", ["används"]),
        ("Det lästes och togs bort.", ["lästes", "togs"]),
        ("Larmet har stoppats.", ["stoppats"]),
        ("Sparas något?", ["Sparas"]),
        ("Det blir inte sparat.", ["blir inte sparat"]),
        ("Du blev hjälpt.", ["blev hjälpt"]),
    ],
)
def test_swedish_passives_are_hinted_at(text: str, phrases: list[str]) -> None:
    found = measure(text).passive_hints
    assert [hint.phrase for hint in found] == phrases
    assert all(text[hint.start : hint.end] == hint.phrase for hint in found)


@pytest.mark.parametrize(
    "text",
    [
        "Det finns en plats hos oss.",
        "Vi hoppas att du trivs och minns det.",
        "Grannarnas och deras mammas hus.",
        "Hälsa Andreas och Jonas.",
        "Du blir glad. Det blir bättre.",
        "Vi träffas hemma och hjälps åt.",
        "En insats eller arbetsplats, annars inget alls.",
        "Barnets och husets ljus.",
    ],
)
def test_swedish_words_that_only_look_so_are_left_alone(text: str) -> None:
    assert measure(text).passive_hints == []


def test_english_passives_are_hinted_at() -> None:
    found = measure("The data is not saved. It was read by us. You are tired and it is closed.", "en").passive_hints
    assert [hint.phrase for hint in found] == ["is not saved", "was read"]


# --- Advice ------------------------------------------------------------------------------------------------------


def heaviest(text: str, language: str = "sv") -> tuple[str, Severity]:
    first = advice(measure(text, language))[0]
    return first.kind, first.severity


def test_an_easy_text_is_only_praised() -> None:
    (one,) = advice(measure("Du får hjälp om du säger nej."))
    assert (one.kind, one.severity) == ("lix", Severity.GOOD)


def test_the_thresholds_are_those_of_the_field() -> None:
    assert (AIM, WARN, REFUSE, LONGEST_SENTENCE) == (30, 35, 45, 20)


@pytest.mark.parametrize(
    ("long_words", "severity"),
    [(0, Severity.GOOD), (2, Severity.ADVICE), (3, Severity.WARN), (4, Severity.REFUSE)],
)
def test_lix_weighs_more_the_higher_it_is(long_words: int, severity: Severity) -> None:
    words = ["sensorer"] * long_words + ["du"] * (10 - long_words)
    measured = measure(" ".join(words) + ".")
    assert measured.lix == 10 + 10 * long_words
    found = {one.severity for one in advice(measured) if one.kind == "lix"}
    assert found == {severity}
    assert measured.needs_reviewer is (severity is Severity.REFUSE)


def test_a_sentence_over_twenty_words_is_warned_of_and_shown() -> None:
    assert heaviest("du " * 20) == ("lix", Severity.GOOD)
    assert heaviest("du " * 21) == ("sentence", Severity.WARN)


def test_advice_names_the_passives_and_the_longest_words() -> None:
    with override("en"):
        texts = [one.text for one in advice(measure("Personuppgifterna sparas av förvaltningen."))]
    assert "Long words: personuppgifterna, förvaltningen. Is there a shorter one?" in texts
    assert "Say who does it: “sparas” does not." in texts


def test_an_empty_text_is_said_to_be_empty() -> None:
    assert heaviest("") == ("empty", Severity.ADVICE)


def test_lix_judges_no_language_that_it_knows_nothing_of() -> None:
    measured = measure("والمستشعرات والاستشعارات للمستشعرات", "ar")
    assert measured.lix > REFUSE
    assert measured.needs_reviewer is False
    assert heaviest("والمستشعرات والاستشعارات", "ar") == ("lix", Severity.ADVICE)


# --- Whatever is typed -------------------------------------------------------------------------------------------


@given(text=st.text() | WRITTEN, language=LANGUAGES)
def test_nothing_that_is_typed_makes_it_fail(text: str, language: str) -> None:
    measured = measure(text, language)
    assert measured.lix >= 0
    assert measured.long_count <= measured.words
    assert measured.sentences <= measured.words
    assert measured.longest_sentence <= measured.words
    assert bool(measured.words) is bool(measured.sentences)
    assert all(text[hint.start : hint.end] == hint.phrase for hint in measured.passive_hints)
    assert advice(measured)


@given(text=WRITTEN, language=LANGUAGES, space=st.sampled_from(["  ", "\t", "\u00a0", " \u2009 "]))
def test_spaces_and_line_ends_of_another_make_change_nothing(text: str, language: str, space: str) -> None:
    spaced = "  " + text.replace(" ", space).replace("\n", " \r\n") + " \n"
    before, after = measure(text, language), measure(spaced, language)
    assert (before.words, before.sentences, before.lix) == (after.words, after.sentences, after.lix)


@given(st.lists(st.sampled_from(["Du får hjälp.", "Vi ringer dig.", "Personalen kommer hem."]), min_size=1, max_size=9))
def test_sentences_count_alike_on_one_line_and_on_many(sentences: list[str]) -> None:
    one_line, many = measure(" ".join(sentences)), measure("\n".join(f"- {one}" for one in sentences))
    assert (one_line.words, one_line.sentences, one_line.lix) == (many.words, many.sentences, many.lix)


def test_a_very_long_text_is_counted_soon() -> None:
    text = re.sub(r"\s+", " ", "Vi sparar inget a,b,c utan att du vet om det @@@ " * 4_000)
    assert measure(text).words > 40_000
