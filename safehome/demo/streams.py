"""What the devices of the demo say, as endless streams in the order of time. No database here, and no clock.

Each stream starts at a moment that it is given and says the same about the same moment each time, so that the demo
can be stopped and started again: the readings' ids follow from their times, and what the intake has had it knows.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from devices.intake.recordings import number
from safehome import clock
from safehome.demo import recorded_home

HOUR = timedelta(hours=1)
SILENT_AFTER = timedelta(minutes=240)
"""When the inactivity rule, as it comes, finds a silence too long."""
SILENCE_EVERY = timedelta(hours=12)


class Said(NamedTuple):
    """One reading, before it is sent."""

    at: datetime
    device: str
    kind: str
    value: float | None

    @property
    def reading(self) -> dict[str, Any]:
        """As the intake takes it."""
        at = self.at.isoformat()
        return {"device": self.device, "kind": self.kind, "value": self.value, "at": at, "id": at}


Stream = Iterator[Said]


def recorded(home: int, first_day: date, since: datetime) -> Stream:
    """The recorded home, its seven days over and over."""
    for event, at in recorded_home.over_and_over(first_day, since):
        kind = recorded_home.SENSORS[event.sensor].model
        yield Said(at, recorded_home.external_id(home, event.sensor), kind, number(event.value))


def falling_silent(home: int, first_alarm: datetime, since: datetime) -> Stream:
    """Two lively hours, then silence until `first_alarm` is due; again twice a day.

    In the silence the sensors repeat once an hour that they see nothing, as many do; the repeat just after the
    silence has lasted too long is what lets the rule judge it at once, although the hours before came late.
    """
    silent_from = first_alarm - SILENT_AFTER
    while True:
        for event, before in recorded_home.lively():
            device, kind = recorded_home.external_id(home, event.sensor), recorded_home.SENSORS[event.sensor].model
            if (at := silent_from - before) >= since:
                yield Said(at, device, kind, number(event.value))
        for hour in range(1, 10):
            if (at := silent_from + hour * HOUR + timedelta(seconds=1)) >= since:
                yield Said(at, recorded_home.external_id(home, "HallwayA"), "motion", 0.0)
        silent_from += SILENCE_EVERY


def climate(device: str, since: datetime) -> Stream:
    """Warmth of a home, every second hour: a little warmer in the afternoon, a little different each day."""
    at = _next_full_hour(since) + _own_minute(device)
    while True:
        local = at.astimezone(clock.local_zone())
        mood = Random(f"{device} {local.date()}").uniform(-0.6, 0.6)  # noqa: S311
        yield Said(at, device, "temperature", round(21.2 + mood + 0.7 * math.sin((local.hour - 9) / 24 * math.tau), 1))
        at += 2 * HOUR


def signs_of_life(device: str, kinds: Sequence[str], battery: float, start: datetime) -> Stream:
    """A sign of life and the level of the battery: once at the start, then each hour."""
    at = start
    while True:
        yield Said(at, device, "heartbeat", None)
        if "battery" in kinds:
            yield Said(at, device, "battery", battery)
        at = _next_full_hour(at) + _own_minute(device)


def everyday(devices: Mapping[str, str], since: datetime) -> Stream:
    """Ordinary days at home. `devices` names those of each part: bed, hall, kitchen, living_room and bathroom."""
    day = since.astimezone(clock.local_zone()).date() - timedelta(days=1)
    while True:
        yield from (said for said in _one_day(devices, day) if said.at >= since)
        day += timedelta(days=1)


def _one_day(devices: Mapping[str, str], day: date) -> list[Said]:
    """Up between six and half past seven, to bed between nine and half past ten, up once in the night."""
    chance = Random(f"{sorted(devices.values())} {day}")  # noqa: S311
    rises = _at(day, time(6)) + timedelta(minutes=chance.uniform(0, 90))
    sleeps = _at(day, time(21)) + timedelta(minutes=chance.uniform(0, 90))
    night = _at(day, time(2)) + timedelta(minutes=chance.uniform(0, 120))
    said = [*_out_of_bed(devices, night, timedelta(minutes=7)), *_out_of_bed(devices, rises, sleeps - rises)]
    at = rises
    while at < sleeps - timedelta(minutes=10):
        said += _visit(devices, chance.choice(("kitchen", "living_room", "bathroom")), at)
        at += timedelta(minutes=chance.uniform(9, 38))
    return sorted(said)


def _out_of_bed(devices: Mapping[str, str], at: datetime, lasts: timedelta) -> list[Said]:
    return [
        Said(at, devices["bed"], "bed", 0.0),
        *_seen(devices["hall"], at + timedelta(seconds=20)),
        *_seen(devices["bathroom"], at + timedelta(seconds=50)),
        Said(at + lasts, devices["bed"], "bed", 1.0),
    ]


def _visit(devices: Mapping[str, str], room: str, at: datetime) -> list[Said]:
    return [*_seen(devices["hall"], at), *_seen(devices[room], at + timedelta(seconds=25))]


def _seen(device: str, at: datetime) -> list[Said]:
    return [Said(at, device, "motion", 1.0), Said(at + timedelta(seconds=12), device, "motion", 0.0)]


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.local_zone()).astimezone(UTC)


def _next_full_hour(after: datetime) -> datetime:
    return after.replace(minute=0, second=0, microsecond=0) + HOUR


def _own_minute(device: str) -> timedelta:
    """So that not all devices speak at once."""
    return timedelta(seconds=Random(device).uniform(0, 3500))  # noqa: S311
