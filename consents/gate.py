"""The one door that readings pass. It decides, from what is in force at a time, whether a reading may be kept.

An assignment collects only while its collecting state says so, and only readings measured since it began: nothing
that happened in the home before the agreement started, and nothing at all once it has stopped, however late a
reading arrives. Refused readings are counted, never stored.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Collecting(Enum):
    """The collecting state of an assignment; the values are stored."""

    PLANNED = "planned"
    ACTIVE = "active"
    STOPPED = "stopped"


class Refusal(Enum):
    """Why the gate said no."""

    NOT_STARTED = "not_started"
    STOPPED = "stopped"
    BEFORE_START = "before_start"


@dataclass(frozen=True)
class Grounds:
    """What an assignment's collecting rests on, as the gate needs it."""

    state: Collecting
    since: datetime | None


@dataclass(frozen=True)
class Decision:
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


ALLOWED = Decision()


def may_collect(grounds: Grounds, measured_at: datetime) -> Decision:
    """May a reading measured then be kept now?"""
    if grounds.state is Collecting.STOPPED:
        return Decision(Refusal.STOPPED)
    if grounds.state is Collecting.PLANNED or grounds.since is None:
        return Decision(Refusal.NOT_STARTED)
    if measured_at < grounds.since:
        return Decision(Refusal.BEFORE_START)
    return ALLOWED
