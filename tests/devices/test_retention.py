"""Readings are erased when their purpose's time is over, with a receipt; no others."""

from datetime import timedelta
from uuid import uuid4

import pytest

from consents.models import Purpose
from devices import retention
from devices.models import Assignment, Disposal, Reading
from safehome import clock


@pytest.fixture
def purpose(motion_sensor: Assignment) -> Purpose:
    purpose = motion_sensor.purposes.get()
    purpose.retention_days = 90
    purpose.save()
    return purpose


def store(assignment: Assignment, days_ago: float) -> None:
    at = clock.now() - timedelta(days=days_ago)
    Reading.objects.create(key=uuid4(), assignment=assignment, kind="motion", value=1, measured_at=at, received_at=at)


def test_what_is_older_than_the_purpose_says_is_erased_and_a_receipt_is_left(
    purpose: Purpose, motion_sensor: Assignment
) -> None:
    for days in (200, 91, 89, 1):
        store(motion_sensor, days)
    assert retention.dispose() == 2
    assert Reading.objects.count() == 2
    receipt = Disposal.objects.get()
    assert (receipt.count, receipt.days, receipt.assignment) == (2, 90, motion_sensor)
    assert retention.dispose() == 0


def test_of_two_purposes_the_shorter_time_counts(purpose: Purpose, motion_sensor: Assignment) -> None:
    purpose.pk, purpose.code, purpose.retention_days = uuid4(), "short", 30
    purpose._state.adding = True
    purpose.save()
    motion_sensor.purposes.add(purpose)
    store(motion_sensor, 40)
    assert retention.dispose() == 1


def test_without_a_stated_time_nothing_is_erased(motion_sensor: Assignment) -> None:
    store(motion_sensor, 4_000)
    assert retention.dispose() == 0


def test_batch_by_batch_until_all_is_gone(
    purpose: Purpose, motion_sensor: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in (100, 101, 102):
        store(motion_sensor, days)
    assert [retention.dispose() for _ in range(3)] == [2, 1, 0]
