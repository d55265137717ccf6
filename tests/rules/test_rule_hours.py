"""Hours on the home's clock: nights, waking hours, and both changes of the clock."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.rules.hours import Hours, local_text
from tests.rules.drive import local

WAKING = Hours(time(7), time(22))
NIGHT = Hours(time(23), time(6))
ALL_DAY = Hours(time(0), time(0))
HOUR = timedelta(hours=1)

CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("hours", "since", "wait", "until"),
    [
        (WAKING, "2026-03-02 09:00", 4, "2026-03-02 13:00"),
        (WAKING, "2026-03-02 20:00", 4, "2026-03-03 09:00"),
        (WAKING, "2026-03-02 23:30", 4, "2026-03-03 11:00"),
        (WAKING, "2026-03-02 03:00", 15, "2026-03-02 22:00"),
        (WAKING, "2026-03-28 21:00", 2, "2026-03-29 08:00"),
        (NIGHT, "2026-03-02 12:00", 3, "2026-03-03 02:00"),
        (NIGHT, "2026-03-28 23:00", 6, "2026-03-29 06:00"),
        (NIGHT, "2026-10-24 23:00", 8, "2026-10-25 06:00"),
        (ALL_DAY, "2026-03-28 12:00", 24, "2026-03-29 13:00"),
    ],
)
def test_waiting_counts_only_in_the_hours(hours: Hours, since: str, wait: int, until: str) -> None:
    assert hours.after(local(since), wait * HOUR) == local(until)
    assert hours.within(local(since), local(until)) == wait * HOUR


@given(CLOCKS, CLOCKS, st.integers(0, 366 * 24 * 60), st.integers(1, 72 * 60))
def test_after_and_within_agree(start: time, end: time, minute: int, wait: int) -> None:
    hours = Hours(start, end)
    since = local("2026-01-01 00:00") + timedelta(minutes=minute)
    until = hours.after(since, timedelta(minutes=wait))
    assert hours.within(since, until) == timedelta(minutes=wait)


@pytest.mark.parametrize(
    ("fact", "shown"), [("low", "low"), ("2026", "2026"), ("2026-03-02T08:00", "2026-03-02T08:00")]
)
def test_what_is_no_instant_is_shown_as_it_is(fact: str, shown: str) -> None:
    assert local_text(fact) == shown
