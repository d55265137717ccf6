"""What a decision does to devices: in the same transaction, and to what comes after it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from consents import actions
from consents.gate import Refusal, Why
from consents.kinds import Answer, GivenBy
from consents.models import Consent, Purpose, Task, TaskKind
from consents.policies import Giver
from devices import consent_effects
from devices.actions import NotLawful, start_collecting, stop_collecting
from devices.models import Assignment, CollectingState, InboxReading, Reading, RefusedCount, StoppedFor
from safehome import clock
from safehome.organisation.models import User
from safehome.residents.models import Resident
from tests.factories import CohabitantFactory, ResidentFactory, consent_to, reading

Post = Callable[..., Any]
Drain = Callable[[], int]


@pytest.fixture
def given(motion_sensor: Assignment, resident: Resident) -> Consent:
    """What Astrid's sensors rest on."""
    return Consent.objects.get(resident=resident)


@pytest.fixture
def astrid(resident: Resident) -> Giver:
    return Giver(GivenBy.SELF, resident, resident.user)


def withdraw(given: Consent, giver: Giver) -> None:
    actions.answer(given.pk, Answer.NO, giver=giver)


def test_it_stops_what_rests_on_it_in_the_same_transaction(
    given: Consent, astrid: Giver, motion_sensor: Assignment
) -> None:
    with transaction.atomic():
        withdraw(given, astrid)
        motion_sensor.refresh_from_db()
        assert motion_sensor.collecting == CollectingState.STOPPED
        transaction.set_rollback(True)
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE


def test_nothing_measured_before_or_after_it_is_stored_any_more_only_counted(
    given: Consent, astrid: Giver, motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    post_readings(reading(motion_sensor, 1))
    drain()
    post_readings(reading(motion_sensor, 1, at=clock.now() - timedelta(minutes=2)))  # received, not judged yet
    withdraw(given, astrid)
    post_readings(reading(motion_sensor, 1), reading(motion_sensor, 0, at=clock.now() - timedelta(hours=1)))
    drain()
    assert Reading.objects.count() == 1
    counted = RefusedCount.objects.get(assignment=motion_sensor)
    assert (counted.reason, counted.count) == (Refusal.STOPPED.value, 3)


def test_of_what_was_refused_the_inbox_keeps_neither_what_it_was_nor_when(
    given: Consent, astrid: Giver, motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    withdraw(given, astrid)
    seen_before = motion_sensor.device.last_seen_at
    post_readings(reading(motion_sensor, 1))
    drain()
    row = InboxReading.objects.get()
    assert (row.kind, row.value, row.outcome) == ("", None, "refused")
    assert (row.measured_at.hour, row.measured_at.minute, row.received_at) == (0, 0, row.measured_at)
    motion_sensor.device.refresh_from_db()
    assert motion_sensor.device.last_seen_at == seen_before


def test_staff_are_to_give_other_safety_and_to_fetch_the_device(
    given: Consent, astrid: Giver, motion_sensor: Assignment, thermometer: Assignment
) -> None:
    withdraw(given, astrid)
    tasks = Task.objects.open().values_list("kind", "unit__name")
    assert sorted(tasks) == [
        (TaskKind.FETCH_DEVICE, "Välfärdsteknik"),
        (TaskKind.FETCH_DEVICE, "Välfärdsteknik"),
        (TaskKind.SAFE_COVER, "Hemtjänst Norr"),
    ]


def test_a_new_yes_starts_again_what_the_no_had_stopped_and_takes_the_tasks_back(
    given: Consent, astrid: Giver, motion_sensor: Assignment, thermometer: Assignment
) -> None:
    stop_collecting(thermometer)
    withdraw(given, astrid)
    consent_to(given.purpose, given.resident, given_at=clock.now(), answered_at=clock.now())
    given.resident.save()  # whatever makes the gate look anew
    motion_sensor.refresh_from_db()
    thermometer.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE
    assert given.given_at
    assert motion_sensor.collecting_since
    assert motion_sensor.collecting_since > given.given_at
    assert (thermometer.collecting, thermometer.stopped_for) == (CollectingState.STOPPED, StoppedFor.STAFF)
    assert not Task.objects.open().filter(kind__in=[TaskKind.SAFE_COVER, TaskKind.FETCH_DEVICE]).exists()


def test_readings_from_the_gap_are_not_kept_either(
    given: Consent, astrid: Giver, motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    withdraw(given, astrid)
    in_the_gap = clock.now()
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        consent_to(given.purpose, given.resident, given_at=clock.now(), answered_at=clock.now())
        given.resident.save()
        post_readings(reading(motion_sensor, 1, at=in_the_gap + timedelta(minutes=5)))
        drain()
        assert not Reading.objects.exists()
        post_readings(reading(motion_sensor, 1))
        drain()
        assert Reading.objects.count() == 1


# --- Who must agree ----------------------------------------------------------------------------------------------


@pytest.fixture
def planned(motion_sensor: Assignment) -> Assignment:
    Assignment.objects.filter(pk=motion_sensor.pk).update(collecting=CollectingState.PLANNED)
    motion_sensor.refresh_from_db()
    return motion_sensor


def lacks(assignment: Assignment) -> list[Why]:
    with pytest.raises(NotLawful) as refusal:
        start_collecting(assignment)
    assignment.refresh_from_db()
    assert assignment.collecting != CollectingState.ACTIVE
    return [lack.why for lack in refusal.value.verdict.lacks]


def test_it_cannot_start_without_a_consent(given: Consent, planned: Assignment) -> None:
    given.delete()
    assert lacks(planned) == [Why.MISSING]


@pytest.mark.parametrize(
    ("state", "fields", "why"),
    [
        ("asked", {"given_at": None}, Why.ASKED),
        ("refused", {"given_at": None}, Why.REFUSED),
        ("waiting", {"given_at": None}, Why.WAITING),
        ("talk", {"given_at": None}, Why.TALK),
        ("ended", {"ended_at": clock.now()}, Why.ENDED),
        ("given", {"valid_until": clock.now() - timedelta(days=1)}, Why.EXPIRED),
        ("annulled", {"ended_at": clock.now()}, Why.ANNULLED),
    ],
)
def test_it_cannot_start_on_a_consent_that_is_no_ground(
    given: Consent, planned: Assignment, state: str, fields: dict[str, Any], why: Why
) -> None:
    Consent.objects.filter(pk=given.pk).update(state=state, **fields)
    assert lacks(planned) == [why]


def test_it_cannot_start_without_any_purpose(given: Consent, planned: Assignment) -> None:
    Purpose.objects.update(reading_kinds=[])
    planned.purposes.clear()
    assert lacks(planned) == [Why.NO_PURPOSE]


def test_it_cannot_start_on_a_purpose_that_is_over(given: Consent, planned: Assignment) -> None:
    Purpose.objects.filter(pk=given.purpose_id).update(valid_to=clock.now().date() - timedelta(days=1))
    assert lacks(planned) == [Why.NO_PURPOSE]


def test_everybody_who_lives_there_must_agree_where_the_purpose_says_so(
    given: Consent, planned: Assignment, resident: Resident
) -> None:
    Purpose.objects.filter(pk=given.purpose_id).update(cohabitants=True)
    bengt = CohabitantFactory.create(home=resident.home)
    sister = ResidentFactory.create(home=resident.home)
    planned = Assignment.objects.get(pk=planned.pk)
    assert lacks(planned) == [Why.MISSING, Why.MISSING]
    consent_to(given.purpose, resident, bengt)
    consent_to(given.purpose, sister)
    start_collecting(Assignment.objects.get(pk=planned.pk))


def test_it_stops_when_somebody_moves_in_and_starts_again_when_they_agree(
    given: Consent, resident: Resident, motion_sensor: Assignment, astrid: Giver
) -> None:
    Purpose.objects.filter(pk=given.purpose_id).update(cohabitants=True)
    bengt = CohabitantFactory.create(home=resident.home)
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.STOPPED
    consent_to(given.purpose, resident, bengt)
    bengt.save()
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE


def test_whoever_moves_in_later_is_known_ahead(
    given: Consent, resident: Resident, motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    Purpose.objects.filter(pk=given.purpose_id).update(cohabitants=True)
    CohabitantFactory.create(home=resident.home, valid_from=clock.now().date() + timedelta(days=5))
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE
    with time_machine.travel(clock.now() + timedelta(days=6)):
        post_readings(reading(motion_sensor, 1))
        drain()  # the sweep has not come by yet
        assert not Reading.objects.exists()
        assert RefusedCount.objects.get().reason == Refusal.GROUND_ENDED.value
        assert consent_effects.settle_overdue() == 1
        motion_sensor.refresh_from_db()
        assert motion_sensor.collecting == CollectingState.STOPPED


def test_an_emergency_lets_data_flow_for_a_while_but_never_against_a_no(
    given: Consent, resident: Resident, motion_sensor: Assignment, her_carer: User, astrid: Giver
) -> None:
    Consent.objects.filter(pk=given.pk).update(state="expired", ended_at=clock.now(), valid_until=clock.now())
    resident.save()
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.STOPPED
    actions.declare_emergency(resident.pk, by=her_carer, reason="Medvetslös, feber, ingen annan tillsyn", hours=24)
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE
    assert motion_sensor.collecting_until is not None
    Consent.objects.filter(pk=given.pk).update(state="ended")
    resident.save()
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.STOPPED
