"""The outer door was opened in the night: somebody who should be helped indoors may be on the way out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _

from devices.placement import Placement

from .base import Alert, Decision, Observation, Rule, setting
from .hours import Hours


class State(msgspec.Struct, frozen=True):
    """`is_open` as the newest reading has it. Sensors repeat themselves, so only a change is an opening."""

    is_open: bool = False
    read_at: datetime | None = None


class Settings(msgspec.Struct, frozen=True):
    night_from: Annotated[time, setting(_("Night begins"), help_text=_("Local time in the home."))] = time(23)
    night_to: Annotated[time, setting(_("Night ends"), help_text=_("Local time in the home."))] = time(6)


class NightDoor(Rule[State, Settings]):
    """An opening that comes late still alerts; the door being closed clears it."""

    code = "night_door"
    kinds = frozenset({"door"})
    label = _("Outer door opened at night")
    meaning = _("The outer door of the home was opened during the night.")
    action = _("Call the resident. Go there if there is no answer.")
    sentence = _("The outer door was opened at {opened_at}.")

    def applies_to(self, kinds_of_device: Collection[str], placement: str) -> bool:
        return placement == Placement.EXIT and super().applies_to(kinds_of_device, placement)

    def evaluate(
        self, state: State, observation: Observation | None, now: datetime, settings: Settings
    ) -> Decision[State]:
        if observation is None:
            return Decision(state)
        late = state.read_at is not None and observation.at < state.read_at
        seen = state if late else State(observation.on, observation.at)
        opened = observation.on and (late or not state.is_open)
        alerts = _alerts(observation) if opened and _night(settings).contain(observation.at) else ()
        cleared = not seen.is_open and (state.is_open or bool(alerts))
        return Decision(seen, alerts, cleared=cleared, cleared_at=seen.read_at if cleared else None)


def _night(settings: Settings) -> Hours:
    return Hours(settings.night_from, settings.night_to)


def _alerts(observation: Observation) -> tuple[Alert, ...]:
    return (Alert(observation.at, {"opened_at": observation.at.isoformat()}),)
