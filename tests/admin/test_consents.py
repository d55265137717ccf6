"""The register of purposes is kept in admin too; what people have been told and have answered is only read there."""

import pytest
from auditlog.models import LogEntry
from django.test import Client

from alarms.models import Alarm
from consents import proof
from consents.kinds import Answer, GivenBy, How
from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    Decision,
    EmergencyGround,
    EventKind,
    Purpose,
    RelativeView,
    Task,
    TaskKind,
)
from safehome import clock
from safehome.audit.models import AccessEntry
from safehome.organisation.models import Administration, Unit, User
from safehome.residents.models import Resident
from tests.admin.browser import answers, errors, save, url
from tests.factories import ContactFactory, PurposeFactory, consent_to, publish_text


@pytest.fixture
def purpose(administration: Administration) -> Purpose:
    return PurposeFactory.create(administration=administration, name="Sensorer i hemmet")


def test_a_purpose_that_nobody_has_been_told_of_is_changed(enter: Client, purpose: Purpose) -> None:
    response = save(enter, url(purpose, "change"), name="Sensorer i hallen")
    assert response.status_code == 302, errors(response)
    purpose.refresh_from_db()
    assert purpose.name == "Sensorer i hallen"


def test_once_told_of_only_its_end_is_set(enter: Client, purpose: Purpose) -> None:
    publish_text(purpose)
    assert set(answers(enter.get(url(purpose, "change")))) & {"name", "basis", "valid_to"} == {"valid_to"}
    rows = {"categories-TOTAL_FORMS": "1", "categories-0-category": "alarms"}
    save(enter, url(purpose, "change"), valid_to="2030-01-01", name="Annat", **rows)
    purpose.refresh_from_db()
    assert (purpose.name, str(purpose.valid_to)) == ("Sensorer i hemmet", "2030-01-01")
    assert not purpose.categories.exists()


@pytest.mark.parametrize(
    "model", [Purpose, ConsentText, Consent, Decision, ConsentEvent, Task, EmergencyGround, RelativeView]
)
def test_nothing_about_consents_is_deleted(model: type[Purpose | Consent], enter: Client, world: Alarm) -> None:
    thing = model._default_manager.first()
    assert thing is not None
    assert enter.post(url(thing, "delete"), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=thing.pk).exists()


def test_looking_at_a_consent_is_in_the_log(
    enter: Client, purpose: Purpose, resident: Resident, administrator: User
) -> None:
    consent = consent_to(purpose, resident)
    enter.get(url(consent, "change"))
    assert AccessEntry.objects.filter(user=administrator.pk, resident=resident.pk).exists()


def test_what_was_said_beside_an_answer_is_not_shown(enter: Client, purpose: Purpose, resident: Resident) -> None:
    consent = consent_to(purpose, resident)
    decision = consent.decisions.create(
        answer=Answer.YES, given_by=GivenBy.SELF, how=How.ORAL, helped_by="Dottern Ronja", witness="Grannen Torvald"
    )
    content = {"name": "Dottern Ronja"}
    event = proof.append(EventKind.GIVEN, at=clock.now(), resident=resident.pk, subject=consent.pk, content=content)
    for thing in (consent, decision, event):
        text = enter.get(url(thing, "change")).content.decode()
        assert "Ronja" not in text
        assert "Torvald" not in text


def test_a_protected_person_is_met_by_nobody_who_is_not_named(
    enter: Client, purpose: Purpose, protected_resident: Resident, home_care: Unit, unit_manager: User
) -> None:
    consent = consent_to(purpose, protected_resident)
    decision = consent.decisions.create(answer=Answer.YES, given_by=GivenBy.SELF, how=How.ORAL)
    task = Task.objects.create(
        kind=TaskKind.RENEW, resident=protected_resident, unit=home_care, key="x", due_on="2026-12-01"
    )
    view = RelativeView.objects.create(
        resident=protected_resident, contact=ContactFactory.create(resident=protected_resident, name="Sigurd Palm")
    )
    for thing in (consent, decision, task, view):
        assert enter.get(url(thing, "change")).status_code == 302
        assert thing not in enter.get(url(type(thing), "changelist")).context["cl"].result_list


def test_the_history_of_a_relative_s_view_names_nobody(enter: Client, resident: Resident) -> None:
    contact = ContactFactory.create(resident=resident, name="Sigurd Palm")
    view = RelativeView.objects.create(resident=resident, contact=contact)
    entry = LogEntry.objects.get_for_object(view).get()
    for address in (url(entry, "change"), url(LogEntry, "changelist")):
        assert "Sigurd" not in enter.get(address).content.decode()
