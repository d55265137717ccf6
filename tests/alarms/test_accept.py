"""Accept: somebody has taken charge."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from time_machine import TimeMachineFixture

from alarms import actions
from alarms.models import Alarm, EventKind
from alarms.states import Handling, Priority, TransitionRefused
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import User
from tests.alarms.conftest import Bring
from tests.conftest import Hints

Press = Callable[..., Alarm]


def test_it_stops_ringing_and_starts_the_arrival_clock(
    alarm: Alarm, her_carer: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(clock.now(), tick=False)
    taken = actions.accept(alarm.pk, by=her_carer, note="Jag går nu")
    taken.refresh_from_db()
    assert (taken.handling, taken.ringing) == (Handling.ACCEPTED, False)
    assert (taken.accepted_by, taken.accepted_at) == (her_carer, clock.now())
    assert taken.next_action_at == clock.now() + timedelta(minutes=40)


def test_it_writes_the_event_with_who_and_the_note(alarm: Alarm, her_carer: User) -> None:
    actions.accept(alarm.pk, by=her_carer, note="Jag går nu")
    event = alarm.events.get(kind=EventKind.ACCEPTED)
    assert (event.by, event.note) == (her_carer, "Jag går nu")


def test_it_is_in_the_access_log(alarm: Alarm, her_carer: User) -> None:
    actions.accept(alarm.pk, by=her_carer)
    entry = AccessEntry.objects.get(action=Action.WRITE, resource="alarm")
    assert (entry.user, entry.resident, entry.owner_unit) == (her_carer.pk, alarm.resident_id, alarm.unit_id)
    assert entry.detail == "alarm.accepted"


def test_boards_get_a_hint_after_commit(alarm: Alarm, her_carer: User, hints: Hints) -> None:
    with hints() as sent:
        actions.accept(alarm.pk, by=her_carer)
    event = alarm.events.get(kind=EventKind.ACCEPTED)
    assert sent == [
        {"alarm": str(alarm.pk), "event": event.pk, "kind": "alarm.accepted", "units": [str(alarm.unit_id)]}
    ]


def test_the_second_is_told_who_took_it_and_when(
    alarm: Alarm, her_carer: User, second_carer: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-03-02T09:15:00+01:00", tick=False)
    actions.accept(alarm.pk, by=her_carer)
    with pytest.raises(TransitionRefused, match=r"Björn Berg .*09:15"):
        actions.accept(alarm.pk, by=second_carer)
    alarm.refresh_from_db()
    assert alarm.accepted_by == her_carer


def test_who_comes_after_the_closing_is_told_who_closed(bring: Bring, her_carer: User, second_carer: User) -> None:
    alarm = bring(Handling.CLOSED, her_carer)
    with pytest.raises(TransitionRefused, match="Björn Berg"):
        actions.accept(alarm.pk, by=second_carer)


def test_pressing_again_while_taken_rings_anew_and_another_may_take_over(
    bring: Bring, press: Press, her_carer: User, second_carer: User
) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    press()
    alarm.refresh_from_db()
    assert (alarm.ringing, alarm.handling) == (True, Handling.ACCEPTED)
    actions.accept(alarm.pk, by=second_carer)
    alarm.refresh_from_db()
    assert (alarm.accepted_by, alarm.ringing, alarm.handling) == (second_carer, False, Handling.ACCEPTED)


def test_pressing_again_while_somebody_is_there_rings_and_accepting_keeps_them_there(
    bring: Bring, press: Press, her_carer: User, second_carer: User
) -> None:
    alarm = bring(Handling.ON_SITE, her_carer)
    press()
    actions.accept(alarm.pk, by=second_carer)
    alarm.refresh_from_db()
    assert (alarm.handling, alarm.arrived_by, alarm.ringing) == (Handling.ON_SITE, her_carer, False)


def test_pressing_again_raises_the_priority_and_shortens_the_clock(
    bring: Bring, press: Press, her_carer: User, time_machine: TimeMachineFixture
) -> None:
    alarm = bring(Handling.ACCEPTED, her_carer)
    time_machine.move_to(clock.now(), tick=False)
    press()
    alarm.refresh_from_db()
    assert alarm.priority == Priority.HIGH
    assert alarm.next_action_at == clock.now() + timedelta(seconds=180)
    assert alarm.events.filter(kind=EventKind.PRESSED_AGAIN).count() == 1
