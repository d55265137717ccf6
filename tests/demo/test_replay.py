"""`manage.py replay`: every event of a file once, however often it is played."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from alarms.models import Alarm
from devices.models import Assignment, CollectingState, GatewayToken, Reading
from safehome import clock
from safehome.demo.replay import recording as recorded
from safehome.organisation.models import Unit
from safehome.residents.models import Resident
from tests.factories import grounds_for

pytestmark = pytest.mark.django_db(transaction=True)

MORNING = """\
2024-03-04 07:01:12.5 MainEntryway ON
2024-03-04 07:01:14 MainEntryway OFF
2024-03-04 07:02:00.25 KitchenASink ON
2024-03-04 07:02:03 KitchenASink OFF
2024-03-04 07:05:00 BedroomABed OFF
"""

Replay = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "morning.txt"
    path.write_text(MORNING, encoding="utf-8")
    return path


@pytest.fixture
def replay(resident: Resident, home_care: Unit) -> Replay:
    """Plays a file for Astrid, who has agreed, in this process; returns what a person reads."""
    grounds_for(home_care, resident)

    def play(file: Path, layout: str = "casas", **options: Any) -> str:
        out = StringIO()
        chosen = {"resident": resident.full_name, "format": layout, "in_process": True, **options}
        call_command("replay", file, stdout=out, stderr=out, **chosen)
        return out.getvalue()

    return play


def jsonl(tmp_path: Path, *readings: dict[str, Any]) -> Path:
    path = tmp_path / "readings.jsonl"
    path.write_text("\n".join(json.dumps(reading) for reading in readings), encoding="utf-8")
    return path


def press(device: str = "button-9", **more: Any) -> dict[str, Any]:
    return {"device": device, "kind": "button", "value": 1, "at": "2024-03-04T07:01:00Z", **more}


def test_every_event_is_stored_once(replay: Replay, home: Path) -> None:
    said = replay(home)
    assert Reading.objects.count() == 5
    assert "Accepted: 5, duplicates: 0, refused: 0" in said


def test_played_twice_it_doubles_nothing(replay: Replay, home: Path) -> None:
    replay(home)
    assert "Accepted: 0, duplicates: 5, refused: 0" in replay(home)
    assert Reading.objects.count() == 5
    assert Assignment.objects.count() == 3


def test_times_are_those_of_the_file_on_the_homes_own_clock(replay: Replay, home: Path) -> None:
    replay(home)
    first = Reading.objects.order_by("measured_at")[0]
    assert first.measured_at.astimezone(clock.local_zone()).isoformat() == "2024-03-04T07:01:12.500000+01:00"


def test_missing_devices_are_made_and_listed(replay: Replay, home: Path, resident: Resident, home_care: Unit) -> None:
    said = replay(home, unit=home_care.name)
    entrance = Assignment.objects.get(label="MainEntryway")
    assert (entrance.resident, entrance.unit) == (resident, home_care)
    assert entrance.placement == "exit"
    assert entrance.device.model.kinds == ["motion"]
    assert entrance.collecting_since == Reading.objects.order_by("measured_at")[0].measured_at
    assert "MainEntryway" in said
    assert "made" in said
    assert "was there" in replay(home)


def test_two_residents_can_have_the_same_recorded_home(
    replay: Replay, home: Path, protected_resident: Resident, home_care: Unit
) -> None:
    grounds_for(home_care, protected_resident)
    replay(home)
    replay(home, resident=str(protected_resident.pk))
    assert Reading.objects.count() == 10


def test_a_map_file_knows_better_than_the_names(replay: Replay, home: Path, tmp_path: Path) -> None:
    known = tmp_path / "map.json"
    known.write_text('{"KitchenASink": {"kind": "use", "placement": "outdoor"}}', encoding="utf-8")
    replay(home, map=known)
    sink = Assignment.objects.get(label="KitchenASink")
    assert (sink.device.model.kinds, sink.placement) == (["use"], "outdoor")


def test_of_somebody_who_has_not_agreed_nothing_is_played(replay: Replay, home: Path, resident: Resident) -> None:
    resident.consents.all().update(state="ended", ended_at=clock.now())
    with pytest.raises(CommandError, match="ended"):
        replay(home)
    assert not Assignment.objects.exists()


def test_what_is_from_before_the_consents_is_laid_after_them_and_doubles_nothing(
    replay: Replay, home: Path, resident: Resident
) -> None:
    agreed = clock.now() - timedelta(days=3)
    resident.consents.all().update(given_at=agreed)
    replay(home)
    assert Reading.objects.filter(measured_at__gt=agreed).count() == 5
    assert "duplicates: 5" in replay(home)
    replay(home, until="keep")  # refused: nobody had agreed then
    assert Reading.objects.count() == 5


def test_moved_to_now_it_ends_now_and_is_never_from_the_future(replay: Replay, home: Path) -> None:
    before = clock.now()
    replay(home, until="now")
    times = sorted(Reading.objects.values_list("measured_at", flat=True))
    assert before <= times[-1] <= clock.now()
    assert times[-1] - times[0] == timedelta(minutes=3, seconds=47.5)


def test_with_a_speed_each_reading_is_sent_when_its_time_has_come(replay: Replay, home: Path) -> None:
    replay(home, speed=500.0)
    arrived = Reading.objects.order_by("measured_at").values_list("received_at", "measured_at")
    assert all(measured <= received for received, measured in arrived)
    assert arrived.last()[0] - arrived.first()[0] > timedelta(seconds=0.3)  # type: ignore[index]


def test_an_older_recording_of_the_same_home_is_let_in_too(replay: Replay, home: Path, tmp_path: Path) -> None:
    replay(home)
    day_before = tmp_path / "before.txt"
    day_before.write_text(MORNING.replace("2024-03-04", "2024-03-03"), encoding="utf-8")
    replay(day_before)
    assert Reading.objects.count() == 10


# --- API readings --------------------------------------------------------------------------------------------------


def test_api_readings_raise_alarms_as_they_would_live(replay: Replay, tmp_path: Path) -> None:
    said = replay(jsonl(tmp_path, press()), "jsonl")
    assert Alarm.objects.get().code == "help_button"
    assert "Alarms raised: help_button 1" in said


def test_api_readings_find_the_device_that_is_there(replay: Replay, tmp_path: Path, help_button: Assignment) -> None:
    at = clock.now().isoformat()
    replay(jsonl(tmp_path, press(help_button.device.external_id.upper(), at=at)), "jsonl")
    assert Reading.objects.get().assignment == help_button


def test_two_lines_with_the_same_content_are_two_events(replay: Replay, tmp_path: Path) -> None:
    assert "Accepted: 2" in replay(jsonl(tmp_path, press(), press()), "jsonl")


def test_a_line_that_the_intake_refuses_is_counted_with_its_reason(replay: Replay, tmp_path: Path) -> None:
    said = replay(jsonl(tmp_path, press(), press(value="loud")), "jsonl")
    assert "Accepted: 1, duplicates: 0, refused: 1" in said
    assert "1 × value 'loud'" in said


def test_an_assignment_that_does_not_collect_is_not_made_to(
    replay: Replay, tmp_path: Path, help_button: Assignment
) -> None:
    Assignment.objects.filter(pk=help_button.pk).update(collecting=CollectingState.PLANNED, collecting_since=None)
    replay(jsonl(tmp_path, press(help_button.device.external_id)), "jsonl")
    assert not Reading.objects.exists()


# --- what a person is told -----------------------------------------------------------------------------------------


def test_the_token_of_a_run_is_good_for_that_run_only(replay: Replay, home: Path) -> None:
    replay(home)
    assert GatewayToken.objects.get().revoked_at is not None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"resident": "Nobody Nowhere"}, "no such resident"),
        ({"in_process": False, "url": "http://127.0.0.1:9"}, "No server answers"),
    ],
)
def test_what_is_missing_is_said_in_words(replay: Replay, home: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        replay(home, **options)


def test_a_recording_that_ends_in_the_future_must_be_moved(replay: Replay, tmp_path: Path) -> None:
    path = jsonl(tmp_path, press(at=(clock.now() + timedelta(days=1)).isoformat()))
    with pytest.raises(CommandError, match="--until now"):
        replay(path, "jsonl")
    assert "Accepted: 1" in replay(path, "jsonl", until="now")


@pytest.mark.parametrize(
    ("layout", "text"), [("casas", "2024-03-04 07:01"), ("jsonl", "{"), ("jsonl", '{"kind": "x"}')]
)
def test_an_unreadable_line_is_named(replay: Replay, tmp_path: Path, layout: str, text: str) -> None:
    path = tmp_path / "broken"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="broken"):
        replay(path, layout)


def test_the_last_event_of_a_moved_recording_falls_on_the_moment_when_it_is_sent() -> None:
    at = datetime(2024, 3, 4, 7, tzinfo=UTC)
    two = [{"at": (at + timedelta(hours=hour)).isoformat(), "id": str(hour)} for hour in (0, 1)]
    recording = recorded.Recording(two, {})
    ends = at + timedelta(hours=1) + recorded.shift_for(recording, 60)
    assert abs(ends - clock.now() - timedelta(minutes=1)) < timedelta(seconds=5)
