"""The reference pages are those that the code writes today."""

from django.core.management import call_command
from django.utils.translation import override

from alarms import reference, rules
from alarms.states import TRANSITIONS
from devices.kinds import KINDS
from safehome.organisation.roles import Right, Role


def test_the_pages_in_docs_are_current() -> None:
    call_command("reference_docs", "--check")


def test_they_are_the_same_in_whatever_language_they_are_written() -> None:
    with override("sv"):
        swedish = reference.pages()
    with override("en"):
        assert reference.pages() == swedish


def test_every_right_and_role_is_in_the_matrix() -> None:
    with override("en"):
        page = reference.permission_matrix()
        assert [role for role in Role if str(role.label) not in page] == []
    assert [right for right in Right if page.count(f"`{right.value}`") != 2] == []


def test_every_transition_and_kind_of_alarm_is_in_the_lifecycle() -> None:
    page = reference.alarm_lifecycle()
    arrows = [f"{before} --> {after}: {verb}" for verb, moves in TRANSITIONS.items() for before, after in moves.items()]
    assert [arrow for arrow in arrows if arrow not in page] == []
    assert [code for code in rules.KINDS if f"`{code}`" not in page] == []


def test_every_kind_of_reading_is_on_its_page() -> None:
    page = reference.readings()
    assert [code for code in KINDS if f"| `{code}` |" not in page] == []
