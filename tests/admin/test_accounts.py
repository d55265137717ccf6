"""Accounts, roles and units, through admin's forms."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from safehome.organisation.models import Administration, Membership, Unit, User
from tests.admin.browser import errors, save, url

PASSWORD = "hjortron-och-blåbär-7"


def test_an_account_is_made_with_no_password_and_a_role(enter: Client, home_care: Unit) -> None:
    rows = {"memberships-TOTAL_FORMS": "1", "memberships-0-unit": str(home_care.pk), "memberships-0-role": "nurse"}
    person = {"email": "Ny.Person@Example.org", "name": "Ny Person", "memberships-0-valid_from": "2026-01-01"}
    assert save(enter, url(User, "add"), **person, **rows).status_code == 302
    user = User.objects.get(email="ny.person@example.org")
    assert not user.has_usable_password()
    assert not user.is_staff
    assert user.memberships.get().role == "nurse"


def test_an_account_is_made_with_a_password(enter: Client) -> None:
    person = {"email": "a@example.org", "name": "A", "usable_password": "true"}
    save(enter, url(User, "add"), **person, password1=PASSWORD, password2=PASSWORD)
    assert User.objects.get(email="a@example.org").check_password(PASSWORD)


@pytest.mark.parametrize(("first", "second"), [("kort", "kort"), (PASSWORD, "något annat"), ("", "")])
def test_a_poor_password_is_refused(first: str, second: str, enter: Client) -> None:
    person = {"email": "a@example.org", "name": "A", "usable_password": "true"}
    response = save(enter, url(User, "add"), **person, password1=first, password2=second)
    assert {"password1", "password2"} & errors(response).keys()


def test_an_address_has_one_account_whatever_its_case(enter: Client, nurse: User) -> None:
    response = save(enter, url(User, "add"), email=nurse.email.upper(), name="Samma")
    assert list(errors(response)) == ["email"]


def test_the_person_gets_a_link_to_choose_a_password(enter: Client, nurse: User) -> None:
    nurse.set_unusable_password()
    nurse.save()
    assert enter.post(url(nurse, "verb", "invite")).status_code == 302
    assert mail.outbox[0].to == [nurse.email]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


def test_saving_at_once_changes_nothing(enter: Client, nurse: User) -> None:
    before = User.objects.filter(pk=nurse.pk).values().get()
    assert save(enter, url(nurse, "change")).status_code == 302
    assert User.objects.filter(pk=nurse.pk).values().get() == before


def test_nothing_of_a_password_is_shown(enter: Client, nurse: User) -> None:
    text = enter.get(url(nurse, "change")).content.decode()
    assert "md5" not in text
    assert nurse.password not in text


def test_a_password_is_set_by_hand(enter: Client, nurse: User) -> None:
    page = reverse("admin:auth_user_password_change", args=[nurse.pk])
    assert enter.get(page).status_code == 200
    enter.post(page, {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "set-password": "1"})
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)


def test_an_administrator_does_not_reach_above(enter: Client, superuser: User, nurse: User) -> None:
    """Whoever could set a superuser's password, or make one, would be one."""
    assert enter.get(reverse("admin:auth_user_password_change", args=[superuser.pk])).status_code == 403
    assert (
        enter.post(url(superuser, "verb", "issue_token"), {"name": "x", "scopes": ["alarms:read"]}).status_code == 302
    )
    assert not superuser.api_tokens.exists()
    save(enter, url(nurse, "change"), is_superuser="on")
    nurse.refresh_from_db()
    assert not nurse.is_superuser


def test_a_superuser_makes_another(client_of: Callable[[User], Client], superuser: User, nurse: User) -> None:
    save(client_of(superuser), url(nurse, "change"), is_superuser="on")
    nurse.refresh_from_db()
    assert nurse.is_superuser


def test_accounts_are_never_deleted(enter: Client, nurse: User) -> None:
    assert enter.post(url(nurse, "delete"), {"post": "yes"}).status_code == 403


def test_lost_second_factors_are_removed(enter: Client, nurse: User) -> None:
    Authenticator.objects.create(user=nurse, type=Authenticator.Type.TOTP, data={})
    enter.post(url(nurse, "verb", "remove_second_factors"))
    assert not Authenticator.objects.exists()


def test_a_role_ends_after_it_begins(enter: Client, nurse: User) -> None:
    held = Membership.objects.get(user=nurse)
    response = save(enter, url(held, "change"), valid_from="2026-05-01", valid_to="2026-04-30")
    assert list(errors(response)) == ["valid_to"]


# --- Units --------------------------------------------------------------------------------------------------------


def test_alarms_never_go_in_a_ring(enter: Client, home_care: Unit, alarm_centre: Unit) -> None:
    for back in (home_care, alarm_centre):
        response = save(enter, url(alarm_centre, "change"), passes_on_to=str(back.pk))
        assert list(errors(response)) == ["passes_on_to"]


@pytest.mark.parametrize(("field", "value"), [("accept_within_s", "5"), ("arrive_within_min", "0")])
def test_times_too_short_to_keep_are_refused(field: str, value: str, enter: Client, home_care: Unit) -> None:
    assert list(errors(save(enter, url(home_care, "change"), **{field: value}))) == [field]


def test_a_unit_is_made(enter: Client, administration: Administration) -> None:
    response = save(enter, url(Unit, "add"), administration=str(administration.pk), name="Ny enhet", kind="nursing")
    assert response.status_code == 302
    assert Unit.objects.get(name="Ny enhet").accept_within_s == 180
