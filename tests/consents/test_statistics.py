"""Statistics never single anybody out: not by a small number, not by a sum, not by two looks."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from consents.models import Consent, Purpose
from consents.states import State
from consents.texts import statistics
from consents.texts.statistics import ANSWERS, ASKED, FEWEST, SERIES, Shown, suppress, table
from safehome import clock
from safehome.audit.models import AccessEntry
from safehome.audit.models import Purpose as Why
from safehome.organisation.models import Administration, User
from safehome.residents.models import Resident
from tests.factories import PurposeFactory, ResidentFactory, consent_to

counts = st.lists(st.integers(0, 30), min_size=12, max_size=12)
tables = st.fixed_dictionaries(dict.fromkeys(SERIES, counts))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


# --- What an outsider can work out -------------------------------------------------------------------------------


def worlds(months: int, most: int, over: bool) -> dict[Shown, list[tuple[int, ...]]]:
    """What is shown → every set of numbers that would be shown so: all that can be known from it."""
    found: dict[Shown, list[tuple[int, ...]]] = defaultdict(list)
    for world in product(range(most + 1), repeat=months):
        found[suppress(world, over=over)].append(world)
    return found


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("months", [1, 2, 3, 4])
def test_no_hidden_number_can_be_worked_out(months: int, over: bool) -> None:
    for shown, possible in worlds(months, 7, over).items():
        for place, count in enumerate(shown.months):
            values = {world[place] for world in possible}
            assert len(values) == 1 if count is not None else len(values) > 1, (shown, possible)


@pytest.mark.parametrize("months", [1, 2, 3, 4])
def test_no_hidden_sum_under_five_can_be_worked_out(months: int) -> None:
    for shown, possible in worlds(months, 7, over=True).items():
        hidden = [place for place, count in enumerate(shown.months) if count is None]
        sums = {sum(world[place] for place in hidden) for world in possible}
        assert not hidden or len(sums) > 1 or min(sums) >= FEWEST, (shown, possible)


@given(tables, st.booleans())
def test_no_number_under_five_is_shown(counts: dict[str, list[int]], over: bool) -> None:
    for shown in table(counts, over=over).values():
        told = [count for count in (*shown.months, shown.total) if count is not None]
        assert all(count >= FEWEST for count in told)


@given(tables, st.booleans())
def test_what_is_shown_is_true(counts: dict[str, list[int]], over: bool) -> None:
    for name, shown in table(counts, over=over).items():
        for count, seen in zip(counts[name], shown.months, strict=True):
            assert seen in (None, count)
        assert shown.total in (None, sum(counts[name]))
        assert shown.at_least <= sum(counts[name])


@given(tables)
def test_the_sum_leaves_every_hidden_month_open(counts: dict[str, list[int]]) -> None:
    for shown in table(counts, over=True).values():
        hidden = shown.months.count(None)
        if shown.total is None or not hidden:
            continue
        rest = shown.total - shown.at_least
        assert rest >= FEWEST
        lowest, highest = max(0, rest - (FEWEST - 1) * (hidden - 1)), min(FEWEST - 1, rest)
        assert highest > lowest


@given(tables, st.booleans())
def test_one_hidden_answer_is_no_difference_from_those_asked(counts: dict[str, list[int]], over: bool) -> None:
    shown = table(counts, over=over)
    for place, asked in enumerate(shown[ASKED].months):
        hidden = sum(shown[name].months[place] is None for name in ANSWERS)
        assert asked is None or hidden != 1
    assert shown[ASKED].total is None or sum(shown[name].total is None for name in ANSWERS) != 1


@given(counts, st.integers(0, 11))
def test_a_year_on_its_way_has_no_sum(counts: Sequence[int], months: int) -> None:
    """Two looks at a growing sum would tell the month between."""
    assert suppress(counts[:months], over=False).total is None


# --- Counting ----------------------------------------------------------------------------------------------------


def answered(purpose: Purpose, number: int, month: int, **fields: Any) -> list[Consent]:
    at = datetime(2026, month, 10, 12, tzinfo=UTC)
    told = {"asked_at": at, "answered_at": at, "given_at": at} | fields
    return [consent_to(purpose, ResidentFactory.create(), **told) for _one in range(number)]


def test_people_are_counted_once_a_month(purpose: Purpose, resident: Resident) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    for state in (State.REPLACED, State.REPLACED, State.GIVEN):
        ended = at if state == State.REPLACED else None
        consent_to(purpose, resident, state=state, asked_at=at, given_at=at, answered_at=at, ended_at=ended)
    found = statistics.people_by_month(purpose, 2026)
    assert (found["asked"][2], found["yes"][2], found["ended"][2]) == (1, 1, 0)


def test_what_was_entered_in_error_is_not_counted(purpose: Purpose) -> None:
    at = datetime(2026, 3, 10, tzinfo=UTC)
    answered(purpose, 6, 3, state=State.ANNULLED, ended_at=at)
    assert not any(any(row) for row in statistics.people_by_month(purpose, 2026).values())


def test_a_no_and_an_end_are_told_apart(purpose: Purpose) -> None:
    answered(purpose, 5, 4, state=State.REFUSED, given_at=None)
    answered(purpose, 6, 4, state=State.ENDED, ended_at=datetime(2026, 5, 1, 12, tzinfo=UTC))
    found = statistics.people_by_month(purpose, 2026)
    assert (found["no"][3], found["yes"][3], found["ended"][4]) == (5, 6, 6)


def test_a_month_begins_at_midnight_here(purpose: Purpose) -> None:
    """23:30 UTC on the last of March is the first of April in Sweden."""
    at = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    answered(purpose, 5, 1, asked_at=at, given_at=at, answered_at=at)
    assert statistics.people_by_month(purpose, 2026)["yes"][3] == 5


# --- The pages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client_of: Callable[[User], Client], case_officer: User) -> Callable[..., str]:
    client = client_of(case_officer)

    def get(name: str, **asked: str) -> str:
        with clock.standing_at(NOW):
            response = client.get(reverse(name), asked)
        assert response.status_code == 200
        return response.content.decode()

    return get


def test_the_page_shows_five_and_hides_four(purpose: Purpose, page: Callable[..., str]) -> None:
    answered(purpose, 37, 3)
    answered(purpose, 4, 4)
    text = page("texts:statistics")
    assert ">37<" in text
    assert ">4<" not in text


def test_the_month_on_its_way_is_not_told(purpose: Purpose, page: Callable[..., str]) -> None:
    answered(purpose, 37, 11)
    assert ">37<" not in page("texts:statistics")


def test_looking_is_in_the_log_as_statistics(purpose: Purpose, page: Callable[..., str], case_officer: User) -> None:
    page("texts:statistics")
    entry = AccessEntry.objects.get(user=case_officer.pk, resource="consent statistics")
    assert (entry.purpose, entry.detail) == (Why.STATISTICS, "2026")


def test_another_administration_s_numbers_are_not_shown(
    second_administration: Administration, page: Callable[..., str]
) -> None:
    PurposeFactory.create(administration=second_administration, name="Något annat")
    assert "Något annat" not in page("texts:statistics")


@pytest.mark.parametrize("year", ["", "1", "99999", "abc", "²", "2031"])
def test_a_strange_year_is_this_year_or_the_first(year: str, purpose: Purpose, page: Callable[..., str]) -> None:
    assert page("texts:statistics", year=year)


def test_the_list_hides_few_answers(purpose: Purpose, page: Callable[..., str]) -> None:
    answered(purpose, 4, 3)
    assert statistics.answers_now(purpose) == {"yes": None, "no": None}
    answered(purpose, 33, 3)
    assert statistics.answers_now(purpose) == {"yes": 37, "no": None}
    assert ">37<" in page("texts:list")


def test_who_changes_their_mind_is_counted_by_the_latest_word(purpose: Purpose) -> None:
    for consent in answered(purpose, 6, 3, state=State.ENDED, ended_at=NOW):
        consent_to(purpose, consent.resident, asked_at=NOW, given_at=NOW)
    assert statistics.answers_now(purpose) == {"yes": 6, "no": None}
