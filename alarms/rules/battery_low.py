"""A battery that will soon be empty."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _

from alarms.states import Category, Priority

from .base import Alert, Decision, Observation, Rule, setting


class State(msgspec.Struct, frozen=True):
    low: bool = False
    read_at: datetime | None = None


class Settings(msgspec.Struct, frozen=True):
    """Two levels, so that a battery that wavers about one of them does not alarm each hour."""

    low_percent: Annotated[int, setting(_("Alarm at or below"), unit="%", ge=1, le=99)] = 15
    fresh_percent: Annotated[int, setting(_("Good again at or above"), unit="%", ge=2, le=100)] = 30


class BatteryLow(Rule[State, Settings]):
    """Judges the newest value only; a late, older one changes nothing."""

    code = "battery_low"
    category = Category.TECHNICAL
    priority = Priority.LOW
    kinds = frozenset({"battery"})
    label = _("Low battery")
    meaning = _("The battery of a device is nearly empty.")
    action = _("Change the battery, or ask a technician to do it.")
    sentence = _("{percent} percent of the battery is left.")

    def evaluate(
        self, state: State, observation: Observation | None, now: datetime, settings: Settings
    ) -> Decision[State]:
        if observation is None or observation.value is None or _older(observation, state):
            return Decision(state)
        if observation.value <= settings.low_percent:
            alerts = () if state.low else (Alert(observation.at, {"percent": observation.value}),)
            return Decision(State(low=True, read_at=observation.at), alerts)
        if state.low and observation.value >= settings.fresh_percent:
            return Decision(State(low=False, read_at=observation.at), cleared=True, cleared_at=observation.at)
        return Decision(State(state.low, observation.at))


def _older(observation: Observation, state: State) -> bool:
    return state.read_at is not None and observation.at < state.read_at
