"""From a stored reading to an alarm: new, again, late, cleared."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from alarms import actions, pipeline, rules
from alarms.models import Alarm, EventKind
from alarms.states import Category, Condition, Handling, Priority
from devices.models import Assignment, InboxReading, Lane, Reading
from safehome import clock
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident
from tests.alarms.conftest import Bring
from tests.concurrency import at_once
from tests.conftest import Hints, Place, Post
from tests.factories import AssignmentFactory, DeviceFactory, DeviceModelFactory, PlaceFactory, reading

Drain = Callable[[], int]


def test_a_press_is_a_help_alarm_that_rings(alarm: Alarm, resident: Resident, home_care: Unit) -> None:
    assert (alarm.category, alarm.priority, alarm.handling) == (Category.HELP, Priority.HIGH, Handling.RAISED)
    assert (alarm.resident, alarm.unit, alarm.ringing, alarm.late) == (resident, home_care, True, False)
    assert alarm.administration == home_care.administration
    assert alarm.repeat_count == 1


def test_boards_get_a_hint_when_it_is_raised(
    shift: User, help_button: Assignment, post_readings: Post, drain: Drain, hints: Hints
) -> None:
    post_readings(reading(help_button, 1))
    with hints() as sent:
        drain()
    assert [hint["kind"] for hint in sent] == ["alarm.raised"]


def test_pressing_again_is_the_same_alarm_with_a_count(alarm: Alarm, press: Callable[[], Alarm]) -> None:
    again = press()
    assert (again.pk, again.repeat_count) == (alarm.pk, 2)
    assert [event.kind for event in again.events.all()] == [EventKind.RAISED, EventKind.PRESSED_AGAIN]


@pytest.fixture
def fire(shift: User, place_device: Place, post_readings: Post, drain: Drain) -> Alarm:
    """The smoke alarm in the kitchen has sounded two minutes ago."""
    post_readings(reading(place_device("smoke-1", ["smoke"]), 1, at=clock.now() - timedelta(minutes=2)))
    drain()
    return Alarm.objects.get(code="smoke")


def say_again(alarm: Alarm, post_readings: Post, drain: Drain, value: int = 1, **ago: float) -> None:
    assert alarm.assignment is not None
    post_readings(reading(alarm.assignment, value, at=clock.now() - timedelta(**ago)))
    drain()
    alarm.refresh_from_db()


def test_a_sensor_that_says_it_again_counts_without_ringing_anew(
    fire: Alarm, post_readings: Post, drain: Drain, her_carer: User
) -> None:
    actions.accept(fire.pk, by=her_carer)
    say_again(fire, post_readings, drain)
    assert (fire.repeat_count, fire.ringing) == (2, False)
    assert [event.kind for event in fire.events.all()][-1] == EventKind.REPEATED


def test_a_sensor_that_chatters_counts_without_drowning_the_timeline(
    fire: Alarm, post_readings: Post, drain: Drain, hints: Hints
) -> None:
    with hints() as sent:
        for seconds in range(119, 110, -1):
            say_again(fire, post_readings, drain, seconds=seconds)
    assert fire.repeat_count == 10
    assert [event.kind for event in fire.events.all()] == [EventKind.RAISED]
    assert sent == []


def test_a_late_alarm_rings_and_is_marked_late(shift: User, press: Callable[..., Alarm]) -> None:
    pressed_at = clock.now() - timedelta(minutes=90)
    alarm = press(at=pressed_at)
    assert (alarm.late, alarm.ringing, alarm.occurred_at) == (True, True, pressed_at)


def test_an_older_press_that_comes_after_a_newer_rings_as_well(
    bring: Bring, press: Callable[..., Alarm], her_carer: User
) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    newest = alarm.last_repeat_at
    press(at=clock.now() - timedelta(minutes=90))
    alarm.refresh_from_db()
    assert (alarm.ringing, alarm.repeat_count, alarm.last_repeat_at) == (True, 2, newest)


def test_back_to_normal_clears_the_condition_and_never_the_human_task(
    fire: Alarm, post_readings: Post, drain: Drain
) -> None:
    say_again(fire, post_readings, drain, value=0)
    assert (fire.condition, fire.handling, fire.ringing) == (Condition.CLEARED, Handling.RAISED, True)
    assert fire.next_action_at is not None
    assert fire.events.filter(kind=EventKind.CLEARED).count() == 1


def test_what_comes_back_after_clearing_is_active_again_and_told(
    fire: Alarm, post_readings: Post, drain: Drain
) -> None:
    say_again(fire, post_readings, drain, value=0, seconds=100)
    say_again(fire, post_readings, drain, seconds=90)
    assert (fire.condition, fire.repeat_count) == (Condition.ACTIVE, 2)
    assert [event.kind for event in fire.events.all()] == [
        EventKind.RAISED,
        EventKind.CLEARED,
        EventKind.REPEATED,
    ]


def test_help_and_technical_are_never_one_alarm(
    shift: User, help_button: Assignment, post_readings: Post, drain: Drain
) -> None:
    post_readings(reading(help_button, 1), reading(help_button, 5, kind="battery"))
    drain()
    assert dict(Alarm.objects.values_list("code", "category")) == {
        "help_button": Category.HELP,
        "battery_low": Category.TECHNICAL,
    }


def test_two_residents_have_an_alarm_each(
    shift: User, alarm: Alarm, place_device: Place, post_readings: Post, drain: Drain, protected_resident: Resident
) -> None:
    hers = place_device("button-2", ["button"], resident=protected_resident)
    post_readings(reading(hers, 1))
    drain()
    assert set(Alarm.objects.values_list("resident", flat=True)) == {alarm.resident_id, protected_resident.pk}


def test_a_device_on_a_place_alarms_about_the_place(
    shift: User, home_care: Unit, gateway: object, post_readings: Post, drain: Drain
) -> None:
    place = PlaceFactory.create(administration=home_care.administration)
    device = DeviceFactory.create(gateway=gateway, model=DeviceModelFactory.create(kinds=["button"]))
    AssignmentFactory.create(device=device, resident=None, place=place, unit=home_care)
    post_readings(reading(device, 1))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.place, alarm.resident) == (place, None)


def test_raising_and_its_reading_are_committed_together_or_not_at_all(
    shift: User, help_button: Assignment, post_readings: Post, hints: Hints
) -> None:
    post_readings(reading(help_button, 1))
    with hints() as sent, transaction.atomic():
        pipeline.drain(Lane.URGENT)
        transaction.set_rollback(True)
    assert not Alarm.objects.exists()
    assert not Reading.objects.exists()
    assert InboxReading.objects.get().settled_at is None
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_raise_the_same_at_once_make_one_alarm(help_button: Assignment, home_care: Unit) -> None:
    cause = actions.Cause(rules.KINDS["help_button"], str(help_button.pk), home_care, help_button)
    alert = rules.Alert(clock.now(), {"pressed_at": clock.now().isoformat()})
    raised = at_once(*(partial(actions.raise_alarm, cause, alert) for _ in range(4)))
    assert [fault for fault in raised if isinstance(fault, Exception)] == []
    assert Alarm.objects.get().repeat_count == 4
