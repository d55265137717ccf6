"""The hash chain: whatever is changed, removed or kept out of it is found."""

import re
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from safehome.audit import chain
from safehome.audit.models import AccessEntry, Action, ChainLink
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries() -> list[AccessEntry]:
    """Ten entries, linked."""
    start = timezone.now() - timedelta(hours=1)
    made = [
        AccessEntry.objects.create(
            at=start + timedelta(seconds=number), action=Action.READ, resource="alarm", detail=str(number), system="web"
        )
        for number in range(10)
    ]
    assert chain.link_new() == 10
    return made


def reasons() -> list[tuple[int, str]]:
    return [(found.sequence, found.reason) for found in chain.verify()]


def verify_audit(**options: str) -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out, stderr=out, **options)
    return out.getvalue()


def test_an_untouched_chain_is_whole(entries: list[AccessEntry]) -> None:
    assert reasons() == []
    assert "whole: 10 entries" in verify_audit()


def test_an_empty_log_is_whole() -> None:
    assert chain.link_new() == 0
    assert reasons() == []


def test_entries_are_linked_oldest_first_and_once(entries: list[AccessEntry]) -> None:
    linked = ChainLink.objects.filter(sequence__gt=0).order_by("sequence").values_list("entry", flat=True)
    assert list(linked) == [entry.pk for entry in entries]
    assert chain.link_new() == 0


def test_more_than_fits_in_one_go_is_linked_in_the_next() -> None:
    for _ in range(5):
        AccessEntry.objects.create(action=Action.READ, resource="alarm", system="web")
    assert [chain.link_new(limit=3), chain.link_new(limit=3), chain.link_new(limit=3)] == [3, 2, 0]
    assert reasons() == []


FORGED = {"at": timezone.now(), **dict.fromkeys(("user", "unit", "resident", "owner_unit"), UUID(int=1))}


@pytest.mark.parametrize("field", ["at", *(name for name in chain._FIELDS if name != "id")])
def test_a_changed_entry_is_found_whichever_field_it_is(entries: list[AccessEntry], field: str) -> None:
    AccessEntry.objects.filter(pk=entries[4].pk).update(**{field: FORGED.get(field, "x")})
    assert reasons()[0] == (5, "its entry or an earlier one has been changed")


def test_every_field_of_an_entry_is_in_the_chain() -> None:
    assert {*chain._FIELDS, "at"} == {field.name for field in AccessEntry._meta.concrete_fields}


def test_a_removed_entry_is_found(entries: list[AccessEntry]) -> None:
    AccessEntry.objects.filter(pk=entries[4].pk).delete()
    assert reasons() == [(5, "its entry has been removed")]


def test_a_removed_link_is_found(entries: list[AccessEntry]) -> None:
    ChainLink.objects.filter(sequence=5).delete()
    assert (5, "links 5–5 are missing") in reasons()


def test_an_entry_smuggled_in_with_an_old_date_is_found_as_never_linked_when_the_linker_stands(
    entries: list[AccessEntry],
) -> None:
    AccessEntry.objects.create(
        at=timezone.now() - timedelta(minutes=30), action=Action.READ, resource="alarm", system="web"
    )
    [(sequence, reason)] = reasons()
    assert sequence == 11
    assert "not linked" in reason


def test_the_newest_entries_may_wait_a_moment_for_their_link(entries: list[AccessEntry]) -> None:
    AccessEntry.objects.create(action=Action.READ, resource="alarm", system="web")
    assert reasons() == []


def test_a_chain_written_anew_is_found_by_a_head_that_was_noted_elsewhere(entries: list[AccessEntry]) -> None:
    noted = re.findall(r"Head (\d+:[0-9a-f]{64})", verify_audit())[0]
    assert "whole" in verify_audit(head=noted)
    AccessEntry.objects.filter(pk=entries[4].pk).update(detail="forged")
    ChainLink.objects.filter(sequence__gt=0).delete()
    assert "whole" in verify_audit()
    with pytest.raises(CommandError):
        verify_audit(head=noted)


def test_entries_cut_off_at_the_end_are_found_by_the_head(entries: list[AccessEntry]) -> None:
    sequence, digest = chain.head()
    ChainLink.objects.filter(sequence__gt=7).delete()
    AccessEntry.objects.filter(pk__in=[entry.pk for entry in entries[7:]]).delete()
    assert reasons() == []
    with pytest.raises(CommandError):
        verify_audit(head=f"{sequence}:{digest}")


def test_the_command_names_every_break_and_fails(entries: list[AccessEntry]) -> None:
    AccessEntry.objects.filter(pk=entries[4].pk).delete()
    out = StringIO()
    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("verify_audit", stderr=out)
    assert "link 5: its entry has been removed" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_linkers_at_once_make_one_chain() -> None:
    for _ in range(30):
        AccessEntry.objects.create(action=Action.READ, resource="alarm", system="web")
    outcomes = at_once(*[lambda: chain.link_new(limit=20)] * 3)
    assert [fault for fault in outcomes if isinstance(fault, Exception)] == []
    while chain.link_new():
        pass
    assert chain.head()[0] == 30
    assert reasons() == []
