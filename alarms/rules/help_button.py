"""The help button: every press is somebody asking for help."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.utils.translation import gettext_lazy as _

from alarms.states import Priority

from .base import Alert, Decision, Observation, Rule
from .on_off import NoSettings


class State(msgspec.Struct, frozen=True):
    pressed_at: datetime | None = None


class HelpButton(Rule[State, NoSettings]):
    """A press always alerts, however late it comes. The button being let go (0) is no event, and nothing
    clears it.
    """

    code = "help_button"
    priority = Priority.HIGH
    kinds = frozenset({"button"})
    label = _("Help button")
    meaning = _("The resident has pressed the help button.")
    action = _("Call the resident. Go there if there is no answer.")
    sentence = _("The help button was pressed at {pressed_at}.")

    def evaluate(
        self, state: State, observation: Observation | None, now: datetime, settings: NoSettings
    ) -> Decision[State]:
        if observation is None or not observation.on:
            return Decision(state)
        press = Alert(observation.at, {"pressed_at": observation.at.isoformat()}, again=state.pressed_at is not None)
        return Decision(State(max(state.pressed_at or observation.at, observation.at)), (press,))
