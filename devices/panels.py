"""What devices add to a resident's page for staff (settings.RESIDENT_PANELS)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from consents.kinds import Category
from consents.models import Consent
from devices import policies as device_policies
from devices.actions import verdict_on
from devices.kinds import KINDS, kinds_of
from devices.models import Assignment, CollectingState, Reading, StoppedFor
from devices.placement import Placement
from devices.querysets import AssignmentQuerySet
from safehome import clock
from safehome.organisation.models import User
from safehome.organisation.policies import units_with
from safehome.organisation.roles import Right
from safehome.residents.models import Resident
from safehome.ui import charts

ACTIVITY = ("motion", "presence", "door", "bed", "chair", "use")
TEMPERATURE_LIMITS = (17.0, 28.0)
CHART_DAYS = 28


def for_staff(user: User, resident: Resident) -> dict[str, Any]:
    """The devices that the user may know of, and what they have measured in the categories that the user may see."""
    read = _read_by(user, resident)
    own = set(units_with(user, Right.DEVICE_VIEW).values_list("administration", flat=True))
    visible = device_policies.assignments_visible_to(user).filter(resident=resident)
    listed = [_device(row, own_administration=row.unit.administration_id in own) for row in _told(visible, read)]
    context: dict[str, Any] = {"devices": listed}
    if activity := _told(Assignment.objects.filter(pk__in=read[Category.ACTIVITY]), read):
        context["actogram"] = _actogram(activity)
    if climate := _told(Assignment.objects.filter(pk__in=read[Category.CLIMATE]), read):
        context["temperature"] = _temperature(climate)
    return context


def _read_by(user: User, resident: Resident) -> dict[Category, set[UUID]]:
    """Category → the resident's assignments of which the user may see what was measured in it."""
    return {
        category: set(
            device_policies.assignments_read_by(user, category).filter(resident=resident).values_list("pk", flat=True)
        )
        for category in device_policies.MEASURED
    }


def _told(assignments: AssignmentQuerySet, read: dict[Category, set[UUID]]) -> list[Assignment]:
    """What hangs there now, with the latest that was measured in the categories that may be seen."""
    shown = Q(pk__in=[])
    for category, ids in read.items():
        shown |= Q(assignment__in=ids, kind__in=kinds_of(category))
    latest = Reading.objects.filter(shown, assignment=OuterRef("pk")).order_by("-measured_at")
    return list(
        assignments.in_force()
        .select_related("device__model", "room", "unit")
        .annotate(
            latest_kind=Subquery(latest.values("kind")[:1]),
            latest_value=Subquery(latest.values("value")[:1]),
            latest_at=Subquery(latest.values("measured_at")[:1]),
        )
    )


def _device(row: Assignment, *, own_administration: bool) -> dict[str, Any]:
    """When a device was last heard is often when somebody last moved: of another administration's, and of one that has
    stopped, only what has been measured is told."""
    active = row.collecting == CollectingState.ACTIVE
    heard = row.device.last_seen_at if active and own_administration else None
    latest = vars(row)
    return {
        "name": row.label,
        "room": row.room.name if row.room else "",
        "collecting": active,
        "collecting_note": "" if active else _why_not(row),
        "latest": _value(latest.get("latest_kind"), latest.get("latest_value")),
        "latest_at": latest.get("latest_at") or heard,
        "battery": row.device.battery,
    }


def _why_not(row: Assignment) -> str:
    """In words, with whose decision it was when that was the resident's."""
    state = str(row.get_collecting_display())
    return f"{state}. {row.get_stopped_for_display()}" if row.stopped_for == StoppedFor.CONSENT else state


def _value(code: str | None, value: float | None) -> str:
    """A measured value in words; an event is told by its time alone."""
    kind = KINDS.get(code or "")
    if kind is None or value is None or not kind.unit:
        return ""
    return f"{localize(round(value, 1))} {kind.unit}"


def _window() -> tuple[datetime, datetime]:
    """The local days of the charts, to the present moment."""
    now = clock.now()
    first = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=CHART_DAYS - 1)
    return first, now


def _actogram(assignments: list[Assignment]) -> charts.Actogram | None:
    first, now = _window()
    moments = (
        Reading.objects.filter(assignment__in=_watching(assignments, ACTIVITY), kind__in=ACTIVITY, value__gt=0)
        .between(first, now)
        .values_list("measured_at", flat=True)
    )
    if not _watching(assignments, ACTIVITY):
        return None
    zone = clock.local_zone()
    return charts.actogram(moments, last_day=now.astimezone(zone).date(), zone=zone, days=CHART_DAYS)


def _temperature(assignments: list[Assignment]) -> charts.LineChart | None:
    """One line: the thermometer indoors that has measured most lately."""
    indoors = [row for row in _watching(assignments, ("temperature",)) if row.placement == Placement.INTERIOR]
    if not indoors:
        return None
    row = max(indoors, key=lambda row: (vars(row)["latest_at"] is not None, vars(row)["latest_at"] or clock.now()))
    measured = Reading.objects.filter(assignment=row, kind="temperature").between(*_window())
    low, high = TEMPERATURE_LIMITS
    title = _("Temperature, %(room)s") % {"room": row.room.name} if row.room else _("Temperature")
    points = [(at, value) for at, value in measured.values_list("measured_at", "value") if value is not None]
    return charts.line(points, title=title, low=low, high=high, zone=clock.local_zone())


def _watching(assignments: list[Assignment], kinds: Iterable[str]) -> list[Assignment]:
    return [row for row in assignments if set(row.device.model.kinds) & set(kinds)]


# --- The receipt of an answer (settings.CONSENT_RECEIPT_PANELS) ------------------------------------------------


def stopped_by(consent: Consent) -> list[dict[str, Any]]:
    """Each assignment that rests on the consent's purpose, with the time from which it has collected nothing: what is
    in the home now, and what has been taken away since the answer. Read at the moment of asking, so that a receipt
    says "it has stopped" of nothing that goes on."""
    now = clock.now()
    holders = Q(resident=consent.resident_id)
    if consent.purpose.cohabitants and consent.resident.home_id:
        holders |= Q(resident__home=consent.resident.home_id)
    still_there = Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    if consent.answered_at:
        still_there |= Q(valid_to__gte=consent.answered_at)
    rows = Assignment.objects.filter(holders, still_there, purposes=consent.purpose_id)
    rows = rows.select_related("resident__home").prefetch_related("purposes")
    return [_resting(row, now) for row in rows.distinct().order_by("label", "pk")]


def _resting(row: Assignment, now: datetime) -> dict[str, Any]:
    taken_away = row.valid_to is not None and row.valid_to <= now
    active = row.collecting == CollectingState.ACTIVE and not taken_away
    return {
        "label": row.label,
        "collecting": active,
        "planned": row.collecting == CollectingState.PLANNED,
        "waits": not active and not verdict_on(row).allowed,
        "since": row.collecting_since,
        "stopped_at": None if active else min(filter(None, (row.stopped_at, row.valid_to)), default=None),
    }
