"""The registry of reading kinds: what a device may say, in which unit, within which range.

docs/reference/readings.md is generated from it. To add a kind, add a row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consents.kinds import Category

Text = str | Promise
_NOTHING: Mapping[str, float] = {}
_ON_OFF = {"on": 1.0, "off": 0.0, "true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}


@dataclass(frozen=True)
class ReadingKind:
    """`measures` and `leaves_out` are the plain words that a resident reads about the device.

    `low` and `high` bound the value, both counted in; `words` are texts accepted for a value; `urgent` readings go
    in a lane and a worker of their own; `needs_value` is false where the message itself is the news.
    """

    code: str
    label: Text
    measures: Text
    leaves_out: Text
    unit: str = ""
    low: float = 0
    high: float = 1
    words: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    urgent: bool = False
    needs_value: bool = True
    whole: bool = False


def _switch(
    code: str, label: Text, measures: Text, leaves_out: Text, *, urgent: bool = False, **words: float
) -> ReadingKind:
    return ReadingKind(code, label, measures, leaves_out, words={**_ON_OFF, **words}, urgent=urgent, whole=True)


def _press(code: str, label: Text, measures: Text, leaves_out: Text, **words: float) -> ReadingKind:
    return ReadingKind(
        code,
        label,
        measures,
        leaves_out,
        words={**_ON_OFF, **words},
        urgent=True,
        needs_value=False,
        whole=True,
    )


_NO_PICTURE = _("It takes no pictures and hears nothing.")
_NOTHING_ABOUT_YOU = _("It says nothing about you.")

KINDS: dict[str, ReadingKind] = {
    kind.code: kind
    for kind in (
        _switch("motion", _("Movement"), _("That somebody moves in the room."), _NO_PICTURE, motion=1, clear=0),
        _switch("presence", _("Presence"), _("That somebody is there."), _NO_PICTURE, present=1, absent=0),
        _switch("door", _("Door"), _("When the door is opened and closed."), _NO_PICTURE, open=1, closed=0, close=0),
        _switch("bed", _("Bed"), _("Whether somebody lies in the bed."), _NO_PICTURE, occupied=1, empty=0),
        _switch("chair", _("Chair"), _("Whether somebody sits in the chair."), _NO_PICTURE, occupied=1, empty=0),
        _switch("use", _("Use"), _("When a thing in the home is used, such as the tap."), _NO_PICTURE, used=1),
        _press("button", _("Help button"), _("That you press the button."), _("It does nothing until you press it."),
               pressed=1, press=1),
        _press("fall", _("Fall"), _("That somebody may have fallen."), _NO_PICTURE, fall=1, fallen=1),
        _switch("smoke", _("Smoke"), _("Smoke in the room."), _NO_PICTURE, urgent=True, smoke=1, clear=0),
        _switch("water", _("Water leak"), _("Water on the floor."), _NO_PICTURE, urgent=True, wet=1, dry=0),
        ReadingKind("temperature", _("Temperature"), _("How warm it is in the room."), _NO_PICTURE, "°C", -50, 100),
        ReadingKind("humidity", _("Humidity"), _("How damp the air is."), _NO_PICTURE, "%", 0, 100),
        ReadingKind("light", _("Light"), _("How light it is in the room."), _NO_PICTURE, "lx", 0, 200_000),
        ReadingKind("power", _("Electric power"), _("How much power a device draws."), _NO_PICTURE, "W", 0, 25_000),
        ReadingKind("battery", _("Battery"), _("How much battery is left."), _NOTHING_ABOUT_YOU, "%", 0, 100),
        ReadingKind("heartbeat", _("Sign of life"), _("That the device works."), _NOTHING_ABOUT_YOU,
                    needs_value=False, high=2_147_483_647),
    )
}  # fmt: skip


_CATEGORIES = {
    Category.ALARMS: ("button", "fall", "smoke", "water"),
    Category.CLIMATE: ("temperature", "humidity", "light"),
    Category.DEVICES: ("battery", "heartbeat"),
}


def category_of(code: str) -> Category:
    """What a reading tells of a person; whatever is not told apart here tells of their day."""
    return next((category for category, codes in _CATEGORIES.items() if code in codes), Category.ACTIVITY)


def kinds_of(category: Category) -> list[str]:
    return [code for code in KINDS if category_of(code) is category]


class BadValue(ValueError):
    """A value that the kind does not take; the text says why, in words for whoever wrote the gateway."""


def normalise_value(kind: ReadingKind, raw: object) -> float | None:
    """The value as stored. Raises BadValue when it is missing, of the wrong type or outside the range."""
    if raw is None:
        if kind.needs_value:
            raise BadValue(f"value is missing; {kind.code} takes {_range(kind)}")
        return 1.0 if kind.words else None
    if isinstance(raw, str):
        raw = _from_words(kind, raw)
    if not isinstance(raw, bool | int | float):
        raise BadValue(f"value must be a number, true or false, not {type(raw).__name__}")
    if not kind.low <= raw <= kind.high or (kind.whole and raw != int(raw)):
        raise BadValue(f"value {raw!s:.40} is outside {_range(kind)} of {kind.code}")
    return float(raw)


def _from_words(kind: ReadingKind, raw: str) -> float:
    word = raw.strip().lower()
    if word in kind.words:
        return kind.words[word]
    raise BadValue(f"value {raw[:40]!r} is no word of {kind.code}; it takes {_range(kind)}")


def _range(kind: ReadingKind) -> str:
    span = f"{kind.low:g} to {kind.high:g} {kind.unit}".strip()
    return f"{span} or {', '.join(sorted(kind.words))}" if kind.words else span
