"""Too cold or too warm in the home for a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from django.utils.translation import gettext_lazy as _

from devices.placement import Placement

from .base import Alert, Decision, Observation, Rule, Text, setting

Side = Literal["", "low", "high"]


class State(msgspec.Struct, frozen=True):
    """On which side of the good the temperature is, since when without a gap, and whether that has been
    alarmed.
    """

    side: Side = ""
    since: datetime | None = None
    read_at: datetime | None = None
    alarmed: Side = ""


class Settings(msgspec.Struct, frozen=True):
    low: Annotated[float, setting(_("Too cold below"), unit="°C", ge=-20, le=30)] = 17.0
    high: Annotated[float, setting(_("Too warm above"), unit="°C", ge=15, le=50)] = 28.0
    minutes: Annotated[int, setting(_("For at least"), unit=_("min"), ge=0, le=60 * 24)] = 60
    margin: Annotated[float, setting(_("Good again when better by"), unit="°C", ge=0, le=5)] = 0.5
    gap_minutes: Annotated[
        int,
        setting(
            _("Longest time between readings"),
            help_text=_("After a longer gap the time is counted anew: what was not measured does not count."),
            unit=_("min"),
            ge=1,
            le=60 * 24,
        ),
    ] = 120


class Temperature(Rule[State, Settings]):
    """Only measured time counts, so a sensor that falls silent on a cold reading raises nothing here.

    Judges in the order of measurement; a late, older value changes nothing.
    """

    code = "temperature"
    kinds = frozenset({"temperature"})
    label = _("Temperature")
    meaning = _("It has been too cold or too warm in the home for a while.")
    action = _("Call the resident. See to it that the home becomes warm or cool enough.")
    sentence_cold = _("Too cold: {value} °C, and under {limit} °C since {since}.")
    sentence = _("Too warm: {value} °C, and over {limit} °C since {since}.")

    def pick_sentence(self, detail: Mapping[str, str | float]) -> Text:
        return self.sentence_cold if detail.get("side") == "low" else self.sentence

    def applies_to(self, kinds_of_device: Collection[str], placement: str) -> bool:
        return placement != Placement.OUTDOOR and super().applies_to(kinds_of_device, placement)

    def evaluate(
        self, state: State, observation: Observation | None, now: datetime, settings: Settings
    ) -> Decision[State]:
        if observation is None or observation.value is None or _older(observation, state):
            return Decision(state)
        seen = _seen(state, observation.at, _side(observation.value, state.alarmed, settings), settings)
        if not seen.side:
            cleared = bool(state.alarmed)
            at = observation.at if cleared else None
            return Decision(msgspec.structs.replace(seen, alarmed=""), cleared=cleared, cleared_at=at)
        assert seen.since is not None
        if seen.alarmed == seen.side or observation.at - seen.since < timedelta(minutes=settings.minutes):
            return Decision(seen)
        return Decision(msgspec.structs.replace(seen, alarmed=seen.side), (_alert(seen, observation, settings),))


def _older(observation: Observation, state: State) -> bool:
    return state.read_at is not None and observation.at < state.read_at


def _side(value: float, alarmed: Side, settings: Settings) -> Side:
    """The side the value is on. An alarm raised holds until the value is better by the margin."""
    if value < settings.low + (settings.margin if alarmed == "low" else 0):
        return "low"
    if value > settings.high - (settings.margin if alarmed == "high" else 0):
        return "high"
    return ""


def _seen(state: State, at: datetime, side: Side, settings: Settings) -> State:
    gap = state.read_at is None or at - state.read_at > timedelta(minutes=settings.gap_minutes)
    since = at if gap or side != state.side else state.since
    return State(side, since, at, state.alarmed)


def _alert(state: State, observation: Observation, settings: Settings) -> Alert:
    assert observation.value is not None
    assert state.since is not None
    limit = settings.low if state.side == "low" else settings.high
    since = state.since.isoformat()
    return Alert(observation.at, {"side": state.side, "value": observation.value, "limit": limit, "since": since})
