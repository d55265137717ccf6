"""Rights follow from memberships, with their dates."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from safehome.organisation.models import Unit, User
from safehome.organisation.policies import (
    has_right,
    held_rights,
    is_administrator,
    is_staff_member,
    units_with,
)
from safehome.organisation.roles import RIGHTS, Right, Role
from tests.factories import MembershipFactory, UnitFactory, UserFactory, staff

TODAY = timezone.localdate
DAY = timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_carries_its_rights_in_its_own_unit_and_nowhere_else(role: Role, right: Right) -> None:
    own, other = UnitFactory.create(), UnitFactory.create()
    user = staff("Somebody", role, own)
    held = right in RIGHTS[role]
    assert has_right(user, right, own) is held
    assert has_right(user, right, own.pk) is held
    assert has_right(user, right) is held
    assert not has_right(user, right, other)
    assert list(units_with(user, right)) == ([own] if held else [])


def test_every_role_has_a_row() -> None:
    assert set(RIGHTS) == set(Role)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("begins", "ends", "in_force"),
    [
        pytest.param(-DAY, None, True, id="open"),
        pytest.param(0 * DAY, 0 * DAY, True, id="today only"),
        pytest.param(DAY, None, False, id="from tomorrow"),
        pytest.param(-2 * DAY, -DAY, False, id="ended yesterday"),
    ],
)
def test_a_membership_counts_between_its_dates(begins: timedelta, ends: timedelta | None, in_force: bool) -> None:
    membership = MembershipFactory.create(
        valid_from=TODAY() + begins, valid_to=None if ends is None else TODAY() + ends
    )
    assert has_right(membership.user, Right.ALARM_VIEW, membership.unit) is in_force
    assert units_with(membership.user, Right.ALARM_VIEW).exists() is in_force
    assert is_staff_member(membership.user) is in_force


@pytest.mark.django_db
def test_two_roles_in_one_unit_add_up() -> None:
    unit = UnitFactory.create()
    user = staff("Somebody", Role.CARE_STAFF, unit)
    MembershipFactory.create(user=user, unit=unit, role=Role.TECHNICIAN)
    assert held_rights(user) == {unit.pk: RIGHTS[Role.CARE_STAFF] | RIGHTS[Role.TECHNICIAN]}


@pytest.mark.parametrize("right", Right)
def test_the_inactive_the_unknown_and_the_superuser_hold_nothing(
    inactive_carer: User, superuser: User, home_care: Unit, right: Right
) -> None:
    for nobody in (inactive_carer, superuser, AnonymousUser()):
        assert not has_right(nobody, right)
        assert not has_right(nobody, right, home_care)
        assert not units_with(nobody, right).exists()


def test_django_admin_opens_for_administrators_and_installers_only(cast: dict[str, User]) -> None:
    assert {name for name, user in cast.items() if is_administrator(user)} == {"administrator", "superuser"}


@pytest.mark.django_db
def test_the_role_of_administrator_without_the_flag_opens_no_admin() -> None:
    assert not is_administrator(staff("Somebody", Role.SYSTEM_ADMINISTRATOR, UnitFactory.create()))
    assert not is_administrator(UserFactory.create(is_staff=True))


@pytest.mark.django_db
def test_the_database_forbids_a_membership_that_ends_before_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory.create(valid_from=TODAY(), valid_to=TODAY() - DAY)
