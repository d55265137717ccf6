"""Emergencies: declared with a reason, short, never against a no, and reviewed by somebody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consents import actions, verify
from consents.grounds import may_collect_for
from consents.kinds import Answer
from consents.models import Consent, ConsentEvent, EmergencyGround, EventKind, Purpose, Task, TaskKind
from consents.policies import Giver
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import User
from safehome.residents.models import Resident

ClientOf = Callable[[User], Client]
Say = Callable[..., Consent]
REASON = "Ligger på golvet och svarar inte."


@pytest.fixture
def declare(resident: Resident, her_carer: User, client_of: ClientOf) -> Callable[..., Any]:
    def send(by: User = her_carer, **said: str) -> Any:
        url = reverse("desk:emergency", args=[resident.pk])
        return client_of(by).post(url, {"reason": REASON, "hours": "6"} | said)

    return send


@pytest.fixture
def emergency(declare: Callable[..., Any]) -> EmergencyGround:
    declare()
    return EmergencyGround.objects.get()


def review(browser: Client, row: EmergencyGround, **said: str) -> Any:
    return browser.post(reverse("desk:review-emergency", args=[row.pk]), {"note": "Det var rätt."} | said)


def test_the_page_says_what_it_is_and_is_not(her_carer: User, resident: Resident, client_of: ClientOf) -> None:
    browser = client_of(her_carer)
    browser.cookies["safehome_display"] = "language=en"
    shown = browser.get(reverse("desk:emergency", args=[resident.pk])).content.decode()
    assert "A consent. Nobody has said yes." in shown
    assert "Where the person has said no, nothing starts." in shown


def test_it_lets_data_flow_for_the_hours_that_were_written(
    emergency: EmergencyGround, resident: Resident, purpose: Purpose, her_carer: User
) -> None:
    assert (emergency.started_by, emergency.reason) == (her_carer, REASON)
    assert emergency.ends_at - emergency.started_at == timedelta(hours=6)
    verdict = may_collect_for(resident, [purpose])
    assert (verdict.allowed, verdict.until) == (True, emergency.ends_at)
    assert not may_collect_for(resident, [purpose], emergency.ends_at).allowed
    assert not Consent.objects.exists()


def test_it_does_not_stand_against_a_no(
    declare: Callable[..., Any], resident: Resident, purpose: Purpose, astrid: Giver, say: Say
) -> None:
    say(astrid, Answer.NO)
    declare()
    assert not may_collect_for(resident, [purpose]).allowed


@pytest.mark.parametrize("said", [{"reason": ""}, {"reason": "bråttom"}, {"hours": "0"}, {"hours": "73"}])
def test_a_reason_and_a_short_time_are_needed(said: dict[str, str], declare: Callable[..., Any]) -> None:
    assert declare(**said).status_code == 400
    assert not EmergencyGround.objects.exists()


def test_it_is_proven_logged_and_to_be_reviewed(
    emergency: EmergencyGround, resident: Resident, her_carer: User
) -> None:
    event = ConsentEvent.objects.get(kind=EventKind.EMERGENCY_BEGUN)
    assert (event.resident, event.content["reason"]) == (resident.pk, REASON)
    assert AccessEntry.objects.filter(user=her_carer.pk, action=Action.EMERGENCY, resident=resident.pk).exists()
    assert Task.objects.open().filter(kind=TaskKind.REVIEW_EMERGENCY, about=emergency.pk).exists()


DECLARES = {"her_carer", "second_carer", "night_carer", "nurse", "unit_manager", "case_officer"}


def test_who_may_declare(cast: dict[str, User], declare: Callable[..., Any]) -> None:
    done = {name for name, user in cast.items() if declare(user).get("Location", "").startswith("/consents/emerg")}
    assert done == DECLARES
    assert EmergencyGround.objects.count() == len(DECLARES)


def test_who_may_review(cast: dict[str, User], emergency: EmergencyGround, client_of: ClientOf) -> None:
    """Whoever writes about consents in her care and did not declare it; those who only ask may read it."""
    got = {name: review(client_of(user), emergency, note="").status_code for name, user in cast.items()}
    assert {name for name, status in got.items() if status == 400} == {"unit_manager", "case_officer"}
    url = reverse("desk:review-emergency", args=[emergency.pk])
    reads = {name for name, user in cast.items() if client_of(user).get(url).status_code == 200}
    assert reads == DECLARES


def test_nobody_reviews_their_own(unit_manager: User, declare: Callable[..., Any], client_of: ClientOf) -> None:
    declare(unit_manager)
    row = EmergencyGround.objects.get()
    assert review(client_of(unit_manager), row).status_code == 403
    row.refresh_from_db()
    assert row.reviewed_at is None


def test_a_review_is_written_down_once(
    emergency: EmergencyGround, unit_manager: User, case_officer: User, client_of: ClientOf
) -> None:
    assert review(client_of(unit_manager), emergency).status_code == 302
    review(client_of(case_officer), emergency, note="Något annat.")
    emergency.refresh_from_db()
    assert (emergency.reviewed_by, emergency.review_note) == (unit_manager, "Det var rätt.")
    assert not Task.objects.open().filter(kind=TaskKind.REVIEW_EMERGENCY).exists()
    assert emergency.ends_at > clock.now()


def test_a_reviewer_may_end_it_at_once(
    emergency: EmergencyGround, resident: Resident, purpose: Purpose, unit_manager: User, client_of: ClientOf
) -> None:
    review(client_of(unit_manager), emergency, end_now="on", note="Astrid kunde svara.")
    assert not may_collect_for(resident, [purpose]).allowed
    ended = ConsentEvent.objects.get(kind=EventKind.EMERGENCY_ENDED)
    assert ended.content["note"] == "Astrid kunde svara."


def test_the_overview_shows_that_one_goes_on(
    emergency: EmergencyGround, resident: Resident, nurse: User, client_of: ClientOf
) -> None:
    browser = client_of(nurse)
    shown = browser.get(reverse("desk:resident", args=[resident.pk])).content.decode()
    assert reverse("desk:review-emergency", args=[emergency.pk]) in shown


def test_a_dead_person_needs_no_emergency(declare: Callable[..., Any], resident: Resident, purpose: Purpose) -> None:
    resident.died_on = clock.now().date()
    resident.save()
    declare()
    assert not may_collect_for(resident, [purpose]).allowed


def test_the_verb_itself_refuses_who_has_no_part(carer_elsewhere: User, resident: Resident) -> None:
    from safehome.audit.denials import NotVisible

    with pytest.raises(NotVisible):
        actions.declare_emergency(resident.pk, by=carer_elsewhere, reason=REASON)


def test_the_proof_of_an_emergency_that_was_ended_early_holds_together(
    emergency: EmergencyGround, unit_manager: User, client_of: ClientOf
) -> None:
    review(client_of(unit_manager), emergency, end_now="on")
    assert verify.verify()[1] == []
