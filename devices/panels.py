"""What devices add to a resident's page and to the resident's own page (settings.RESIDENT_PANELS, HOME_PANELS)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from devices.kinds import KINDS
from devices.models import Assignment, CollectingState, Reading
from devices.placement import Placement
from safehome import clock
from safehome.organisation.models import User
from safehome.organisation.roles import Right
from safehome.residents import policies
from safehome.residents.models import Resident
from safehome.ui import charts

ACTIVITY = ("motion", "presence", "door", "bed", "chair", "use")
TEMPERATURE_LIMITS = (17.0, 28.0)
CHART_DAYS = 28


def for_staff(user: User, resident: Resident) -> dict[str, Any]:
    """The devices, and, for those who may see readings, the actogram and the temperature."""
    assignments = _assignments(resident)
    may_read = policies.visible_to(user, Right.READING_VIEW).contains(resident)
    context: dict[str, Any] = {"devices": [_device(row, may_read) for row in assignments]}
    if may_read:
        context |= {"actogram": _actogram(assignments), "temperature": _temperature(assignments)}
    return context


def _assignments(resident: Resident) -> list[Assignment]:
    latest = Reading.objects.filter(assignment=OuterRef("pk")).order_by("-measured_at")
    return list(
        Assignment.objects.in_force()
        .filter(resident=resident)
        .select_related("device__model", "room", "unit")
        .annotate(
            latest_kind=Subquery(latest.values("kind")[:1]),
            latest_value=Subquery(latest.values("value")[:1]),
            latest_at=Subquery(latest.values("measured_at")[:1]),
        )
    )


def _device(row: Assignment, may_read: bool) -> dict[str, Any]:
    active = row.collecting == CollectingState.ACTIVE
    latest = vars(row) if may_read else {}
    return {
        "name": row.label,
        "room": row.room.name if row.room else "",
        "collecting": active,
        "collecting_note": "" if active else row.get_collecting_display(),
        "latest": _value(latest.get("latest_kind"), latest.get("latest_value")),
        "latest_at": latest.get("latest_at") or row.device.last_seen_at,
        "battery": row.device.battery,
    }


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
    title = _("Temperature, %(room)s") % {"room": row.room.name if row.room else row.label}
    points = [(at, value) for at, value in measured.values_list("measured_at", "value") if value is not None]
    return charts.line(points, title=title, low=low, high=high, zone=clock.local_zone())


def _watching(assignments: list[Assignment], kinds: Iterable[str]) -> list[Assignment]:
    return [row for row in assignments if set(row.device.model.kinds) & set(kinds)]


# --- The resident's own page -----------------------------------------------------------------------------------


def at_home(resident: Resident) -> dict[str, Any]:
    """What is in the home in plain words: what it measures, what it leaves out, who is told. Devices of which the
    same is true are told of together, so that a home with twenty sensors is still a page that somebody reads."""
    rows = Assignment.objects.in_force().filter(resident=resident)
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows.select_related("device__model", "room", "unit__passes_on_to").order_by("label"):
        group = groups.setdefault(_sameness(row), {**_plain(row), "names": []})
        group["names"].append(row.label)
    return {"devices": list(groups.values())}


def _sameness(row: Assignment) -> tuple[Any, ...]:
    return tuple(_kinds_of(row)), row.unit_id, row.collecting == CollectingState.ACTIVE


def _kinds_of(row: Assignment) -> list[str]:
    """What the device says about the home; its battery and its sign of life are about itself."""
    return [code for code in row.device.model.kinds if code in KINDS and code not in ("heartbeat", "battery")]


def _plain(row: Assignment) -> dict[str, Any]:
    kinds = [KINDS[code] for code in _kinds_of(row)]
    return {
        "title": ", ".join(str(kind.label) for kind in kinds) or row.label,
        "collecting": row.collecting == CollectingState.ACTIVE,
        "measures": _sentences(kind.measures for kind in kinds) or _("Only that it works."),
        "does_not": _sentences(kind.leaves_out for kind in kinds),
        "told": [unit.name for unit in row.unit.chain()],
    }


def _sentences(texts: Iterable[str | Promise]) -> str:
    """Each sentence once, in order."""
    return " ".join(dict.fromkeys(str(text) for text in texts))
