"""The registry of reading kinds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.kinds import KINDS, BadValue, ReadingKind, normalise_value
from devices.models import InboxReading

KIND_LENGTH = InboxReading._meta.get_field("kind").max_length
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.integers())


@pytest.mark.parametrize(
    ("code", "sent", "stored"),
    [
        ("motion", 1, 1.0),
        ("motion", True, 1.0),
        ("motion", "ON", 1.0),
        ("motion", "clear", 0.0),
        ("door", "open", 1.0),
        ("door", " Closed ", 0.0),
        ("bed", "occupied", 1.0),
        ("button", None, 1.0),
        ("button", "pressed", 1.0),
        ("button", 0, 0.0),
        ("fall", None, 1.0),
        ("smoke", False, 0.0),
        ("water", "wet", 1.0),
        ("temperature", -12.5, -12.5),
        ("temperature", 100, 100.0),
        ("battery", 0, 0.0),
        ("heartbeat", None, None),
    ],
)
def test_a_value_is_stored_as(code: str, sent: object, stored: float | None) -> None:
    assert normalise_value(KINDS[code], sent) == stored


@pytest.mark.parametrize(
    ("code", "sent", "reason"),
    [
        ("motion", None, "missing"),
        ("motion", 2, "outside"),
        ("motion", 0.5, "outside"),
        ("motion", "open", "no word of motion"),
        ("temperature", 100.1, "outside -50 to 100 °C"),
        ("temperature", "warm", "no word of temperature"),
        ("temperature", float("nan"), "outside"),
        ("temperature", float("inf"), "outside"),
        ("temperature", 10**400, "outside"),
        ("battery", 101, "outside 0 to 100 %"),
        ("battery", [50], "must be a number"),
        ("button", {"pressed": True}, "must be a number"),
    ],
)
def test_a_value_is_refused_with_a_reason(code: str, sent: object, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        normalise_value(KINDS[code], sent)


@given(kind=st.sampled_from(list(KINDS.values())), raw=values)
def test_a_value_is_within_its_range_or_refused_whatever_is_sent(kind: ReadingKind, raw: object) -> None:
    try:
        value = normalise_value(kind, raw)
    except BadValue:
        return
    assert value is None or kind.low <= value <= kind.high
    assert value is not None or not kind.needs_value


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_kind_fits_its_column_and_has_words_for_the_resident(kind: ReadingKind) -> None:
    assert KIND_LENGTH is not None
    assert len(kind.code) <= KIND_LENGTH
    assert kind.code == kind.code.lower()
    assert all([kind.label, kind.measures, kind.leaves_out])
    assert kind.low < kind.high
    assert all(kind.low <= value <= kind.high for value in kind.words.values())


def test_what_calls_for_help_goes_in_the_urgent_lane() -> None:
    assert {code for code, kind in KINDS.items() if kind.urgent} == {"button", "fall", "smoke", "water"}
