"""Every error is a problem (RFC 9457)."""

from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client

from alarms import presentation
from alarms.models import Alarm
from safehome.organisation.models import User
from tests.api.conftest import Api


def _problem(answer: Any, status: int) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"]
    return told


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["nothing", "nothing/", "alarms/1/", "alarms", "alarms/?cursor=x", ""])
def test_an_address_that_does_not_exist(path: str, api: Api, her_carer: User) -> None:
    _problem(api(her_carer).get(f"/api/v1/{path}"), 404)


def test_nothing_is_told_apart_without_a_token(client: Client, alarm: Alarm) -> None:
    _problem(client.get(f"/api/v1/alarms/{alarm.pk}/"), 401)


def test_a_method_that_is_not_there(api: Api, alarm: Alarm, her_carer: User) -> None:
    client = api(her_carer)
    _problem(client.delete(f"/api/v1/alarms/{alarm.pk}/"), 405)
    _problem(client.put(f"/api/v1/residents/{alarm.resident_id}/"), 405)


def test_a_body_that_is_not_json(api: Api, alarm: Alarm, her_carer: User) -> None:
    client, url = api(her_carer), f"/api/v1/alarms/{alarm.pk}/close/"
    _problem(client.post(url, "{", content_type="application/json"), 400)
    _problem(client.post(url, "outcome=talked", content_type="application/x-www-form-urlencoded"), 415)
    assert _problem(client.post(url, "[]", content_type="application/json"), 400)["errors"][0]["field"] == ""


def test_a_type_that_we_do_not_speak(api: Api, her_carer: User) -> None:
    _problem(api(her_carer).get("/api/v1/alarms/", headers={"Accept": "text/csv"}), 406)


def test_too_many_requests_are_told_when_to_come_back(
    api: Api, her_carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.THROTTLE_RATES", {"user": "1/min"})
    client = api(her_carer)
    assert client.get("/api/v1/me/").status_code == 200
    answer = client.get("/api/v1/me/")
    _problem(answer, 429)
    assert 0 < int(answer["Retry-After"]) <= 60
    cache.clear()


def test_our_own_fault_is_told_without_its_insides_and_reported(
    api: Api, alarm: Alarm, her_carer: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = api(her_carer)
    with patch.object(presentation, "rows", side_effect=RuntimeError("Björkgatan 7")):
        client.raise_request_exception = False
        told = _problem(client.get("/api/v1/alarms/"), 500)
        assert "Björkgatan" not in str(told)
        client.raise_request_exception = True
        with pytest.raises(RuntimeError):
            client.get("/api/v1/alarms/")


def test_no_answer_is_kept_by_caches(api: Api, her_carer: User) -> None:
    client = api(her_carer)
    for path in ("me/", "alarms/", "nothing/"):
        assert client.get(f"/api/v1/{path}")["Cache-Control"] == "no-store"
