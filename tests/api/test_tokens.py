"""Tokens, their scopes, `/api/v1/me/` and `manage.py api_token`."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from safehome.organisation.actions import token_digest
from safehome.organisation.models import ApiToken, Unit, User
from safehome.organisation.scopes import Scope
from tests.api.conftest import Api

ME = "/api/v1/me/"
LISTS = {"alarms", "residents", "devices", "assignments"}


def _with(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def made(her_carer: User) -> str:
    """A token as the command prints it."""
    out = StringIO()
    call_command("api_token", her_carer.email, "--name=screen", "--scope=alarms:read", "--days=30", stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_a_token_that_works_and_keeps_only_its_hash(made: str, her_carer: User) -> None:
    token = ApiToken.objects.get(user=her_carer)
    assert (token.name, token.scopes, token.digest) == ("screen", ["alarms:read"], token_digest(made))
    assert token.expires_at is not None
    assert _with(made).get("/api/v1/alarms/").status_code == 200


@pytest.mark.django_db
def test_the_command_makes_no_token_for_a_stranger_or_for_what_does_not_exist(her_carer: User) -> None:
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        call_command("api_token", "nobody@example.org", "--name=x", "--scope=alarms:read")
    with pytest.raises(CommandError, match="scope"):
        call_command("api_token", her_carer.email, "--name=x", "--scope=everything")
    assert not ApiToken.objects.exists()


def test_me_says_who_where_and_with_what(made: str, her_carer: User, home_care: Unit) -> None:
    told = _with(made).get(ME).json()
    assert (told["name"], told["email"]) == ("Björn Berg", her_carer.email)
    (unit,) = told["units"]
    assert (unit["id"], unit["roles"], unit["on_duty"]) == (str(home_care.pk), ["care_staff"], False)
    assert "alarm.handle" in unit["rights"]
    assert (told["token"]["name"], told["token"]["scopes"]) == ("screen", ["alarms:read"])


def test_me_in_a_browser_has_no_token(her_carer: User, client: Client) -> None:
    client.force_login(her_carer)
    assert client.get(ME).json()["token"] is None


def test_a_private_person_works_nowhere(api: Api, relative: User) -> None:
    assert api(relative).get(ME).json()["units"] == []


@pytest.mark.django_db
def test_without_a_token_nothing_is_told(client: Client) -> None:
    for name in LISTS | {"me"}:
        answer = client.get(f"/api/v1/{name}/")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_that_is_wrong_revoked_or_expired_opens_nothing(made: str, her_carer: User) -> None:
    assert _with("sh_wrong").get(ME).status_code == 401
    for change in ({"revoked_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(seconds=1)}):
        ApiToken.objects.update(**({"revoked_at": None, "expires_at": None} | change))
        assert _with(made).get(ME).status_code == 401
    ApiToken.objects.update(revoked_at=None, expires_at=None)
    User.objects.filter(pk=her_carer.pk).update(is_active=False)
    assert _with(made).get(ME).status_code == 401


@pytest.mark.parametrize("scope", [scope.value for scope in Scope])
def test_a_scope_opens_its_own_room_and_no_other(scope: str, api: Api, her_carer: User) -> None:
    client = api(her_carer, [scope])
    opened = {name for name in LISTS if client.get(f"/api/v1/{name}/").status_code == 200}
    assert opened == {scope.removesuffix(":read")} & LISTS


def test_a_scope_never_reaches_further_than_its_user(api: Api, relative: User) -> None:
    client = api(relative)
    assert all(client.get(f"/api/v1/{name}/").json()["results"] == [] for name in LISTS)
