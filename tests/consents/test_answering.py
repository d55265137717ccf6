"""Answering: who may, what it must rest on, what it becomes."""

from datetime import timedelta

import pytest
import time_machine

from consents import actions
from consents.actions import Circumstances, Refused, TextChanged
from consents.kinds import Answer, ConsentKind, GivenBy, How, ResidentView, Variant
from consents.models import Consent, ConsentEvent, Decision, Purpose, Task, TaskKind
from consents.policies import Giver, MayNotDecide
from consents.states import TRANSITIONS, State, TransitionRefused, Verb, after
from safehome import clock
from safehome.organisation.models import User
from safehome.residents.models import Representative, RepresentativeKind, Resident
from tests.consents.conftest import Say, Serve
from tests.factories import CohabitantFactory, consent_to, publish_text

HER_VIEW = {"resident_view": ResidentView.AGREES}
CHILDS_VIEW = {"resident_view": ResidentView.AGREES, "resident_view_note": "Kim vill ha knappen."}


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", State)
def test_a_verb_leads_where_the_table_says_or_is_refused(verb: Verb, state: State) -> None:
    if state in TRANSITIONS[verb]:
        assert after(verb, state) is TRANSITIONS[verb][state]
    else:
        with pytest.raises(TransitionRefused):
            after(verb, state)


def test_a_yes_is_a_lawful_ground_from_now_on(astrid: Giver, say: Say) -> None:
    before = clock.now()
    consent = say(astrid, Answer.YES)
    assert consent.state == State.GIVEN
    assert consent.lawful_at(clock.now())
    assert not consent.lawful_at(before)


def test_a_no_to_a_question_is_a_refusal_and_a_no_to_a_consent_ends_it(astrid: Giver, say: Say) -> None:
    assert say(astrid, Answer.NO).state == State.REFUSED
    assert say(astrid, Answer.YES).state == State.GIVEN
    ended = say(astrid, Answer.NO)
    assert ended.state == State.ENDED
    assert ended.ended_at is not None
    assert not ended.lawful_at(clock.now())


def test_talk_first_makes_a_task_and_takes_no_yes_back(astrid: Giver, say: Say, purpose: Purpose) -> None:
    say(astrid, Answer.YES)
    assert say(astrid, Answer.TALK).state == State.GIVEN
    task = Task.objects.open().get(kind=TaskKind.EXPLAIN)
    assert task.unit.name == "Biståndsenheten"


def test_a_yes_without_having_been_shown_the_text_is_refused(astrid: Giver, purpose: Purpose) -> None:
    consent = actions.answerable(astrid, purpose)
    with pytest.raises(TextChanged):
        actions.answer(consent.pk, Answer.YES, giver=astrid)
    assert not Decision.objects.exists()


def test_a_yes_to_a_text_that_has_been_replaced_meanwhile_is_refused(
    astrid: Giver, purpose: Purpose, ask_and_serve: Serve
) -> None:
    consent = ask_and_serve(astrid)
    newer = publish_text(purpose, wording_no=2)
    newer.translations.update(what="Vi sätter upp sensorer i köket och hallen.")
    with pytest.raises(TextChanged):
        actions.answer(consent.pk, Answer.YES, giver=astrid)
    assert actions.answer(consent.pk, Answer.NO, giver=astrid).state == State.REFUSED


def test_a_sample_translation_can_be_read_and_not_answered_with_yes(astrid: Giver, purpose: Purpose) -> None:
    assert purpose.published
    sample = purpose.published.translations.get(language="en", variant=Variant.STANDARD)
    sample.sample = True
    sample.save()
    consent = actions.serve(actions.answerable(astrid, purpose), sample, by=astrid.user)
    with pytest.raises(Refused):
        actions.answer(consent.pk, Answer.YES, giver=astrid)


def test_the_same_answer_twice_is_one(astrid: Giver, ask_and_serve: Serve) -> None:
    consent = ask_and_serve(astrid)
    for _ in range(2):
        actions.answer(consent.pk, Answer.YES, giver=astrid)
    for _ in range(2):
        actions.answer(consent.pk, Answer.NO, giver=astrid)
    assert [decision.answer for decision in Decision.objects.all()] == ["yes", "no"]


def test_yes_once_more_later_is_a_new_consent_in_place_of_the_old(astrid: Giver, say: Say) -> None:
    with time_machine.travel(clock.now() - timedelta(days=300)):
        first = say(astrid, Answer.YES)
    second = say(astrid, Answer.YES)
    first.refresh_from_db()
    assert (first.state, second.state) == (State.REPLACED, State.GIVEN)
    assert first.ended_at == second.given_at


def test_the_four_kinds_of_consent_never_tick_each_other(astrid: Giver, say: Say, purpose: Purpose) -> None:
    say(astrid, Answer.YES)
    for kind in ConsentKind:
        Purpose.objects.create(
            administration=purpose.administration, code=kind, name=kind, kind=kind, regime="sol", source="x"
        )
    assert Consent.objects.count() == 1


# --- Who may answer ----------------------------------------------------------------------------------------------


def test_a_god_man_answers_when_the_resident_agrees(god_man: Giver, say: Say) -> None:
    consent = say(god_man, Answer.YES, **HER_VIEW)
    decision = consent.decisions.get()
    assert consent.state == State.GIVEN
    assert decision.mandate["proof"] == "Sunnanby tingsrätt Ä 123-26"
    assert decision.resident_view == ResidentView.AGREES


@pytest.mark.parametrize(
    "kind", [RepresentativeKind.GOD_MAN, RepresentativeKind.FORVALTARE, RepresentativeKind.FUTURE_POWER]
)
@pytest.mark.parametrize(
    "view", [{}, {"resident_view": ResidentView.AGAINST}, {"resident_view": ResidentView.CANNOT_SAY}]
)
def test_never_against_the_residents_will_nor_without_asking(
    god_man: Giver, say: Say, kind: str, view: dict[str, str]
) -> None:
    assert god_man.representative
    god_man.representative.kind = kind
    god_man.representative.save()
    with pytest.raises(Refused):
        say(god_man, Answer.YES, **view)
    assert not Consent.objects.filter(state=State.GIVEN).exists()


def test_a_mandate_that_does_not_cover_the_person_is_refused(god_man: Giver, say: Say) -> None:
    assert god_man.representative
    god_man.representative.scopes = ["property"]
    with pytest.raises(MayNotDecide):
        say(god_man, Answer.YES, **HER_VIEW)


def test_a_mandate_that_is_over_is_refused(god_man: Giver, say: Say) -> None:
    assert god_man.representative
    god_man.representative.valid_to = god_man.representative.valid_from
    with pytest.raises(MayNotDecide):
        say(god_man, Answer.YES, **HER_VIEW)


def test_what_a_god_man_has_said_yes_to_ends_with_the_mandate(god_man: Giver, say: Say) -> None:
    consent = say(god_man, Answer.YES, **HER_VIEW)
    mandate = Representative.objects.get(user=god_man.user)
    mandate.valid_to = clock.now().date() + timedelta(days=3)
    mandate.save()
    consent.refresh_from_db()
    assert consent.valid_until is not None
    assert consent.lawful_at(clock.now() + timedelta(days=2))
    assert not consent.lawful_at(clock.now() + timedelta(days=5))


def test_two_guardians_decide_jointly(guardians: tuple[Giver, Giver], say: Say) -> None:
    first, second = guardians
    waiting = say(first, Answer.YES, **CHILDS_VIEW)
    assert waiting.state == State.WAITING
    assert not waiting.lawful_at(clock.now())
    assert Task.objects.open().filter(kind=TaskKind.WAITING).exists()
    both = say(second, Answer.YES, **CHILDS_VIEW)
    assert both.pk == waiting.pk
    assert both.state == State.GIVEN
    assert [row.resident_view_note for row in both.decisions.all()] == ["Kim vill ha knappen."] * 2
    assert not Task.objects.open().filter(kind=TaskKind.WAITING).exists()


def test_one_guardians_no_is_enough(guardians: tuple[Giver, Giver], say: Say) -> None:
    first, second = guardians
    say(first, Answer.YES, **CHILDS_VIEW)
    assert say(second, Answer.NO).state == State.REFUSED
    assert say(first, Answer.YES, **CHILDS_VIEW).state == State.WAITING


def test_the_childs_own_view_is_noted(guardians: tuple[Giver, Giver], say: Say) -> None:
    with pytest.raises(Refused):
        say(guardians[0], Answer.YES, resident_view=ResidentView.AGREES)


def test_a_child_with_guardians_does_not_answer_alone(
    child: Resident, guardians: tuple[Giver, Giver], say: Say
) -> None:
    with pytest.raises(MayNotDecide):
        say(Giver(GivenBy.SELF, child), Answer.YES)


def test_nobody_answers_a_question_put_to_somebody_else(
    astrid: Giver, god_man: Giver, child: Resident, ask_and_serve: Serve
) -> None:
    consent = ask_and_serve(astrid)
    with pytest.raises(MayNotDecide):
        actions.answer(consent.pk, Answer.YES, giver=Giver(GivenBy.SELF, child))


def test_a_cohabitant_answers_for_themselves_alone(astrid: Giver, purpose: Purpose, ask_and_serve: Serve) -> None:
    purpose.cohabitants = True
    purpose.save()
    bengt = CohabitantFactory.create(home=astrid.resident.home)
    giver = Giver(GivenBy.COHABITANT, astrid.resident, cohabitant=bengt)
    consent = ask_and_serve(giver)
    assert actions.answer(consent.pk, Answer.YES, giver=giver).giver_id != astrid.resident.pk
    assert not Consent.objects.filter(cohabitant=None).exists()


# --- How it was answered -----------------------------------------------------------------------------------------


def test_by_word_of_mouth_it_takes_a_witness(astrid: Giver, say: Say, case_officer: User) -> None:
    with pytest.raises(Refused):
        say(astrid, Answer.YES, circumstances=Circumstances(How.ORAL, registered_by=case_officer))


def test_on_paper_it_takes_the_signed_form(astrid: Giver, say: Say, case_officer: User) -> None:
    with pytest.raises(Refused):
        say(astrid, Answer.YES, circumstances=Circumstances(How.PAPER, registered_by=case_officer))


def test_asked_by_and_registered_by_are_different_people_and_times(
    astrid: Giver, ask_and_serve: Serve, case_officer: User, her_carer: User
) -> None:
    consent = ask_and_serve(astrid, by=her_carer)
    earlier = clock.now() - timedelta(hours=3)
    how = Circumstances(How.ORAL, witness="Nils", registered_by=case_officer, at=earlier)
    actions.answer(consent.pk, Answer.YES, giver=astrid, circumstances=how)
    decision = consent.decisions.get()
    assert (consent.asked_by, decision.registered_by) == (her_carer, case_officer)
    assert (decision.at, decision.registered_at > earlier) == (earlier, True)


def test_a_no_that_was_registered_late_leaves_a_question_about_what_was_stored_meanwhile(
    astrid: Giver, given: Consent, case_officer: User
) -> None:
    earlier = clock.now() - timedelta(hours=3)
    how = Circumstances(How.ORAL, witness="Nils", registered_by=case_officer, at=earlier)
    ended = actions.answer(given.pk, Answer.NO, giver=astrid, circumstances=how)
    assert ended.ended_at == earlier
    assert Task.objects.open().filter(kind=TaskKind.DECIDE_ERASURE, consent=ended).exists()


# --- Over time ---------------------------------------------------------------------------------------------------


def test_a_consent_expires_on_its_day_and_somebody_is_to_ask_anew(astrid: Giver, say: Say, purpose: Purpose) -> None:
    purpose.valid_months = 12
    purpose.save()
    consent = say(astrid, Answer.YES)
    with time_machine.travel(clock.now() + timedelta(days=366)):
        assert not consent.lawful_at(clock.now())
        assert actions.end_overdue() == 1
        assert actions.end_overdue() == 0
        consent.refresh_from_db()
        assert consent.state == State.EXPIRED
        assert Task.objects.open().filter(kind=TaskKind.RENEW).exists()


def test_changed_processing_lets_older_consents_go_on_until_the_stated_day(
    astrid: Giver, say: Say, purpose: Purpose
) -> None:
    consent = say(astrid, Answer.YES)
    last_day = clock.now().date() + timedelta(days=30)
    publish_text(purpose, processing_no=2, earlier_lapse_on=last_day)
    actions.limit_anew([consent])
    consent.refresh_from_db()
    assert consent.lawful_at(clock.now() + timedelta(days=29))
    with time_machine.travel(clock.now() + timedelta(days=32)):
        actions.end_overdue()
    consent.refresh_from_db()
    assert consent.state == State.LAPSED


def test_new_wording_lets_nothing_lapse(astrid: Giver, say: Say, purpose: Purpose) -> None:
    consent = say(astrid, Answer.YES)
    publish_text(purpose, wording_no=2)
    actions.limit_anew([consent])
    consent.refresh_from_db()
    assert consent.valid_until is None


def test_annulled_was_never_a_ground_and_is_not_the_same_as_ended(astrid: Giver, say: Say, case_officer: User) -> None:
    consent = say(astrid, Answer.YES)
    said_at = consent.given_at
    annulled = actions.annul(consent.pk, by=case_officer, reason="Fel person i registret")
    assert annulled.state == State.ANNULLED
    assert said_at is not None
    assert not annulled.lawful_at(said_at)
    assert Task.objects.open().filter(kind=TaskKind.DECIDE_ERASURE).exists()


def test_after_death_everything_has_ended(astrid: Giver, say: Say) -> None:
    consent = say(astrid, Answer.YES)
    astrid.resident.died_on = clock.now().date()
    astrid.resident.save()
    consent.refresh_from_db()
    assert consent.state == State.ENDED


def test_each_step_is_in_the_chain(astrid: Giver, say: Say) -> None:
    say(astrid, Answer.YES)
    say(astrid, Answer.NO)
    kinds = list(ConsentEvent.objects.values_list("kind", flat=True))
    assert kinds == ["consent.asked", "consent.served", "consent.answered", "consent.answered"]


def test_a_decision_whose_effects_fail_has_not_been_made(
    astrid: Giver, given: Consent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the store of devices is away")

    monkeypatch.setattr("devices.consent_effects.apply", fail)
    with pytest.raises(RuntimeError):
        actions.answer(given.pk, Answer.NO, giver=astrid)
    given.refresh_from_db()
    assert given.state == State.GIVEN
    assert not Decision.objects.exists()


def test_a_consent_to_the_old_purpose_says_nothing_of_another(purpose: Purpose, resident: Resident) -> None:
    consent_to(purpose, resident)
    with pytest.raises(Refused):
        actions.ask(resident, Purpose(administration=purpose.administration, code="x", consent_required=False), by=None)
