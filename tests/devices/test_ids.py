"""Device ids as senders write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.ids import normalise_id


@pytest.mark.parametrize(
    ("sent", "known_as"),
    [
        ("A8:40:41:00:01:81:BC:DD", "a840410001 81bcdd".replace(" ", "")),
        ("a8-40-41-00-01-81-bc-dd", "a84041000181bcdd"),
        ("00:1B:44:11:3A:B7", "001b44113ab7"),
        ("  Button-1 ", "button-1"),
        ("hall:motion", "hall:motion"),
        ("kök-7", "kök-7"),
    ],
)
def test_one_device_has_one_id(sent: str, known_as: str) -> None:
    assert normalise_id(sent) == known_as


@given(st.text(max_size=40))
def test_normalising_again_changes_nothing(text: str) -> None:
    assert normalise_id(normalise_id(text)) == normalise_id(text)
