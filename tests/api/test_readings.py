"""`/api/v1/assignments/{id}/readings/`: what a device has measured, for those in the care."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from devices.models import Assignment, Reading
from safehome.audit.models import AccessEntry, Outcome
from safehome.organisation.models import User
from tests.api.conftest import Api, ask


def _url(assignment: Assignment) -> str:
    return f"/api/v1/assignments/{assignment.pk}/readings/"


@pytest.fixture
def measured(thermometer: Assignment) -> list[datetime]:
    """Three temperatures, an hour apart, the oldest first."""
    now = timezone.now()
    times = [now - timedelta(hours=hours) for hours in (3, 2, 1)]
    Reading.objects.bulk_create(
        Reading(key=uuid4(), assignment=thermometer, kind="temperature", value=20 + n, measured_at=at, received_at=at)
        for n, at in enumerate(times)
    )
    return times


def _values(client: Client, assignment: Assignment, **query: object) -> list[float]:
    return [row["value"] for row in ask(client, _url(assignment), **query)["results"]]


def test_newest_first(api: Api, thermometer: Assignment, measured: list[datetime], her_carer: User) -> None:
    assert _values(api(her_carer), thermometer) == [22, 21, 20]


def test_from_counts_in_and_to_leaves_out(
    api: Api, thermometer: Assignment, measured: list[datetime], her_carer: User
) -> None:
    client = api(her_carer)
    assert _values(client, thermometer, **{"from": measured[1].isoformat()}) == [22, 21]
    assert _values(client, thermometer, to=measured[1].isoformat()) == [20]
    assert _values(client, thermometer, kind="humidity") == []
    assert client.get(_url(thermometer), {"from": "monday"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("her_carer", 200),
        ("night_carer", 200),
        ("nurse", 200),
        ("unit_manager", 200),
        ("alarm_operator", 403),
        ("case_officer", 403),
        ("technician", 403),
        ("carer_elsewhere", 404),
        ("foreign_carer", 404),
        ("log_reviewer", 404),
        ("administrator", 404),
        ("relative", 404),
        ("representative", 404),
        ("resident_user", 404),
        ("stranger", 404),
        ("superuser", 404),
    ],
)
def test_who_sees_what_is_measured_in_her_home(
    name: str, status: int, api: Api, thermometer: Assignment, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    assert api(user).get(_url(thermometer)).status_code == status
    denied = AccessEntry.objects.filter(user=user.pk, outcome=Outcome.DENIED)
    assert [entry.resident for entry in denied] == ([] if status == 200 else [thermometer.resident_id])


def test_a_look_is_in_the_log_with_the_time_it_covers(api: Api, thermometer: Assignment, her_carer: User) -> None:
    api(her_carer).get(_url(thermometer), {"kind": "temperature"})
    entry = AccessEntry.objects.get(user=her_carer.pk)
    assert (entry.resource, entry.resident, entry.detail) == ("reading", thermometer.resident_id, "kind=temperature")


def test_the_right_to_see_assignments_is_not_enough_for_a_token(
    api: Api, thermometer: Assignment, her_carer: User
) -> None:
    assert api(her_carer, ["assignments:read"]).get(_url(thermometer)).status_code == 403


def test_many_readings_cost_as_many_questions_as_few(
    api: Api,
    thermometer: Assignment,
    measured: list[datetime],
    her_carer: User,
    questions: Callable[[Client, str], int],
) -> None:
    client = api(her_carer)
    few = questions(client, _url(thermometer))
    now = timezone.now()
    Reading.objects.bulk_create(
        Reading(key=uuid4(), assignment=thermometer, kind="temperature", value=n, measured_at=now, received_at=now)
        for n in range(27)
    )
    assert questions(client, _url(thermometer)) == few
