"""The purposes and texts that a municipality starts from: one file a purpose, read strictly.

`{controller}` and `{other_office}` in a text stand for names of administrations; whoever imports fills them in. Nothing
else stands between braces. The importer makes rows of them, with authors and approval; these files approve nothing.
"""

import re
from pathlib import Path
from typing import Literal

import msgspec

FOLDER = Path(__file__).parent
PLACEHOLDERS = frozenset({"controller", "other_office"})
_BRACES = re.compile(r"\{([^{}]*)\}")

Kind = Literal["effort", "processing", "secrecy", "shared_records"]
Category = Literal["alarms", "activity", "climate", "devices", "position", "efforts", "contact"]


class StarterFault(ValueError):
    """A starter file that can't be used; the text names the file and says why."""


class Bilingual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sv: str
    en: str


class StarterText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person reads before answering, and the question that checks whether it was understood.

    `sample` marks a text that nobody has approved, such as a machine's translation; it may be shown, never published.
    """

    language: Literal["sv", "en", "ar"]
    variant: Literal["standard", "easy"]
    sample: bool
    title: str
    question: str
    what: str
    why: str
    who_sees: str
    how_long: str
    if_no: str
    change_mind: str
    check_question: str
    check_right: str
    check_wrong: tuple[str, str]
    check_explain: str

    @property
    def fields(self) -> dict[str, str]:
        """All that is read, in the order of the page; the wrong answers last."""
        named = {name: getattr(self, name) for name in self.__struct_fields__ if name not in _NOT_READ}
        return named | {f"check_wrong_{place}": wrong for place, wrong in enumerate(self.check_wrong, start=1)}


_NOT_READ = frozenset({"language", "variant", "sample", "check_wrong"})


class StarterPurpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reading_kinds` are codes of devices/kinds.py, which this app may not import; a test holds them against it.

    `basis` and `special_basis` are articles of GDPR. `necessity` is about the effort: without what is necessary for it,
    its devices stay still, and `alternative` is offered instead.
    """

    code: str
    name: Bilingual
    kind: Kind
    regime: Literal["sol", "lss", "hsl"]
    basis: str
    special_basis: str
    source: str
    necessity: Literal["necessary", "optional"]
    alternative: Bilingual
    categories: tuple[Category, ...]
    reading_kinds: tuple[str, ...]
    cohabitants: bool
    retention_days: int | None
    retention_source: str
    valid_months: int | None
    review_months: int | None
    pictures: tuple[str, ...]
    texts: tuple[StarterText, ...]


def load() -> list[StarterPurpose]:
    """All purposes, by code. Raises StarterFault on an unknown field, a missing one or a strange placeholder."""
    return [_read(path) for path in sorted(FOLDER.glob("*.json"))]


def _read(path: Path) -> StarterPurpose:
    try:
        purpose = msgspec.json.decode(path.read_bytes(), type=StarterPurpose)
    except msgspec.DecodeError as error:
        raise StarterFault(f"{path.name}: {error}") from error
    _check(purpose, path)
    return purpose


def _check(purpose: StarterPurpose, path: Path) -> None:
    if purpose.code != path.stem:
        raise StarterFault(f"{path.name}: the code is {purpose.code!r}; it must be the file's name")
    for text in purpose.texts:
        strange = set(_BRACES.findall(" ".join(text.fields.values()))) - PLACEHOLDERS
        if strange:
            raise StarterFault(f"{path.name}, {text.language} {text.variant}: unknown placeholders {sorted(strange)}")
