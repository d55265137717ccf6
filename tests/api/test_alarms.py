"""`GET /api/v1/alarms/` and one alarm: what is told, to whom, in which order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from alarms import actions, rules
from alarms.models import Alarm
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident
from tests.api.conftest import Api, ask
from tests.factories import AssignmentFactory, ResidentFactory

URL = "/api/v1/alarms/"


def _ids(client: Client, **query: object) -> list[str]:
    return [row["id"] for row in ask(client, URL, **query)["results"]]


def pressed(at: datetime, **more: Any) -> rules.Alert:
    return rules.Alert(at=at, detail={"pressed_at": at.isoformat()}, **more)


def _raise_many(unit: Unit, number: int, code: str = "help_button") -> list[Alarm]:
    """Alarms of as many residents, a minute between them, the newest last."""
    first = timezone.now() - timedelta(minutes=number)
    found = []
    for minute in range(number):
        assignment = AssignmentFactory.create(unit=unit, resident=ResidentFactory.create())
        alert = pressed(first + timedelta(minutes=minute))
        cause = actions.Cause(rules.KINDS[code], str(assignment.pk), unit, assignment)
        alarm = actions.raise_alarm(cause, alert)
        Alarm.objects.filter(pk=alarm.pk).update(raised_at=alert.at)
        found.append(alarm)
    return found


def test_an_alarm_says_who_where_what_since_when_and_what_to_do(api: Api, alarm: Alarm, her_carer: User) -> None:
    (row,) = api(her_carer).get(URL).json()["results"]
    assert row["id"] == str(alarm.pk)
    assert (row["who"], row["handling"], row["condition"]) == ("Astrid Lindqvist", "raised", "active")
    assert "Björkgatan 7" in row["where"]
    assert row["action"]
    assert row["ringing"] is True
    assert row["may"] == ["accept", "arrive", "close"]
    assert row["accepted_by"] is None


def test_one_alarm_has_its_timeline(api: Api, alarm: Alarm, her_carer: User) -> None:
    actions.accept(alarm.pk, by=her_carer, note="På väg")
    told = api(her_carer).get(f"{URL}{alarm.pk}/").json()
    assert [event["kind"] for event in told["timeline"]] == ["alarm.raised", "alarm.accepted"]
    assert told["timeline"][1]["by"]["name"] == "Björn Berg"
    assert told["timeline"][1]["note"] == "På väg"
    assert told["accepted_by"] == {"id": str(her_carer.pk), "name": "Björn Berg"}
    assert told["may"] == ["arrive", "close"]


@pytest.mark.parametrize("name", ["her_carer", "second_carer", "nurse", "unit_manager"])
def test_whoever_handles_alarms_in_her_unit_sees_it(
    name: str, api: Api, alarm: Alarm, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(name))
    assert _ids(client) == [str(alarm.pk)]
    assert client.get(f"{URL}{alarm.pk}/").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "carer_elsewhere",
        "night_carer",
        "alarm_operator",
        "case_officer",
        "technician",
        "log_reviewer",
        "administrator",
        "foreign_carer",
        "relative",
        "representative",
        "resident_user",
        "stranger",
        "superuser",
    ],
)
def test_nobody_else_learns_that_it_exists(name: str, api: Api, alarm: Alarm, request: pytest.FixtureRequest) -> None:
    client = api(request.getfixturevalue(name))
    assert _ids(client) == []
    hidden, missing = client.get(f"{URL}{alarm.pk}/"), client.get(f"{URL}{uuid4()}/")
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_newest_first_page_by_page(api: Api, her_carer: User, home_care: Unit) -> None:
    newest_first = [str(alarm.pk) for alarm in reversed(_raise_many(home_care, 5))]
    client = api(her_carer)
    seen, url = [], f"{URL}?page_size=2"
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == newest_first


def test_an_alarm_that_comes_in_between_moves_no_page(api: Api, her_carer: User, home_care: Unit) -> None:
    newest_first = [str(alarm.pk) for alarm in reversed(_raise_many(home_care, 4))]
    client = api(her_carer)
    first = client.get(f"{URL}?page_size=2").json()
    _raise_many(home_care, 1)
    second = client.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == newest_first


def test_open_and_closed(api: Api, alarm: Alarm, her_carer: User) -> None:
    client = api(her_carer)
    assert _ids(client, open="true") == [str(alarm.pk)]
    assert _ids(client, open="false") == []
    actions.close(alarm.pk, by=her_carer, outcome="help_given")
    assert _ids(client, open="true") == []
    assert _ids(client, open="false") == [str(alarm.pk)]


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ({"category": "help"}, True),
        ({"category": "technical"}, False),
        ({"priority": "high"}, True),
        ({"priority": "low"}, False),
        ({"handling": "raised"}, True),
        ({"handling": "on_site"}, False),
        ({"raised_after": "2020-01-01T00:00:00Z"}, True),
        ({"raised_before": "2020-01-01T00:00:00Z"}, False),
    ],
)
def test_filters(query: dict[str, str], there: bool, api: Api, alarm: Alarm, her_carer: User) -> None:
    assert bool(_ids(api(her_carer), **query)) is there


def test_filters_by_unit_and_resident(
    api: Api, alarm: Alarm, her_carer: User, home_care: Unit, night_patrol: Unit, resident: Resident
) -> None:
    client = api(her_carer)
    assert _ids(client, unit=home_care.pk) == [str(alarm.pk)]
    assert _ids(client, unit=night_patrol.pk) == []
    assert _ids(client, resident=resident.pk) == [str(alarm.pk)]
    assert _ids(client, resident=uuid4()) == []


@pytest.mark.parametrize("query", [{"priority": "urgent"}, {"raised_after": "yesterday"}, {"unit": "norr"}])
def test_a_filter_that_means_nothing_is_refused_by_name(query: dict[str, str], api: Api, her_carer: User) -> None:
    answer = api(her_carer).get(URL, query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(query)


def test_a_protected_person_is_masked(
    api: Api, protected_resident: Resident, her_carer: User, named_carer: User, home_care: Unit
) -> None:
    assignment = AssignmentFactory.create(unit=home_care, resident=protected_resident)
    cause = actions.Cause(rules.KINDS["help_button"], "petra", home_care, assignment)
    alarm = actions.raise_alarm(cause, pressed(timezone.now()))
    url = f"{URL}{alarm.pk}/"
    masked, known = api(her_carer).get(url), api(named_carer).get(url)
    assert "Petra" not in masked.content.decode()
    assert "Hemliga" not in masked.content.decode()
    assert known.json()["who"] == "Petra Palm"


def test_thirty_alarms_cost_as_many_questions_as_three(
    api: Api,
    her_carer: User,
    home_care: Unit,
    questions: Callable[[Client, str], int],
) -> None:
    client = api(her_carer)
    _raise_many(home_care, 3)
    few = questions(client, URL)
    _raise_many(home_care, 27)
    assert len(client.get(URL).json()["results"]) == 30
    assert questions(client, URL) == few


def test_a_timeline_of_many_costs_as_many_questions_as_one_of_few(
    api: Api, alarm: Alarm, her_carer: User, questions: Callable[[Client, str], int]
) -> None:
    client, url = api(her_carer), f"{URL}{alarm.pk}/"
    few = questions(client, url)
    for _ in range(8):
        actions.raise_alarm(_again(alarm.pk), pressed(timezone.now(), again=True))
        actions.accept(alarm.pk, by=her_carer)
    assert len(client.get(url).json()["timeline"]) > 16
    assert questions(client, url) == few


def _again(pk: UUID) -> actions.Cause:
    alarm = Alarm.objects.select_related("unit").get(pk=pk)
    return actions.Cause(alarm.kind, alarm.open_key.removeprefix(f"{alarm.code}:"), alarm.unit, alarm.assignment)
