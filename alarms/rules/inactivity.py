"""Nothing has moved in the home for a long time, in hours when somebody awake would have.

The rule lives in event time: each observation first ends the silence before it, which may by then have lasted
too long, and only then counts as a sign of life. So a recording played in a minute is judged as it would have
been live.

Two things make it harder than a timer.

*A lone sensor is no proof of a person.* Sensors blip in empty homes. Activity is confirmed when several
sensors have seen something within a few minutes; a lone sign postpones the alarm but neither ends a silence
nor brings anybody home.

*Silence after the outer door means that nobody is in, or that somebody lies in the hall.* Passages are
therefore counted: from home out, the resident is away and silence is no news; the next passage brings
somebody in, and silence after that, before any confirmed activity, alarms like any other. Whoever is away too
long is told of as well, so that a door misread swallows nobody.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from alarms.states import Priority
from devices.placement import Placement

from .base import Alert, Decision, Facts, Observation, Rule, Scope, setting
from .catalogue import NotComeHome
from .hours import Hours

SETTLING = timedelta(minutes=1)  # a door falls shut and the hall sees the back of whoever leaves
ONE_PASSAGE = timedelta(minutes=5)  # somebody who fetches bags or forgot the keys passes once
LATE = timedelta(minutes=5)
CATCHING_UP = timedelta(minutes=15)
OCCUPANCY = (" bed", " chair", " presence")


class Whereabouts(StrEnum):
    """`ARRIVED`: somebody came in by the outer door, and no activity has confirmed it yet."""

    HOME = "home"
    AWAY = "away"
    ARRIVED = "arrived"


class State(msgspec.Struct, frozen=True):
    """What is remembered of a home; it stays as small as the home has sensors.

    `values` and `signs` are by sensor: the last value, and when it last was a sign of life. `sign_at` is the
    last sign of any sensor, `confirmed_at` the last one confirmed. `door_at` is the last sign of a passage,
    `left_at` when the resident went away, `knock_at` when movement at an outer door without a contact may
    have been somebody coming. `alarmed_at` is set once the present silence or absence has been told;
    `held_until` keeps the watch from judging while the home's messages are catching up.
    """

    whereabouts: Whereabouts = Whereabouts.HOME
    values: dict[str, float] = {}
    signs: dict[str, datetime] = {}
    sign_at: datetime | None = None
    confirmed_at: datetime | None = None
    has_contact: bool = False
    door_at: datetime | None = None
    left_at: datetime | None = None
    knock_at: datetime | None = None
    alarmed_at: datetime | None = None
    held_until: datetime | None = None


class Settings(msgspec.Struct, frozen=True):
    waking_from: Annotated[
        time,
        setting(
            _("Waking hours begin"),
            help_text=_("Silence counts only in waking hours. The same time twice means all day and night."),
        ),
    ] = time(7)
    waking_to: Annotated[time, setting(_("Waking hours end"))] = time(22)
    silence_minutes: Annotated[
        int,
        setting(_("Alarm after no activity for"), unit=_("min"), ge=15, le=60 * 24),
    ] = 240
    lone_minutes: Annotated[
        int,
        setting(
            _("Alarm after only single signs for"),
            help_text=_("When now and then one sensor alone has reacted, as sensors also do in an empty home."),
            unit=_("min"),
            ge=15,
            le=60 * 48,
        ),
    ] = 360
    confirming_sensors: Annotated[
        int,
        setting(
            _("Sensors that confirm activity"),
            help_text=_("So many different sensors must react close together. A home with fewer needs them all."),
            ge=1,
            le=5,
        ),
    ] = 2
    confirming_minutes: Annotated[int, setting(_("Close together means within"), unit=_("min"), ge=1, le=60)] = 10
    goes_out_alone: Annotated[
        bool,
        setting(
            _("The resident goes out alone"),
            help_text=_("When switched off, silence after the outer door alarms like any other silence."),
        ),
    ] = True
    away_notice_hours: Annotated[
        int,
        setting(_("Tell when away for"), help_text=_("0 turns the notice off."), unit=_("h"), ge=0, le=24 * 30),
    ] = 24
    stale_hours: Annotated[
        int,
        setting(
            _("Too old to alarm after"),
            help_text=_("What fell due longer ago than this, when nobody was watching, is not alarmed now."),
            unit=_("h"),
            ge=24,
            le=24 * 30,
        ),
    ] = 72

    @property
    def waking(self) -> Hours:
        return Hours(self.waking_from, self.waking_to)


class Inactivity(Rule[State, Settings]):
    """One alarm a silence; confirmed activity, or somebody passing the outer door, ends it."""

    code = "inactivity"
    priority = Priority.HIGH
    scope = Scope.RESIDENT
    kinds = frozenset({"motion", "presence", "door", "bed", "chair", "use"})
    raises = frozenset({NotComeHome.code})
    label = _("No activity")
    meaning = _("There has been no sign of activity in the home for a long time, in hours when the resident is up.")
    action = _("Call the resident. Go there if there is no answer.")
    sentence = _("No activity since {silent_since}.")

    def evaluate(
        self, state: State, observation: Observation | None, now: datetime, settings: Settings
    ) -> Decision[State]:
        if observation is None:
            return _judged_by_the_clock(state, now, settings)
        judged, alerts = _judge(state, observation.at - timedelta.resolution, settings)
        after = _in_its_spell(judged, _applied(_heard(judged, observation), observation, settings))
        wake_at = _wake_at(after, settings)
        if judged.alarmed_at is None or after.alarmed_at is not None:
            return Decision(after, alerts, wake_at=wake_at)
        over_at = max(judged.alarmed_at, after.confirmed_at or observation.at)
        return Decision(after, alerts, cleared=True, cleared_at=over_at, wake_at=wake_at)


# --- judging a silence --------------------------------------------------------------------------------------


class Due(NamedTuple):
    """When the present silence, or absence, will have lasted too long, and what is then to be told."""

    at: datetime
    alert: Alert


def _judged_by_the_clock(state: State, now: datetime, settings: Settings) -> Decision[State]:
    """While the home is catching up, what is silent by the clock may not be silent at all: wait."""
    if state.held_until is not None and now < state.held_until:
        return Decision(state, wake_at=_wake_at(state, settings))
    judged, alerts = _judge(state, now, settings)
    due = _due(judged, settings)
    return Decision(judged, alerts, wake_at=due.at if due is not None and due.at > now else None)


def _judge(state: State, until: datetime, settings: Settings) -> tuple[State, tuple[Alert, ...]]:
    """What fell due too long ago is forgotten: that a home says nothing for days, its devices tell."""
    due = _due(state, settings)
    if due is None or due.at > until:
        return state, ()
    if until - due.at > timedelta(hours=settings.stale_hours):
        return replace(state, sign_at=None, confirmed_at=None, left_at=None), ()
    return replace(state, alarmed_at=due.at), (due.alert,)


def _due(state: State, settings: Settings) -> Due | None:
    if state.alarmed_at is not None:
        return None
    is_away = state.whereabouts is Whereabouts.AWAY
    return _absence_due(state, settings) if is_away else _silence_due(state, settings)


def _silence_due(state: State, settings: Settings) -> Due | None:
    """No sign of any sensor for so long, or none but lone ones for longer."""
    if state.sign_at is None or state.confirmed_at is None:
        return None
    no_sign = settings.waking.after(state.sign_at, timedelta(minutes=settings.silence_minutes))
    only_lone = settings.waking.after(state.confirmed_at, timedelta(minutes=settings.lone_minutes))
    at = min(no_sign, only_lone)
    since = state.sign_at if at == no_sign else state.confirmed_at
    detail: Facts = {
        "silent_since": since.isoformat(),
        "minutes": settings.waking.within(since, at) / timedelta(minutes=1),
        "whereabouts": state.whereabouts.value,
    }
    return Due(at, Alert(at, detail))


def _absence_due(state: State, settings: Settings) -> Due | None:
    if state.left_at is None or not settings.away_notice_hours:
        return None
    at = state.left_at + timedelta(hours=settings.away_notice_hours)
    return Due(at, Alert(at, {"left_at": state.left_at.isoformat()}, code=NotComeHome.code))


def _in_its_spell(before: State, after: State) -> State:
    """What has been told of a silence says nothing of an absence, nor the other way about."""
    was_away, is_away = (state.whereabouts is Whereabouts.AWAY for state in (before, after))
    return after if was_away is is_away else replace(after, alarmed_at=None)


def _wake_at(state: State, settings: Settings) -> datetime | None:
    due = _due(state, settings)
    if due is None:
        return None
    return max(due.at, state.held_until) if state.held_until is not None else due.at


# --- what an observation tells ------------------------------------------------------------------------------


def _heard(state: State, observation: Observation) -> State:
    """A message that comes late tells that more may be on its way."""
    if observation.received_at - observation.at > LATE:
        return replace(state, held_until=observation.received_at + CATCHING_UP)
    return state


def _applied(state: State, observation: Observation, settings: Settings) -> State:
    if observation.placement == Placement.OUTDOOR:
        return state
    sign = _is_sign(state, observation)
    state = _remembered(state, observation)
    if not sign:
        return state
    if _is_passage(state, observation, settings):
        return _passed(state, observation, settings)
    return _stirred(state, observation, settings)


def _is_sign(state: State, observation: Observation) -> bool:
    """A change is a sign of life. Sensors also repeat themselves; only movement repeated is new movement."""
    before = state.values.get(_channel(observation), 0.0)
    repeats = observation.kind in {"motion", "use"} and observation.on
    return repeats or _number(observation) != before


def _remembered(state: State, observation: Observation) -> State:
    contact = observation.placement == Placement.EXIT and observation.kind == "door"
    values = state.values | {_channel(observation): _number(observation)}
    return replace(state, values=values, has_contact=state.has_contact or contact)


def _channel(observation: Observation) -> str:
    return f"{observation.sensor} {observation.kind}"


def _number(observation: Observation) -> float:
    return 1.0 if observation.value is None else observation.value


def _is_passage(state: State, observation: Observation, settings: Settings) -> bool:
    """The contact of the outer door tells; movement beside it only where no contact has been heard of."""
    at_the_door = observation.placement == Placement.EXIT and settings.goes_out_alone
    return at_the_door and (observation.kind == "door" or not state.has_contact)


def _passed(state: State, observation: Observation, settings: Settings) -> State:
    """Somebody passed the outer door: a sign of life, and perhaps a change of whereabouts."""
    at = observation.at
    if state.door_at is not None and at <= state.door_at:
        return state
    passed = _turned(state, observation) if _is_new_passage(state, observation) else _still_passing(state, at)
    return _confirmed(replace(passed, door_at=at), settings)


def _is_new_passage(state: State, observation: Observation) -> bool:
    """From home, any sign at the door is. Later, a door that closes, or soon opens again, is not."""
    if state.whereabouts is Whereabouts.HOME or state.door_at is None:
        return True
    return observation.on and observation.at - state.door_at > ONE_PASSAGE


def _turned(state: State, observation: Observation) -> State:
    """Out, or in. Movement at the door of an empty home is an arrival only once more is seen inside."""
    at = observation.at
    if state.whereabouts is Whereabouts.AWAY:
        return _arrived(state, at) if observation.kind == "door" else replace(state, knock_at=at)
    if _somebody_rests(state):
        return _alive(state, at)
    return replace(_alive(state, at), whereabouts=Whereabouts.AWAY, left_at=at, knock_at=None)


def _somebody_rests(state: State) -> bool:
    """Whoever lies in bed when the door falls shut has not left: it was a visitor, and often the home help."""
    return any(value > 0 and channel.endswith(OCCUPANCY) for channel, value in state.values.items())


def _still_passing(state: State, at: datetime) -> State:
    if state.whereabouts is Whereabouts.ARRIVED:
        return _alive(state, at)
    if state.knock_at is not None:
        return replace(state, knock_at=at)
    return replace(state, left_at=at) if state.left_at is not None and state.alarmed_at is None else state


def _arrived(state: State, at: datetime) -> State:
    return replace(_alive(state, at), whereabouts=Whereabouts.ARRIVED, left_at=None, knock_at=None)


def _alive(state: State, at: datetime) -> State:
    """A confirmed sign of life ends a silence; an alarm is over only by what happened after it."""
    still_alarmed = state.alarmed_at is not None and at <= state.alarmed_at
    return replace(
        state,
        sign_at=max(state.sign_at or at, at),
        confirmed_at=max(state.confirmed_at or at, at),
        alarmed_at=state.alarmed_at if still_alarmed else None,
    )


def _stirred(state: State, observation: Observation, settings: Settings) -> State:
    """Something moved inside. In an empty home it is a blip, until it is confirmed."""
    at, sensor = observation.at, observation.sensor
    state = replace(state, signs=state.signs | {sensor: max(state.signs.get(sensor, at), at)})
    if state.knock_at is not None and timedelta(0) <= at - state.knock_at <= _window(settings):
        state = _arrived(state, at)
    if state.whereabouts is not Whereabouts.AWAY:
        state = replace(state, sign_at=max(state.sign_at or at, at), confirmed_at=state.confirmed_at or at)
    return _confirmed(state, settings)


def _confirmed(state: State, settings: Settings) -> State:
    """Activity that several sensors agree on is a person; well after the door, a person at home."""
    inside = _agreed(state, settings, since=None if state.door_at is None else state.door_at + SETTLING)
    if inside is not None:
        return replace(_alive(state, inside), whereabouts=Whereabouts.HOME, left_at=None, knock_at=None)
    anywhere = _agreed(state, settings, since=None)
    return state if anywhere is None or state.whereabouts is Whereabouts.AWAY else _alive(state, anywhere)


def _agreed(state: State, settings: Settings, since: datetime | None) -> datetime | None:
    """The last sign, if enough sensors gave theirs close before it (and after `since`)."""
    needed = min(settings.confirming_sensors, len(state.signs))
    signs = sorted(sign for sign in state.signs.values() if since is None or sign > since)
    if not needed or len(signs) < needed or signs[-1] - signs[-needed] > _window(settings):
        return None
    return signs[-1]


def _window(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.confirming_minutes)
