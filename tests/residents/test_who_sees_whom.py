"""Who sees a resident, in the list and one by one, at work and as a private person."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from safehome.organisation import exceptions
from safehome.organisation.models import Unit, User
from safehome.organisation.roles import Right
from safehome.residents import policies
from safehome.residents.models import CareRelation, Contact, ProtectedIdentity, Representative, Resident
from safehome.residents.policies import NAMED, RELATIVE
from safehome.residents.presentation import Reader
from tests.conftest import CAST
from tests.factories import CareRelationFactory, MembershipFactory

AT_WORK = {
    "her_carer",
    "second_carer",
    "night_carer",
    "nurse",
    "unit_manager",
    "alarm_operator",
    "case_officer",
}
IN_PRIVATE = {"resident_user", "relative", "representative"}
CHANGE = {"unit_manager", "case_officer"}


@pytest.mark.parametrize("name", CAST)
def test_each_of_the_cast_sees_astrid_as_they_should(
    request: pytest.FixtureRequest, resident: Resident, name: str
) -> None:
    user = request.getfixturevalue(name)
    assert policies.visible_to(user).contains(resident) is (name in AT_WORK)
    assert policies.close_to(user).contains(resident) is (name in IN_PRIVATE)
    assert policies.may_change(user, resident) is (name in CHANGE)
    if name in AT_WORK:
        assert policies.get_resident(user, resident.pk) == resident
    else:
        with pytest.raises(Http404):
            policies.get_resident(user, resident.pk)


@pytest.mark.parametrize("name", sorted(AT_WORK))
def test_who_sees_without_the_right_is_forbidden(request: pytest.FixtureRequest, resident: Resident, name: str) -> None:
    user = request.getfixturevalue(name)
    if name in CHANGE:
        assert policies.get_resident(user, resident.pk, for_=Right.RESIDENT_CHANGE) == resident
    else:
        with pytest.raises(PermissionDenied):
            policies.get_resident(user, resident.pk, for_=Right.RESIDENT_CHANGE)


def test_nobody_signed_in_sees_nobody(resident: Resident) -> None:
    assert not policies.visible_to(AnonymousUser()).exists()
    assert not policies.close_to(AnonymousUser()).exists()


def test_a_care_relation_that_has_ended_ends_the_sight(resident: Resident, her_carer: User) -> None:
    CareRelation.objects.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert not policies.visible_to(her_carer).exists()


def test_a_care_relation_that_has_not_begun_gives_none(resident: Resident, her_carer: User) -> None:
    CareRelation.objects.update(valid_from=timezone.localdate() + timedelta(days=1))
    assert not policies.visible_to(her_carer).exists()


def test_two_units_in_her_care_do_not_show_her_twice(resident: Resident, her_carer: User, night_patrol: Unit) -> None:
    MembershipFactory.create(user=her_carer, unit=night_patrol)
    assert policies.visible_to(her_carer).count() == 1


def test_a_representative_whose_time_is_over_sees_nothing(resident: Resident, representative: User) -> None:
    Representative.objects.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert not policies.close_to(representative).exists()


def test_a_relative_whom_she_no_longer_lets_in_sees_nothing(resident: Resident, relative: User) -> None:
    exceptions.revoke(relative, RELATIVE, resident)
    assert not policies.close_to(relative).exists()


def test_an_exception_without_being_a_contact_gives_nothing(resident: Resident, relative: User) -> None:
    Contact.objects.all().delete()
    assert not policies.close_to(relative).exists()


class TestProtectedIdentity:
    """Only named staff know who it is."""

    def test_a_colleague_sees_that_there_is_somebody_and_not_who(
        self, protected_resident: Resident, her_carer: User
    ) -> None:
        assert policies.visible_to(her_carer).contains(protected_resident)
        shown = Reader(her_carer).see(protected_resident)
        told = f"{shown.name} {shown.identity_number} {shown.address} {shown.home}"
        assert not any(
            secret in told for secret in ("Petra", "Palm", "Hemliga", protected_resident.identity_number[2:8])
        )

    def test_who_is_named_knows(self, protected_resident: Resident, named_carer: User) -> None:
        shown = Reader(named_carer).see(protected_resident)
        assert (shown.name, shown.home) == ("Petra Palm", protected_resident.home)
        assert "Hemliga vägen 1" in shown.address
        assert policies.may_know_identity(named_carer, protected_resident)

    def test_being_named_without_taking_part_in_the_care_gives_nothing(
        self, protected_resident: Resident, carer_elsewhere: User
    ) -> None:
        exceptions.grant(carer_elsewhere, NAMED, protected_resident)
        assert not policies.visible_to(carer_elsewhere).contains(protected_resident)
        assert not policies.may_know_identity(carer_elsewhere, protected_resident)

    @pytest.mark.parametrize("kind", [kind for kind in ProtectedIdentity if kind is not ProtectedIdentity.NONE])
    def test_every_kind_of_protection_masks(self, protected_resident: Resident, kind: ProtectedIdentity) -> None:
        protected_resident.protected_identity = kind
        assert "Petra" not in str(protected_resident)
        assert "Palm" not in str(protected_resident)

    def test_what_hangs_with_the_person_is_masked_as_well(self, protected_resident: Resident, home_care: Unit) -> None:
        relation = CareRelation.objects.get(resident=protected_resident)
        assert "Petra" not in str(relation)

    @pytest.mark.parametrize("text", ["Petra", "palm", "NUMBER"])
    def test_a_search_finds_the_person_for_who_is_named_only(
        self, protected_resident: Resident, her_carer: User, named_carer: User, text: str
    ) -> None:
        text = protected_resident.identity_number if text == "NUMBER" else text
        assert list(policies.searchable_by(named_carer, text)) == [protected_resident]
        assert list(policies.searchable_by(her_carer, text)) == []

    def test_relatives_and_representatives_are_shut_out(
        self, resident: Resident, relative: User, representative: User, resident_user: User
    ) -> None:
        Resident.objects.filter(pk=resident.pk).update(protected_identity=ProtectedIdentity.MARKED)
        assert not policies.close_to(relative).exists()
        assert not policies.close_to(representative).exists()
        assert policies.close_to(resident_user).get() == resident

    def test_a_person_knows_who_they_are(self, resident: Resident, resident_user: User) -> None:
        resident.protected_identity = ProtectedIdentity.MARKED
        resident.save()
        assert Reader(resident_user).see(resident).name == "Astrid Lindqvist"

    def test_a_list_asks_once_who_is_named(
        self, protected_resident: Resident, her_carer: User, home_care: Unit, django_assert_num_queries: object
    ) -> None:
        others = [
            CareRelationFactory.create(unit=home_care, resident__protected_identity="marked").resident for _ in range(5)
        ]
        with django_assert_num_queries(1):  # type: ignore[operator]
            Reader(her_carer).see_all([protected_resident, *others])
