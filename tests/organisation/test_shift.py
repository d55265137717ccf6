"""Going on and off duty."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from safehome import clock
from safehome.organisation.actions import end_shift, start_shift
from safehome.organisation.models import Duty, Membership, Unit, User
from tests.concurrency import at_once
from tests.factories import MembershipFactory


def on_duty(user: User) -> set[str]:
    return {duty.unit.name for duty in Duty.objects.of(user).open()}


def test_somebody_goes_on_duty_in_the_units_they_choose(
    her_carer: User, home_care: Unit, other_home_care: Unit
) -> None:
    MembershipFactory.create(user=her_carer, unit=other_home_care)
    start_shift(her_carer, [home_care, other_home_care], sound_tested=True)
    assert on_duty(her_carer) == {"Hemtjänst Norr", "Hemtjänst Söder"}
    assert all(duty.sound_tested_at for duty in Duty.objects.all())


def test_choosing_again_ends_duty_elsewhere_and_keeps_what_goes_on(
    her_carer: User, home_care: Unit, other_home_care: Unit
) -> None:
    MembershipFactory.create(user=her_carer, unit=other_home_care)
    [first] = start_shift(her_carer, [home_care])
    start_shift(her_carer, [home_care, other_home_care])
    start_shift(her_carer, [home_care], sound_tested=True)
    assert on_duty(her_carer) == {"Hemtjänst Norr"}
    assert Duty.objects.of(her_carer).open().get() == first
    first.refresh_from_db()
    assert first.sound_tested_at is not None


def test_a_shift_ends_everywhere(shift: User) -> None:
    assert end_shift(shift) == 1
    assert on_duty(shift) == set()
    assert end_shift(shift) == 0


@pytest.mark.parametrize(
    "name", ["carer_elsewhere", "technician", "case_officer", "log_reviewer", "stranger", "superuser", "inactive_carer"]
)
def test_nobody_goes_on_duty_where_they_handle_no_alarms(
    request: pytest.FixtureRequest, name: str, home_care: Unit
) -> None:
    with pytest.raises(PermissionDenied):
        start_shift(request.getfixturevalue(name), [home_care])
    assert not Duty.objects.exists()


def test_one_unit_too_many_refuses_the_whole_shift(shift: User, home_care: Unit, other_home_care: Unit) -> None:
    with pytest.raises(PermissionDenied):
        start_shift(shift, [home_care, other_home_care])
    assert on_duty(shift) == {"Hemtjänst Norr"}


def test_a_membership_that_has_ended_gives_no_duty(her_carer: User, home_care: Unit) -> None:
    Membership.objects.update(valid_to=clock.now().date() - timedelta(days=2))
    with pytest.raises(PermissionDenied):
        start_shift(her_carer, [home_care])


def test_the_database_forbids_two_open_duties_in_one_unit(shift: User, home_care: Unit) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(user=shift, unit=home_care, started_at=clock.now())


@pytest.mark.django_db(transaction=True)
def test_pressing_start_twice_at_once_is_one_duty(her_carer: User, home_care: Unit) -> None:
    press: Callable[[], object] = lambda: start_shift(her_carer, [home_care])  # noqa: E731
    assert [fault for fault in at_once(press, press) if isinstance(fault, Exception)] == []
    assert Duty.objects.open().count() == 1
