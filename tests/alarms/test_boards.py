"""What a board shows, and how it learns that it is no longer true."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from alarms import actions, live, policies
from alarms.models import Alarm
from alarms.states import Handling
from safehome.organisation.actions import start_shift
from safehome.organisation.models import Unit, User
from tests.alarms.conftest import Bring
from tests.factories import MembershipFactory

SignIn = Callable[[User], Client]


def version(user: User) -> str:
    units = policies.board_unit_ids(user)
    return live.board_version(units, live.versions(units))


def test_it_shows_the_units_of_the_shift(her_carer: User, home_care: Unit, other_home_care: Unit, alarm: Alarm) -> None:
    MembershipFactory.create(user=her_carer, unit=other_home_care)
    start_shift(her_carer, [other_home_care])
    assert list(policies.on_board(her_carer)) == []
    start_shift(her_carer, [home_care])
    assert list(policies.on_board(her_carer)) == [alarm]


def test_before_the_shift_it_shows_all_the_persons_units(
    her_carer: User, home_care: Unit, other_home_care: Unit
) -> None:
    MembershipFactory.create(user=her_carer, unit=other_home_care)
    assert policies.board_unit_ids(her_carer) == {home_care.pk, other_home_care.pk}


def test_closed_alarms_leave_it(bring: Bring, her_carer: User) -> None:
    alarm = bring(Handling.CLOSED, her_carer)
    assert list(policies.on_board(her_carer)) == []
    assert policies.get_alarm(her_carer, alarm.pk) == alarm


def test_it_stands_in_order_of_urgency_then_age(db: None, alarm: Alarm) -> None:
    def copy(priority: str, minutes: int) -> Alarm:
        twin = Alarm.objects.get(pk=alarm.pk)
        twin.pk, twin.open_key = None, f"{priority}{minutes}"
        twin.priority, twin.raised_at = priority, alarm.raised_at - timedelta(minutes=minutes)
        twin.save(force_insert=True)
        return twin

    low, medium, older = copy("low", 90), copy("medium", 5), copy("high", 10)
    assert list(Alarm.objects.open().most_urgent_first()) == [older, alarm, medium, low]


def test_its_version_changes_with_everything_that_happens(
    shift: User, her_carer: User, press: Callable[[], Alarm]
) -> None:
    seen = [version(her_carer)]
    alarm = press()
    seen.append(version(her_carer))
    press()
    seen.append(version(her_carer))
    actions.accept(alarm.pk, by=her_carer)
    seen.append(version(her_carer))
    actions.arrive(alarm.pk, by=her_carer)
    seen.append(version(her_carer))
    actions.close(alarm.pk, by=her_carer, outcome="talked")
    assert version(her_carer) == seen[0]
    press()
    seen.append(version(her_carer))
    assert len(set(seen)) == len(seen)


def test_its_version_does_not_change_by_what_others_are_told(
    alarm: Alarm, carer_elsewhere: User, her_carer: User
) -> None:
    before = version(carer_elsewhere)
    actions.accept(alarm.pk, by=her_carer)
    assert version(carer_elsewhere) == before


@pytest.mark.parametrize("name", ["log_reviewer", "case_officer", "stranger", "superuser", "inactive_carer"])
def test_who_handles_no_alarms_has_no_board(request: pytest.FixtureRequest, name: str, alarm: Alarm) -> None:
    assert policies.board_unit_ids(request.getfixturevalue(name)) == set()
