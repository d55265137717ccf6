"""Accounts, tokens and the second factor."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from safehome.organisation.actions import issue_token
from safehome.organisation.authentication import BearerAuthentication
from safehome.organisation.models import ApiToken, User
from tests.factories import PASSWORD, UserFactory

SignIn = Callable[[User], Client]


def authenticate(authorization: str) -> tuple[User, ApiToken] | None:
    request = APIRequestFactory().get("/api/v1/alarms/", headers={"authorization": authorization})
    return BearerAuthentication().authenticate(Request(request))


def test_an_e_mail_address_is_one_account_however_it_is_written(db: None) -> None:
    user = User.objects.create_user("Astrid@Example.ORG", PASSWORD, name="Astrid")
    assert user.email == "astrid@example.org"
    assert User.objects.get_by_natural_key("ASTRID@example.org") == user


def test_somebody_signs_in_with_e_mail_and_password(client: Client, db: None) -> None:
    user = UserFactory.create(email="astrid@example.org")
    client.post("/accounts/login/", {"login": "Astrid@example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_nobody_signs_up(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "x@example.org", "password1": PASSWORD})
    assert not User.objects.exists()


def test_a_token_is_the_person_it_was_made_for(her_carer: User) -> None:
    plain = issue_token(her_carer, name="phone", scopes=["alarms:read"])
    found = authenticate(f"Bearer {plain}")
    assert found is not None
    assert (found[0], found[1].scopes) == (her_carer, ["alarms:read"])


def test_only_the_hash_of_a_token_is_kept(her_carer: User) -> None:
    plain = issue_token(her_carer, name="phone", scopes=[])
    assert plain not in str(ApiToken.objects.values())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"revoked_at": timezone.now()}, id="revoked"),
        pytest.param({"expires_at": timezone.now() - timedelta(seconds=1)}, id="expired"),
    ],
)
def test_a_token_that_is_no_good_is_refused(her_carer: User, change: dict[str, object]) -> None:
    plain = issue_token(her_carer, name="phone", scopes=[])
    ApiToken.objects.update(**change)
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {plain}")


def test_a_closed_account_closes_its_tokens(her_carer: User) -> None:
    plain = issue_token(her_carer, name="phone", scopes=[])
    User.objects.update(is_active=False)
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {plain}")


def test_another_scheme_is_left_to_others(db: None) -> None:
    assert authenticate("Basic dGVzdDp0ZXN0") is None


@pytest.fixture
def two_factors(settings: Settings) -> None:
    settings.SAFEHOME_REQUIRE_MFA = True


@pytest.mark.parametrize("name", ["her_carer", "technician", "log_reviewer", "administrator", "superuser"])
def test_staff_without_a_second_factor_are_sent_to_set_one_up(
    request: pytest.FixtureRequest, two_factors: None, client_of: SignIn, name: str
) -> None:
    answer = client_of(request.getfixturevalue(name)).get("/ui/")
    assert (answer.status_code, answer["location"]) == (302, "/accounts/2fa/")


def test_the_api_says_so_in_its_own_way(two_factors: None, client_of: SignIn, her_carer: User) -> None:
    answer = client_of(her_carer).get("/api/v1/alarms/")
    assert (answer.status_code, answer["content-type"]) == (403, "application/problem+json")


def test_staff_with_a_second_factor_go_on(two_factors: None, client_of: SignIn, her_carer: User) -> None:
    TOTP.activate(her_carer, generate_totp_secret())
    assert client_of(her_carer).get("/ui/").status_code == 200


@pytest.mark.parametrize("name", ["resident_user", "relative", "representative", "stranger"])
def test_private_people_need_one_factor(
    request: pytest.FixtureRequest, two_factors: None, client_of: SignIn, name: str
) -> None:
    answer = client_of(request.getfixturevalue(name)).get("/ui/")
    assert answer.headers.get("location") != "/accounts/2fa/"


def test_the_page_to_set_it_up_is_open(two_factors: None, client_of: SignIn, her_carer: User) -> None:
    assert "/accounts/2fa/" not in client_of(her_carer).get("/accounts/2fa/").headers.get("location", "")
