"""The pages where staff work with a resident's consents: how it stands, asking, handing over, annulling."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from consents import actions
from consents.desk import overview
from consents.desk.people import Case
from consents.gate import Lack, Verdict, Why
from consents.kinds import Answer, How
from consents.models import AssistedSession, Consent, ConsentEvent, EventKind, Purpose, giver_of
from consents.policies import Giver
from consents.states import State
from consents.words import reasons
from devices.models import Assignment, CollectingState
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import Unit, User
from safehome.residents.models import Cohabitant, Resident
from safehome.residents.presentation import Reader
from tests.factories import (
    CohabitantFactory,
    PurposeFactory,
    RepresentativeFactory,
    consent_to,
    publish_text,
)

ClientOf = Callable[[User], Client]
Say = Callable[..., Consent]


@pytest.fixture(autouse=True)
def in_english() -> object:
    with translation.override("en"):
        yield


@pytest.fixture
def open_as(client_of: ClientOf) -> ClientOf:
    """A browser that reads English."""

    def opened(user: User) -> Client:
        client = client_of(user)
        client.cookies["safehome_display"] = "language=en"
        return client

    return opened


def page(resident: Resident, name: str = "resident") -> str:
    return reverse(f"desk:{name}", args=[resident.pk])


def badges(user: User, resident: Resident) -> dict[str, str]:
    """Who → the badge's code, of the only purpose."""
    reader = Reader(user)
    (line,) = overview.lines(Case(user, reader, reader.see(resident)))
    return {standing.who: standing.badge.code for standing in line.standings}


# --- Who gets in ---------------------------------------------------------------------------------------------

WORKS_WITH_CONSENTS = {"her_carer", "second_carer", "night_carer", "nurse", "unit_manager", "case_officer"}
NOT_IN_HER_CARE = {"carer_elsewhere", "foreign_carer"}
SIGNED_OUT = {"inactive_carer"}


def expected(name: str) -> int:
    if name in WORKS_WITH_CONSENTS:
        return 200
    if name in SIGNED_OUT:
        return 302
    return 404 if name in NOT_IN_HER_CARE else 403


@pytest.mark.parametrize("address", ["resident", "ask", "hand-over", "paper", "emergency"])
def test_a_resident_s_pages_are_for_those_who_work_with_her_consents(
    address: str, cast: dict[str, User], resident: Resident, purpose: Purpose, client_of: ClientOf
) -> None:
    got = {name: client_of(user).get(page(resident, address)).status_code for name, user in cast.items()}
    assert got == {name: expected(name) for name in cast}


@pytest.mark.parametrize("address", ["consent", "oral"])
def test_a_consent_s_pages_are_for_those_who_work_with_her_consents(
    address: str, cast: dict[str, User], given: Consent, client_of: ClientOf
) -> None:
    url = reverse(f"desk:{address}", args=[given.pk])
    got = {name: client_of(user).get(url).status_code for name, user in cast.items()}
    assert got == {name: expected(name) for name in cast}


def test_annulling_is_for_those_who_also_write_the_texts(
    cast: dict[str, User], given: Consent, client_of: ClientOf
) -> None:
    url = reverse("desk:annul", args=[given.pk])
    got = {name for name, user in cast.items() if client_of(user).get(url).status_code == 200}
    assert got == {"unit_manager", "case_officer"}


def test_the_consents_of_another_administration_are_not_shown(
    her_carer: User, resident: Resident, foreign_unit: Unit, open_as: ClientOf
) -> None:
    theirs = PurposeFactory.create(administration=foreign_unit.administration, name="Boendestöd")
    publish_text(theirs)
    consent = consent_to(theirs, resident)
    browser = open_as(her_carer)
    assert "Boendestöd" not in browser.get(page(resident)).content.decode()
    assert browser.get(reverse("desk:consent", args=[consent.pk])).status_code == 404


def test_each_look_is_in_the_log(her_carer: User, resident: Resident, given: Consent, open_as: ClientOf) -> None:
    browser = open_as(her_carer)
    browser.get(page(resident))
    browser.get(reverse("desk:consent", args=[given.pk]))
    entries = AccessEntry.objects.filter(user=her_carer.pk, resource="consent", action=Action.READ)
    assert {entry.resident for entry in entries} == {resident.pk}
    assert entries.count() == 2


# --- How it stands -------------------------------------------------------------------------------------------


def test_a_purpose_that_nothing_waits_for_is_not_asked(her_carer: User, resident: Resident, purpose: Purpose) -> None:
    assert badges(her_carer, resident) == {"Astrid Lindqvist": "not_asked"}


@pytest.mark.parametrize(("said", "code"), [(Answer.YES, "given"), (Answer.NO, "refused"), (Answer.TALK, "talk")])
def test_an_answer_is_told_by_its_badge(
    said: Answer, code: str, her_carer: User, resident: Resident, astrid: Giver, say: Say
) -> None:
    say(astrid, said)
    assert badges(her_carer, resident) == {"Astrid Lindqvist": code}


def test_a_withdrawn_yes_is_ended_and_its_alternative_is_shown(
    her_carer: User, resident: Resident, astrid: Giver, say: Say, open_as: ClientOf
) -> None:
    say(astrid, Answer.YES)
    say(astrid, Answer.NO)
    assert badges(her_carer, resident) == {"Astrid Lindqvist": "ended"}
    assert "Vi ringer eller kommer på besök." in open_as(her_carer).get(page(resident)).content.decode()


@pytest.mark.parametrize(("days", "code"), [(90, "given"), (10, "expiring"), (-1, "over")])
def test_a_yes_that_ends_soon_or_is_over_is_marked(
    days: int, code: str, her_carer: User, resident: Resident, purpose: Purpose
) -> None:
    consent_to(purpose, resident, valid_until=clock.now() + timedelta(days=days))
    assert badges(her_carer, resident) == {"Astrid Lindqvist": code}


@pytest.fixture
def bengt(resident: Resident) -> Cohabitant:
    return CohabitantFactory.create(home=resident.home, name="Bengt Ek")


def test_whoever_lives_there_is_missing_once_the_resident_has_said_yes(
    her_carer: User, resident: Resident, purpose: Purpose, bengt: Cohabitant
) -> None:
    Purpose.objects.update(cohabitants=True)
    assert badges(her_carer, resident) == {"Astrid Lindqvist": "not_asked", "Bengt Ek": "not_asked"}
    consent_to(purpose, resident)
    assert badges(her_carer, resident) == {"Astrid Lindqvist": "given", "Bengt Ek": "missing"}
    consent_to(purpose, resident, bengt, state=State.REFUSED, given_at=None)
    assert badges(her_carer, resident) == {"Astrid Lindqvist": "given", "Bengt Ek": "refused"}


def test_a_question_put_anew_stands_beside_the_yes_that_still_counts(
    her_carer: User, resident: Resident, purpose: Purpose, given: Consent, open_as: ClientOf
) -> None:
    actions.ask(resident, purpose, by=her_carer)
    assert badges(her_carer, resident) == {"Astrid Lindqvist": "given"}
    assert "asked anew" in open_as(her_carer).get(page(resident)).content.decode()


def test_the_resident_s_page_has_a_panel_for_those_who_work_with_consents(
    her_carer: User, alarm_operator: User, resident: Resident, given: Consent, open_as: ClientOf
) -> None:
    address = reverse("residents:detail", args=[resident.pk])
    shown = open_as(her_carer).get(address).content.decode()
    assert "Sensorer i hemmet" in shown
    assert page(resident) in shown
    assert "Sensorer i hemmet" not in open_as(alarm_operator).get(address).content.decode()


def test_a_protected_person_is_masked_and_only_those_named_may_ask(
    her_carer: User, named_carer: User, protected_resident: Resident, purpose: Purpose, open_as: ClientOf
) -> None:
    CohabitantFactory.create(home=protected_resident.home, name="Hemlig Sambo")
    Purpose.objects.update(cohabitants=True)
    consent = consent_to(purpose, protected_resident)
    unnamed = open_as(her_carer)
    shown = unnamed.get(page(protected_resident)).content.decode()
    assert "Petra" not in shown
    assert "Hemlig" not in shown
    for address in ("ask", "hand-over", "paper"):
        assert unnamed.get(page(protected_resident, address)).status_code == 403
    assert unnamed.get(reverse("desk:consent", args=[consent.pk])).status_code == 403
    assert "Petra Palm" in open_as(named_carer).get(page(protected_resident)).content.decode()
    assert open_as(named_carer).get(page(protected_resident, "ask")).status_code == 200


# --- What waits, and why -------------------------------------------------------------------------------------


def test_the_page_says_who_has_not_agreed_to_what(
    unit_manager: User,
    resident: Resident,
    motion_sensor: Assignment,
    bengt: Cohabitant,
    open_as: ClientOf,
) -> None:
    purpose = motion_sensor.purposes.get()
    publish_text(purpose)
    Purpose.objects.filter(pk=purpose.pk).update(cohabitants=True, name="Rörelser hemma")
    consent_to(purpose, resident, bengt, state=State.REFUSED, given_at=None)
    Assignment.objects.update(collecting=CollectingState.STOPPED, stopped_at=clock.now(), stopped_for="consent")
    shown = open_as(unit_manager).get(page(resident)).content.decode()
    assert "Can’t collect" in shown.replace("&#x27;", "’").replace("'", "’")
    assert "Bengt Ek, who lives there, has said no to “Rörelser hemma”." in shown
    assert "Start the device" not in shown


@pytest.mark.parametrize("why", list(Why))
def test_every_lack_has_words(why: Why, resident: Resident, purpose: Purpose, bengt: Cohabitant) -> None:
    lacks = tuple(Lack(why, giver, purpose.pk) for giver in (resident.pk, giver_of(resident.pk, bengt.pk)))
    for reason in reasons(Verdict(lacks), resident):
        assert reason.code == why.value
        assert reason.text.endswith(".")
        assert "%" not in reason.text


def test_nobody_protected_is_named_without_a_reader_who_may_know(
    protected_resident: Resident, purpose: Purpose
) -> None:
    (reason,) = reasons(Verdict((Lack(Why.MISSING, protected_resident.pk, purpose.pk),)), protected_resident)
    assert "Petra" not in reason.text


# --- Asking --------------------------------------------------------------------------------------------------


def ask(browser: Client, resident: Resident, purpose: Purpose, **more: str) -> object:
    return browser.post(page(resident, "ask"), {"purposes": str(purpose.pk), "who": "self"} | more)


@pytest.mark.parametrize(
    ("how", "leads_to"),
    [(How.STAFF_TABLET, "/hand-over/"), (How.PAPER, "/paper/"), (How.ORAL, "/oral/"), (How.OWN_DEVICE, "/consents/")],
)
def test_asking_leads_on_to_the_way_that_was_chosen(
    how: How, leads_to: str, her_carer: User, resident: Resident, purpose: Purpose, open_as: ClientOf
) -> None:
    answer = ask(open_as(her_carer), resident, purpose, how=how.value)
    consent = Consent.objects.get()
    assert (consent.state, consent.asked_by) == (State.ASKED, her_carer)
    assert leads_to in answer["Location"]  # type: ignore[index]
    asked = ConsentEvent.objects.get(kind=EventKind.ASKED)
    assert asked.content["how"] == how
    assert asked.by == her_carer.pk


def test_a_question_is_not_put_to_a_child_with_guardians(
    her_carer: User, child: Resident, guardians: tuple[Giver, Giver], purpose: Purpose, open_as: ClientOf
) -> None:
    answer = ask(open_as(her_carer), child, purpose, how="paper")
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert not Consent.objects.exists()


def test_a_relative_is_nobody_to_ask(
    her_carer: User, relative: User, resident: Resident, purpose: Purpose, open_as: ClientOf
) -> None:
    shown = open_as(her_carer).get(page(resident, "ask")).content.decode()
    assert relative.name not in shown


def test_the_tablet_is_handed_over_with_what_is_noted(
    her_carer: User, resident: Resident, purpose: Purpose, open_as: ClientOf
) -> None:
    browser = open_as(her_carer)
    said = {"who": "self", "language": "sv", "presence": "Björn", "interpreter": "Tolk 12", "aids": "Bilder"}
    answer = browser.post(page(resident, "hand-over"), said | {"helped_by": "Dottern"})
    assert answer.status_code == 302
    session = AssistedSession.objects.get()
    assert (session.staff, session.resident, session.presence) == (her_carer, resident, "Björn")
    assert (session.interpreter, session.aids, session.helped_by) == ("Tolk 12", "Bilder", "Dottern")
    assert browser.get(page(resident)).status_code != 200


def test_a_representative_does_not_get_the_tablet(
    her_carer: User, resident: Resident, purpose: Purpose, open_as: ClientOf
) -> None:
    row = RepresentativeFactory.create(resident=resident)
    answer = ask(open_as(her_carer), resident, purpose, who=f"for-{row.pk}", how=How.STAFF_TABLET.value)
    assert answer.status_code == 400  # type: ignore[attr-defined]


# --- One consent ---------------------------------------------------------------------------------------------


def test_a_consent_s_story_is_told_in_words(
    her_carer: User, resident: Resident, astrid: Giver, say: Say, open_as: ClientOf
) -> None:
    consent = say(astrid, Answer.YES)
    shown = open_as(her_carer).get(reverse("desk:consent", args=[consent.pk])).content.decode()
    assert "The text was shown: version 1.1, sv" in shown
    assert "Astrid Lindqvist answered “Yes”" in shown


def test_a_consent_entered_in_error_is_annulled_with_a_reason(
    case_officer: User, given: Consent, open_as: ClientOf
) -> None:
    browser = open_as(case_officer)
    url = reverse("desk:annul", args=[given.pk])
    assert browser.post(url, {"reason": " "}).status_code == 400
    assert browser.post(url, {"reason": "Fel person."}).status_code == 302
    given.refresh_from_db()
    assert (given.state, given.end_reason) == (State.ANNULLED, "Fel person.")
    assert browser.post(url, {"reason": "Igen."}).status_code == 400
    assert "Fel person." in browser.get(reverse("desk:consent", args=[given.pk])).content.decode()


def test_a_carer_elsewhere_annuls_nothing(carer_elsewhere: User, given: Consent, client_of: ClientOf) -> None:
    answer = client_of(carer_elsewhere).post(reverse("desk:annul", args=[given.pk]), {"reason": "Därför."})
    assert answer.status_code == 403
    given.refresh_from_db()
    assert given.state == State.GIVEN
