"""The shape of rules whose sensor says 1 when something is wrong and 0 when it is over."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .base import Alert, Decision, Observation, Rule


class OnOffState(msgspec.Struct, frozen=True):
    """When the sensor last said that it was wrong, and when it last said that it was over."""

    on_at: datetime | None = None
    off_at: datetime | None = None


class NoSettings(msgspec.Struct, frozen=True):
    """The rule has nothing to set."""


class OnOffRule(Rule[OnOffState, NoSettings]):
    """Each 1 alerts, also one that comes late; a 0 clears what went before it. Nothing here depends on the
    order.
    """

    def evaluate(
        self, state: OnOffState, observation: Observation | None, now: datetime, settings: NoSettings
    ) -> Decision[OnOffState]:
        if observation is None:
            return Decision(state)
        seen = _seen(state, observation)
        alerts = (Alert(observation.at, {"since": observation.at.isoformat()}),) if observation.on else ()
        cleared = _is_over(seen) and (bool(alerts) or not _is_over(state))
        return Decision(seen, alerts, cleared=cleared, cleared_at=seen.off_at if cleared else None)


def _seen(state: OnOffState, observation: Observation) -> OnOffState:
    if observation.on:
        return msgspec.structs.replace(state, on_at=max(state.on_at or observation.at, observation.at))
    return msgspec.structs.replace(state, off_at=max(state.off_at or observation.at, observation.at))


def _is_over(state: OnOffState) -> bool:
    """A 0 of the same instant as a 1 does not take it back: smoke wins."""
    return state.off_at is not None and (state.on_at is None or state.off_at > state.on_at)
