"""Who enters Django admin: administrators, and log reviewers to the log alone, whatever permissions others hold."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from safehome.audit.models import AccessEntry, Outcome
from safehome.organisation.models import Membership, Unit, User
from safehome.organisation.roles import Role
from tests.conftest import CAST

PAGES = [
    "admin:index",
    "admin:residents_resident_changelist",
    "admin:residents_resident_add",
    "admin:devices_assignment_changelist",
    "admin:alarms_rulesetting_changelist",
    "admin:alarms_alarm_changelist",
    "admin:organisation_user_changelist",
    "admin:auditlog_logentry_changelist",
    "admin:outbox_delivery_changelist",
    "admin:autocomplete",
]
INSIDE = {"administrator", "superuser"}


@pytest.mark.parametrize("person", sorted({*CAST} - INSIDE))
def test_nobody_else_enters(person: str, request: pytest.FixtureRequest, client_of: Callable[[User], Client]) -> None:
    client = client_of(request.getfixturevalue(person))
    refused = 302 if person == "inactive_carer" else 403  # whose session does not count: to the sign-in
    assert {page: client.get(reverse(page)).status_code for page in PAGES} == dict.fromkeys(PAGES, refused)


@pytest.mark.parametrize("person", sorted(INSIDE))
def test_administrators_enter(person: str, request: pytest.FixtureRequest, client_of: Callable[[User], Client]) -> None:
    client = client_of(request.getfixturevalue(person))
    assert {client.get(reverse(page)).status_code for page in PAGES[:-1]} == {200}


def test_whoever_has_not_signed_in_is_sent_to_the_one_sign_in(client: Client, db: None) -> None:
    response = client.get(reverse("admin:residents_resident_changelist"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=" in response.redirect_chain[-1][0]


def test_the_role_alone_does_not_open_the_door(client_of: Callable[[User], Client], administrator: User) -> None:
    administrator.is_staff = False
    administrator.save()
    assert client_of(administrator).get(reverse("admin:index")).status_code == 403


def test_the_flag_alone_does_not_open_the_door(client_of: Callable[[User], Client], nurse: User) -> None:
    nurse.is_staff = True
    nurse.save()
    assert client_of(nurse).get(reverse("admin:index")).status_code == 403


def test_model_permissions_open_nothing(client_of: Callable[[User], Client], nurse: User) -> None:
    nurse.is_staff = True
    nurse.save()
    nurse.user_permissions.set(Permission.objects.all())
    assert client_of(nurse).get(reverse("admin:residents_resident_changelist")).status_code == 403


def test_a_role_that_has_ended_closes_the_door(client_of: Callable[[User], Client], administrator: User) -> None:
    Membership.objects.filter(user=administrator).delete()
    assert client_of(administrator).get(reverse("admin:index")).status_code == 403


def test_a_refusal_is_in_the_log(client_of: Callable[[User], Client], nurse: User) -> None:
    client_of(nurse).get(reverse("admin:index"))
    entry = AccessEntry.objects.get(user=nurse.pk, outcome=Outcome.DENIED)
    assert entry.detail == reverse("admin:index")


@pytest.fixture
def reviewer_inside(log_reviewer: User) -> User:
    log_reviewer.is_staff = True
    log_reviewer.save()
    return log_reviewer


def test_a_log_reviewer_enters_to_the_log_and_no_further(
    client_of: Callable[[User], Client], reviewer_inside: User
) -> None:
    client = client_of(reviewer_inside)
    assert client.get(reverse("admin:audit_accessentry_changelist")).status_code == 200
    assert client.get(reverse("admin:residents_resident_changelist")).status_code == 403
    shown = client.get(reverse("admin:index")).context["app_list"]
    assert [model["object_name"] for app in shown for model in app["models"]] == ["AccessEntry"]


@pytest.mark.parametrize("person", ["administrator", "superuser"])
def test_the_access_log_is_not_for_those_it_is_about(
    person: str, request: pytest.FixtureRequest, client_of: Callable[[User], Client]
) -> None:
    client = client_of(request.getfixturevalue(person))
    assert client.get(reverse("admin:audit_accessentry_changelist")).status_code == 403


def test_an_administrator_who_also_reviews_sees_both(
    client_of: Callable[[User], Client], administrator: User, case_office: Unit
) -> None:
    Membership.objects.create(user=administrator, unit=case_office, role=Role.LOG_REVIEWER)
    assert client_of(administrator).get(reverse("admin:audit_accessentry_changelist")).status_code == 200


def test_models_of_other_packages_stay_out() -> None:
    ours = {"organisation", "audit", "residents", "outbox", "consents", "devices", "alarms"}
    registered = {model._meta.label for model in admin.site._registry}
    assert {label for label in registered if label.split(".")[0] not in ours} == {"auditlog.LogEntry"}
