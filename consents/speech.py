"""Consent texts read aloud: made once, at publishing, by an engine that needs no network, and stored by their hash.

Another engine takes over by the setting SAFEHOME_SPEECH_ENGINE, the dotted path of an object with the three methods of
`Engine`. An uploaded human voice replaces any of them, text by text.
"""

import ctypes
import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULT_ENGINE = "consents.speech.espeak"


class SpeechFailed(Exception):
    """No sound could be made; the text says why, in words for whoever publishes or installs."""


class Engine(Protocol):
    """What reads aloud."""

    def name(self) -> str:
        """Name and versions, as they are kept with the proof."""
        ...

    def speaks(self, language: str) -> bool:
        """Is there a voice for this language?"""
        ...

    def speak(self, text: str, language: str) -> bytes:
        """MP3, one channel. Raises SpeechFailed."""
        ...


def engine() -> Engine:
    """The engine that this installation has chosen. Raises SpeechFailed when its path leads nowhere."""
    path = getattr(settings, "SAFEHOME_SPEECH_ENGINE", DEFAULT_ENGINE)
    try:
        chosen: Engine = import_string(path)
    except ImportError as error:
        raise SpeechFailed(f"SAFEHOME_SPEECH_ENGINE: {path!r} can't be imported") from error
    return chosen


def speak(text: str, language: str) -> bytes:
    """The text read aloud, as MP3. Raises SpeechFailed."""
    return engine().speak(text, language)


def speaks(language: str) -> bool:
    """Can the chosen engine read this language? False also where the engine itself is missing."""
    try:
        return engine().speaks(language)
    except SpeechFailed:
        return False


def engine_name() -> str:
    """Name and versions of the chosen engine."""
    return engine().name()


# --- eSpeak NG ---------------------------------------------------------------------------------------------------

# The constants of speak_lib.h that are used here.
_SYNCHRONOUS = 2
_RATE = 1
_WORD_GAP = 7
_UTF8 = 1
_ONLY_CHARACTERS = 1
_OK = 0

# Words a minute as the engine counts them, tried by the clock until a consent text, with its pauses between sentences,
# comes at about 140 real ones (Arabic, whose words hold more, at 100).
_PACE = {"sv": 138, "en": 128, "ar": 135}
_PACE_ELSEWHERE = 125
_GAP_BETWEEN_WORDS = 1  # of 10 ms

_AFTER_LINE = 0.45  # seconds; what the eye sees as a bullet, the ear hears as a pause
_AFTER_PARAGRAPH = 0.9
_BITS_A_SECOND = 48  # thousand; speech at 22 kHz needs no more

# What the engine would spell out or stumble on.
_SPOKEN = {
    "sv": {
        r"t\.?[ ]?ex\.?": "till exempel",
        r"bl\.?[ ]?a\.?": "bland annat",
        r"d\.?v\.?s\.?": "det vill säga",
        r"kl\.?": "klockan",
        r"m\.[ ]?m\.?": "med mera",
    },
    "en": {r"e\.g\.": "for example", r"i\.e\.": "that is"},
}
_BULLET = re.compile(r"^\s*[-–—•*·]\s+")

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """eSpeak NG, a library in this process. It keeps one voice and one callback at a time: hence the lock.

    The same text gives another file each time, by a hair: what was heard is proved by the stored file, not made again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def name(self) -> str:
        return f"eSpeak NG {self._version}, LAME {_installed('lameenc')}"

    def speaks(self, language: str) -> bool:
        with self._lock:
            return self._take_voice(language)

    def speak(self, text: str, language: str) -> bytes:
        """Calm, with a pause after each bullet and a longer one after each paragraph."""
        with self._lock:
            if not self._take_voice(language):
                raise SpeechFailed(f"eSpeak NG has no voice for {language!r}")
            sound = b"".join(self._say(line, language) + self._silence(pause) for line, pause in _lines(text))
        if not sound:
            raise SpeechFailed("there is nothing to read aloud")
        return _mp3(sound, self._samples_a_second)

    def _take_voice(self, language: str) -> bool:
        name = _primary(language).encode()
        return int(self._library.espeak_SetVoiceByName(name)) == _OK

    def _say(self, line: str, language: str) -> bytes:
        """One line as 16-bit samples."""
        pieces: list[bytes] = []

        def take(samples: int | None, count: int, _events: int | None) -> int:
            if samples and count > 0:
                pieces.append(ctypes.string_at(samples, count * 2))
            return 0

        library = self._library
        callback = _CALLBACK(take)  # a name of its own: the library keeps no reference, Python must
        library.espeak_SetSynthCallback(callback)
        library.espeak_SetParameter(_RATE, _PACE.get(_primary(language), _PACE_ELSEWHERE), 0)
        library.espeak_SetParameter(_WORD_GAP, _GAP_BETWEEN_WORDS, 0)
        said = _spoken(line, language).encode()
        code = library.espeak_Synth(said, len(said) + 1, 0, _ONLY_CHARACTERS, 0, _UTF8, None, None)
        if code != _OK:
            raise SpeechFailed(f"eSpeak NG answered {code} to a line of {len(line)} characters")
        return b"".join(pieces)

    def _silence(self, seconds: float) -> bytes:
        return bytes(2 * int(seconds * self._samples_a_second))

    @cached_property
    def _version(self) -> str:
        self._library.espeak_Info.restype = ctypes.c_char_p
        said: bytes = self._library.espeak_Info(None)
        return said.decode().split(" ", maxsplit=1)[0]

    @cached_property
    def _library(self) -> ctypes.CDLL:
        return self._started[0]

    @cached_property
    def _samples_a_second(self) -> int:
        return self._started[1]

    @cached_property
    def _started(self) -> tuple[ctypes.CDLL, int]:
        """The library and its sample rate; loaded at first use, since most processes never speak."""
        try:
            import espeakng_loader  # type: ignore[import-untyped]

            library = ctypes.CDLL(espeakng_loader.get_library_path())
            voices = espeakng_loader.get_data_path()
        except (ImportError, OSError, RuntimeError) as error:
            raise SpeechFailed(f"eSpeak NG can't be loaded: {error}") from error
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, voices.encode(), 0)
        if rate <= 0:
            raise SpeechFailed("eSpeak NG finds no voices")
        return library, rate


espeak = Espeak()


def _lines(text: str) -> Iterator[tuple[str, float]]:
    """Each line with the seconds of silence after it."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", _plain(text)) if part.strip()]
    for paragraph in paragraphs:
        lines = [_BULLET.sub("", line).strip() for line in paragraph.split("\n")]
        *first, last = [line for line in lines if any(sign.isalnum() for sign in line)] or [""]
        yield from ((line, _AFTER_LINE) for line in first)
        if last:
            yield last, _AFTER_PARAGRAPH


def _plain(text: str) -> str:
    """Without control characters, some of which the engine takes for commands."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"})


def _spoken(line: str, language: str) -> str:
    for pattern, words in _SPOKEN.get(_primary(language), {}).items():
        line = re.sub(rf"(?<!\w){pattern}(?=\s)", words, line, flags=re.IGNORECASE)
    return line


def _mp3(samples: bytes, rate: int) -> bytes:
    try:
        import lameenc  # type: ignore[import-not-found]
    except ImportError as error:
        raise SpeechFailed(f"LAME can't be loaded: {error}") from error
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(rate)
    encoder.set_bit_rate(_BITS_A_SECOND)
    encoder.set_quality(2)
    return bytes(encoder.encode(samples) + encoder.flush())


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"
