"""Refusals are in the log, although they roll back what they refuse."""

from collections.abc import Callable

import pytest
from django.test import Client

from alarms.models import Alarm
from safehome.audit.models import AccessEntry, Outcome
from safehome.organisation.models import User
from safehome.residents.models import Resident

SignIn = Callable[[User], Client]


def denials() -> list[AccessEntry]:
    return list(AccessEntry.objects.filter(outcome=Outcome.DENIED))


@pytest.mark.django_db(transaction=True)
def test_reaching_for_an_alarm_that_is_not_yours_is_404_and_logged(
    alarm: Alarm, carer_elsewhere: User, client_of: SignIn
) -> None:
    assert client_of(carer_elsewhere).get(f"/alarms/{alarm.pk}/").status_code == 404
    [entry] = denials()
    assert (entry.user, entry.resource, entry.resource_id) == (carer_elsewhere.pk, "alarm", str(alarm.pk))
    assert (entry.resident, entry.owner_unit, entry.detail) == (alarm.resident_id, alarm.unit_id, "view")
    assert entry.system == "web"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["accept", "arrive", "close"])
def test_a_verb_that_was_refused_is_logged_although_it_was_rolled_back(
    alarm: Alarm, carer_elsewhere: User, client_of: SignIn, verb: str
) -> None:
    answer = client_of(carer_elsewhere).post(f"/alarms/{alarm.pk}/{verb}/", {"outcome": "talked", "version": 1})
    assert answer.status_code == 404
    assert [entry.detail for entry in denials()] == [verb]
    alarm.refresh_from_db()
    assert alarm.handling == "raised"


@pytest.mark.django_db(transaction=True)
def test_reaching_for_a_resident_names_the_resident(
    resident: Resident, carer_elsewhere: User, client_of: SignIn
) -> None:
    assert client_of(carer_elsewhere).get(f"/residents/{resident.pk}/").status_code == 404
    [entry] = denials()
    assert (entry.resource, entry.resident) == ("resident", resident.pk)


def test_what_does_not_exist_is_404_and_no_denial(her_carer: User, client_of: SignIn) -> None:
    answer = client_of(her_carer).get("/alarms/00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 404
    assert denials() == []


@pytest.mark.django_db(transaction=True)
def test_a_page_for_staff_only_is_logged_when_refused(stranger: User, client_of: SignIn) -> None:
    assert client_of(stranger).get("/board/").status_code == 403
    [entry] = denials()
    assert (entry.resource, entry.detail, entry.role) == ("page", "/board/", "private person")
