"""A device that has gone silent: it may be broken, without current, or out of reach of its gateway."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _

from alarms.states import Category

from .base import Alert, Decision, Observation, Rule, setting

REGULAR_KINDS = frozenset({"heartbeat", "battery", "temperature", "humidity", "light"})


class State(msgspec.Struct, frozen=True):
    """`heard_at` is when a message last came, not when it was measured: a late one shows that the device is
    alive.
    """

    heard_at: datetime | None = None
    silent: bool = False


class Settings(msgspec.Struct, frozen=True):
    interval_minutes: Annotated[
        int,
        setting(
            _("Alarm after silence of"),
            help_text=_("Longer than the device's own interval. 0 turns the alarm off."),
            unit=_("min"),
            ge=0,
            le=60 * 24 * 30,
        ),
    ] = 60 * 24


class DeviceSilent(Rule[State, Settings]):
    """Listens to everything a device says, and first counts from when it was first asked about.

    Only a device that reports by itself at intervals can be told silent: that a door sensor says nothing for
    two days means that nobody opened the door.
    """

    code = "device_silent"
    category = Category.TECHNICAL
    label = _("Silent device")
    meaning = _("A device has stopped sending. What it watches is not watched now.")
    action = _("Check that the device has power and contact. Until it works, see to the resident in another way.")
    sentence = _("Nothing has come from the device since {silent_since}.")

    def applies_to(self, kinds_of_device: Collection[str], placement: str) -> bool:
        return not REGULAR_KINDS.isdisjoint(kinds_of_device)

    def evaluate(
        self, state: State, observation: Observation | None, now: datetime, settings: Settings
    ) -> Decision[State]:
        if observation is not None:
            return _heard(state, observation, settings)
        if state.heard_at is None:
            return _listening(State(now), settings)
        due = _due(state, settings)
        if due is None or state.silent:
            return Decision(state)
        if now < due:
            return Decision(state, wake_at=due)
        silence = Alert(due, {"silent_since": state.heard_at.isoformat()})
        return Decision(msgspec.structs.replace(state, silent=True), (silence,))


def _heard(state: State, observation: Observation, settings: Settings) -> Decision[State]:
    heard_at = max(state.heard_at or observation.received_at, observation.received_at)
    decision = _listening(State(heard_at), settings)
    return msgspec.structs.replace(decision, cleared=state.silent, cleared_at=heard_at if state.silent else None)


def _listening(state: State, settings: Settings) -> Decision[State]:
    return Decision(state, wake_at=_due(state, settings))


def _due(state: State, settings: Settings) -> datetime | None:
    if state.heard_at is None or not settings.interval_minutes:
        return None
    return state.heard_at + timedelta(minutes=settings.interval_minutes)
