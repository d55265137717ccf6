"""Reading recorded homes: three layouts, local clocks without a zone, and what a sensor is by its name."""

import gzip
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.intake.recordings import (
    RecordedEvent,
    Sensor,
    UnreadableLine,
    aware,
    guess,
    load,
    read_casas,
    read_kasteren,
    read_map,
)
from devices.kinds import KINDS


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def naive(*clocks: str) -> list[RecordedEvent]:
    return [RecordedEvent(n, datetime.fromisoformat(clock), "M001", "ON") for n, clock in enumerate(clocks, start=1)]


class TestCasas:
    def test_tabs_or_spaces_and_fractions_of_any_length(self, tmp_path: Path) -> None:
        path = written(
            tmp_path / "home.txt",
            "2016-07-12 00:00:30.600670\tBedroomABed\tON\t\n\n2011-06-15 01:03:39.14962 Bedroom Bedroom ON Sleep\n"
            "2011-06-15 01:03:40 M001 OFF\n",
        )
        assert list(read_casas(path)) == [
            RecordedEvent(1, datetime.fromisoformat("2016-07-12 00:00:30.600670"), "BedroomABed", "ON"),
            RecordedEvent(3, datetime.fromisoformat("2011-06-15 01:03:39.149620"), "Bedroom", "ON"),
            RecordedEvent(4, datetime.fromisoformat("2011-06-15 01:03:40"), "M001", "OFF"),
        ]

    def test_packed_files_are_read_as_they_are(self, tmp_path: Path) -> None:
        path = tmp_path / "home.txt.gz"
        path.write_bytes(gzip.compress(b"2011-06-15 01:03:39.5 T101 21.5\n"))
        assert [(event.sensor, event.value) for event in read_casas(path)] == [("T101", "21.5")]

    @pytest.mark.parametrize("line", ["2011-06-15 01:03:39 M001", "2011-06-15 25:03:39 M001 ON", "a b c d", "x"])
    def test_a_line_that_cannot_be_read_is_named(self, tmp_path: Path, line: str) -> None:
        path = written(tmp_path / "home.txt", f"2011-06-15 01:03:38 M001 ON\n{line}\n")
        with pytest.raises(UnreadableLine, match="line 2"):
            list(read_casas(path))


class TestKasteren:
    rows = (
        "START_TIME,END_TIME,ID,VAL\n"
        "25-Feb-2008 0:20:14,25-Feb-2008 0:22:57,24,1\n"
        "25-Feb-2008 0:21:00,25-Feb-2008 0:21:01,12,1\n"
    )

    def test_a_line_is_an_on_and_an_off_in_the_order_of_time(self, tmp_path: Path) -> None:
        written(tmp_path / "names.json", '{"sensors": {"12": "Frontdoor"}}')
        events = list(read_kasteren(written(tmp_path / "sensors.csv", self.rows)))
        assert [(event.line, event.sensor, event.value) for event in events] == [
            (2, "24", "ON"),
            (3, "Frontdoor", "ON"),
            (3, "Frontdoor", "OFF"),
            (2, "24", "OFF"),
        ]

    def test_a_line_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path / "sensors.csv", self.rows + "soon,later,12,1\n")
        with pytest.raises(UnreadableLine, match="line 4"):
            list(read_kasteren(path))


class TestLocalTime:
    def test_summer_and_winter(self) -> None:
        instants = [at for _, at in aware(naive("2008-02-25 00:20:14", "2008-07-25 00:20:14"))]
        assert instants == [utc("2008-02-24 23:20:14"), utc("2008-07-24 22:20:14")]

    def test_the_hour_that_autumn_repeats_is_read_twice_when_the_clock_goes_back(self) -> None:
        clocks = naive(
            "2026-10-25 02:10", "2026-10-25 02:50", "2026-10-25 02:05", "2026-10-25 02:55", "2026-10-25 03:01"
        )
        hours = [f"{at:%H:%M}" for _, at in aware(clocks)]
        assert hours == ["00:10", "00:50", "01:05", "01:55", "02:01"]

    def test_the_hour_that_spring_skips_does_not_run_backwards(self) -> None:
        instants = [at for _, at in aware(naive("2026-03-29 01:50", "2026-03-29 02:30", "2026-03-29 03:10"))]
        assert instants == sorted(instants)

    @given(st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))))  # noqa: DTZ001 - naive is meant
    def test_time_never_runs_backwards_where_the_file_does_not(self, clocks: list[datetime]) -> None:
        events = [RecordedEvent(0, clock, "M001", "ON") for clock in sorted(clocks)]
        instants = [at for _, at in aware(events)]
        assert all(before <= after for before, after in pairwise(instants))


@pytest.mark.parametrize(
    ("name", "kind", "placement"),
    [
        ("MainEntryway", "motion", "exit"),
        ("EntrywayB", "motion", "interior"),
        ("Frontdoor", "door", "exit"),
        ("Front_Door", "door", "exit"),
        ("FrontDoorArea", "motion", "exit"),
        ("OutsideDoor", "door", "exit"),
        ("BackDoor", "door", "exit"),
        ("balcony door", "door", "exit"),
        ("Entry door", "door", "exit"),
        ("Ytterdörr", "door", "exit"),
        ("D001", "door", "exit"),
        ("Hall-Bedroom door", "door", "interior"),
        ("BedroomADoor", "door", "interior"),
        ("MainBathroomDoor", "door", "interior"),
        ("BedroomABed", "bed", "interior"),
        ("BedroomAArea", "motion", "interior"),
        ("LoungeChair", "chair", "interior"),
        ("Fridge", "use", "interior"),
        ("ToiletFlush", "use", "interior"),
        ("Plates cupboard", "use", "interior"),
        ("T101", "temperature", "interior"),
        ("M014", "motion", "interior"),
        ("Kitchen", "motion", "interior"),
    ],
)
def test_a_sensor_is_guessed_by_its_name(name: str, kind: str, placement: str) -> None:
    assert guess(name) == Sensor(kind, placement)
    assert kind in KINDS


def test_a_sensor_that_says_open_is_a_door() -> None:
    assert guess("X17", ["OPEN", "CLOSE"]).kind == "door"


class TestRecording:
    lines = (
        "2011-06-15 10:37:01 OutsideDoor Entry ON x\n2011-06-15 10:37:02 OutsideDoor FrontDoor OPEN x\n"
        "2011-06-15 10:37:03 Kitchen Kitchen ON x\n"
    )

    def test_becomes_readings_for_the_intake(self, tmp_path: Path) -> None:
        recording = load(written(tmp_path / "home.txt", self.lines), "casas")
        assert recording.readings[1] == {
            "device": "OutsideDoor",
            "kind": "door",
            "value": 1.0,
            "at": "2011-06-15T08:37:02+00:00",
            "id": "home.txt:2:OPEN",
        }
        assert recording.sensors["OutsideDoor"] == Sensor("door", "exit")

    def test_a_door_that_also_sees_movement_says_which(self, tmp_path: Path) -> None:
        recording = load(written(tmp_path / "home.txt", self.lines), "casas")
        assert recording.kinds() == {"OutsideDoor": {"door", "motion"}, "Kitchen": {"motion"}}

    def test_a_map_file_knows_better(self, tmp_path: Path) -> None:
        override = read_map(written(tmp_path / "map.json", '{"Kitchen": {"placement": "exit"}}'))
        recording = load(written(tmp_path / "home.txt", self.lines), "casas", override=override)
        assert recording.sensors["Kitchen"] == Sensor("motion", "exit")

    def test_a_map_file_with_something_else_in_it_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="colour"):
            read_map(written(tmp_path / "map.json", '{"Kitchen": {"colour": "red"}}'))

    def test_read_twice_the_ids_are_the_same_and_no_two_alike(self, tmp_path: Path) -> None:
        path = written(tmp_path / "home.txt", self.lines)
        ids = [reading["id"] for reading in load(path, "casas").readings]
        assert ids == [reading["id"] for reading in load(path, "casas").readings]
        assert len(set(ids)) == len(ids)

    def test_lines_of_json_are_readings_already(self, tmp_path: Path) -> None:
        line = '{"device": "front door", "kind": "door", "value": 1, "at": "2026-03-02T08:00:00Z"}\n'
        recording = load(written(tmp_path / "home.jsonl", line), "jsonl")
        assert recording.readings[0]["device"] == "front door"
        assert recording.sensors == {"front door": Sensor("door", "exit")}

    @pytest.mark.parametrize("line", ["{", "[1]"])
    def test_a_line_that_is_no_reading_is_named(self, tmp_path: Path, line: str) -> None:
        with pytest.raises(UnreadableLine, match="line 1"):
            load(written(tmp_path / "home.jsonl", line), "jsonl")
