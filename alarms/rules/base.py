"""What a rule is: a pure function from what was known and what was observed to what is to be done.

A rule sees no database and no clock. Whoever drives it (see alarms/actions.py) hands it its state, one
observation or none, the time now and the settings in force, stores the state that comes back and does what
the decision says. That is why each rule can be tested as a table, and why a recorded month is judged in
seconds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar, get_args

import msgspec

from alarms.states import Category, Priority
from devices.placement import Placement

from .hours import local_text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Text: TypeAlias = "str | _StrPromise"
Facts = dict[str, str | float]


class Scope(StrEnum):
    """Whose readings a rule weighs: those of one device where it hangs, or all of a resident's together."""

    ASSIGNMENT = "assignment"
    RESIDENT = "resident"


class Observation(msgspec.Struct, frozen=True):
    """One reading as a rule sees it. `at` is when it was measured, `received_at` when it came; both aware, in
    UTC.
    """

    kind: str
    value: float | None
    at: datetime
    received_at: datetime
    sensor: str
    placement: str = Placement.INTERIOR

    @property
    def on(self) -> bool:
        """A message without a value is the event itself: a button that only says that it was pressed."""
        return self.value is None or self.value > 0


class Alert(msgspec.Struct, frozen=True):
    """The condition was met at `at`, which is in event time and may lie well before now: a late alarm still
    rings.

    `again` says that a person acted once more (pressed twice), so that an open alarm rings anew and rises in
    priority; without it, a repeat only adds to the count. `code` names another entry of the catalogue when
    the alert is not the rule's own; that entry then gives category, priority and words.
    """

    at: datetime
    detail: Facts = {}
    priority: Priority | None = None
    again: bool = False
    code: str = ""


StateT = TypeVar("StateT", bound=msgspec.Struct)
SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class Decision(msgspec.Struct, Generic[StateT], frozen=True):
    """What a rule has decided. The alerts come first; then, when `cleared`, their condition is gone since
    `cleared_at`.

    Clearing concerns every code that the rule raises and never closes the human task. `wake_at` asks to be
    evaluated again at that time, without an observation; None asks for nothing and takes back what was asked
    before.
    """

    state: StateT
    alerts: tuple[Alert, ...] = ()
    cleared: bool = False
    cleared_at: datetime | None = None
    wake_at: datetime | None = None


class AlarmKind:
    """One entry of the catalogue: the words and the weight of an alarm. The code is stored, so it never
    changes.

    `meaning` tells what has happened, `action` what a person must do, `sentence` is the line on the board; it
    names facts of the alert's detail in braces.
    """

    code: ClassVar[str] = ""
    category: ClassVar[Category] = Category.HELP
    priority: ClassVar[Priority] = Priority.MEDIUM
    label: ClassVar[Text]
    meaning: ClassVar[Text]
    action: ClassVar[Text]
    sentence: ClassVar[Text]

    def describe(self, detail: Mapping[str, str | float], today: date | None = None) -> str:
        """The sentence for the board, in the language now in use. Times of `today` go without their date."""
        facts = _Facts({name: _readable(fact, today) for name, fact in detail.items()})
        return str(self.pick_sentence(detail)).format_map(facts)

    def pick_sentence(self, detail: Mapping[str, str | float]) -> Text:
        """Kinds that have more than one sentence choose here."""
        return self.sentence


class _Facts(dict[str, str]):
    """A fact that an alarm lacks is a dash: it must not take the whole board with it."""

    def __missing__(self, name: str) -> str:
        return "–"


def _readable(fact: str | float, today: date | None) -> str:
    """Times stand in the detail as ISO 8601 and are shown on the home's own clock."""
    if isinstance(fact, str):
        return local_text(fact, today)
    return f"{fact:g}"


class Rule(AlarmKind, ABC, Generic[StateT, SettingsT]):
    """An alarm kind that is judged from readings. `Rule[State, Settings]` names the structs of a subclass.

    `kinds` are the reading kinds it weighs (none named: all), `raises` the codes it may raise beside its own.
    """

    scope: ClassVar[Scope] = Scope.ASSIGNMENT
    kinds: ClassVar[frozenset[str]] = frozenset()
    raises: ClassVar[frozenset[str]] = frozenset()
    State: ClassVar[type[msgspec.Struct]]
    Settings: ClassVar[type[msgspec.Struct]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            structs = [argument for argument in get_args(base) if isinstance(argument, type)]
            if len(structs) == 2:
                cls.State, cls.Settings = structs

    @abstractmethod
    def evaluate(
        self, state: StateT, observation: Observation | None, now: datetime, settings: SettingsT
    ) -> Decision[StateT]:
        """Judge one observation, or with None what the mere passing of time up to `now` has brought."""

    @property
    def codes(self) -> frozenset[str]:
        return self.raises | {self.code}

    def listens_to(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    def applies_to(self, kinds_of_device: Collection[str], placement: str) -> bool:
        """Whether a device of these reading kinds, hanging here, is this rule's business."""
        return any(self.listens_to(kind) for kind in kinds_of_device)

    def state(self, stored: Mapping[str, Any] | None = None) -> StateT:
        """The state as stored; of nothing, the state to start from."""
        return msgspec.convert(stored or {}, self.State)  # type: ignore[return-value]

    def settings(self, stored: Mapping[str, Any] | None = None) -> SettingsT:
        """The settings as stored, the rest as by default. Raises msgspec.ValidationError out of bounds."""
        return msgspec.convert(stored or {}, self.Settings)  # type: ignore[return-value]


def stored(struct: msgspec.Struct) -> dict[str, Any]:
    """A state or settings as plain JSON values, for a column. `Rule.state` and `.settings` read it back."""
    plain: dict[str, Any] = msgspec.to_builtins(struct)
    return plain


# --- settings that a form can be made from ------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Words:
    """What a form says of a setting. Compared by identity: to compare lazy texts is to translate them."""

    label: Text
    help_text: Text
    unit: Text


def setting(
    label: Text, *, help_text: Text = "", unit: Text = "", ge: float | None = None, le: float | None = None
) -> msgspec.Meta:
    """The annotation of a settings field: its bounds, which msgspec enforces, and the words of its form."""
    return msgspec.Meta(ge=ge, le=le, extra={"words": Words(label, help_text, unit)})


class SettingField(NamedTuple):
    """One field of a rule's settings, as a form needs it."""

    name: str
    type: type[int] | type[float] | type[bool] | type[time]
    default: int | float | bool | time
    words: Words
    minimum: float | None
    maximum: float | None


_PYTHON_TYPES: dict[type[msgspec.inspect.Type], type[Any]] = {
    msgspec.inspect.IntType: int,
    msgspec.inspect.FloatType: float,
    msgspec.inspect.BoolType: bool,
    msgspec.inspect.TimeType: time,
}


def setting_fields(settings: type[msgspec.Struct]) -> list[SettingField]:
    """The fields of a settings struct in the order they are written."""
    struct = msgspec.inspect.type_info(settings)
    assert isinstance(struct, msgspec.inspect.StructType)
    return [_setting_field(field) for field in struct.fields]


def _setting_field(field: msgspec.inspect.Field) -> SettingField:
    described = field.type
    assert isinstance(described, msgspec.inspect.Metadata)
    assert described.extra is not None
    return SettingField(
        name=field.name,
        type=_PYTHON_TYPES[type(described.type)],
        default=field.default,
        minimum=getattr(described.type, "ge", None),
        maximum=getattr(described.type, "le", None),
        words=described.extra["words"],
    )
