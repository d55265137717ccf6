"""The access log: one door, and it never breaks what it records."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from safehome.audit import access
from safehome.audit.models import AccessEntry, Action, Outcome, Purpose
from safehome.organisation.models import Unit, User
from safehome.organisation.roles import Role
from safehome.residents.models import Resident
from tests.factories import PASSWORD, MembershipFactory, ResidentFactory, staff

MINUTE = timedelta(minutes=1)


def test_an_entry_says_who_did_what_with_whose_data_when_and_where(
    resident: Resident, her_carer: User, home_care: Unit, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-03-02T02:10:00Z", tick=False)
    access.record(
        Action.READ,
        "resident",
        by=her_carer,
        of=resident,
        resident=resident.pk,
        owner_unit=home_care.pk,
        purpose=Purpose.QUALITY,
        detail="page",
    )
    entry = AccessEntry.objects.get()
    assert entry.at == timezone.now()
    assert (entry.action, entry.outcome, entry.purpose) == (Action.READ, Outcome.GRANTED, Purpose.QUALITY)
    assert (entry.user, entry.role, entry.unit) == (her_carer.pk, "care_staff", home_care.pk)
    assert (entry.resident, entry.owner_unit) == (resident.pk, home_care.pk)
    assert (entry.resource, entry.resource_id) == ("resident", str(resident.pk))
    assert (entry.system, entry.detail) == ("command", "page")


def test_the_purposes_are_the_six_national_ones() -> None:
    assert len(Purpose) == 6


def test_entries_hold_pseudonyms_and_no_names(resident: Resident, her_carer: User) -> None:
    access.record(Action.READ, "resident", by=her_carer, of=resident, resident=resident.pk)
    row = str(AccessEntry.objects.values().get())
    names = [resident.family_name, resident.identity_number, her_carer.name, her_carer.email]
    assert [name for name in names if name in row] == []


def test_one_look_at_a_list_is_an_entry_for_each_object(db: None, her_carer: User) -> None:
    people = ResidentFactory.create_batch(3)
    access.record(Action.READ, "resident", by=her_carer, of=people)
    assert set(AccessEntry.objects.values_list("resource_id", flat=True)) == {str(one.pk) for one in people}


def test_the_persons_unit_is_the_one_that_owns_the_data_where_they_work_in_several(
    her_carer: User, home_care: Unit, other_home_care: Unit
) -> None:
    MembershipFactory.create(user=her_carer, unit=other_home_care, role=Role.NURSE)
    MembershipFactory.create(user=her_carer, unit=other_home_care, role=Role.TECHNICIAN)
    access.record(Action.READ, "alarm", by=her_carer, owner_unit=other_home_care.pk)
    entry = AccessEntry.objects.get()
    assert (entry.unit, entry.role) == (other_home_care.pk, "nurse,technician")


@pytest.mark.parametrize(("name", "role"), [("relative", "private person"), ("superuser", "private person")])
def test_who_works_nowhere_is_a_private_person(request: pytest.FixtureRequest, name: str, role: str) -> None:
    access.record(Action.READ, "resident", by=request.getfixturevalue(name))
    entry = AccessEntry.objects.get()
    assert (entry.role, entry.unit) == (role, None)


def test_what_nobody_did_the_system_did(db: None) -> None:
    access.record(Action.DELETE, "inbox", by=None)
    assert AccessEntry.objects.get().role == "system"


def test_a_push_is_an_entry_for_each_who_had_the_page_open(her_carer: User, nurse: User) -> None:
    access.record_pushes([her_carer, nurse], "alarm", "a-1", detail="alarm.raised")
    assert {(entry.user, entry.action, entry.resource_id) for entry in AccessEntry.objects.all()} == {
        (her_carer.pk, Action.PUSH, "a-1"),
        (nurse.pk, Action.PUSH, "a-1"),
    }


def test_a_board_that_renews_itself_is_one_look(her_carer: User, nurse: User, time_machine: TimeMachineFixture) -> None:
    access.record(Action.READ, "resident", by=her_carer, of=None)
    AccessEntry.objects.create(action=Action.READ, resource="alarm", resource_id="a", user=her_carer.pk, system="web")
    assert access.not_yet_recorded(her_carer, "alarm", ["a", "b"], within=MINUTE) == {"b"}
    assert access.not_yet_recorded(nurse, "alarm", ["a"], within=MINUTE) == {"a"}
    time_machine.move_to(timezone.now() + 2 * MINUTE, tick=False)
    assert access.not_yet_recorded(her_carer, "alarm", ["a"], within=MINUTE) == {"a"}


def test_signing_in_is_logged(client: Client, her_carer: User) -> None:
    client.post("/accounts/login/", {"login": her_carer.email, "password": PASSWORD})
    entry = AccessEntry.objects.get(action=Action.SIGN_IN)
    assert (entry.user, entry.outcome, entry.purpose) == (her_carer.pk, Outcome.GRANTED, Purpose.ADMINISTRATION)


def test_a_failed_try_is_logged_without_what_was_typed(client: Client, her_carer: User) -> None:
    client.post("/accounts/login/", {"login": her_carer.email, "password": "mitt-hemliga"})
    entry = AccessEntry.objects.get(action=Action.SIGN_IN)
    assert (entry.user, entry.outcome) == (None, Outcome.DENIED)
    assert her_carer.email not in str(AccessEntry.objects.values().get())


# --- When the store refuses ------------------------------------------------------------------------------------


@contextmanager
def store_refusing() -> Iterator[None]:
    """The access log takes nothing, though the rest of the store works."""
    _rename("audit_accessentry", "away")
    try:
        yield
    finally:
        _rename("away", "audit_accessentry")


def _rename(table: str, to: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {to}")


@pytest.mark.django_db(transaction=True)
def test_what_the_store_refuses_is_spooled_and_replayed(her_carer: User) -> None:
    with store_refusing():
        access.record(Action.READ, "resident", by=her_carer, detail="page")
        assert len(access.spooled()) == 1
    assert not AccessEntry.objects.exists()
    assert access.replay_spool() == 1
    entry = AccessEntry.objects.get()
    assert (entry.user, entry.action, entry.detail) == (her_carer.pk, Action.READ, "page")
    assert entry.at <= timezone.now()
    assert access.spooled() == []
    assert access.replay_spool() == 0


@pytest.mark.django_db(transaction=True)
def test_the_work_goes_on_when_the_store_refuses(her_carer: User) -> None:
    with store_refusing(), transaction.atomic():
        User.objects.filter(pk=her_carer.pk).update(name="Björn B.")
        access.record(Action.WRITE, "user", by=her_carer)
    her_carer.refresh_from_db()
    assert her_carer.name == "Björn B."
    access.replay_spool()


@pytest.mark.django_db(transaction=True)
def test_while_the_store_still_refuses_nothing_leaves_the_spool(her_carer: User) -> None:
    with store_refusing():
        access.record(Action.READ, "resident", by=her_carer)
        with pytest.raises(DatabaseError):
            access.replay_spool()
        access.record(Action.READ, "alarm", by=her_carer)
    assert access.replay_spool() == 2
    assert set(AccessEntry.objects.values_list("resource", flat=True)) == {"resident", "alarm"}


@pytest.mark.django_db(transaction=True)
def test_a_replay_that_was_cut_off_before_it_tidied_up_doubles_nothing(her_carer: User) -> None:
    with store_refusing():
        access.record(Action.READ, "resident", by=her_carer)
    [path] = access.spooled()
    kept = path.read_text()
    access.replay_spool()
    path.write_text(kept)
    access.replay_spool()
    assert AccessEntry.objects.count() == 1


@pytest.mark.django_db
def test_somebody_without_a_role_in_force_stands_as_a_private_person(home_care: Unit) -> None:
    former = staff("Former", Role.CARE_STAFF, home_care)
    former.memberships.update(valid_to=timezone.localdate() - timedelta(days=1))
    access.record(Action.READ, "resident", by=former)
    assert AccessEntry.objects.get().role == "private person"
