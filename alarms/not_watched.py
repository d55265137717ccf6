"""What the board cannot see: the strip that keeps a calm screen from lying.

Devices that are silent or collect nothing, rules that are switched off, and our own machinery when it stands still.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from alarms import health, rules
from alarms.models import Alarm, RuleSetting
from devices.models import Assignment, CollectingState, DeviceState, StoppedFor
from safehome.organisation.models import User
from safehome.residents.presentation import Reader


class Gap(NamedTuple):
    """Something that is not watched, since when, and where to read more."""

    text: str
    since: datetime | None
    url: str


def gaps(user: User, units: set[UUID]) -> list[Gap]:
    reader = Reader(user)
    return [
        *_machinery(),
        *_silent(units, reader),
        *_not_collecting(units, reader),
        *_rules_off(units, reader),
    ]


def _machinery() -> Iterator[Gap]:
    """Our own side: said first, since everything else rests on it."""
    if not health.watch_runs():
        yield Gap(_("The watch loop stands still: nothing is passed on, no silence is noticed."), None, "")
    if not health.inbox_moves():
        yield Gap(_("Readings are waiting to be judged: alarms come late."), None, "")
    if not health.access_log_is_written():
        yield Gap(_("The access log is not being written; entries are kept aside."), None, "")


def _silent(units: set[UUID], reader: Reader) -> Iterator[Gap]:
    alarms = Alarm.objects.open().filter(code="device_silent", condition="active").sent_to(units)
    for alarm in alarms.select_related("assignment__resident__home", "assignment__place", "assignment__device"):
        if alarm.assignment:
            name = _name(alarm.assignment, reader)
            yield Gap(_("%(name)s is silent") % {"name": name}, alarm.occurred_at, _alarm_url(alarm))


def _not_collecting(units: set[UUID], reader: Reader) -> Iterator[Gap]:
    off = Assignment.objects.in_force().filter(unit__in=units).exclude(collecting=CollectingState.ACTIVE)
    serviced = Assignment.objects.in_force().filter(unit__in=units, device__state=DeviceState.SERVICE)
    for row in (off | serviced).select_related("resident__home", "place", "device").distinct():
        yield Gap(f"{_name(row, reader)}: {_why_off(row)}", row.stopped_at, _resident_url(row))


def _why_off(row: Assignment) -> str:
    if row.collecting == CollectingState.ACTIVE:
        return str(row.device.get_state_display()).lower()
    if row.stopped_for == StoppedFor.CONSENT:
        return _("there is no consent any more, collects nothing")
    return str(row.get_collecting_display()).lower()


def _rules_off(units: set[UUID], reader: Reader) -> Iterator[Gap]:
    for setting in RuleSetting.objects.filter(enabled=False).select_related(
        "assignment__resident__home", "assignment__place", "resident__home"
    ):
        rule = rules.RULES.get(setting.code)
        row = setting.assignment or _some_assignment(setting, units)
        if rule and row and row.unit_id in units:
            who = reader.see(setting.resident).name if setting.resident else _name(row, reader)
            yield Gap(
                _("%(rule)s is switched off for %(who)s") % {"rule": rule.label, "who": who},
                None,
                _resident_url(row),
            )


def _some_assignment(setting: RuleSetting, units: set[UUID]) -> Assignment | None:
    return Assignment.objects.in_force().filter(resident=setting.resident, unit__in=units).first()


def _name(row: Assignment, reader: Reader) -> str:
    holder = reader.see(row.resident).name if row.resident else str(row.place)
    return f"{row.label}, {holder}"


def _alarm_url(alarm: Alarm) -> str:
    return reverse("alarms:detail", args=[alarm.pk])


def _resident_url(row: Assignment) -> str:
    return reverse("residents:detail", args=[row.resident_id]) if row.resident_id else ""
