"""`POST /api/v1/alarms/{id}/accept|arrive|close/`."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from alarms import actions
from alarms.models import Alarm
from alarms.states import Handling
from safehome.audit.models import AccessEntry, Action, Outcome
from safehome.organisation.models import User
from tests.api.conftest import Api

VERBS = ("accept", "arrive", "close")


def _post(client: Client, alarm: Alarm, verb: str, **body: Any) -> Any:
    if verb == "close":
        body = {"outcome": "help_given"} | body
    return client.post(f"/api/v1/alarms/{alarm.pk}/{verb}/", body, content_type="application/json")


def test_from_accepting_to_closing(api: Api, alarm: Alarm, her_carer: User) -> None:
    client = api(her_carer)
    accepted = _post(client, alarm, "accept", note="På väg").json()
    assert (accepted["handling"], accepted["ringing"]) == ("accepted", False)
    assert accepted["accepted_by"]["name"] == "Björn Berg"
    assert _post(client, alarm, "arrive").json()["handling"] == "on_site"
    version = client.get(f"/api/v1/alarms/{alarm.pk}/").json()["version"]
    closed = _post(client, alarm, "close", outcome="talked", note="Ville prata", version=version).json()
    assert (closed["handling"], closed["outcome"], closed["may"]) == ("closed", "talked", [])
    assert [event["note"] for event in closed["timeline"]] == ["", "På väg", "", "Ville prata"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_body_is_not_needed_where_nothing_must_be_said(verb: str, api: Api, alarm: Alarm, her_carer: User) -> None:
    answer = api(her_carer).post(f"/api/v1/alarms/{alarm.pk}/{verb}/", "", content_type="application/json")
    assert answer.status_code == (400 if verb == "close" else 200)


@pytest.mark.parametrize("verb", VERBS)
def test_twice_is_harmless(verb: str, api: Api, alarm: Alarm, her_carer: User) -> None:
    client = api(her_carer)
    first, second = _post(client, alarm, verb), _post(client, alarm, verb)
    assert (first.status_code, second.status_code) == (200, 200)
    assert len(second.json()["timeline"]) == 2


@pytest.mark.parametrize("verb", VERBS)
def test_the_second_is_told_who_was_first(
    verb: str, api: Api, alarm: Alarm, her_carer: User, second_carer: User
) -> None:
    _post(api(her_carer), alarm, verb)
    answer = _post(api(second_carer), alarm, verb)
    problem = answer.json()
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert "Björn Berg" in problem["detail"]
    assert problem["taken_by"] == {"id": str(her_carer.pk), "name": "Björn Berg"}
    assert problem["taken_at"]
    alarm.refresh_from_db()
    assert (problem["handling"], problem["version"]) == (alarm.handling, alarm.version)


@pytest.mark.parametrize("verb", ["accept", "arrive"])
def test_a_closed_alarm_is_never_opened_again(
    verb: str, api: Api, alarm: Alarm, her_carer: User, second_carer: User
) -> None:
    actions.close(alarm.pk, by=her_carer, outcome="help_given")
    answer = _post(api(second_carer), alarm, verb)
    assert answer.status_code == 409
    assert answer.json()["detail"]
    assert answer.json()["taken_by"]["name"] == "Björn Berg"


def test_what_has_not_been_seen_is_not_closed_away(api: Api, alarm: Alarm, her_carer: User, second_carer: User) -> None:
    seen = alarm.version
    actions.accept(alarm.pk, by=second_carer)
    answer = _post(api(her_carer), alarm, "close", version=seen)
    assert answer.status_code == 409
    alarm.refresh_from_db()
    assert alarm.handling == Handling.ACCEPTED


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcome": "false_alarm"}, "note"),
        ({"outcome": "mended"}, "outcome"),
        ({"outcome": "went well"}, "outcome"),
        ({"version": "latest"}, "version"),
        ({"note": "x" * 2_001}, "note"),
    ],
)
def test_an_end_that_does_not_fit_is_refused_by_name(
    body: dict[str, str], field: str, api: Api, alarm: Alarm, her_carer: User
) -> None:
    answer = _post(api(her_carer), alarm, "close", **body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    alarm.refresh_from_db()
    assert alarm.is_open


@pytest.mark.parametrize("verb", VERBS)
def test_a_token_that_may_only_read_changes_nothing(verb: str, api: Api, alarm: Alarm, her_carer: User) -> None:
    answer = _post(api(her_carer, ["alarms:read"]), alarm, verb)
    assert answer.status_code == 403
    assert "alarms:write" in answer.json()["detail"]
    alarm.refresh_from_db()
    assert alarm.handling == Handling.RAISED


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["carer_elsewhere", "technician", "relative", "log_reviewer", "superuser"])
def test_whoever_does_not_see_it_gets_the_answer_of_nothing(
    verb: str, name: str, api: Api, alarm: Alarm, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(name))
    hidden = _post(client, alarm, verb)
    missing = client.post(f"/api/v1/alarms/{uuid4()}/{verb}/", {"outcome": "talked"}, content_type="application/json")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    alarm.refresh_from_db()
    assert alarm.handling == Handling.RAISED


def test_what_is_done_and_what_is_refused_is_in_the_log(
    api: Api, alarm: Alarm, her_carer: User, carer_elsewhere: User
) -> None:
    _post(api(her_carer), alarm, "accept")
    _post(api(carer_elsewhere), alarm, "accept")
    done = AccessEntry.objects.get(user=her_carer.pk, action=Action.WRITE)
    refused = AccessEntry.objects.get(user=carer_elsewhere.pk, outcome=Outcome.DENIED)
    for entry in (done, refused):
        assert (entry.resource, entry.resource_id, entry.system) == ("alarm", str(alarm.pk), "api")
        assert entry.resident == alarm.resident_id


def test_a_browsers_session_needs_the_csrf_token(alarm: Alarm, her_carer: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(her_carer)
    assert _post(browser, alarm, "accept").status_code == 403
    browser.cookies["csrftoken"] = "a" * 32
    browser.defaults["HTTP_X_CSRFTOKEN"] = "a" * 32
    assert _post(browser, alarm, "accept").status_code == 200
