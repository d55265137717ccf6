"""What time and life change without anybody pressing a button in Safehome."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from django.test import Client
from django.urls import reverse

from consents import actions, relatives
from consents.kinds import Answer
from consents.models import Consent, Purpose, RelativeView
from consents.policies import Giver
from consents.states import State
from devices import consent_effects
from devices.models import Assignment, CollectingState
from devices.policies import readings_visible_to
from safehome import clock
from safehome.organisation.models import User
from safehome.residents.models import Contact, Resident
from tests.consents.conftest import Say
from tests.factories import CohabitantFactory, reading


def test_after_death_no_relative_sees_anything(relative: User, resident: Resident) -> None:
    contact = Contact.objects.get(user=relative)
    relatives.let_in(contact, ["alarms"], by=relative)
    resident.died_on = clock.now().date()
    resident.save()
    assert relatives.categories_for(relative, resident) == frozenset()
    assert not RelativeView.objects.in_force().exists()


def test_whoever_opens_a_question_whose_yes_has_run_out_is_asked_anew(
    astrid: Giver, say: Say, purpose: Purpose
) -> None:
    purpose.valid_months = 12
    purpose.save()
    first = say(astrid, Answer.YES)
    with time_machine.travel(clock.now() + timedelta(days=400)):  # the watch loop has stood still
        fresh = actions.answerable(astrid, purpose)
    first.refresh_from_db()
    assert (first.state, fresh.state) == (State.EXPIRED, State.ASKED)


def test_what_regains_its_ground_by_the_clock_starts_again(motion_sensor: Assignment, resident: Resident) -> None:
    Purpose.objects.update(cohabitants=True)
    CohabitantFactory.create(home=resident.home, valid_to=clock.now().date() + timedelta(days=3))
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.STOPPED
    with time_machine.travel(clock.now() + timedelta(days=5)):
        assert consent_effects.try_again() == 1
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE


def test_what_an_emergency_collects_is_seen_by_those_who_save(
    motion_sensor: Assignment,
    resident: Resident,
    her_carer: User,
    post_readings: Callable[..., None],
    drain: Callable[[], int],
) -> None:
    Consent.objects.update(state=State.EXPIRED, valid_until=clock.now(), ended_at=clock.now())
    resident.save()
    actions.declare_emergency(resident.pk, by=her_carer, reason="Hittad medvetslös, kan inte svara")
    post_readings(reading(motion_sensor, 1))
    drain()
    assert readings_visible_to(her_carer).count() == 1
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert not readings_visible_to(her_carer).exists()


def test_staff_note_that_a_relatives_number_has_been_checked(
    relative: User, resident: Resident, her_carer: User, carer_elsewhere: User, client_of: Callable[[User], Client]
) -> None:
    relative.phone = "070-174 06 33"
    relative.save()
    contact = Contact.objects.get(user=relative)
    url = reverse("my:desk-relative-checked", args=[resident.pk, contact.pk])
    assert client_of(carer_elsewhere).post(url).status_code == 404
    browser = client_of(her_carer)
    page = reverse("my:desk-relatives", args=[resident.pk])
    assert url in browser.get(page).content.decode()
    assert browser.post(url).status_code == 302
    relative.refresh_from_db()
    assert relative.phone_verified_at is not None
    assert url not in browser.get(page).content.decode()


def test_what_was_hung_before_there_were_purposes_is_tied_to_them_and_stands_under_the_gate(
    motion_sensor: Assignment, resident: Resident
) -> None:
    motion_sensor.purposes.clear()
    Consent.objects.update(state=State.ENDED, ended_at=clock.now())
    consent_effects.try_again()
    motion_sensor.refresh_from_db()
    assert motion_sensor.purposes.exists()
    assert motion_sensor.collecting == CollectingState.STOPPED
