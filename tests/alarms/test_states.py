"""The transition table."""

import pytest

from alarms.states import OPEN, TRANSITIONS, Handling, TransitionRefused, Verb, after, verbs_from


def test_every_verb_has_a_row() -> None:
    assert set(TRANSITIONS) == set(Verb)


def test_nothing_leads_out_of_closed() -> None:
    assert verbs_from(Handling.CLOSED) == []


@pytest.mark.parametrize("handling", OPEN)
def test_every_open_alarm_can_be_closed_by_a_person(handling: Handling) -> None:
    assert after(Verb.CLOSE, handling) is Handling.CLOSED


def test_nothing_leads_back_to_raised() -> None:
    assert Handling.RAISED not in {after for moves in TRANSITIONS.values() for after in moves.values()}


def test_the_refusal_says_what_and_from_where() -> None:
    with pytest.raises(TransitionRefused) as refused:
        after(Verb.ARRIVE, Handling.CLOSED)
    assert (refused.value.verb, refused.value.handling) == (Verb.ARRIVE, Handling.CLOSED)
