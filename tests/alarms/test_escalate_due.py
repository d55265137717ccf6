"""Escalation: alarms whose clock has lapsed go on until a person acts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from time_machine import TimeMachineFixture

from alarms import actions
from alarms.models import Alarm, EventKind
from alarms.states import Handling
from safehome import clock
from safehome.organisation.actions import end_shift, start_shift
from safehome.organisation.models import Unit, User
from safehome.outbox.models import Delivery
from tests.alarms.conftest import Bring
from tests.concurrency import at_once
from tests.conftest import Hints, Post
from tests.factories import reading

Wait = Callable[..., int]


@pytest.fixture
def wait(time_machine: TimeMachineFixture) -> Wait:
    """`wait(minutes=3)`: so much later the watch loop looks; returns how many alarms it acted on."""

    def waited(**time: float) -> int:
        time_machine.move_to(clock.now() + timedelta(**time), tick=False)
        return actions.escalate_due()

    return waited


def told(alarm: Alarm) -> list[str]:
    return [target.unit.name for target in alarm.targets.all()]


def kinds(alarm: Alarm) -> list[str]:
    return [event.kind for event in alarm.events.all()]


def test_nothing_happens_before_its_time(alarm: Alarm, wait: Wait) -> None:
    assert wait(seconds=170) == 0
    assert told(alarm) == ["Hemtjänst Norr"]


def test_an_alarm_that_nobody_takes_goes_on_to_the_next_unit(
    alarm: Alarm, night_carer: User, night_patrol: Unit, wait: Wait
) -> None:
    start_shift(night_carer, [night_patrol])
    assert wait(seconds=180) == 1
    assert told(alarm) == ["Hemtjänst Norr", "Nattpatrullen"]
    assert kinds(alarm)[-1] == EventKind.ESCALATED
    alarm.refresh_from_db()
    assert alarm.next_action_at == clock.now() + timedelta(seconds=240)


def test_empty_units_are_skipped_at_once_and_told_all_the_same(alarm: Alarm, wait: Wait) -> None:
    wait(seconds=180)
    assert told(alarm) == ["Hemtjänst Norr", "Nattpatrullen", "Larmcentralen"]


def test_when_nobody_is_on_duty_at_home_all_are_told_from_the_start(
    press: Callable[[], Alarm], resident: object
) -> None:
    assert told(press()) == ["Hemtjänst Norr", "Nattpatrullen", "Larmcentralen"]


def test_the_last_step_repeats_until_somebody_acts(alarm: Alarm, wait: Wait, her_carer: User) -> None:
    wait(seconds=180)
    for _ in range(3):
        assert wait(seconds=120) == 1
    assert kinds(alarm)[-3:] == [EventKind.RANG_AGAIN] * 3
    actions.accept(alarm.pk, by=her_carer)
    assert wait(seconds=120) == 0


def test_accepting_does_not_stop_the_clock(bring: Bring, her_carer: User, wait: Wait) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    end_shift(her_carer)
    assert wait(minutes=40) == 1
    alarm.refresh_from_db()
    assert kinds(alarm)[-1] == EventKind.NOT_ARRIVED
    assert (alarm.handling, alarm.ringing) == (Handling.ACCEPTED, True)
    assert "Nattpatrullen" in told(alarm)


def test_who_is_told_when_nobody_arrived_may_take_over(
    bring: Bring, her_carer: User, night_carer: User, wait: Wait
) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    wait(minutes=40)
    actions.accept(alarm.pk, by=night_carer)
    alarm.refresh_from_db()
    assert (alarm.accepted_by, alarm.ringing) == (night_carer, False)


def test_on_site_a_reminder_comes_and_nobody_else_is_told(bring: Bring, her_carer: User, wait: Wait) -> None:
    alarm = bring(Handling.ON_SITE, her_carer)
    assert wait(hours=2) == 1
    assert kinds(alarm)[-1] == EventKind.STILL_OPEN
    assert told(alarm) == ["Hemtjänst Norr"]


def test_a_closed_alarm_has_no_clock(bring: Bring, her_carer: User, wait: Wait) -> None:
    bring(Handling.CLOSED, her_carer)
    assert wait(days=2) == 0


def test_a_technical_alarm_comes_back_and_stays_in_its_unit(
    shift: User, thermometer: object, post_readings: Post, drain: Callable[[], int], wait: Wait
) -> None:
    post_readings(reading(thermometer, 8, kind="battery"))  # type: ignore[arg-type]
    drain()
    alarm = Alarm.objects.get(code="battery_low")
    assert wait(hours=8) == 1
    alarm.refresh_from_db()
    assert (told(alarm), alarm.ringing) == (["Hemtjänst Norr"], False)


def test_the_plan_is_the_one_of_when_it_was_raised(alarm: Alarm, home_care: Unit, wait: Wait) -> None:
    home_care.passes_on_to = None
    home_care.accept_within_s = 10_000
    home_care.save()
    wait(seconds=180)
    assert told(alarm) == ["Hemtjänst Norr", "Nattpatrullen", "Larmcentralen"]


def test_units_that_pass_on_in_a_circle_are_each_told_once(
    shift: User, home_care: Unit, alarm_centre: Unit, press: Callable[[], Alarm]
) -> None:
    alarm_centre.passes_on_to = home_care
    alarm_centre.save()
    assert len(press().plan["steps"]) == 3


def test_units_with_a_mailbox_get_a_delivery_without_personal_data(alarm: Alarm) -> None:
    delivery = Delivery.objects.get()
    assert (delivery.recipient, delivery.subject) == ("norr@example.org", alarm.pk)
    assert "Astrid" not in str(delivery.payload)


def test_boards_of_the_new_units_get_a_hint(alarm: Alarm, night_patrol: Unit, wait: Wait, hints: Hints) -> None:
    with hints() as sent:
        wait(seconds=180)
    assert [hint["kind"] for hint in sent] == ["alarm.escalated"]
    assert str(night_patrol.pk) in sent[0]["units"]


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_do_it_once(alarm: Alarm, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now() + timedelta(seconds=180), tick=False)
    assert sorted(at_once(actions.escalate_due, actions.escalate_due)) == [0, 1]  # type: ignore[type-var]
    assert kinds(alarm) == [EventKind.RAISED, EventKind.ESCALATED]
