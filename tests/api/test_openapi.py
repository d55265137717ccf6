"""The description, as a file and as a page, and that the API keeps to it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.utils.html import strip_tags
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alarms.models import Alarm
from devices.intake.http import PATH
from devices.kinds import KINDS
from devices.models import Assignment
from safehome.api.docs import description, groups
from safehome.organisation.actions import issue_token
from safehome.organisation.models import User
from safehome.organisation.scopes import Scope


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description()["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_the_description_is_valid_and_nothing_in_it_is_guessed(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


def test_every_operation_says_what_it_does_and_how_it_is_refused() -> None:
    for path, method, operation in _operations():
        assert operation["summary"], path
        assert operation.get("description"), path
        assert "429" in operation["responses"], (path, method)


def test_every_body_has_an_example() -> None:
    for path, _, operation in _operations():
        if body := operation.get("requestBody"):
            assert body["content"]["application/json"]["examples"], path


def test_the_scope_that_an_operation_needs_is_told() -> None:
    scopes = {operation["x-scope"] for _, _, operation in _operations() if "x-scope" in operation}
    assert scopes == set(Scope.values)


def test_the_intake_is_described_though_it_is_no_view() -> None:
    intake = description()["paths"][PATH]["post"]
    assert set(intake["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert set(intake["responses"]) == {"202", "400", "401", "403", "413", "429", "503"}
    reading = description()["components"]["schemas"]["SentReading"]
    assert reading["properties"]["kind"]["enum"] == list(KINDS)


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["application/vnd.oai.openapi+json", "application/vnd.oai.openapi"])
def test_anybody_may_fetch_it(accepted: str, client: Client) -> None:
    answer = client.get("/api/schema/", headers={"Accept": accepted})
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, accepted)


@pytest.mark.django_db
def test_the_page_shows_every_operation_and_shape_to_anybody(client: Client) -> None:
    answer = client.get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    for path, _, operation in _operations():
        assert f'id="{operation["operationId"]}"' in page
        assert path in page
    for name, schema in description()["components"]["schemas"].items():
        assert (f'id="shape-{name}"' in page) is ("properties" in schema)


@pytest.mark.django_db
def test_the_page_has_no_script_or_style_of_its_own_and_no_dead_link(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')
    links = {part.split('"')[0] for part in page.split('href="#')[1:]}
    assert {link for link in links if f'id="{link}"' not in page} == set()


def test_the_examples_can_be_typed_as_they_stand() -> None:
    shown = groups(description(), "https://x")
    commands = {operation.id: operation.curl for group in shown for operation in group.operations}
    assert '"https://x/api/v1/alarms/ID/accept/"' in commands["alarms_accept"]
    assert '-H "Authorization: Bearer $TOKEN"' in commands["alarms_list"]
    assert "Authorization" not in commands["reading_kinds"]
    assert all("{" not in strip_tags(command).split("-d '")[0] for command in commands.values())


# --- It keeps to it ------------------------------------------------------------------------------------------

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


whole = schemathesis.openapi.from_dict(description())
whole.app = get_wsgi_application()
whole.config.phases.update(phases=["examples", "fuzzing"])
by_django = whole.exclude(path=PATH)
"""All that Django answers; the intake is tested where it is served (tests/devices)."""


@pytest.fixture
def manager(unit_manager: User, alarm: Alarm, thermometer: Assignment) -> Iterator[dict[str, str]]:
    """Headers of somebody who may do most things, on a server that leaves the test's connection open."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {issue_token(unit_manager, name='test', scopes=Scope.values)}"}
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@by_django.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_to_its_description(case: schemathesis.Case[Any], manager: dict[str, str]) -> None:
    case.call_and_validate(checks=CHECKS, headers=manager)


def test_the_answers_about_what_there_is_keep_to_the_description(
    manager: dict[str, str], alarm: Alarm, thermometer: Assignment
) -> None:
    """Made-up ids find nothing; here each address is asked for something that is there."""
    there = {"alarms": alarm.pk, "residents": alarm.resident_id, "assignments": thermometer.pk}
    there["devices"] = thermometer.device_id
    for path, item in description()["paths"].items():
        if "get" in item:
            ids = {"id": str(there.get(path.split("/")[3], ""))} if "{id}" in path else {}
            case = by_django[path]["GET"].Case(path_parameters=ids)
            answer = case.call(headers=manager)
            assert answer.status_code == 200, path
            case.validate_response(answer, checks=CHECKS)
