"""What the demo's homes say: in order, the same each time, and shaped as the rules will see it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any

import pytest

from alarms.rules import RULES, Alert, Observation
from devices.intake.messages import parse
from devices.kinds import KINDS
from safehome import clock
from safehome.demo import recorded_home, streams
from safehome.demo.people import WATCHED
from safehome.demo.seed import ALL_DAY, OFTEN_AWAY
from safehome.demo.streams import Said, Stream
from tests.factories import as_body
from tests.rules.drive import drive

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PARTS = {"bed": "bed-1", "hall": "m-1", "kitchen": "m-2", "living_room": "m-3", "bathroom": "m-4"}
FIRST_DAY = recorded_home.first_day(NOW.date())

STREAMS: dict[str, Callable[[datetime], Stream]] = {
    "recorded": lambda since: streams.recorded(1, FIRST_DAY, since),
    "falling silent": lambda since: streams.falling_silent(2, NOW + timedelta(seconds=90), since),
    "climate": lambda since: streams.climate("t-1", since),
    "signs of life": lambda since: streams.signs_of_life("m-1", ("motion", "battery"), 80, since),
    "everyday": lambda since: streams.everyday(PARTS, since),
}


SECOND = timedelta(seconds=1)


def judged(stream: Stream, end: datetime, **settings: Any) -> list[Alert]:
    """What the inactivity rule makes of a stream that is heard as it happens."""
    return drive(RULES["inactivity"], map(observation, until(stream, end)), watched=True, **settings).alerts


def observation(said: Said) -> Observation:
    exit_door = recorded_home.external_id(1, "MainEntryway")
    return Observation(
        said.kind, said.value, said.at, said.at, said.device, "exit" if said.device == exit_door else "interior"
    )


def until(stream: Stream, end: datetime) -> list[Said]:
    return list(takewhile(lambda said: said.at < end, stream))


@pytest.fixture(params=STREAMS)
def make(request: pytest.FixtureRequest) -> Callable[[datetime], Stream]:
    return STREAMS[request.param]


def test_readings_come_in_the_order_of_time(make: Callable[[datetime], Stream]) -> None:
    said = until(make(NOW - timedelta(days=2)), NOW + timedelta(days=1))
    assert len(said) > 10
    assert all(before.at <= after.at for before, after in pairwise(said))


def test_nothing_is_said_before_the_stream_begins(make: Callable[[datetime], Stream]) -> None:
    since = NOW - timedelta(hours=3)
    assert next(make(since)).at >= since


def test_every_reading_is_one_that_the_intake_takes(make: Callable[[datetime], Stream]) -> None:
    said = until(make(NOW - timedelta(days=1)), NOW)
    batch = parse(as_body(*(one.reading for one in said)), NOW, at_most=len(said))
    assert batch.bad == []
    assert {message.kind for _, message in batch.good} <= set(KINDS)


@pytest.mark.parametrize("name", ["recorded", "falling silent", "climate", "everyday"])
def test_a_later_start_says_the_same_about_the_same_time(name: str) -> None:
    """A demo that is stopped and started again doubles nothing and leaves nothing out."""
    early, late = NOW - timedelta(days=1), NOW - timedelta(hours=6)
    whole = [said for said in until(STREAMS[name](early), NOW) if said.at >= late]
    assert until(STREAMS[name](late), NOW) == whole


# --- the recorded home ---------------------------------------------------------------------------------------------


def test_seven_days_end_on_the_day_of_the_first_start() -> None:
    begins = recorded_home.began(FIRST_DAY)
    said = until(streams.recorded(1, FIRST_DAY, begins), begins + timedelta(days=7))
    assert len(said) == 21_968
    assert {one.device for one in said} == {recorded_home.external_id(1, sensor) for sensor in recorded_home.SENSORS}
    assert said[-1].at.astimezone(clock.local_zone()).date() == NOW.date()


def test_each_event_keeps_its_time_of_day() -> None:
    first = next(streams.recorded(1, FIRST_DAY, recorded_home.began(FIRST_DAY)))
    assert f"{first.at.astimezone(clock.local_zone()):%H:%M:%S}" == "00:00:30"


def test_the_absence_of_several_days_can_be_seen() -> None:
    begins = recorded_home.began(FIRST_DAY)
    days = [one.at.astimezone(clock.local_zone()).date() for one in until(streams.recorded(1, FIRST_DAY, begins), NOW)]
    assert days.count(FIRST_DAY + timedelta(days=2)) < 10
    assert days.count(FIRST_DAY + timedelta(days=5)) > 4_000


def test_after_seven_days_they_begin_again() -> None:
    week = timedelta(days=7)
    begins = recorded_home.began(FIRST_DAY)
    again = until(streams.recorded(1, FIRST_DAY, begins + week), begins + week + timedelta(hours=6))
    once = until(streams.recorded(1, FIRST_DAY, begins), begins + timedelta(hours=6))
    assert [(one.device, one.value, one.at - week) for one in again] == [
        (one.device, one.value, one.at) for one in once
    ]


# --- the home that falls silent ------------------------------------------------------------------------------------


def test_nothing_moves_for_four_hours_before_the_alarm_and_nobody_has_passed_the_door() -> None:
    due = NOW + timedelta(seconds=90)
    said = until(streams.falling_silent(2, due, NOW - timedelta(days=1)), due + timedelta(seconds=5))
    moved = [one for one in said if one.value]
    assert due - moved[-1].at >= streams.SILENT_AFTER
    assert recorded_home.external_id(2, "MainEntryway") not in {one.device for one in moved}
    assert due < said[-1].at < due + timedelta(seconds=2), "a reading just after lets the rule judge at once"


def test_it_makes_the_inactivity_rule_call_when_it_is_due_and_again_twice_a_day() -> None:
    due = NOW + timedelta(seconds=90)
    told = judged(streams.falling_silent(2, due, NOW - timedelta(days=1)), NOW + timedelta(days=1), **ALL_DAY)
    assert [alert.code for alert in told] == ["", ""]
    assert [round((alert.at - due) / SECOND) for alert in told] == [0, streams.SILENCE_EVERY / SECOND]


def test_the_recorded_home_calls_for_nobody() -> None:
    begins = recorded_home.began(FIRST_DAY)
    stream = streams.recorded(1, FIRST_DAY, begins)
    assert judged(stream, begins + timedelta(days=8), **OFTEN_AWAY) == []


# --- ordinary homes ------------------------------------------------------------------------------------------------


def test_an_ordinary_day_has_no_silence_that_worries_anybody() -> None:
    said = until(streams.everyday(PARTS, NOW - timedelta(days=3)), NOW)
    waking = [one.at for one in said if 8 <= one.at.astimezone(clock.local_zone()).hour < 21]
    gaps = [after - before for before, after in pairwise(waking) if before.date() == after.date()]
    assert max(gaps) < timedelta(hours=1)


def test_ordinary_homes_call_for_nobody() -> None:
    assert judged(streams.everyday(PARTS, NOW - timedelta(days=20)), NOW) == []


def test_a_watched_home_has_all_that_an_ordinary_day_needs() -> None:
    rooms = {"bed" if hung.model == "bed" else str(hung.room) for hung in WATCHED if hung.model in ("bed", "motion")}
    assert rooms == set(PARTS)
