"""Close: the human task is done, with an outcome."""

import pytest

from alarms import actions, outcomes
from alarms.models import Alarm, EventKind
from alarms.outcomes import Outcome, OutcomeRefused
from alarms.states import Category, Handling, TransitionRefused
from safehome.organisation.models import User
from tests.alarms.conftest import Bring
from tests.conftest import Post
from tests.factories import reading


def test_it_stops_every_clock_and_keeps_the_outcome(bring: Bring, her_carer: User) -> None:
    alarm = bring(Handling.ON_SITE, her_carer)
    actions.close(alarm.pk, by=her_carer, outcome=Outcome.HELP_GIVEN, note="Hjälpt upp ur stolen")
    alarm.refresh_from_db()
    assert (alarm.handling, alarm.outcome, alarm.closed_by) == (Handling.CLOSED, "help_given", her_carer)
    assert (alarm.ringing, alarm.next_action_at) == (False, None)
    event = alarm.events.get(kind=EventKind.CLOSED)
    assert (event.note, event.data) == ("Hjälpt upp ur stolen", {"outcome": "help_given"})


def test_a_press_after_closing_is_a_new_alarm(bring: Bring, press: object, her_carer: User) -> None:
    closed = bring(Handling.CLOSED, her_carer)
    fresh = press()  # type: ignore[operator]
    assert fresh.pk != closed.pk
    assert (fresh.handling, fresh.ringing) == (Handling.RAISED, True)


@pytest.mark.parametrize("outcome", ["", "mended", "nonsense"])
def test_the_outcome_must_fit_the_category(alarm: Alarm, her_carer: User, outcome: str) -> None:
    with pytest.raises(OutcomeRefused):
        actions.close(alarm.pk, by=her_carer, outcome=outcome)
    alarm.refresh_from_db()
    assert alarm.is_open


@pytest.mark.parametrize("note", ["", "   "])
def test_a_false_alarm_needs_a_reason(alarm: Alarm, her_carer: User, note: str) -> None:
    with pytest.raises(OutcomeRefused):
        actions.close(alarm.pk, by=her_carer, outcome=Outcome.FALSE_ALARM, note=note)


def test_every_category_has_outcomes_and_each_has_words() -> None:
    for category in Category:
        assert all(label for _, label in outcomes.choices(category))
        assert outcomes.choices(category)


def test_a_stale_press_does_not_close_away_a_call_that_was_not_seen(
    bring: Bring, post_readings: Post, help_button: object, drain: object, her_carer: User
) -> None:
    alarm = bring(Handling.ON_SITE, her_carer)
    seen = alarm.version
    post_readings(reading(help_button, 1))  # type: ignore[arg-type]
    drain()  # type: ignore[operator]
    with pytest.raises(TransitionRefused):
        actions.close(alarm.pk, by=her_carer, outcome=Outcome.TALKED, version=seen)
    alarm.refresh_from_db()
    assert alarm.handling == Handling.ON_SITE
    actions.close(alarm.pk, by=her_carer, outcome=Outcome.TALKED, version=alarm.version)


@pytest.mark.parametrize("handling", [Handling.RAISED, Handling.ACCEPTED, Handling.ON_SITE])
def test_it_may_be_closed_from_any_open_state(bring: Bring, her_carer: User, handling: Handling) -> None:
    alarm = bring(handling, her_carer)
    actions.close(alarm.pk, by=her_carer, outcome=Outcome.TALKED, version=alarm.version)
    alarm.refresh_from_db()
    assert alarm.handling == Handling.CLOSED


def test_the_second_is_told_who_closed_it(bring: Bring, her_carer: User, second_carer: User) -> None:
    alarm = bring(Handling.CLOSED, her_carer)
    with pytest.raises(TransitionRefused, match="Björn Berg"):
        actions.close(alarm.pk, by=second_carer, outcome=Outcome.HELP_GIVEN)
