"""django-guardian, wrapped: exceptions about one person and one object, and nothing beside."""

from django.contrib.auth.models import AnonymousUser, Group, Permission
from guardian.shortcuts import assign_perm

from safehome.organisation import exceptions
from safehome.organisation.models import User
from safehome.residents.models import Resident
from safehome.residents.policies import NAMED, RELATIVE


def about(user: object, codename: str = RELATIVE) -> list[Resident]:
    return list(exceptions.objects_for(user, codename, Resident.objects.all()))


def test_it_is_about_one_object(stranger: User, resident: Resident, protected_resident: Resident) -> None:
    exceptions.grant(stranger, RELATIVE, resident)
    assert about(stranger) == [resident]


def test_it_is_about_one_thing(stranger: User, resident: Resident) -> None:
    exceptions.grant(stranger, RELATIVE, resident)
    assert about(stranger, NAMED) == []


def test_it_is_about_one_person(stranger: User, relative_not_let_in: User, resident: Resident) -> None:
    exceptions.grant(stranger, RELATIVE, resident)
    assert about(relative_not_let_in) == []


def test_it_ends_when_it_is_taken_back(stranger: User, resident: Resident) -> None:
    exceptions.grant(stranger, RELATIVE, resident)
    exceptions.revoke(stranger, RELATIVE, resident)
    assert about(stranger) == []
    assert list(exceptions.holders(RELATIVE, resident)) == []


def test_granting_twice_is_one_exception(stranger: User, resident: Resident) -> None:
    exceptions.grant(stranger, RELATIVE, resident)
    exceptions.grant(stranger, RELATIVE, resident)
    assert list(exceptions.holders(RELATIVE, resident)) == [stranger]


def test_the_inactive_get_nothing(stranger: User, resident: Resident) -> None:
    exceptions.grant(stranger, RELATIVE, resident)
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    stranger.refresh_from_db()
    assert about(stranger) == []
    assert list(exceptions.holders(RELATIVE, resident)) == []


def test_nobody_signed_in_gets_nothing(resident: Resident) -> None:
    assert about(AnonymousUser()) == []


def test_a_superuser_gets_nothing_by_default(superuser: User, resident: Resident) -> None:
    assert about(superuser) == []
    assert superuser not in exceptions.holders(RELATIVE, resident)


def test_a_permission_about_everything_counts_for_nothing(stranger: User, resident: Resident) -> None:
    stranger.user_permissions.add(Permission.objects.get(codename=RELATIVE))
    assert about(User.objects.get(pk=stranger.pk)) == []


def test_a_group_counts_for_nothing(stranger: User, resident: Resident) -> None:
    group = Group.objects.create(name="Relatives")
    stranger.groups.add(group)
    group.permissions.add(Permission.objects.get(codename=RELATIVE))
    assert about(User.objects.get(pk=stranger.pk)) == []


def test_it_is_gone_with_the_object(stranger: User, protected_resident: Resident) -> None:
    exceptions.grant(stranger, NAMED, protected_resident)
    protected_resident.care_relations.all().delete()
    protected_resident.delete()
    assert about(stranger, NAMED) == []


def test_there_is_no_anonymous_user_in_the_database(db: None) -> None:
    assert not User.objects.filter(email__startswith="Anonymous").exists()
    assert User.objects.count() == 0


def test_guardians_own_door_gives_no_more(superuser: User, stranger: User, resident: Resident) -> None:
    assign_perm("residents.view_as_relative", stranger, resident)
    assert about(stranger) == [resident]
    assert about(superuser) == []
