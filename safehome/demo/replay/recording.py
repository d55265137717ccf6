"""A recording as readings: from the file to what is sent, and when."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from devices.ids import normalise_id
from devices.intake import recordings
from safehome import clock
from safehome.demo.sender import Reading
from safehome.residents.models import Resident


class Sensor(NamedTuple):
    """A device of the recording: its own name, what it says, and where it hangs."""

    name: str
    kinds: tuple[str, ...]
    placement: str


@dataclass(frozen=True)
class Recording:
    """The readings of a file in its order, and the sensors by device id."""

    readings: list[Reading]
    sensors: dict[str, Sensor]

    @property
    def first_at(self) -> datetime:
        return min(map(_time_of, self.readings))

    @property
    def last_at(self) -> datetime:
        return max(map(_time_of, self.readings))

    def moved(self, by: timedelta) -> "Recording":
        """The same home at another time. Ids are new too: these are not the same events."""
        return replace(self, readings=[_moved(reading, by) for reading in self.readings])


def load(path: Path, layout: str, resident: Resident, override: Mapping[str, Mapping[str, str]]) -> Recording:
    """Read a file. Ids follow from its content and the line, so that playing it again doubles nothing. The sensors of
    a recorded home become this resident's own devices; readings in the format of the API name their devices already.
    Raises UnreadableLine."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    try:
        found = recordings.load(path, layout, override=override)
        said = found.kinds()
    except KeyError as missing:
        raise recordings.UnreadableLine(f"a reading without {missing}") from missing
    names = {name: name if layout == "jsonl" else f"{resident.pk.hex[:8]}-{name}" for name in found.sensors}
    sensors = {
        normalise_id(names[name]): Sensor(name, _kinds(sensor.kind, said.get(name, set())), sensor.placement)
        for name, sensor in found.sensors.items()
    }
    readings = [
        {**reading, "device": names[reading["device"]], "id": f"{digest}:{reading.get('id', line)}"}
        for line, reading in enumerate(found.readings, start=1)
    ]
    return Recording(readings, sensors)


def _kinds(main: str, said: set[str]) -> tuple[str, ...]:
    return (main, *sorted(said - {main}))


def _time_of(reading: Reading) -> datetime:
    return datetime.fromisoformat(reading["at"])


def _moved(reading: Reading, by: timedelta) -> Reading:
    return {**reading, "at": (_time_of(reading) + by).isoformat(), "id": f"{reading['id']}+{by.total_seconds():.0f}"}


# --- when ----------------------------------------------------------------------------------------------------------


def shift_for(recording: Recording, speed: float | None) -> timedelta:
    """How far to move the recording so that its last event falls on the moment when it will be sent: no reading is
    ever from the future, and the last one is from now."""
    length = recording.last_at - recording.first_at
    ends = clock.now() + (length / speed if speed else timedelta(0))
    return ends - recording.last_at


def shift_after(recording: Recording, agreed: datetime) -> timedelta:
    """How many whole days to move the recording so that it begins on the day after all had agreed. The same each time
    it is played, so that played again it still doubles nothing."""
    zone = clock.local_zone()
    days = agreed.astimezone(zone).date() - recording.first_at.astimezone(zone).date()
    return days + timedelta(days=1)


def paced(readings: list[Reading], speed: float, pause: Callable[[float], bool], size: int) -> Iterator[list[Reading]]:
    """Batches in the order of time, each when its time has come; `speed` seconds of the recording pass in one."""
    waiting = sorted(readings, key=_time_of)
    first, began, sent = _time_of(waiting[0]), time.monotonic(), 0
    while sent < len(waiting):
        reached = first + timedelta(seconds=(time.monotonic() - began) * speed)
        if batch := [reading for reading in waiting[sent : sent + size] if _time_of(reading) <= reached]:
            sent += len(batch)
            yield batch
        elif pause(0.1):
            return
