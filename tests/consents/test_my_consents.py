"""*My consents* and the page where people begin: what has been said, in plain words, from each seat."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone, translation

from consents import actions, relatives
from consents.kinds import Answer, Category, GivenBy
from consents.models import Consent, Purpose
from consents.policies import Giver
from consents.portal.cards import Card, cards_of, waiting
from consents.states import State, Verb
from devices.models import Assignment
from safehome import clock
from safehome.audit.models import AccessEntry
from safehome.organisation.models import Administration, User
from safehome.residents.models import Contact, Resident
from tests.consents.conftest import Say
from tests.factories import CohabitantFactory, PurposeFactory, UserFactory, consent_to, publish_text

Read = Callable[[User, str], str]


@pytest.fixture
def read(client_of: Callable[[User], Client]) -> Read:
    """`read(user, "/my/")`: the page's words in English."""

    def page(user: User, path: str) -> str:
        client = client_of(user)
        client.cookies["safehome_display"] = "language=en"
        answer = client.get(path)
        assert answer.status_code == 200
        main = answer.content.decode().partition('<main id="main"')[2]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    return page


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def card_of(giver: Giver, purpose: Purpose) -> Card:
    return next(card for card in cards_of(giver) if card.purpose == purpose)


def words_of(giver: Giver, purpose: Purpose) -> str:
    return " ".join(card_of(giver, purpose).lines)


def day(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")


# --- The states in words -----------------------------------------------------------------------------------------


def test_a_question_that_nobody_has_put_is_not_answered_and_does_not_wait(astrid: Giver, purpose: Purpose) -> None:
    card = card_of(astrid, purpose)
    assert card.lines == ["You have not answered yet."]
    assert (card.waits, card.answered, card.receipt) == (False, False, None)


def test_a_question_that_staff_have_put_waits(astrid: Giver, purpose: Purpose, her_carer: User) -> None:
    actions.ask(astrid.resident, purpose, by=her_carer)
    card = card_of(astrid, purpose)
    assert card.lines == ["You have not answered yet."]
    assert card.waits


def test_a_yes_says_since_when(astrid: Giver, purpose: Purpose, say: Say) -> None:
    consent = say(astrid, Answer.YES)
    card = card_of(astrid, purpose)
    assert consent.given_at
    assert card.lines == ["You have said yes.", f"Since {day(consent.given_at)}."]
    assert (card.tone, card.receipt, card.answered) == ("success", consent.pk, True)


def test_a_yes_with_a_last_day_says_which(astrid: Giver, purpose: Purpose, say: Say) -> None:
    Purpose.objects.update(valid_months=12)
    purpose.refresh_from_db()
    consent = say(astrid, Answer.YES)
    assert consent.valid_until
    last = consent.valid_until - timedelta(hours=12)
    assert f"It counts until {day(last)}." in words_of(astrid, purpose)


def test_a_no_gets_just_as_good_help(astrid: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.NO)
    words = words_of(astrid, purpose)
    assert words.startswith("You have said no.")
    assert words.endswith("You get just as good help.")


def test_a_yes_that_is_taken_back_says_when_it_stopped(astrid: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.YES)
    consent = say(astrid, Answer.NO)
    assert consent.state == State.ENDED
    words = words_of(astrid, purpose)
    assert "You have said no." in words
    assert "The yes has been taken back." in words
    assert "You get just as good help." in words


def test_who_wants_to_talk_is_phoned(astrid: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.TALK)
    assert words_of(astrid, purpose) == "You wanted to talk first. Somebody will phone you."
    assert not card_of(astrid, purpose).waits


def test_a_yes_counts_on_while_one_wants_to_talk(astrid: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.YES)
    say(astrid, Answer.TALK)
    words = words_of(astrid, purpose)
    assert words.startswith("You have said yes.")
    assert words.endswith("Somebody will phone you.")


def test_opening_the_question_again_takes_no_answer_away(astrid: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.NO)
    actions.answerable(astrid, purpose)
    card = card_of(astrid, purpose)
    assert card.lines[0] == "You have said no."
    assert not card.waits


def test_a_yes_that_has_run_out_says_its_last_day(astrid: Giver, purpose: Purpose) -> None:
    ended = clock.now() - timedelta(days=2)
    consent_to(purpose, astrid.resident, valid_until=ended)
    assert words_of(astrid, purpose).startswith("The yes has run out. Its last day was")
    actions.end_overdue()
    assert words_of(astrid, purpose).startswith("The yes has run out. Its last day was")


def test_a_yes_to_the_old_way_does_not_count_any_more(astrid: Giver, purpose: Purpose) -> None:
    consent_to(purpose, astrid.resident, valid_until=clock.now() - timedelta(days=2), until_verb=Verb.LAPSE)
    assert "We do this in a new way now." in words_of(astrid, purpose)


def test_what_was_written_down_by_mistake_does_not_count(
    astrid: Giver, purpose: Purpose, say: Say, unit_manager: User
) -> None:
    actions.annul(say(astrid, Answer.YES).pk, by=unit_manager, reason="Fel person.")
    assert words_of(astrid, purpose) == "The answer was written down by mistake. It does not count."


def test_earlier_answers_are_kept_behind_the_newest(astrid: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.YES)
    say(astrid, Answer.NO)
    say(astrid, Answer.YES)
    card = card_of(astrid, purpose)
    assert card.lines[0] == "You have said yes."
    (earlier,) = card.earlier
    assert earlier.words.startswith("Yes, from")
    assert " to " in earlier.words


def test_a_question_that_is_put_no_more_shows_what_was_said_and_no_button(astrid: Giver, purpose: Purpose) -> None:
    consent_to(purpose, astrid.resident)
    Purpose.objects.update(valid_to=timezone.localdate() - timedelta(days=1))
    card = card_of(astrid, purpose)
    assert card.lines[0] == "You have said yes."
    assert not card.may_answer


# --- Representatives, guardians, those who live there ------------------------------------------------------------


def test_a_representative_reads_who_has_answered(astrid: Giver, god_man: Giver, purpose: Purpose, say: Say) -> None:
    say(astrid, Answer.YES)
    assert words_of(god_man, purpose).startswith("Astrid has said yes.")
    say(god_man, Answer.NO)
    assert words_of(god_man, purpose).startswith("You have said no for Astrid.")
    assert "Astrid gets just as good help." in words_of(god_man, purpose)
    assert words_of(astrid, purpose).startswith("Gunnar Grahn has said no for you.")


def test_a_mandate_that_does_not_cover_it_has_a_reason_and_no_button(
    god_man: Giver, purpose: Purpose, resident: Resident
) -> None:
    assert god_man.representative
    god_man.representative.scopes = ["property"]
    god_man.representative.save()
    card = card_of(god_man, purpose)
    assert not card.may_answer
    assert "mandate" in card.why_not


def test_two_guardians_read_whom_it_waits_for(guardians: tuple[Giver, Giver], purpose: Purpose, say: Say) -> None:
    first, second = guardians
    note = {"resident_view": "agrees", "resident_view_note": "Hon vill."}
    say(first, Answer.YES, **note)
    assert words_of(first, purpose) == "You have said yes. The other guardian has not answered yet."
    assert words_of(second, purpose) == "The other guardian has said yes. We wait for your answer."
    assert (card_of(first, purpose).waits, card_of(second, purpose).waits) == (False, True)
    child = Giver(GivenBy.SELF, first.resident, first.resident.user)
    assert words_of(child, purpose) == "One of your guardians has said yes. We wait for the other one."


def test_who_lives_there_sees_only_own_answers(astrid: Giver, purpose: Purpose, say: Say, read: Read) -> None:
    Purpose.objects.update(cohabitants=True)
    PurposeFactory.create(administration=purpose.administration, name="Larmknapp")
    partner = UserFactory.create(name="Evert Lindqvist")
    row = CohabitantFactory.create(home=astrid.resident.home, user=partner)
    say(astrid, Answer.YES)
    seat = Giver(GivenBy.COHABITANT, astrid.resident, partner, cohabitant=row)
    (card,) = cards_of(seat)
    assert card.lines == ["You have not answered yet."]
    page = read(partner, "/my/consents/")
    assert "Your own consents, since you live with Astrid" in page
    assert "You have said yes" not in page


# --- The page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "title"), [("sv", "Sensorer i hemmet"), ("en", "Sensors at home")])
def test_a_card_has_the_title_of_the_published_text_in_the_readers_language(
    astrid: Giver, purpose: Purpose, language: str, title: str
) -> None:
    assert purpose.published
    purpose.published.translations.filter(language="en").update(title="Sensors at home")
    with translation.override(language):
        assert card_of(astrid, purpose).title == title


def test_giving_and_taking_back_go_through_the_same_button(
    astrid: Giver, purpose: Purpose, say: Say, client_of: Callable[[User], Client]
) -> None:
    address = reverse("my:question", args=["self", purpose.pk])
    assert astrid.user
    client = client_of(astrid.user)
    for said in (None, Answer.YES, Answer.NO):
        if said:
            say(astrid, said)
        assert client.get("/my/consents/").content.decode().count(f'href="{address}"') == 1


def test_the_devices_that_need_the_yes_are_named(
    astrid: Giver, resident_user: User, door_sensor: Assignment, read: Read
) -> None:
    purpose = Purpose.objects.get(code="all")
    publish_text(purpose)
    door_sensor.purposes.add(purpose)
    assert card_of(astrid, purpose).rests == [{"name": "ytterdörr", "on": True}]
    assert "These need the yes: Ytterdörr. It is on." in read(resident_user, "/my/consents/")


def test_after_a_no_the_devices_are_told_as_off(astrid: Giver, door_sensor: Assignment) -> None:
    purpose = Purpose.objects.get(code="all")
    publish_text(purpose)
    door_sensor.purposes.add(purpose)
    actions.answer(Consent.objects.get().pk, Answer.NO, giver=astrid)
    assert card_of(astrid, purpose).rests == [{"name": "ytterdörr", "on": False}]


def test_a_relative_is_told_that_they_do_not_decide(
    resident: Resident, relative: User, purpose: Purpose, read: Read
) -> None:
    relatives.let_in(Contact.objects.get(user=relative), [Category.ALARMS], by=relative)
    page = read(relative, "/my/consents/")
    assert "You are a relative. You may be told things, and you don't decide." in page
    assert purpose.name not in page


@pytest.mark.parametrize("name", ["stranger", "relative_not_let_in", "her_carer", "foreign_carer", "superuser"])
def test_others_find_nothing_of_hers(
    request: pytest.FixtureRequest, resident: Resident, purpose: Purpose, say: Say, name: str, read: Read
) -> None:
    user = request.getfixturevalue(name)
    for path in ("/my/", "/my/consents/"):
        page = read(user, path)
        assert "Sensorer" not in page
        assert "Astrid" not in page


@pytest.mark.parametrize("path", ["/my/", "/my/consents/", "/my/who-sees/", "/my/relatives/"])
def test_nobody_comes_in_without_signing_in(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_reading_ones_consents_is_written_to_the_log(
    resident: Resident, resident_user: User, representative: User, purpose: Purpose, read: Read
) -> None:
    for user in (resident_user, representative):
        read(user, "/my/consents/")
    entries = AccessEntry.objects.filter(resource="consents", action="read")
    assert {(entry.user, entry.resident) for entry in entries} == {
        (resident_user.pk, resident.pk),
        (representative.pk, resident.pk),
    }


def test_ten_questions_cost_no_more_than_two(
    astrid: Giver, administration: Administration, door_sensor: Assignment, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        purpose = PurposeFactory.create(administration=administration, name=f"Fråga {number}")
        publish_text(purpose)
        consent_to(purpose, astrid.resident)
        door_sensor.purposes.add(purpose)
    with django_assert_max_num_queries(8):
        assert len(cards_of(astrid)) >= 10


# --- Where people begin ------------------------------------------------------------------------------------------


def test_the_resident_begins_at_the_start_page(
    resident_user: User, relative: User, representative: User, client_of: Callable[[User], Client]
) -> None:
    for user in (resident_user, relative, representative):
        assert client_of(user).get("/")["Location"] == "/my/"


def test_the_start_page_says_how_many_questions_wait(
    astrid: Giver, resident_user: User, purpose: Purpose, her_carer: User, read: Read
) -> None:
    assert "waits" not in read(resident_user, "/my/")
    actions.ask(astrid.resident, purpose, by=her_carer)
    assert waiting(cards_of(astrid)) == 1
    page = read(resident_user, "/my/")
    assert "Hello Astrid" in page
    assert "1 question waits for you." in page
    for way in ("My consents", "What is in my home", "Who may see"):
        assert way in page


def test_a_representative_has_a_part_for_each_person(representative: User, resident: Resident, read: Read) -> None:
    assert "You represent Astrid Lindqvist" in read(representative, "/my/")


def test_a_relative_finds_who_has_let_them_in(
    relative: User, relative_not_let_in: User, resident: Resident, read: Read
) -> None:
    relatives.let_in(Contact.objects.get(user=relative), [Category.ALARMS], by=relative)
    page = read(relative, "/my/")
    assert "They have let you in" in page
    assert "Astrid" in page
    assert "My consents" not in page
    assert "Astrid" not in read(relative_not_let_in, "/my/")


def test_the_telephone_of_the_own_group_is_there(resident_user: User, home_care: Any, read: Read) -> None:
    home_care.phone = "070-174 06 11"
    home_care.save()
    page = read(resident_user, "/my/")
    assert "Phone Hemtjänst Norr." in page
    assert "070-174 06 11" in page


def test_the_main_menu_of_those_who_do_not_work_here(resident_user: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(resident_user)
    client.cookies["safehome_display"] = "language=en"
    for path, label in (("/my/", "Start"), ("/my/consents/", "My consents"), ("/home/", "My home")):
        page = client.get(path)
        ways = page.context["navigation"]
        assert [str(way.label) for way in ways] == ["Start", "My consents", "My home", "Who may see"]
        assert [str(way.label) for way in ways if way.current] == [label]
