"""Inactivity, with somebody who goes out and comes home.

The home of these tests has a kitchen, a bedroom and an outer door with a contact. A day is written as lines of clock
and place: `08:00 kitchen`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.rules import RULES, Observation, stored
from tests.rules.drive import Driven, drive, local, reading

RULE = RULES["inactivity"]
DAY = "2026-03-02"
MORNING = "07:30 kitchen", "07:32 bedroom"
KINDS = {"door": "door", "bed": "bed", "movement at the door": "motion"}


def at(clock: str) -> datetime:
    """`+1 09:00` is nine o'clock the day after."""
    days, _, time_of_day = clock.rpartition(" ")
    return local(f"{DAY} {time_of_day}") + timedelta(days=int(days or 0))


def day(*lines: str) -> list[Observation]:
    return [observation for line in lines for observation in _observations(line)]


def _observations(line: str) -> Iterator[Observation]:
    """Whatever moves says 1, and 0 a second later; a bed says what the line says."""
    *days, clock, place = line.split(" ", 2) if line.startswith("+") else line.split(" ", 1)
    seen = at(" ".join([*days, clock]))
    name, _, said = place.partition(" = ")
    placement = "exit" if "door" in name else "interior"
    kind = KINDS.get(name, "motion")
    if said:
        yield reading(kind, float(said), seen, sensor=name, placement=placement)
        return
    yield reading(kind, 1, seen, sensor=name, placement=placement)
    yield reading(kind, 0, seen + timedelta(seconds=1), sensor=name, placement=placement)


def judged(*lines: str, until: str, **settings: Any) -> Driven:
    return drive(RULE, day(*lines), until=at(until), **settings)


class TestSilence:
    def test_alarms_when_it_has_lasted_too_long(self) -> None:
        driven = judged(*MORNING, until="20:00")
        assert driven.times == [at("11:32") + timedelta(seconds=1)]
        assert driven.alerts[0].detail["silent_since"] == (at("07:32") + timedelta(seconds=1)).isoformat()
        assert driven.alerts[0].detail["minutes"] == 240

    def test_not_a_minute_before(self) -> None:
        assert judged(*MORNING, until="11:32").alerts == []

    def test_counts_only_waking_hours(self) -> None:
        driven = judged("20:00 kitchen", "20:01 bedroom", until="+1 12:00")
        assert driven.times == [at("+1 09:01") + timedelta(seconds=1)]

    def test_counts_all_hours_where_waking_hours_are_the_whole_day(self) -> None:
        driven = judged(
            "20:00 kitchen", "20:01 bedroom", until="+1 12:00", waking_from="00:00:00", waking_to="00:00:00"
        )
        assert driven.times == [at("+1 00:01") + timedelta(seconds=1)]

    def test_alarms_once_and_sleeps_until_somebody_moves(self) -> None:
        driven = judged(*MORNING, until="+2 20:00")
        assert len(driven.alerts) == 1
        assert driven.wake_at is None

    def test_activity_ends_it_and_the_next_silence_alarms_anew(self) -> None:
        driven = judged(*MORNING, "13:00 kitchen", "13:02 bedroom", until="20:00")
        assert len(driven.alerts) == 2
        assert driven.cleared == [at("13:02")]

    def test_is_judged_in_event_time_without_being_woken(self) -> None:
        unwatched = drive(RULE, day(*MORNING, "14:00 kitchen", "14:01 bedroom"))
        watched = drive(RULE, day(*MORNING, "14:00 kitchen", "14:01 bedroom"), watched=True)
        assert unwatched == watched
        assert len(unwatched.alerts) == 1

    def test_a_lone_sign_postpones_but_does_not_end_it(self) -> None:
        driven = judged(*MORNING, "10:00 kitchen", "12:30 kitchen", until="20:00")
        assert driven.times == [at("13:32") + timedelta(seconds=1)]
        assert driven.cleared == []

    def test_a_sensor_that_blips_all_day_keeps_no_alarm_away(self) -> None:
        blips = [f"{hour:02}:{minute} kitchen" for hour in range(8, 20) for minute in (10, 40)]
        driven = judged(*MORNING, *blips, until="20:00")
        assert len(driven.alerts) == 1
        assert driven.cleared == []

    def test_a_door_that_repeats_its_state_is_no_activity(self) -> None:
        repeats = [reading("door", 0, at(f"{hour:02}:00"), sensor="fridge") for hour in range(8, 14)]
        assert len(drive(RULE, [*day(*MORNING), *repeats]).alerts) == 1

    def test_a_home_with_one_sensor_needs_no_second_one(self) -> None:
        driven = judged("08:00 kitchen", "11:00 kitchen", "16:00 kitchen", until="16:01")
        assert driven.times == [at("15:00") + timedelta(seconds=1)]
        assert driven.cleared == [at("16:00")]

    def test_nothing_is_judged_of_a_home_that_has_never_said_anything(self) -> None:
        assert drive(RULE, [], until=at("20:00")).alerts == []


class TestAway:
    def test_silence_after_the_door_is_no_silence(self) -> None:
        assert judged(*MORNING, "08:00 door", until="22:00").alerts == []

    def test_the_hall_seeing_the_back_of_whoever_leaves_brings_nobody_home(self) -> None:
        leaving = "08:00:00 door", "08:00:10 kitchen", "08:00:20 bedroom"
        assert judged(*MORNING, *leaving, until="22:00").alerts == []

    def test_blips_in_an_empty_home_neither_alarm_nor_end_the_absence(self) -> None:
        blips = "09:00 kitchen", "12:00 bedroom", "12:05 bedroom", "17:00 kitchen"
        driven = judged(*MORNING, "08:00 door", *blips, until="22:00")
        assert driven.alerts == []
        assert driven.state.whereabouts == "away"

    def test_activity_well_after_the_door_is_somebody_at_home(self) -> None:
        driven = judged(*MORNING, "08:00 door", "08:05 kitchen", "08:06 bedroom", until="22:00")
        assert driven.times == [at("12:06") + timedelta(seconds=1)]

    def test_come_home_and_nothing_more_alarms(self) -> None:
        driven = judged(*MORNING, "08:00 door", "13:00 door", until="22:00")
        assert driven.times == [at("17:00") + timedelta(seconds=1)]
        assert driven.alerts[0].detail["whereabouts"] == "arrived"

    def test_come_home_and_gone_again_is_away(self) -> None:
        assert judged(*MORNING, "08:00 door", "13:00 door", "13:20 door", until="22:00").alerts == []

    def test_fetching_the_bags_is_one_passage(self) -> None:
        driven = judged(*MORNING, "08:00 door", "13:00 door", "13:03 door", until="22:00")
        assert len(driven.alerts) == 1

    def test_forgotten_keys_are_one_passage(self) -> None:
        assert judged(*MORNING, "08:00 door", "08:03 door", until="22:00").alerts == []

    def test_a_door_closed_long_after_is_the_same_passage(self) -> None:
        assert judged(*MORNING, "08:00 door = 1", "08:40 door = 0", until="22:00").alerts == []

    def test_whoever_lies_in_bed_has_not_left(self) -> None:
        """The home help puts her to bed and leaves; in the morning nobody has got up."""
        driven = judged("20:00 kitchen", "20:10 bed = 1", "20:20 door", until="+1 12:00")
        assert driven.codes == [""]

    def test_a_resident_who_never_goes_out_alone_is_never_away(self) -> None:
        driven = judged(*MORNING, "08:00 door", until="22:00", goes_out_alone=False)
        assert driven.codes == [""]

    def test_movement_outside_is_not_the_homes_business(self) -> None:
        outside = reading("motion", 1, at("11:00"), sensor="garden", placement="outdoor")
        assert len(drive(RULE, [*day(*MORNING), outside], until=at("11:40")).alerts) == 1


class TestTooLongAway:
    def test_is_told_once_as_information(self) -> None:
        driven = judged(*MORNING, "08:00 door", until="+2 22:00")
        assert driven.codes == ["not_come_home"]
        assert driven.times == [at("+1 08:00") + timedelta(seconds=1)]

    def test_is_told_through_the_blips(self) -> None:
        driven = judged(*MORNING, "08:00 door", "+1 09:00 kitchen", "+1 12:00 bedroom", until="+2 22:00")
        assert driven.codes == ["not_come_home"]
        assert driven.cleared == []

    def test_is_over_when_somebody_comes(self) -> None:
        assert judged(*MORNING, "08:00 door", "+1 10:00 door", until="+1 10:30").cleared == [at("+1 10:00")]

    def test_can_be_turned_off(self) -> None:
        assert judged(*MORNING, "08:00 door", until="+2 22:00", away_notice_hours=0).alerts == []

    def test_does_not_hide_a_silence_that_follows(self) -> None:
        """Home at last, and then nothing more: the notice of the absence is no alarm of the silence."""
        driven = judged(*MORNING, "08:00 door", "+1 10:00 door", "+1 10:05 kitchen", until="+1 22:00")
        assert driven.codes == ["not_come_home", ""]

    def test_does_not_hide_it_either_when_the_messages_come_late(self) -> None:
        """The gateway was down; by the time it tells that she came home, the notice has been raised."""
        gone = day(*MORNING, "08:00 door")
        notice = drive(RULE, gone, until=at("+1 09:00"))
        assert notice.codes == ["not_come_home"]
        late = _received(day("+1 07:00 door", "+1 07:05 kitchen", "+1 07:10 bedroom"), at("+1 11:00"))
        assert drive(RULE, [*gone, *day("+1 08:30 kitchen"), *late], until=at("+1 22:00")).codes[-1] == ""


class TestOuterDoorWithoutContact:
    """Only movement is seen there, and movement sensors blip too."""

    door = "movement at the door"

    def test_going_out_is_seen(self) -> None:
        assert judged(*MORNING, f"08:00 {self.door}", until="22:00").alerts == []

    def test_one_blip_at_the_door_of_an_empty_home_is_nobody(self) -> None:
        driven = judged(*MORNING, f"08:00 {self.door}", f"13:00 {self.door}", until="22:00")
        assert driven.alerts == []
        assert driven.state.whereabouts == "away"

    def test_movement_at_the_door_and_then_inside_is_somebody_come_home(self) -> None:
        driven = judged(*MORNING, f"08:00 {self.door}", f"13:00 {self.door}", "13:00:30 kitchen", until="22:00")
        assert driven.times == [at("17:00:31")]

    def test_where_the_door_has_a_contact_movement_beside_it_is_no_passage(self) -> None:
        lines = *MORNING, "08:00 door", "08:10 kitchen", "08:11 bedroom", f"08:30 {self.door}"
        assert judged(*lines, until="22:00").codes == [""]


class TestCatchingUp:
    """A gateway that empties its memory, or a recording at full speed, must not be judged by the wall clock."""

    def test_the_clock_does_not_judge_while_old_messages_come_in(self) -> None:
        noon = at("12:00")
        late = _received(day(*MORNING), noon)
        driven = drive(RULE, late, until=noon + timedelta(minutes=14))
        assert driven.alerts == []
        assert driven.wake_at == noon + timedelta(minutes=15)

    def test_it_judges_when_no_more_has_come(self) -> None:
        noon = at("12:00")
        assert len(drive(RULE, _received(day(*MORNING), noon), until=noon + timedelta(minutes=15)).alerts) == 1

    def test_what_comes_late_is_judged_in_its_own_time(self) -> None:
        night = at("23:00")
        late = _received(day(*MORNING, "14:00 kitchen", "14:01 bedroom"), night)
        driven = drive(RULE, late)
        assert len(driven.alerts) == 1
        assert driven.cleared == [at("14:01")]

    def test_old_data_alarms_of_no_silence_of_ten_years(self) -> None:
        driven = drive(RULE, day(*MORNING), until=at("+3650 12:00") + timedelta(minutes=1), stale_hours=72)
        assert len(driven.alerts) == 1, "raised live, when it fell due"
        unwatched = RULE.evaluate(drive(RULE, day(*MORNING)).state, None, at("+3650 12:00"), RULE.settings())
        assert unwatched.alerts == ()
        assert unwatched.wake_at is None

    def test_after_old_data_the_home_starts_afresh(self) -> None:
        driven = drive(RULE, day(*MORNING, "+30 08:00 kitchen"), until=at("+30 11:00"))
        assert driven.alerts == []

    def test_a_late_sign_older_than_the_alarm_does_not_take_it_back_and_raise_it_again(self) -> None:
        silent = day(*MORNING)
        late = _received(day("07:40 kitchen", "07:41 bedroom"), at("12:00"))
        driven = drive(RULE, [*silent, *day("11:50 kitchen"), *late], until=at("20:00"))
        assert len(driven.alerts) == 1


def _received(observations: list[Observation], received_at: datetime) -> list[Observation]:
    return [
        reading(seen.kind, seen.value, seen.at, sensor=seen.sensor, placement=seen.placement, received_at=received_at)
        for seen in observations
    ]


PLACES = st.sampled_from(["kitchen", "bedroom", "hall", "door", "movement at the door"])
VALUES = st.sampled_from([0.0, 1.0])
MONTH = st.lists(st.tuples(st.integers(0, 30 * 24 * 60), PLACES, VALUES), max_size=60)


def _month(said: list[tuple[int, str, float]]) -> list[Observation]:
    return [
        reading(
            KINDS.get(place, "motion"),
            value,
            at("00:00") + timedelta(minutes=minute),
            sensor=place,
            placement="exit" if "door" in place else "interior",
        )
        for minute, place, value in said
    ]


@given(MONTH)
def test_never_two_alarms_of_one_silence(said: list[tuple[int, str, float]]) -> None:
    """Between two alarms there is always an end, and no silence is alarmed at two times."""
    month = sorted(_month(said), key=lambda seen: seen.at)
    state, told = RULE.state(), False
    for seen in month:
        decision = RULE.evaluate(state, seen, seen.at, RULE.settings())
        assert len(decision.alerts) <= 1
        assert not (told and decision.alerts)
        told = (told or bool(decision.alerts)) and not decision.cleared
        state = decision.state


@given(MONTH)
def test_in_whatever_order_messages_come_one_silence_is_alarmed_once(said: list[tuple[int, str, float]]) -> None:
    driven = drive(RULE, _month(said))
    silences = [alert.detail.get("silent_since") for alert in driven.alerts if not alert.code]
    assert len(silences) == len(set(silences))


@given(MONTH)
def test_the_last_sign_is_the_newest_in_whatever_order_it_comes(said: list[tuple[int, str, float]]) -> None:
    month = [seen for seen in _month(said) if seen.placement == "interior" and seen.value]
    driven = drive(RULE, month, stale_hours=24 * 30)
    assert driven.state.sign_at == max((seen.at for seen in month), default=None)


@given(MONTH)
def test_the_state_survives_being_stored_at_any_time(said: list[tuple[int, str, float]]) -> None:
    state = RULE.state()
    for seen in _month(said):
        state = RULE.state(stored(RULE.evaluate(state, seen, seen.at, RULE.settings()).state))
    assert state == drive(RULE, _month(said)).state


@given(MONTH)
def test_watched_or_judged_afterwards_the_same_is_told(said: list[tuple[int, str, float]]) -> None:
    """As long as it is not too old to tell, a recording is judged as it would have been live."""
    month = sorted(_month(said), key=lambda seen: seen.at)
    live = drive(RULE, month, watched=True, stale_hours=24 * 30)
    assert live == drive(RULE, month, stale_hours=24 * 30)


@pytest.mark.parametrize("kind", ["temperature", "battery", "heartbeat", "button"])
def test_other_readings_are_no_activity(kind: str) -> None:
    assert not RULE.listens_to(kind)
