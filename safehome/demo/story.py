"""What happens in the demo: which home says what, from where each of them left off when the demo last ran."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db.models import Max

from devices.models import Assignment, CollectingState, Reading
from safehome import clock
from safehome.demo import municipality as town
from safehome.demo import people, recorded_home, streams
from safehome.demo.streams import Stream

FIRST_ALARM_AFTER_S = 90
"""Seconds on the visitor's own watch, however fast the demo's time runs."""
A_WEEK = timedelta(days=7)
TWO_WEEKS = timedelta(days=14)
EMPTY_SOON = 9.0


def ordinary_lives(start: datetime) -> Iterator[Stream]:
    """The homes' streams, each from its last stored reading on; at most as far back as its history goes."""
    hung = _hung_by_platform()
    yield _recorded(hung, start)
    for person in people.PEOPLE:
        if person.is_watched:
            yield _everyday([row for row in hung if _is(row, person.name)], start)
    for row in hung:
        if "temperature" in row.device.model.kinds and row.collecting == CollectingState.ACTIVE:
            yield streams.climate(row.device.external_id, _last([row], start - TWO_WEEKS))
        if row.collecting != CollectingState.PLANNED and not _is(row, *people.SILENT_DEVICE):
            yield streams.signs_of_life(row.device.external_id, row.device.model.kinds, _battery(row), start)


def how_far() -> datetime | None:
    """The time of the newest reading: where the demo's own time had come to when it last ran."""
    newest: datetime | None = Reading.objects.aggregate(at=Max("measured_at"))["at"]
    return newest


def _battery(row: Assignment) -> float:
    """Each device's own level, far from the alarm; but for one."""
    good = round(Random(row.device.external_id).uniform(45, 100))  # noqa: S311
    return EMPTY_SOON if _is(row, *people.LOW_BATTERY) else good


def _hung_by_platform() -> list[Assignment]:
    hung = Assignment.objects.in_force().filter(device__gateway__name=town.PLATFORM)
    return list(hung.select_related("device__model", "resident", "room").order_by("device__external_id"))


def _is(row: Assignment, name: str, device: people.Hung | None = None) -> bool:
    mine = row.resident is not None and row.resident.full_name == name
    return mine and (device is None or (row.device.model.kinds[0], row.label) == (device.model, device.label))


def _recorded(hung: list[Assignment], start: datetime) -> Stream:
    """The seven days began on the day from which the home's sensors collect, and end on the day of the first start."""
    rows = [row for row in hung if row.device.external_id.startswith(recorded_home.external_id(1, ""))]
    began = rows[0].collecting_since
    assert began is not None
    first_day = began.astimezone(clock.local_zone()).date()
    return streams.recorded(1, first_day, _last(rows, max(began, start - A_WEEK)))


def a_home_falling_silent(start: datetime) -> Stream:
    """The one that makes the board ring, soon after `start`, at whatever hour."""
    rows = [row for row in _hung_by_platform() if row.device.external_id.startswith(recorded_home.external_id(2, ""))]
    first_alarm = start + timedelta(seconds=FIRST_ALARM_AFTER_S * settings.SAFEHOME_CLOCK_SPEED)
    return streams.falling_silent(2, first_alarm, _last(rows, start - TWO_WEEKS))


def _everyday(rows: list[Assignment], start: datetime) -> Stream:
    devices = {_part(row): row.device.external_id for row in rows if row.device.model.kinds[0] in ("motion", "bed")}
    since = _last([row for row in rows if row.device.external_id in devices.values()], start - A_WEEK)
    return streams.everyday(devices, since)


def _part(row: Assignment) -> str:
    """The part of the home as `streams.everyday` calls it."""
    assert row.room is not None
    return "bed" if row.device.model.kinds[0] == "bed" else row.room.kind


def _last(rows: list[Assignment], at_least: datetime) -> datetime:
    """Just after the newest reading that these devices' stream has brought; `at_least` when there is none so late."""
    readings = Reading.objects.filter(assignment__in=rows).exclude(kind__in=("heartbeat", "battery"))
    newest: datetime | None = readings.aggregate(at=Max("measured_at"))["at"]
    return max(at_least, newest + timedelta.resolution) if newest else at_least
