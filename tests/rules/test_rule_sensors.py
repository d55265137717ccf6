"""Rules that judge one device at a time, as tables."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.rules import RULES, Observation
from alarms.rules.hours import LOCAL
from tests.rules.drive import drive, local, reading

MINUTE = timedelta(minutes=1)
START = local("2026-03-02 08:00")
ON_OFF = pytest.mark.parametrize("code", ["smoke", "water", "fall"])


def values(kind: str, *pairs: tuple[str, float]) -> list[Observation]:
    """Readings of one day, given as clock and value in the order they come."""
    return [reading(kind, value, f"2026-03-02 {clock}") for clock, value in pairs]


class TestOnOff:
    @ON_OFF
    def test_one_raises_and_zero_clears(self, code: str) -> None:
        driven = drive(RULES[code], values(code, ("10:00", 1), ("10:05", 0)))
        assert driven.times == [local("2026-03-02 10:00")]
        assert driven.cleared == [local("2026-03-02 10:05")]

    @ON_OFF
    def test_repeats_count_but_nobody_has_acted_again(self, code: str) -> None:
        driven = drive(RULES[code], values(code, ("10:00", 1), ("10:01", 1), ("10:02", 1)))
        assert [alert.again for alert in driven.alerts] == [False, False, False]
        assert driven.cleared == []

    @ON_OFF
    def test_one_that_comes_late_still_alerts_and_is_over(self, code: str) -> None:
        driven = drive(RULES[code], values(code, ("10:05", 0), ("10:00", 1)))
        assert driven.times == [local("2026-03-02 10:00")]
        assert driven.cleared[-1] == local("2026-03-02 10:05")

    @ON_OFF
    def test_zero_that_comes_late_clears_nothing(self, code: str) -> None:
        assert drive(RULES[code], values(code, ("10:00", 1), ("09:59", 0))).cleared == []

    @ON_OFF
    def test_zeros_of_a_quiet_sensor_say_nothing(self, code: str) -> None:
        driven = drive(RULES[code], values(code, ("09:00", 0), ("10:00", 0), ("11:00", 0)))
        assert driven.alerts == []
        assert driven.cleared == [local("2026-03-02 09:00")]

    @given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from([0.0, 1.0])), max_size=12), st.randoms())
    def test_the_order_of_coming_changes_neither_alerts_nor_state(self, said, random) -> None:  # type: ignore[no-untyped-def]
        readings = [reading("smoke", value, START + minute * MINUTE) for minute, value in said]
        shuffled = random.sample(readings, len(readings))
        first, second = drive(RULES["smoke"], readings), drive(RULES["smoke"], shuffled)
        assert sorted(first.times) == sorted(second.times)
        assert first.state == second.state


class TestHelpButton:
    def test_pressed_again_rings_again(self) -> None:
        driven = drive(RULES["help_button"], values("button", ("10:00", 1), ("10:00", 0), ("10:02", 1)))
        assert [alert.again for alert in driven.alerts] == [False, True]

    def test_a_button_that_says_nothing_but_that_it_was_pressed(self) -> None:
        assert len(drive(RULES["help_button"], [reading("button", None, "2026-03-02 10:00")]).alerts) == 1

    def test_letting_go_neither_alerts_nor_clears(self) -> None:
        driven = drive(RULES["help_button"], values("button", ("10:00", 1), ("10:01", 0)))
        assert len(driven.alerts) == 1
        assert driven.cleared == []

    @given(st.lists(st.tuples(st.integers(-600, 600), st.sampled_from([None, 0.0, 1.0])), max_size=20))
    def test_every_press_alerts_in_whatever_order_it_comes(self, presses) -> None:  # type: ignore[no-untyped-def]
        readings = [reading("button", value, START + minute * MINUTE) for minute, value in presses]
        driven = drive(RULES["help_button"], readings)
        assert driven.times == [press.at for press in readings if press.value != 0]


class TestNightDoor:
    rule = RULES["night_door"]

    @pytest.mark.parametrize(
        ("opened_at", "alarms"),
        [
            ("2026-03-02 22:59:59", False),
            ("2026-03-02 23:00", True),
            ("2026-03-03 02:00", True),
            ("2026-03-03 05:59:59", True),
            ("2026-03-03 06:00", False),
            ("2026-03-03 12:00", False),
            # the clock goes forward at 02:00 and back at 03:00
            ("2026-03-28 23:30", True),
            ("2026-03-29 01:59", True),
            ("2026-03-29 03:00", True),
            ("2026-03-29 05:30", True),
            ("2026-03-29 06:00", False),
            ("2026-10-24 22:30", False),
            ("2026-10-25 02:30", True),
            ("2026-10-25 05:59", True),
            ("2026-10-25 06:00", False),
        ],
    )
    def test_night_is_night_on_the_home_clock(self, opened_at: str, alarms: bool) -> None:
        driven = drive(self.rule, [reading("door", 1, opened_at, placement="exit")])
        assert bool(driven.alerts) is alarms

    def test_both_turns_of_the_hour_that_autumn_repeats(self) -> None:
        for fold in (0, 1):
            opened = reading("door", 1, local("2026-10-25 02:30", fold=fold), placement="exit")
            assert drive(self.rule, [opened]).times == [opened.at]

    @given(st.sampled_from(["2026-03-28", "2026-10-24"]), st.integers(0, 10 * 3600))
    def test_on_the_nights_of_the_changes_the_wall_clock_decides(self, day: str, seconds: int) -> None:
        at = local(f"{day} 22:00") + timedelta(seconds=seconds)
        hour = at.astimezone(LOCAL).hour
        driven = drive(self.rule, [reading("door", 1, at, placement="exit")])
        assert bool(driven.alerts) is (hour >= 23 or hour < 6)

    def test_closing_clears(self) -> None:
        driven = drive(self.rule, values("door", ("23:30", 1), ("23:31", 0)))
        assert driven.cleared == [local("2026-03-02 23:31")]

    def test_an_open_door_that_repeats_itself_was_opened_once(self) -> None:
        driven = drive(self.rule, values("door", ("23:30", 1), ("23:40", 1), ("23:50", 1)))
        assert driven.times == [local("2026-03-02 23:30")]

    def test_a_door_open_since_the_evening_was_not_opened_at_night(self) -> None:
        assert drive(self.rule, values("door", ("22:50", 1), ("23:10", 1))).alerts == []

    def test_opened_again_alerts_again(self) -> None:
        driven = drive(self.rule, values("door", ("23:30", 1), ("23:31", 0), ("23:40", 1)))
        assert len(driven.alerts) == 2

    def test_an_opening_that_comes_late_still_alerts_and_is_over(self) -> None:
        driven = drive(self.rule, values("door", ("23:31", 0), ("23:30", 1)))
        assert driven.times == [local("2026-03-02 23:30")]
        assert driven.cleared == [local("2026-03-02 23:31")]

    def test_hours_are_the_residents_own(self) -> None:
        opened = values("door", ("21:30", 1))
        assert drive(self.rule, opened).alerts == []
        assert len(drive(self.rule, opened, night_from="21:00:00").alerts) == 1


class TestTemperature:
    rule = RULES["temperature"]

    @pytest.mark.parametrize(("value", "side"), [(12.0, "low"), (31.0, "high")])
    def test_for_a_while_on_one_side_alerts_once(self, value: float, side: str) -> None:
        clocks = ("10:00", "10:30", "11:00", "11:30", "12:00")
        driven = drive(self.rule, values("temperature", *((clock, value) for clock in clocks)))
        assert driven.times == [local("2026-03-02 11:00")]
        assert driven.alerts[0].detail["side"] == side

    def test_a_short_dip_is_nothing(self) -> None:
        dip = values("temperature", ("10:00", 20), ("10:30", 12), ("11:00", 20), ("11:30", 12), ("12:00", 20))
        assert drive(self.rule, dip).alerts == []

    def test_lost_data_is_no_duration(self) -> None:
        gap = values("temperature", ("08:00", 12), ("14:00", 12), ("14:30", 12))
        assert drive(self.rule, gap, until=local("2026-03-02 14:59")).alerts == []

    def test_a_sensor_that_falls_silent_on_a_cold_reading_raises_nothing(self) -> None:
        cold = values("temperature", ("08:00", 12))
        assert drive(self.rule, cold, until=local("2026-03-03 08:00")).alerts == []

    def test_it_is_good_again_only_when_better_by_the_margin(self) -> None:
        driven = drive(
            self.rule,
            values("temperature", ("10:00", 12), ("11:00", 12), ("11:30", 17.2), ("12:00", 12), ("12:30", 17.5)),
        )
        assert len(driven.alerts) == 1
        assert driven.cleared == [local("2026-03-02 12:30")]

    def test_from_cold_to_warm_alerts_of_both(self) -> None:
        cold, warm = (("10:00", 12.0), ("11:00", 12.0)), (("12:00", 31.0), ("13:00", 31.0))
        driven = drive(self.rule, values("temperature", *cold, *warm))
        assert [alert.detail["side"] for alert in driven.alerts] == ["low", "high"]

    def test_an_older_value_changes_nothing(self) -> None:
        newest = drive(self.rule, values("temperature", ("10:00", 12), ("11:00", 12)))
        late = drive(self.rule, values("temperature", ("10:00", 12), ("11:00", 12), ("10:30", 20)))
        assert late == newest

    def test_the_sentence_says_which_side(self) -> None:
        driven = drive(self.rule, values("temperature", ("10:00", 12), ("11:00", 12.5)))
        assert "12.5" in str(self.rule.describe(driven.alerts[0].detail))
        assert self.rule.pick_sentence({"side": "low"}) != self.rule.pick_sentence({"side": "high"})


class TestBattery:
    rule = RULES["battery_low"]

    def test_a_battery_that_wavers_alerts_once(self) -> None:
        wavering = values("battery", ("08:00", 16), ("09:00", 15), ("10:00", 17), ("11:00", 14), ("12:00", 20))
        driven = drive(self.rule, wavering)
        assert driven.times == [local("2026-03-02 09:00")]
        assert driven.cleared == []

    def test_a_new_battery_clears_and_may_run_low_again(self) -> None:
        driven = drive(self.rule, values("battery", ("08:00", 10), ("09:00", 100), ("10:00", 9)))
        assert len(driven.alerts) == 2
        assert driven.cleared == [local("2026-03-02 09:00")]

    def test_an_older_value_changes_nothing(self) -> None:
        driven = drive(self.rule, values("battery", ("09:00", 100), ("08:00", 5)))
        assert driven.alerts == []


class TestDeviceSilent:
    rule = RULES["device_silent"]

    def test_silent_for_a_day_alerts_once_at_the_due_time(self) -> None:
        driven = drive(self.rule, [reading("heartbeat", None, START)], until=START + timedelta(days=9))
        assert driven.times == [START + timedelta(days=1)]
        assert driven.wake_at is None

    def test_heard_again_clears(self) -> None:
        back = START + timedelta(days=2)
        said = [reading("heartbeat", None, START), reading("heartbeat", None, back)]
        driven = drive(self.rule, said, watched=True)
        assert len(driven.alerts) == 1
        assert driven.cleared == [back]

    def test_a_late_message_shows_that_the_device_is_alive(self) -> None:
        late = reading("temperature", 20, START - timedelta(days=3), received_at=START)
        driven = drive(self.rule, [late], until=START + timedelta(hours=23))
        assert driven.alerts == []
        assert driven.wake_at == START + timedelta(days=1)

    def test_a_device_never_heard_counts_from_when_it_was_first_asked_about(self) -> None:
        assert drive(self.rule, [], until=START).wake_at == START + timedelta(days=1)

    def test_the_interval_is_the_devices_own_and_nothing_turns_it_off(self) -> None:
        said = [reading("heartbeat", None, START)]
        assert len(drive(self.rule, said, until=START + timedelta(hours=2), interval_minutes=60).alerts) == 1
        assert drive(self.rule, said, until=START + timedelta(days=9), interval_minutes=0).alerts == []

    def test_what_only_tells_of_people_is_not_called_silent(self) -> None:
        assert not self.rule.applies_to({"door"}, "interior")
        assert self.rule.applies_to({"door", "battery"}, "interior")
