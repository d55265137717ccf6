"""Phrases that hide who does it: "uppgifterna sparas", "blir sparad", "is kept". Hints to whoever writes, no more.

The lists are neither whole nor free from mistakes: a machine that knows no grammar sees endings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Passive:
    """A phrase that hides who does it; `start` and `end` are places in the text as it was given."""

    phrase: str
    start: int
    end: int


def _words(text: str) -> list[str]:
    """A list that reads as words, not as quotation marks."""
    return text.split()


# Swedish. Verbs in -a make it with "as", "ades" and "ats", which the endings find. Those of the other groups look
# like nouns with an s, so they are named.
_S_VERBS = _words(
    "ges tas fås ses görs sägs läggs sätts ställs skrivs läses hålls krävs köps säljs byts bryts styrs förs följs"
    " ändras används sänds skickas visas mäts märks sköts stängs släcks tänds möts hörs syns döms nås sys bärs dras"
    " slås låses beslutas togs sågs sades lades sattes skrevs lästes hölls krävdes köptes såldes byttes bröts styrdes"
    " fördes följdes användes sändes mättes sköttes stängdes tändes bars drogs slogs gjordes"
)
_PREFIXES = _words("an av be bort er för fram ge in med mot ned ner om på sam till under upp ut vidare åter över")
_NOT_PASSIVE = frozenset(
    # Verbs that are always so, or that say what people do to each other; then other words that end so.
    _words(
        "andas avundas brottas fattas finnas hoppas hälsas hjälpas höras kramas kännas lyckas låtsas minnas misslyckas"
        " mötas pussas samsas skiljas skämmas slåss svettas synas talas trivas träffas tyckas umgås vistas åldras"
        " ångras sammanträffas hoppades lyckades misslyckades träffades trivdes hjälptes kändes funnits"
        " annars alldeles ananas atlas deras fjolårets kalas kvinnas mammas pappas särdeles således varandras"
    )
)
_GENITIVES = re.compile(r"(?:rnas|enas)$")
_WARNED = frozenset({"varnas", "förvarnas", "stenas"})
_S_FORM = re.compile(r"(?<![\w-])[^\W\d_]{2,}s(?![\w-])")
_S_ENDING = re.compile(r"(?:as|ades|ats|its|tts)$")
_S_NAMED = re.compile(rf"(?:{'|'.join(_PREFIXES)})?(?:{'|'.join(sorted(set(_S_VERBS), key=len, reverse=True))})$")
_BECOME = re.compile(
    r"(?<!\w)(?:bli|blir|blev|blivit)(?:\s+(?!och\b|om\b)[^\W\d_]+){0,2}?\s+"
    r"(?P<participle>[^\W\d_]{2,}(?:ad|at|ade|erad|erat|erade)"
    r"|[^\W\d_]*(?:skriv|läs|glöm|stäng|använ|tag|bjud|stul|brut|bund|giv|hjälp|köp|sål|ställ|la"
    r"|gjor|bestäm|spärr)(?:d|da|t|ts|ta|en|et|na)|[^\W\d_]*(?:sedd|sett|satt|tvungen|tvungna))(?!\w)",
    re.IGNORECASE,
)
_NOT_PARTICIPLE = frozenset(_words("annat glad grad klokt mat prat privat rad stad stället sådan"))

# English: a form of "be", perhaps an adverb, and a participle.
_IRREGULAR = _words(
    "been begun bought broken brought built caught chosen done drawn driven eaten felt found forgotten given heard held"
    " hidden hit hurt kept known laid led lent lost made meant met paid put read rung said seen sent set shown shut"
    " sold spent spoken stolen stuck sung taken taught thought thrown told understood used woken won worn written"
)
_BE = re.compile(
    r"(?<!\w)(?:is|are|was|were|be|been|being|(?:it|that|he|she|you|we|they)['’](?:s|re))"
    r"(?:\s+(?:not|also|never|always|only|then|still|just|first|[a-z]+ly))*\s+"
    rf"(?P<participle>[a-z]{{2,}}ed|{'|'.join(sorted(_IRREGULAR, key=len, reverse=True))})(?!\w)",
    re.IGNORECASE,
)
_NOT_ENGLISH_PARTICIPLE = frozenset(
    _words("tired worried interested married pleased excited scared bored red closed hundred indeed need naked")
)


def passives(text: str, language: str) -> list[Passive]:
    """The hints in a text, in its order; none for languages without a list."""
    if language == "sv":
        found = [*_s_passives(text), *_participles(_BECOME, text, _NOT_PARTICIPLE)]
    elif language == "en":
        found = [*_participles(_BE, text, _NOT_ENGLISH_PARTICIPLE)]
    else:
        found = []
    return sorted(found, key=lambda hint: hint.start)


def _s_passives(text: str) -> Iterator[Passive]:
    for found in _S_FORM.finditer(text):
        if _is_s_passive(found.group().lower()) and not _is_name(found, text):
            yield Passive(found.group(), found.start(), found.end())


def _is_s_passive(word: str) -> bool:
    if word in _NOT_PASSIVE or word.endswith(("plats", "sats")) or (_GENITIVES.search(word) and word not in _WARNED):
        return False
    return bool(_S_NAMED.match(word) or (len(word) > 4 and _S_ENDING.search(word)))


def _is_name(found: re.Match[str], text: str) -> bool:
    """A capital letter inside a sentence."""
    before = text[: found.start()].rstrip(" \t\"'”")
    return found.group()[0].isupper() and bool(before) and before[-1] not in ".!?:\n-–•"


def _participles(pattern: re.Pattern[str], text: str, but: frozenset[str]) -> Iterator[Passive]:
    for found in pattern.finditer(text):
        if found["participle"].lower() not in but:
            yield Passive(found.group(), found.start(), found.end())
