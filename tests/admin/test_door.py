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

PAGES = {
    "index": "admin:index",
    "residents": "admin:residents_resident_changelist",
    "new resident": "admin:residents_resident_add",
    "assignments": "admin:devices_assignment_changelist",
    "rules": "admin:alarms_rulesetting_changelist",
    "alarms": "admin:alarms_alarm_changelist",
    "accounts": "admin:organisation_user_changelist",
    "field changes": "admin:auditlog_logentry_changelist",
    "deliveries": "admin:outbox_delivery_changelist",
}
INSIDE = {"administrator", "superuser"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("person", CAST)
def test_only_administrators_enter(
    person: str, page: str, request: pytest.FixtureRequest, client_of: Callable[[User], Client]
) -> None:
    response = client_of(request.getfixturevalue(person)).get(reverse(page))
    gone = person == "inactive_carer"  # whose session does not count
    assert response.status_code == (200 if person in INSIDE else 302 if gone else 403)


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
    ours = {"organisation", "audit", "residents", "outbox", "devices", "alarms"}
    registered = {model._meta.label for model in admin.site._registry}
    assert {label for label in registered if label.split(".")[0] not in ours} == {"auditlog.LogEntry"}
