"""The gate: the one place that decides, from consents and legal basis in force at a time, whether data may flow.

Every question is put as *needs* (who must have agreed to what, and when) and answered from *grounds* (who has agreed
to what, and for how long): may an assignment collect, may another administration or a relative see a category, may an
export hold it. `weigh` is pure; `consents.grounds` fetches its facts, `consents.sharing` says the same as SQL.

`may_collect` is the gate's quick door for readings. What `weigh` has decided about an assignment is kept with it
(`Grounds`), changed in the transaction of every decision, and ends by its own clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID


class Why(Enum):
    """Why there is no lawful ground. The values are stored with tasks and shown in words (`consents.words`)."""

    NO_PURPOSE = "no_purpose"
    DIED = "died"
    MISSING = "missing"
    ASKED = "asked"
    TALK = "talk"
    WAITING = "waiting"
    REFUSED = "refused"
    ENDED = "ended"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    ANNULLED = "annulled"


AGAINST = (Why.REFUSED, Why.ENDED)
"""The person has said no. An emergency does not stand against a spoken no (GDPR 9.2 c asks for somebody who can't
consent)."""


@dataclass(frozen=True)
class Need:
    """Somebody (`giver`, a resident's or cohabitant's id) must have agreed to a purpose between two moments."""

    giver: UUID
    purpose: UUID
    from_: datetime | None = None
    until: datetime | None = None

    def at(self, moment: datetime) -> bool:
        return _within(moment, self.from_, self.until)


@dataclass(frozen=True)
class Ground:
    """Somebody has agreed to a purpose from one moment until another. Without `from_` it is no ground at any time,
    and `why` says what became of it (refused, annulled, only asked). `asked_at` orders answers."""

    giver: UUID
    purpose: UUID
    from_: datetime | None
    until: datetime | None = None
    why: Why = Why.ENDED
    asked_at: datetime | None = None

    def at(self, moment: datetime) -> bool:
        return self.from_ is not None and _within(moment, self.from_, self.until)


@dataclass(frozen=True)
class Emergency:
    """Data may flow for a short while to save somebody who can't answer (GDPR 6.1 d, 9.2 c)."""

    from_: datetime
    until: datetime

    def at(self, moment: datetime) -> bool:
        return _within(moment, self.from_, self.until)


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, and why."""

    why: Why
    giver: UUID | None = None
    purpose: UUID | None = None


@dataclass(frozen=True)
class Verdict:
    """`since` is from when all grounds have stood; nothing from before may be kept. `until` is when the verdict must be
    asked for again: the first end of a ground, or start of a new need."""

    lacks: tuple[Lack, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def allowed(self) -> bool:
        return not self.lacks


@dataclass(frozen=True)
class Facts:
    """What a question rests on."""

    needs: tuple[Need, ...] = ()
    grounds: tuple[Ground, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    hindrance: Why | None = None
    grounds_of: dict[tuple[UUID, UUID], list[Ground]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        sorted_: dict[tuple[UUID, UUID], list[Ground]] = {}
        for ground in self.grounds:
            sorted_.setdefault((ground.giver, ground.purpose), []).append(ground)
        object.__setattr__(self, "grounds_of", sorted_)


def weigh(facts: Facts, at: datetime) -> Verdict:
    """Is there a lawful ground for all that is needed at that moment, and until when does the answer stand?"""
    if facts.hindrance:
        return Verdict((Lack(facts.hindrance),))
    lacks: list[Lack] = []
    starts: list[datetime | None] = []
    ends: list[datetime | None] = [need.from_ for need in facts.needs if need.from_ and need.from_ > at]
    for need in facts.needs:
        if not need.at(at):
            continue
        met = _meet(need, facts, at)
        if isinstance(met, Lack):
            lacks.append(met)
        else:
            starts.append(met[0])
            ends += [met[1], need.until]
    if lacks:
        return Verdict(tuple(lacks))
    return Verdict((), max(filter(None, starts), default=None), min(filter(None, ends), default=None))


Stretch = tuple[datetime | None, datetime | None]


def _meet(need: Need, facts: Facts, at: datetime) -> Stretch | Lack:
    """From when until when the need is met, or what it lacks."""
    own = facts.grounds_of.get((need.giver, need.purpose), [])
    if met := [ground for ground in own if ground.at(at)]:
        return min(ground.from_ for ground in met if ground.from_), _last(ground.until for ground in met)
    why = _why(own, at)
    rescue = [emergency for emergency in facts.emergencies if emergency.at(at)]
    if rescue and why not in AGAINST:
        return min(emergency.from_ for emergency in rescue), _last(emergency.until for emergency in rescue)
    return Lack(why, need.giver, need.purpose)


def _why(own: Iterable[Ground], at: datetime) -> Why:
    """What became of the newest answer, or of the question."""
    past = [ground for ground in own if ground.asked_at is None or ground.asked_at <= at]
    if not past:
        return Why.MISSING
    newest = max(past, key=_asked)
    # A question that waits for its answer takes no earlier no away, nor does an answer entered in error.
    said = [ground for ground in past if ground.why not in _NO_ANSWER]
    if newest.why in _NO_ANSWER and said and (last := max(said, key=_asked)).why in AGAINST:
        return last.why
    return newest.why


_NO_ANSWER = (Why.ASKED, Why.TALK, Why.WAITING, Why.ANNULLED)


def _asked(ground: Ground) -> float:
    return ground.asked_at.timestamp() if ground.asked_at else 0.0


def _last(ends: Iterable[datetime | None]) -> datetime | None:
    """The latest end; None (no end) is later than any."""
    latest: datetime | None = None
    for end in ends:
        if end is None:
            return None
        latest = max(latest, end) if latest else end
    return latest


def _within(moment: datetime, from_: datetime | None, until: datetime | None) -> bool:
    return (from_ is None or from_ <= moment) and (until is None or moment < until)


# --- Readings ----------------------------------------------------------------------------------------------------


class Collecting(Enum):
    """The collecting state of an assignment; the values are stored."""

    PLANNED = "planned"
    ACTIVE = "active"
    STOPPED = "stopped"


class Refusal(Enum):
    """Why the gate turned a reading away."""

    NOT_STARTED = "not_started"
    STOPPED = "stopped"
    BEFORE_START = "before_start"
    GROUND_ENDED = "ground_ended"


@dataclass(frozen=True)
class Grounds:
    """What has been decided about an assignment's collecting: since when, and until when without a new verdict."""

    state: Collecting
    since: datetime | None
    until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


ALLOWED = Decision()


def may_collect(grounds: Grounds, measured_at: datetime, now: datetime) -> Decision:
    """May a reading measured then be kept now? Nothing from before the start, and nothing once it has stopped,
    however late it arrives and whenever it was measured."""
    if grounds.state is Collecting.STOPPED:
        return Decision(Refusal.STOPPED)
    if grounds.state is Collecting.PLANNED or grounds.since is None:
        return Decision(Refusal.NOT_STARTED)
    if grounds.until is not None and max(now, measured_at) >= grounds.until:
        return Decision(Refusal.GROUND_ENDED)
    if measured_at < grounds.since:
        return Decision(Refusal.BEFORE_START)
    return ALLOWED
