"""Plain language in figures: how easy a text is to read, and what would make it easier.

LIX (Björnsson 1968) = words / sentences + 100 * long words / words, where a long word has more than six letters. Under
30 is very easy, over 60 very hard. It counts length, not meaning: advice to whoever writes, never an approval.

Counted the same way each time: a bullet, a line break before a capital letter and an empty line end a sentence; a
number, with its decimals, hours or date, is one short word; so is an abbreviation, written "t.ex.", "t. ex." or "t ex".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from consents.passives import Passive, passives

AIM = 30
WARN = 35
REFUSE = 45
LONGEST_SENTENCE = 20
LONG_WORD = 6

# LIX says something about languages that write words apart as Swedish does. It says nothing about Arabic, where "the",
# "and" and "for" are letters of the next word.
LIX_LANGUAGES = frozenset({"sv", "en", "da", "nb", "nn", "no", "de", "nl", "fr", "es"})

_BANDS = (
    (30, _("very easy")),
    (40, _("easy")),
    (50, _("medium")),
    (60, _("hard")),
    (float("inf"), _("very hard")),
)


class Severity(Enum):
    """How much an advice weighs: `REFUSE` stops publishing until a named reviewer takes it upon them."""

    GOOD = "good"
    ADVICE = "advice"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Measure:
    """`long_words` holds each once, in the order of the text; `long_count` counts every one of them."""

    language: str
    words: int
    sentences: int
    long_words: list[str]
    long_count: int
    lix: float
    longest_sentence: int
    longest_sentence_text: str
    passive_hints: list[Passive]

    @property
    def band(self) -> str | Promise:
        """The Swedish scale, in words."""
        return next(words for limit, words in _BANDS if self.lix < limit)

    @property
    def lix_applies(self) -> bool:
        return _primary(self.language) in LIX_LANGUAGES

    @property
    def needs_reviewer(self) -> bool:
        """May this be published only when a named reviewer answers for it?"""
        return self.lix_applies and self.lix > REFUSE


@dataclass(frozen=True)
class Advice:
    """One sentence to whoever writes; `kind` is lix, sentence, long_words, passive or empty."""

    kind: str
    text: str
    severity: Severity


def measure(text: str, language: str = "sv") -> Measure:
    """Count a text. An empty text has LIX 0."""
    sentences = list(_sentences(_clean(text), _primary(language)))
    words = [word for sentence in sentences for word in sentence.words]
    long_words = [word for word in words if _letters(word) > LONG_WORD]
    longest = max(sentences, key=lambda sentence: len(sentence.words), default=_Sentence("", []))
    return Measure(
        language=language,
        words=len(words),
        sentences=len(sentences),
        long_words=list(dict.fromkeys(word.casefold() for word in long_words)),
        long_count=len(long_words),
        lix=len(words) / len(sentences) + 100 * len(long_words) / len(words) if words else 0.0,
        longest_sentence=len(longest.words),
        longest_sentence_text=longest.text,
        passive_hints=passives(text, _primary(language)),
    )


def whole(parts: Iterable[str]) -> str:
    """Several fields as one text: where a field ends, a sentence ends."""
    return "\n\n".join(part.strip() for part in parts if part.strip())


# --- Advice ------------------------------------------------------------------------------------------------------


def advice(measured: Measure) -> list[Advice]:
    """What the editor says beside a text, the heaviest first."""
    if not measured.words:
        return [Advice("empty", str(_("There is no text yet.")), Severity.ADVICE)]
    found = [*_about_lix(measured), *_about_sentences(measured), *_about_words(measured), *_about_passives(measured)]
    return sorted(found, key=lambda one: _WEIGHT[one.severity], reverse=True)


_WEIGHT = {severity: weight for weight, severity in enumerate(Severity)}
_SHOWN = 5


def _about_lix(measured: Measure) -> Iterator[Advice]:
    if not measured.lix_applies:
        yield Advice("lix", str(_("LIX says nothing about this language. Let a reader try the text.")), Severity.ADVICE)
        return
    facts = {"lix": round(measured.lix), "band": measured.band, "aim": AIM, "refuse": REFUSE}
    if measured.lix > REFUSE:
        text = _("LIX is %(lix)s: %(band)s. Over %(refuse)s, a named reviewer must answer for the text.")
        yield Advice("lix", str(text % facts), Severity.REFUSE)
    elif measured.lix > WARN:
        text = _("LIX is %(lix)s: %(band)s. Write shorter sentences and shorter words, and aim under %(aim)s.")
        yield Advice("lix", str(text % facts), Severity.WARN)
    elif measured.lix >= AIM:
        yield Advice("lix", str(_("LIX is %(lix)s: %(band)s. Aim under %(aim)s.") % facts), Severity.ADVICE)
    else:
        yield Advice("lix", str(_("LIX is %(lix)s: %(band)s.") % facts), Severity.GOOD)


def _about_sentences(measured: Measure) -> Iterator[Advice]:
    if measured.longest_sentence > LONGEST_SENTENCE:
        text = _("The longest sentence has %(words)s words. Cut it in two: “%(sentence)s”")
        facts = {"words": measured.longest_sentence, "sentence": measured.longest_sentence_text}
        yield Advice("sentence", str(text % facts), Severity.WARN)


def _about_words(measured: Measure) -> Iterator[Advice]:
    if measured.lix < AIM or not measured.lix_applies:
        return
    longest_first = sorted(measured.long_words, key=_letters, reverse=True)
    if longest_first:
        text = _("Long words: %(words)s. Is there a shorter one?")
        yield Advice("long_words", str(text % {"words": ", ".join(longest_first[:_SHOWN])}), Severity.ADVICE)


def _about_passives(measured: Measure) -> Iterator[Advice]:
    hints = measured.passive_hints
    if hints:
        text = ngettext_lazy(
            "Say who does it: “%(phrases)s” does not.", "Say who does it: “%(phrases)s” do not.", len(hints)
        )
        phrases = "”, “".join(dict.fromkeys(hint.phrase for hint in hints[:_SHOWN]))
        yield Advice("passive", str(text % {"phrases": phrases}), Severity.ADVICE)


# --- Words and sentences -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sentence:
    text: str
    words: list[str]


def _words(text: str) -> list[str]:
    """A list that reads as words, not as quotation marks."""
    return text.split()


# Never the end of a sentence, then those that may be it: before a capital letter they are.
_ABBREVIATIONS = {
    "sv": (
        _words(
            "t.ex bl.a d.v.s dvs kl f.d s.k t.o.m fr.o.m f.n f.ö p.g.a m.a.o i.o.m d.ä st nr tel ca jfr resp prof dr"
            " ev ung inkl exkl sid adr obs fr.v e.g i.e mr mrs ms"
        ),
        _words("m.m m.fl osv o.s.v etc o.d o.dyl e.d e.dyl f.kr e.kr forts"),
    ),
    "en": (
        _words("e.g i.e mr mrs ms dr prof st vs approx incl tel cf"),
        _words("etc a.m p.m inc ltd u.s u.k"),
    ),
}
_BULLET = re.compile(r"(?:[-–—•*·‣▪◦]|\d{1,2}[.)])\s+")
_QUOTES = "\"'”’»)\\]"
_NUMBER = r"""
    \d{2,4}-\d{2,3}(?:[ ]\d{2,3}){1,3}(?!\d)                        # 08-123 45 67
  | \d+(?:[.,:/–-]\d+|[ ]\d{3}(?!\d))*(?:[:-]?[^\W\d_]+)*           # 1,5  14.30  2026-11-22  12 000  5:e  65-årig
"""
_WORD = r"(?:https?://|www\.)[^\s,;]*\w | [^\s@]{1,64}@[^\s@]{1,255}\.\w+ | [^\W_]+(?:['’:.‑-][^\W_]+)*"


def _scanner(language: str) -> re.Pattern[str]:
    never, may = _ABBREVIATIONS.get(language, _ABBREVIATIONS["en"])
    return re.compile(
        rf"""(?P<abbreviation>(?<!\w)(?:{_alternatives(never)})(?!\w)\.?)
           | (?P<ending_abbreviation>(?<!\w)(?:{_alternatives(may)})(?!\w)\.?)
           | (?P<number>{_NUMBER})
           | (?P<word>{_WORD})
           | (?P<end>[.!?…؟۔]+[{_QUOTES}]*(?=\s|$))""",
        re.VERBOSE | re.IGNORECASE,
    )


def _alternatives(abbreviations: Iterable[str]) -> str:
    longest_first = sorted(abbreviations, key=len, reverse=True)
    return "|".join(_spelled(one) for one in longest_first)


def _spelled(abbreviation: str) -> str:
    """Dots inside may be spaces. One without dots inside needs the last: "kl" and "ca" may be something else."""
    parts = [re.escape(part) for part in abbreviation.split(".")]
    if len(parts) > 1:
        return r"(?:\.[ ]?|[ ])".join(parts)
    return parts[0] if abbreviation in _WITHOUT_DOT else rf"{parts[0]}(?=\.)"


_WITHOUT_DOT = frozenset({"dvs", "osv", "etc"})
_SCANNERS = {language: _scanner(language) for language in _ABBREVIATIONS}


def _clean(text: str) -> str:
    """One spelling of what looks alike: composed letters, plain spaces and lines, no invisible signs."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Mn", "Cf", "Cs"} and sign != "ـ")
    return re.sub(r"[^\S\n]+", " ", text)


def _sentences(text: str, language: str) -> Iterator[_Sentence]:
    scanner = _SCANNERS.get(language, _SCANNERS["en"])
    for block in _blocks(text):
        ends = [0, *_ends(block, scanner), len(block)]
        for start, end in pairwise(ends):
            words = [found.group() for found in scanner.finditer(block[start:end]) if not found["end"]]
            if words:
                yield _Sentence(block[start:end].strip(), words)


def _blocks(text: str) -> Iterator[str]:
    """Pieces that a sentence can't go across. A line that goes on with a small letter goes on with the sentence."""
    block = ""
    for line in map(str.strip, text.split("\n")):
        bullet = _BULLET.match(line)
        content = line[bullet.end() :] if bullet else line
        if block and content and not bullet and content[0].islower():
            block = f"{block} {content}"
            continue
        if block:
            yield block
        block = content
    if block:
        yield block


def _ends(block: str, scanner: re.Pattern[str]) -> Iterator[int]:
    """Where sentences end. A full stop before a small letter is an abbreviation's, one that no list holds."""
    for found in scanner.finditer(block):
        after = block[found.end() :].lstrip()
        if not after or (after[0].islower() and found.group()[0] in ".…"):
            continue
        if found["end"] or (found["ending_abbreviation"] and after[0].isupper()):
            yield found.end()


def _letters(word: str) -> int:
    return sum(sign.isalpha() for sign in word)


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()
