"""Read aloud: a real MP3 by the real engine, offline, calm, and refused in words when it can't be made."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from consents import speech
from consents.speech import SpeechFailed, engine_name, speak, speaks
from consents.starter import load

SWEDISH = "Vi vill sätta upp sensorer i ditt hem. De tar inga bilder. Du får lika bra hjälp om du säger nej."
TEXTS = {
    "sv": SWEDISH,
    "en": "We want to put up sensors in your home. They take no pictures. You get just as good help if you say no.",
    "ar": "نريد أن نضع أجهزة صغيرة في بيتك. هي لا تصور ولا تسمع.",
}

# MPEG-2 layer III, by the index in the frame's header.
BIT_RATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
SAMPLE_RATES = [22_050, 24_000, 16_000]
SAMPLES_A_FRAME = 576
MPEG_2_LAYER_3 = 0b10_01
ONE_CHANNEL = 0b11


def frames(mp3: bytes) -> Iterator[float]:
    """Seconds of each frame, read from the headers; fails where a header is none."""
    at = 0
    while at + 4 <= len(mp3):
        head = int.from_bytes(mp3[at : at + 4], "big")
        assert head >> 21 == 0x7FF, f"no frame at byte {at}"
        assert head >> 17 & 0b1111 == MPEG_2_LAYER_3
        assert head >> 6 & 0b11 == ONE_CHANNEL
        bits, samples = BIT_RATES[head >> 12 & 0b1111] * 1000, SAMPLE_RATES[head >> 10 & 0b11]
        at += 72 * bits // samples + (head >> 9 & 1)
        yield SAMPLES_A_FRAME / samples


def seconds(mp3: bytes) -> float:
    return sum(frames(mp3))


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_becomes_a_whole_mp3_of_one_channel(language: str) -> None:
    mp3 = speak(TEXTS[language], language)
    assert seconds(mp3) > 4
    assert len(mp3) / seconds(mp3) < 8_000, "bytes a second"


def test_another_text_gives_another_sound() -> None:
    assert speak("Ja, tack.", "sv") != speak("Nej, tack.", "sv")


def test_a_longer_text_takes_longer() -> None:
    assert seconds(speak(SWEDISH + " " + SWEDISH, "sv")) > 1.6 * seconds(speak(SWEDISH, "sv"))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_tempo_is_calm(language: str) -> None:
    text = next(
        text for purpose in load() for text in purpose.texts if (text.language, text.variant) == (language, "standard")
    )
    said = f"{text.why} {text.if_no} {text.check_explain}"
    pace = 60 * len(said.split()) / seconds(speak(said, language))
    assert 120 < pace < 160, "words a minute"


def test_bullets_and_paragraphs_are_heard_as_pauses() -> None:
    in_one = seconds(speak("Ett. Två. Tre.", "sv"))
    bullets = seconds(speak("Ett.\n- Två.\n- Tre.", "sv"))
    paragraphs = seconds(speak("Ett.\n\nTvå.\n\nTre.", "sv"))
    assert in_one < bullets < paragraphs


def test_a_bullet_is_not_read_out() -> None:
    assert [line for line, _ in speech._lines("Vi ser:\n- dörren\n• sängen\n\n")] == ["Vi ser:", "dörren", "sängen"]


def test_abbreviations_are_said_as_words() -> None:
    assert speech._spoken("Vi ringer kl. 14, t.ex. i dag.", "sv") == "Vi ringer klockan 14, till exempel i dag."
    assert speech._spoken("Vi ser klart.", "sv") == "Vi ser klart."


def test_control_signs_that_steer_the_engine_are_left_out() -> None:
    assert speech._plain("ett\x01två\u202e\r\ntre") == "etttvå\ntre"


def test_it_speaks_the_languages_of_the_texts() -> None:
    assert [language for language in ("sv", "sv-SE", "en", "en_GB", "ar", "tlh", "", "../sv") if speaks(language)] == [
        *("sv", "sv-SE", "en", "en_GB", "ar")
    ]


def test_a_language_without_a_voice_is_refused() -> None:
    with pytest.raises(SpeechFailed, match="tlh"):
        speak("nuqneH", "tlh")


@pytest.mark.parametrize("text", ["", "  \n\n ", "- \n- ...", "\x01\x02"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(SpeechFailed, match="nothing"):
        speak(text, "sv")


def test_the_proof_can_name_the_engine_and_its_versions() -> None:
    assert engine_name().startswith("eSpeak NG 1.")
    assert "LAME 1." in engine_name()


def test_threads_take_turns() -> None:
    with ThreadPoolExecutor(4) as threads:
        languages = ["sv", "en", "ar", "sv"] * 3
        said = list(threads.map(lambda language: seconds(speak(TEXTS[language], language)), languages))
    assert said == pytest.approx([seconds(speak(TEXTS[language], language)) for language in languages], rel=0.05)


class Silent:
    """An engine of somebody else."""

    def name(self) -> str:
        return "Silent 1"

    def speaks(self, language: str) -> bool:
        return language == "so"

    def speak(self, text: str, language: str) -> bytes:
        return b"ID3"


silent = Silent()


def test_another_engine_takes_over_by_a_setting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "silent", silent, raising=False)
    settings.SAFEHOME_SPEECH_ENGINE = "consents.speech.silent"
    assert (engine_name(), speak("Haa", "so"), speaks("so"), speaks("sv")) == ("Silent 1", b"ID3", True, False)


def test_an_engine_that_is_not_there_is_told_of(settings: Settings) -> None:
    settings.SAFEHOME_SPEECH_ENGINE = "consents.speech.nobody"
    assert speaks("sv") is False
    with pytest.raises(SpeechFailed, match=r"consents\.speech\.nobody"):
        speak("Hej", "sv")
