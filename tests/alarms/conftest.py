"""Alarms in every state."""

from collections.abc import Callable

import pytest

from alarms import actions
from alarms.models import Alarm
from alarms.outcomes import Outcome
from alarms.states import Handling, Verb
from safehome.organisation.models import User

Bring = Callable[[Handling, User], Alarm]


def do(verb: Verb, alarm: Alarm, by: User) -> Alarm:
    """The verb, with what it needs."""
    if verb is Verb.CLOSE:
        return actions.close(alarm.pk, by=by, outcome=Outcome.TALKED)
    return {Verb.ACCEPT: actions.accept, Verb.ARRIVE: actions.arrive}[verb](alarm.pk, by=by)


WAY_TO = {
    Handling.RAISED: [],
    Handling.ACCEPTED: [Verb.ACCEPT],
    Handling.ON_SITE: [Verb.ACCEPT, Verb.ARRIVE],
    Handling.CLOSED: [Verb.ACCEPT, Verb.ARRIVE, Verb.CLOSE],
}


@pytest.fixture
def bring(alarm: Alarm) -> Bring:
    """`bring(Handling.ON_SITE, user)`: the alarm, brought to that state by the user."""

    def brought(handling: Handling, by: User) -> Alarm:
        for verb in WAY_TO[handling]:
            do(verb, alarm, by)
        alarm.refresh_from_db()
        return alarm

    return brought
