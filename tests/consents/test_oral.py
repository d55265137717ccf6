"""Answers by word of mouth: read out, said, heard by a witness."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consents import actions, proof
from consents.kinds import GivenBy, How, ResidentView, Understanding
from consents.models import Consent, ConsentEvent, Decision, EventKind, Purpose, Task, TaskKind
from consents.policies import Giver
from consents.states import State
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import User
from safehome.residents.models import Representative, Resident
from tests.factories import CohabitantFactory

ClientOf = Callable[[User], Client]


@pytest.fixture
def asked(resident: Resident, purpose: Purpose, her_carer: User) -> Consent:
    return actions.ask(resident, purpose, by=her_carer, how=How.ORAL)


Register = Callable[..., Any]


@pytest.fixture
def register(asked: Consent, her_carer: User, client_of: ClientOf) -> Register:
    """`register(answer="no")`: what the carer writes, sent; by default a yes to the Swedish text, just now."""

    def send(consent: Consent = asked, **said: str) -> Any:
        now = timezone.localtime(clock.now())
        facts = {
            "text": "sv-standard",
            "understanding": Understanding.UNDERSTOOD.value,
            "answer": "yes",
            "who": "self",
            "day": f"{now:%Y-%m-%d}",
            "clock_time": f"{now:%H:%M}",
            "witness": "Disa Dahl",
        }
        return client_of(her_carer).post(reverse("desk:oral", args=[consent.pk]), facts | said)

    return send


def test_a_spoken_yes_is_kept_with_all_that_was_there(register: Register, asked: Consent, her_carer: User) -> None:
    said = {"presence": "Dottern", "interpreter": "Tolk 7, arabiska", "aids": "Bilder", "helped_by": "Stina Sund"}
    assert register(**said).status_code == 302
    decision = Decision.objects.get()
    assert (decision.how, decision.given_by, decision.user) == (How.ORAL, GivenBy.SELF, None)
    assert (decision.witness, decision.registered_by) == ("Disa Dahl", her_carer)
    assert (decision.presence, decision.interpreter, decision.aids) == ("Dottern", "Tolk 7, arabiska", "Bilder")
    assert (decision.helped_by, decision.understanding) == ("Stina Sund", Understanding.UNDERSTOOD)
    asked.refresh_from_db()
    assert asked.state == State.GIVEN
    kinds = list(ConsentEvent.objects.order_by("sequence").values_list("kind", flat=True))
    assert kinds[:4] == [EventKind.ASKED, EventKind.SERVED, EventKind.CHECKED, EventKind.ANSWERED]
    assert not list(proof.verify_chain())
    assert AccessEntry.objects.filter(user=her_carer.pk, action=Action.SIGN, resident=asked.resident_id).exists()


def test_the_text_that_was_read_out_is_the_one_that_is_proven(register: Register) -> None:
    register(text="en-easy")
    decision = Decision.objects.get()
    assert (decision.language, decision.variant) == ("en", "easy")


@pytest.mark.parametrize("name", ["Björn Berg", "  björn   berg "])
def test_nobody_is_their_own_witness(name: str, register: Register, her_carer: User) -> None:
    assert her_carer.name == "Björn Berg"
    assert register(witness=name).status_code == 400
    assert not Decision.objects.exists()


@pytest.mark.parametrize("missing", ["witness", "understanding", "text", "day", "clock_time", "answer", "who"])
def test_an_answer_without_its_circumstances_is_refused(missing: str, register: Register) -> None:
    assert register(**{missing: ""}).status_code == 400
    assert not Decision.objects.exists()
    assert not ConsentEvent.objects.filter(kind=EventKind.SERVED).exists()


@pytest.mark.parametrize(
    ("said", "tries"),
    [(Understanding.UNDERSTOOD, [True]), (Understanding.EXPLAINED, [False, True]), (Understanding.UNSURE, [False])],
)
def test_how_understanding_was_checked_is_kept(said: Understanding, tries: list[bool], register: Register) -> None:
    register(understanding=said.value)
    assert Decision.objects.get().understanding == said
    checked = ConsentEvent.objects.filter(kind=EventKind.CHECKED).order_by("sequence")
    assert [event.content["right"] for event in checked] == tries


def test_an_answer_that_came_earlier_counts_from_then(register: Register, asked: Consent) -> None:
    day = timezone.localdate() - timedelta(days=1)
    register(day=f"{day:%Y-%m-%d}", clock_time="09:15")
    asked.refresh_from_db()
    assert asked.given_at is not None
    assert timezone.localtime(asked.given_at).strftime("%Y-%m-%d %H:%M") == f"{day:%Y-%m-%d} 09:15"
    assert Decision.objects.get().registered_at - asked.given_at > timedelta(hours=1)


def test_an_answer_tomorrow_is_refused(register: Register) -> None:
    day = timezone.localdate() + timedelta(days=1)
    assert register(day=f"{day:%Y-%m-%d}").status_code == 400


def test_a_spoken_no_takes_a_yes_back(register: Register, given: Consent) -> None:
    assert register(given, answer="no").status_code == 302
    given.refresh_from_db()
    assert given.state == State.ENDED


def test_who_wants_to_talk_first_gets_somebody_to_talk_with(register: Register, asked: Consent) -> None:
    register(answer="talk")
    asked.refresh_from_db()
    assert asked.state == State.TALK
    assert Task.objects.open().filter(kind=TaskKind.EXPLAIN, resident=asked.resident).exists()


def test_a_question_that_has_been_answered_is_asked_anew_first(register: Register, asked: Consent) -> None:
    register(answer="no")
    assert register().status_code == 302
    assert Decision.objects.count() == 1


def test_a_god_man_answers_with_the_person_s_view(register: Register, god_man: Giver) -> None:
    assert register(who=god_man.slug).status_code == 400
    assert register(who=god_man.slug, resident_view=ResidentView.AGREES).status_code == 302
    assert Decision.objects.get().mandate["name"] == "Gunnar Grahn"


def test_an_earlier_answer_of_a_god_man_stands_no_longer_than_the_mandate(
    register: Register, god_man: Giver, asked: Consent
) -> None:
    ends = timezone.localdate() + timedelta(days=20)
    Representative.objects.update(valid_to=ends)
    day = timezone.localdate() - timedelta(days=1)
    register(who=god_man.slug, resident_view=ResidentView.AGREES, day=f"{day:%Y-%m-%d}", clock_time="09:15")
    asked.refresh_from_db()
    assert asked.state == State.GIVEN
    assert asked.valid_until is not None
    assert timezone.localdate(asked.valid_until) == ends + timedelta(days=1)


def test_a_mandate_that_was_not_in_force_then_is_refused(register: Register, god_man: Giver) -> None:
    Representative.objects.update(valid_from=timezone.localdate())
    day = timezone.localdate() - timedelta(days=1)
    facts = {"day": f"{day:%Y-%m-%d}", "clock_time": "09:15", "resident_view": ResidentView.AGREES.value}
    assert register(who=god_man.slug, **facts).status_code == 400
    assert not Decision.objects.exists()


def test_whoever_lives_there_answers_their_own_question_and_no_other(
    register: Register, resident: Resident, purpose: Purpose, asked: Consent, her_carer: User
) -> None:
    Purpose.objects.update(cohabitants=True)
    bengt = CohabitantFactory.create(home=resident.home, name="Bengt Ek", valid_from=date(2020, 1, 1))
    slug = f"home-{bengt.pk}-{resident.pk}"
    assert register(who=slug).status_code == 400
    theirs = actions.ask(resident, Purpose.objects.get(), by=her_carer, cohabitant=bengt)
    assert register(theirs, who="self").status_code == 400
    assert register(theirs, who=slug).status_code == 302
    assert Decision.objects.get().given_by == GivenBy.COHABITANT


def test_nothing_is_left_when_the_answer_is_refused(register: Register, asked: Consent) -> None:
    """What is served and checked goes back with the answer."""
    assert asked.purpose.published
    asked.purpose.published.translations.update(sample=True)
    assert register().status_code == 400
    asked.refresh_from_db()
    assert (asked.state, asked.served_digest, asked.understanding) == (State.ASKED, "", "")
