"""From a request body to readings, or to a reason why not."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.intake.messages import FUTURE_TOLERANCE, Batch, Message, Unreadable, parse

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GOOD = {"device": "motion-1", "kind": "motion", "value": 1, "at": "2026-03-02T11:59:00Z"}


def read(body: Any, at_most: int = 5_000) -> Batch:
    return parse(body if isinstance(body, bytes) else json.dumps(body).encode(), NOW, at_most=at_most)


def one(**changes: Any) -> Message:
    batch = read({name: fact for name, fact in (GOOD | changes).items() if fact is not ...})
    assert batch.bad == []
    return batch.good[0][1]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps(GOOD), id="one reading"),
        pytest.param(json.dumps([GOOD]), id="a list"),
        pytest.param(json.dumps(GOOD) + "\n", id="one line of NDJSON"),
    ],
)
def test_it_takes(body: str) -> None:
    message = Message("motion-1", "motion", 1.0, NOW - timedelta(minutes=1), sent_at="2026-03-02T11:59:00+00:00")
    assert read(body.encode()) == Batch([(0, message)], [])


def test_it_takes_many_lines_and_names_the_broken_one() -> None:
    lines = [json.dumps(GOOD), "{broken", json.dumps(GOOD | {"value": 0})]
    batch = read("\n".join(lines).encode())
    assert [index for index, _ in batch.good] == [0, 2]
    assert [(bad.index, bad.reason[:20]) for bad in batch.bad] == [(1, "the line is not JSON")]


def test_blank_lines_and_carriage_returns_are_no_readings() -> None:
    line = json.dumps(GOOD).encode()
    assert len(read(line + b"\r\n\r\n" + line + b"\r\n").good) == 2


def test_the_good_readings_of_a_batch_are_kept() -> None:
    batch = read([GOOD, GOOD | {"value": 7}, GOOD | {"kind": "mood"}, GOOD])
    assert [index for index, _ in batch.good] == [0, 3]
    assert [(bad.index, bad.field, bad.device) for bad in batch.bad] == [
        (1, "value", "motion-1"),
        (2, "kind", "motion-1"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"device": ...}, "device"),
        ({"device": ""}, "device"),
        ({"device": "  "}, "device"),
        ({"device": 7}, "device"),
        ({"device": "x" * 101}, "device"),
        ({"device": "a\x00b"}, "device"),
        ({"kind": ...}, "kind"),
        ({"kind": "mood"}, "kind"),
        ({"kind": None}, "kind"),
        ({"value": ...}, "value"),
        ({"value": "much"}, "value"),
        ({"at": ...}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": 1_772_452_800}, "at"),
        ({"at": "2026-03-02T11:59:00"}, "at"),
        ({"id": ""}, "id"),
        ({"id": []}, "id"),
        ({"id": "x" * 201}, "id"),
    ],
)
def test_a_reading_is_refused_with_the_field_and_a_reason(changes: dict[str, Any], field: str) -> None:
    batch = read({name: fact for name, fact in (GOOD | changes).items() if fact is not ...})
    assert batch.good == []
    assert [(bad.index, bad.field) for bad in batch.bad] == [(0, field)]
    assert batch.bad[0].reason


@pytest.mark.parametrize("item", [1, "motion", None, [GOOD]])
def test_what_is_no_object_is_no_reading(item: object) -> None:
    assert [bad.index for bad in read([GOOD, item]).bad] == [1]


@pytest.mark.parametrize("body", [b"", b"   ", b"[]", b"hello", b"\xff\xfe", b"{"])
def test_a_body_without_any_reading_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_too_many_readings_are_refused_whole() -> None:
    assert len(read([GOOD] * 3, at_most=3).good) == 3
    with pytest.raises(Unreadable, match="at most 3"):
        read([GOOD] * 4, at_most=3)


def test_ids_and_kinds_are_normalised_before_they_are_matched() -> None:
    message = one(device=" A8:40:41:00:01:81 ", kind=" Motion ")
    assert (message.device, message.kind) == ("a84041000181", "motion")


def test_a_number_will_do_as_an_id() -> None:
    assert one(id=17).id == "17"


def test_an_id_may_stand_in_for_the_time() -> None:
    message = one(at=..., id="a1")
    assert (message.measured_at, message.clock_skewed) == (NOW, False)


def test_other_offsets_are_the_same_moment() -> None:
    assert one(at="2026-03-02T12:59:00+01:00").measured_at == one().measured_at


@pytest.mark.parametrize(
    ("at", "measured_at", "skewed"),
    [
        pytest.param(NOW - timedelta(days=400), NOW - timedelta(days=400), False, id="very late"),
        pytest.param(NOW + timedelta(seconds=60), NOW, False, id="a little ahead"),
        pytest.param(NOW + FUTURE_TOLERANCE, NOW, False, id="just within"),
        pytest.param(NOW + FUTURE_TOLERANCE + timedelta(seconds=1), NOW, True, id="ahead"),
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), NOW, True, id="a clock without battery"),
        pytest.param(datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=14))), NOW, True, id="at the end"),
        pytest.param(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), NOW, True, id="before the beginning"),
    ],
)
def test_a_wrong_clock_is_clamped_and_flagged_and_no_reason_to_drop(
    at: datetime, measured_at: datetime, skewed: bool
) -> None:
    message = one(at=at.isoformat())
    assert (message.measured_at, message.clock_skewed) == (measured_at, skewed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
nearly_readings = st.fixed_dictionaries(
    {},
    optional={
        "device": st.just("motion-1") | json_values,
        "kind": st.sampled_from(["motion", "temperature", "button"]) | json_values,
        "value": json_values,
        "at": st.datetimes(timezones=st.timezones()).map(datetime.isoformat) | json_values,
        "id": st.text(max_size=5) | json_values,
    },
)


@given(st.lists(nearly_readings | json_values, min_size=1, max_size=5))
def test_every_item_is_a_reading_or_has_a_reason_whatever_is_sent(items: list[Any]) -> None:
    batch = read(items)
    assert sorted([index for index, _ in batch.good] + [bad.index for bad in batch.bad]) == list(range(len(items)))
    assert all(message.measured_at <= NOW for _, message in batch.good)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_it(body: bytes) -> None:
    with suppress(Unreadable):
        read(body)


def test_a_body_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(Unreadable):
        read(b"[" * 100_000 + b"]" * 100_000)
