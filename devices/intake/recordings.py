"""Recorded homes: files of sensor events that research projects have published, read as they are.

Three layouts are known: `casas` (a line an event), `kasteren` (a line an interval, start and end) and `jsonl`
(readings as a gateway posts them). Their clocks are local and name no zone, so an event keeps its naive time
until :func:`aware` sets it in a zone. Nothing here knows the database: `manage.py replay` and the tests read
by the same door.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Stockholm")

WORDS_AS_NUMBERS = {
    "ON": 1.0,
    "OFF": 0.0,
    "OPEN": 1.0,
    "CLOSE": 0.0,
    "CLOSED": 0.0,
    "PRESENT": 1.0,
    "ABSENT": 0.0,
    "TRUE": 1.0,
    "FALSE": 0.0,
}
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?")
MapFile = Mapping[str, Mapping[str, str]]
CONTACT_WORDS = frozenset({"OPEN", "CLOSE", "CLOSED"})


class UnreadableLine(ValueError):
    """A line of a recording that does not follow its layout; the message names the line."""


class RecordedEvent(NamedTuple):
    """One event as the file has it. `at` is the home's own clock, without a zone."""

    line: int
    at: datetime
    sensor: str
    value: str

    @property
    def key(self) -> str:
        """The same for the same event of the same file each time it is read: a replay done twice has one
        effect.
        """
        return f"{self.line}:{self.value}"


class Sensor(NamedTuple):
    """What a recorded sensor is taken to be: a kind of reading, and where in the home it hangs."""

    kind: str
    placement: str


# --- the layouts --------------------------------------------------------------------------------------------


def open_text(path: Path) -> IO[str]:
    """The file as text, unpacked on the way when it is gzipped."""
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def read_casas(path: Path) -> Iterator[RecordedEvent]:
    """CASAS: date, time, sensor (in some files a second name) and value, parted by tabs or spaces; labels are
    left.
    """
    with open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _casas_event(number, line)


def _casas_event(number: int, line: str) -> RecordedEvent:
    fields = line.split()
    if len(fields) < 4:
        raise UnreadableLine(f"line {number}: date, time, sensor and value expected, got {line.strip()!r}")
    date, clock, sensor, *rest = fields
    value = next((word for word in rest[:2] if _is_value(word)), None)
    if value is None:
        raise UnreadableLine(f"line {number}: no value in {line.strip()!r}")
    return RecordedEvent(number, _casas_time(number, date, clock), sensor, value)


def _is_value(word: str) -> bool:
    return word.upper() in WORDS_AS_NUMBERS or bool(_NUMBER.fullmatch(word))


def _casas_time(number: int, date: str, clock: str) -> datetime:
    """The fraction is a decimal fraction of any length, so `.5` is half a second."""
    whole, _, fraction = clock.partition(".")
    try:
        return datetime.fromisoformat(f"{date} {whole}.{fraction[:6]:0<6}")
    except ValueError as error:
        raise UnreadableLine(f"line {number}: {error}") from error


def read_kasteren(path: Path) -> Iterator[RecordedEvent]:
    """Kasteren: START_TIME,END_TIME,ID,VAL. Each line is an ON and an OFF; events come in the order of time.

    A `names.json` beside the file (`{"sensors": {"12": "Frontdoor"}}`) gives the ids their names.
    """
    names = _sensor_names(path.with_name("names.json"))
    with open_text(path) as lines:
        events = [event for row in _numbered_rows(lines) for event in _kasteren_events(*row, names)]
    return iter(sorted(events, key=lambda event: (event.at, event.line)))


def _numbered_rows(lines: IO[str]) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.DictReader(lines)
    return ((rows.line_num, row) for row in rows)


def _sensor_names(path: Path) -> Mapping[str, str]:
    return json.loads(path.read_text(encoding="utf-8"))["sensors"] if path.exists() else {}


def _kasteren_events(number: int, row: dict[str, str], names: Mapping[str, str]) -> Iterator[RecordedEvent]:
    try:
        sensor = names.get(row["ID"], row["ID"])
        for column, value in (("START_TIME", "ON"), ("END_TIME", "OFF")):
            at = datetime.strptime(row[column], "%d-%b-%Y %H:%M:%S")  # noqa: DTZ007 - the file names no zone
            yield RecordedEvent(number, at, sensor, value)
    except (KeyError, ValueError) as error:
        raise UnreadableLine(f"line {number}: {error}") from error


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """API readings, one JSON object a line, as they would be posted."""
    with open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _json_reading(number, line)


def _json_reading(number: int, line: str) -> dict[str, Any]:
    try:
        reading = json.loads(line)
    except json.JSONDecodeError as error:
        raise UnreadableLine(f"line {number}: {error}") from error
    if not isinstance(reading, dict):
        raise UnreadableLine(f"line {number}: a JSON object expected")
    return reading


LAYOUTS: dict[str, Callable[[Path], Iterator[RecordedEvent]]] = {
    "casas": read_casas,
    "kasteren": read_kasteren,
}
FORMATS = (*LAYOUTS, "jsonl")


# --- time ---------------------------------------------------------------------------------------------------


def aware(events: Iterable[RecordedEvent], zone: ZoneInfo = LOCAL) -> Iterator[tuple[RecordedEvent, datetime]]:
    """Each event with its instant in UTC. Time never runs backwards where the file's own clock does not.

    The hour that autumn repeats is read as summer time until the clock is put back, then as winter time;
    where a recording from another part of the world runs through the hour that spring skips, its events stand
    close together.
    """
    before: RecordedEvent | None = None
    instant = datetime.min.replace(tzinfo=UTC)
    for event in events:
        candidate = _in_zone(event.at, zone, fold=0)
        if before is not None and candidate < instant:
            candidate = _not_before(candidate, event, before, instant, zone)
        yield event, candidate
        before, instant = event, candidate


def _not_before(
    candidate: datetime, event: RecordedEvent, before: RecordedEvent, instant: datetime, zone: ZoneInfo
) -> datetime:
    """The hour's second time round; or the last instant; or, in a file out of order, as it stands."""
    second = _in_zone(event.at, zone, fold=1)
    put_back = event.at >= before.at or before.at - event.at > timedelta(minutes=30)
    if second > candidate and second >= instant and put_back:
        return second
    return instant if event.at >= before.at else candidate


def _in_zone(naive: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)


# --- what a sensor is ---------------------------------------------------------------------------------------

_OUTER = "front|main|outside|outer|exit|back|balcony|patio|terrace|garage|street|ytter|entré|balkong|altan|uterum"
_WAY_OUT = re.compile(
    rf"^(?!.*(bed|bath|toilet|closet)).*({_OUTER}).*(door|entry|entrance|dörr)|^(entry|entrance) ?door$", re.I
)
_ENTRANCE = re.compile(r"^(main |front )?(entry|entryway|entrance|entré)$", re.I)
_KIND_BY_ID = (
    (re.compile(r"^(M|MA)\d+$"), "motion"),
    (re.compile(r"^D\d+$"), "door"),
    (re.compile(r"^T\d+$"), "temperature"),
    (re.compile(r"^LS\d+$"), "light"),
    (re.compile(r"^BAT[VP]?\d+$"), "battery"),
)
_KIND_BY_NAME = (
    (re.compile(r"smoke|brandvarnare", re.I), "smoke"),
    (re.compile(r"leak|flood|vatten", re.I), "water"),
    (re.compile(r"area|motion|pir|rörelse", re.I), "motion"),
    (re.compile(r"door(?!bell)|dörr", re.I), "door"),
    (re.compile(r"bed(?!room)|mattress|säng", re.I), "bed"),
    (re.compile(r"temp", re.I), "temperature"),
    (re.compile(r"humid|fukt", re.I), "humidity"),
    (re.compile(r"chair|sofa|fåtölj|soffa", re.I), "chair"),
    (
        re.compile(
            r"cupboard|cabinet|drawer|fridge|refrigerator|freezer|flush|microwave|dishwasher|washing ?machine"
            r"|skåp|låda|kyl|frys|spol|ugn|disk|tvätt",
            re.I,
        ),
        "use",
    ),
)


def guess(sensor: str, values: Iterable[str] = ()) -> Sensor:
    """What a recorded sensor probably is, by its name and the words it says; a map file knows better."""
    kind = _kind(sensor, {value.upper() for value in values})
    return Sensor(kind, "exit" if _is_way_out(sensor, kind) else "interior")


def _kind(sensor: str, values: set[str]) -> str:
    spaced = _spaced(sensor)
    for pattern, kind in _KIND_BY_ID:
        if pattern.match(sensor):
            return kind
    for pattern, kind in _KIND_BY_NAME:
        if pattern.search(spaced):
            return kind
    return "door" if values & CONTACT_WORDS else "motion"


def _is_way_out(sensor: str, kind: str) -> bool:
    """A numbered CASAS door (D001) hangs on a way out of the house; rooms have motion sensors there."""
    spaced = _spaced(sensor)
    named = bool(_WAY_OUT.search(spaced) or _ENTRANCE.match(spaced))
    return kind in {"door", "motion"} and (named or bool(re.match(r"^D\d+$", sensor)))


def _spaced(sensor: str) -> str:
    """`MainEntryway`, `Main_Entryway` and `Main Entryway` are one name."""
    return re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", sensor.replace("_", " ")).strip()


def guesses(events: Iterable[RecordedEvent], override: MapFile | None = None) -> dict[str, Sensor]:
    """Every sensor of a recording with its guess, or with what the map file says of it."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        said[event.sensor].add(event.value)
    known = override or {}
    return {sensor: guess(sensor, values)._replace(**known.get(sensor, {})) for sensor, values in sorted(said.items())}


def read_map(path: Path) -> MapFile:
    """A map file: `{"MainEntryway": {"kind": "motion", "placement": "exit"}}`, or either part of it."""
    mapping: MapFile = json.loads(path.read_text(encoding="utf-8"))
    unknown = {part for parts in mapping.values() for part in parts} - set(Sensor._fields)
    if unknown:
        raise ValueError(f"{path.name}: only kind and placement can be given, not {', '.join(sorted(unknown))}")
    return mapping


# --- events as readings -------------------------------------------------------------------------------------


class Recording(NamedTuple):
    """A recording as API readings in the order of the file, and what each sensor is taken to be."""

    readings: list[dict[str, Any]]
    sensors: dict[str, Sensor]

    def kinds(self) -> dict[str, set[str]]:
        """The reading kinds that each device says; some say several."""
        said: defaultdict[str, set[str]] = defaultdict(set)
        for reading in self.readings:
            said[reading["device"]].add(reading["kind"])
        return dict(said)


def load(path: Path, layout: str, *, override: MapFile | None = None, zone: ZoneInfo = LOCAL) -> Recording:
    """Read a recording. A reading's `id` is the same each time, so that playing it twice has one effect."""
    if layout == "jsonl":
        return _recorded_readings(list(read_jsonl(path)), override or {})
    events = list(LAYOUTS[layout](path))
    sensors = guesses(events, override)
    contacts = {event.sensor for event in events if event.value.upper() in CONTACT_WORDS}
    readings = [
        {
            "device": event.sensor,
            "kind": _kind_said(event, sensors[event.sensor], has_contact=event.sensor in contacts),
            "value": number(event.value),
            "at": at.isoformat(),
            "id": f"{path.name}:{event.key}",
        }
        for event, at in aware(events, zone)
    ]
    return Recording(readings, sensors)


def _recorded_readings(readings: list[dict[str, Any]], override: MapFile) -> Recording:
    """API readings name their kind; only where the device hangs is left to guess from its name."""
    sensors: dict[str, Sensor] = {}
    for reading in readings:
        device, kind = reading["device"], reading["kind"]
        placement = "exit" if _is_way_out(device, kind) else "interior"
        sensors.setdefault(device, Sensor(kind, placement)._replace(**override.get(device, {})))
    return Recording(readings, sensors)


def number(value: str) -> float:
    """ON and OPEN are 1, OFF and CLOSE 0, a number is itself. Anything else is a ValueError."""
    known = WORDS_AS_NUMBERS.get(value.upper())
    return float(value) if known is None else known


def _kind_said(event: RecordedEvent, sensor: Sensor, *, has_contact: bool) -> str:
    """Some doors say OPEN/CLOSE (the contact) and also ON/OFF (movement beside it); the word tells which."""
    if sensor.kind == "door" and has_contact and event.value.upper() not in CONTACT_WORDS:
        return "motion"
    return sensor.kind
