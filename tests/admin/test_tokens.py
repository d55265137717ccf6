"""Tokens are shown once and never again, and are revoked for good."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from devices.actions import issue_gateway_token
from devices.models import Gateway, GatewayToken
from safehome.audit.models import AccessEntry, Action
from safehome.organisation import actions
from safehome.organisation.models import ApiToken, User
from tests.admin.browser import url


def shown(response: object) -> list[str]:
    return re.findall(r"sh_[\w-]{43}", getattr(response, "content", b"").decode())


def test_a_gateway_token_is_shown_once(enter: Client, gateway: Gateway) -> None:
    response = enter.post(url(gateway, "verb", "issue_token"))
    [plain] = shown(response)
    assert GatewayToken.objects.get(gateway=gateway).digest == actions.token_digest(plain)
    assert "no-store" in response.headers["Cache-Control"]
    assert plain not in enter.get(url(gateway, "change")).content.decode()


def test_asking_issues_nothing(enter: Client, gateway: Gateway) -> None:
    assert enter.get(url(gateway, "verb", "issue_token")).status_code == 200
    assert not GatewayToken.objects.exists()


def test_tokens_are_revoked_one_by_one(enter: Client, gateway: Gateway) -> None:
    for _ in range(2):
        issue_gateway_token(gateway)
    first, second = GatewayToken.objects.order_by("created_at")
    enter.post(url(gateway, "verb", "revoke_tokens"), {"tokens": [first.pk]})
    assert list(GatewayToken.objects.filter(revoked_at=None)) == [second]


def test_revoking_none_is_asked_again(enter: Client, gateway: Gateway, gateway_token: str) -> None:
    assert enter.post(url(gateway, "verb", "revoke_tokens")).context["form"].errors
    assert GatewayToken.objects.get().revoked_at is None


def test_a_token_of_another_gateway_is_no_choice(enter: Client, gateway: Gateway, foreign_gateway_token: str) -> None:
    enter.post(url(gateway, "verb", "revoke_tokens"), {"tokens": [GatewayToken.objects.get().pk]})
    assert GatewayToken.objects.get().revoked_at is None


def test_an_api_token_is_shown_once(enter: Client, nurse: User) -> None:
    answers = {"name": "Tavlan", "scopes": ["alarms:read", "devices:read"], "expires_at": ""}
    response = enter.post(url(nurse, "verb", "issue_token"), answers)
    [plain] = shown(response)
    token = ApiToken.objects.get(user=nurse)
    assert (token.digest, token.scopes) == (actions.token_digest(plain), ["alarms:read", "devices:read"])
    for page in (url(nurse, "change"), url(token, "change"), url(ApiToken, "changelist")):
        text = enter.get(page).content.decode()
        assert "Tavlan" in text
        assert plain not in text
        assert token.digest not in text


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"expires_at": "2001-01-01T00:00"}]
)
def test_an_api_token_needs_a_name_a_scope_and_time_ahead(wrong: dict[str, object], enter: Client, nurse: User) -> None:
    answers = {"name": "Tavlan", "scopes": ["alarms:read"], "expires_at": ""} | wrong
    response = enter.post(url(nurse, "verb", "issue_token"), answers)
    assert list(response.context["form"].errors) == list(wrong)
    assert not ApiToken.objects.exists()


def test_an_api_token_is_revoked_from_its_page_or_the_list(enter: Client, nurse: User) -> None:
    for name in ("Ett", "Två", "Tre"):
        actions.issue_token(nurse, name=name, scopes=["alarms:read"])
    one, two, three = (ApiToken.objects.get(name=name) for name in ("Ett", "Två", "Tre"))
    enter.post(url(one, "verb", "revoke"))
    enter.post(url(ApiToken, "changelist"), {"action": "revoke_chosen", "_selected_action": [one.pk, two.pk]})
    assert list(ApiToken.objects.filter(revoked_at=None)) == [three]


def test_a_revoked_token_is_not_revoked_anew(enter: Client, nurse: User) -> None:
    actions.issue_token(nurse, name="Ett", scopes=["alarms:read"], expires_at=timezone.now() + timedelta(days=1))
    token = ApiToken.objects.get()
    enter.post(url(token, "verb", "revoke"))
    token.refresh_from_db()
    before = token.revoked_at
    assert enter.post(url(token, "verb", "revoke")).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at == before


def test_issuing_is_in_the_log(enter: Client, gateway: Gateway, administrator: User) -> None:
    enter.post(url(gateway, "verb", "issue_token"))
    entry = AccessEntry.objects.get(user=administrator.pk, action=Action.WRITE)
    assert (entry.resource, entry.resource_id, entry.detail) == ("gateway", str(gateway.pk), "issue_token")
