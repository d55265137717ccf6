"""Arrive: somebody is with the person."""

from datetime import timedelta

import pytest
from time_machine import TimeMachineFixture

from alarms import actions, escalation
from alarms.models import Alarm, EventKind
from alarms.states import Handling, TransitionRefused
from safehome import clock
from safehome.organisation.models import User
from tests.alarms.conftest import Bring


def test_it_is_noted_who_is_there_and_the_closing_clock_starts(
    bring: Bring, her_carer: User, time_machine: TimeMachineFixture
) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    time_machine.move_to(clock.now(), tick=False)
    actions.arrive(alarm.pk, by=her_carer, note="Hon sitter i hallen")
    alarm.refresh_from_db()
    assert (alarm.handling, alarm.arrived_by, alarm.arrived_at) == (Handling.ON_SITE, her_carer, clock.now())
    assert alarm.next_action_at == clock.now() + timedelta(seconds=escalation.CLOSE_WITHIN_S)
    assert alarm.events.get(kind=EventKind.ARRIVED).note == "Hon sitter i hallen"


def test_who_comes_without_having_accepted_has_taken_charge_by_that(alarm: Alarm, her_carer: User) -> None:
    actions.arrive(alarm.pk, by=her_carer)
    alarm.refresh_from_db()
    assert (alarm.accepted_by, alarm.accepted_at) == (her_carer, alarm.arrived_at)
    assert not alarm.ringing


def test_another_than_who_accepted_may_arrive(bring: Bring, her_carer: User, second_carer: User) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    actions.arrive(alarm.pk, by=second_carer)
    alarm.refresh_from_db()
    assert (alarm.accepted_by, alarm.arrived_by) == (her_carer, second_carer)


@pytest.mark.parametrize("handling", [Handling.ON_SITE, Handling.CLOSED])
def test_the_second_is_told_who_was_first(
    bring: Bring, her_carer: User, second_carer: User, handling: Handling
) -> None:
    alarm = bring(handling, her_carer)
    with pytest.raises(TransitionRefused, match="Björn Berg"):
        actions.arrive(alarm.pk, by=second_carer)
