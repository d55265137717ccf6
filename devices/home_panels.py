"""What devices add to people's own pages: what is in the home and what it measured today, what rests on which yes,
what each administration knows, and what a relative sees (settings.HOME_PANELS, RESTS_ON, HOLDINGS, RELATIVE_PANELS).

Whoever looks sees no more than they may: the resident and who decides for them see all; a relative, what the resident
has let them see, category by category; who lives in the home, what hangs there and nothing of what it measured.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from consents.kinds import Category
from consents.portal.holdings import Holdings
from consents.relatives import categories_for
from devices import today
from devices.kinds import KINDS, category_of, kinds_of
from devices.models import Assignment, CollectingState, Reading, RefusedCount
from devices.placement import Placement
from devices.querysets import AssignmentQuerySet
from safehome import clock
from safehome.organisation.models import Unit, User
from safehome.residents import policies as residents
from safehome.residents.models import Resident

TURNED_AWAY_DAYS = 14
"""How far back the page tells what was turned away."""


# --- Who sees how much -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sight:
    """How much of the home somebody sees."""

    devices: bool = False
    worn: bool = False
    counts: bool = False
    readings: frozenset[Category] = frozenset()

    @property
    def kinds(self) -> list[str]:
        return [code for code in KINDS if category_of(code) in self.readings]


EVERYTHING = Sight(devices=True, worn=True, counts=True, readings=frozenset(Category))


def sight_of(user: User, resident: Resident) -> Sight:
    """The resident and their representatives see everything; others what they are let see, or what they live with."""
    if residents.decides_for(user, resident):
        return EVERYTHING
    sight = Sight(devices=residents.lives_with(user).contains(resident))
    if allowed := _let_see(user, resident):
        shows = Category.DEVICES in allowed
        sight = replace(sight, devices=sight.devices or shows, worn=shows, readings=allowed)
    return sight


def _let_see(user: User, resident: Resident) -> frozenset[Category]:
    return frozenset() if resident.is_protected else categories_for(user, resident)


# --- What is in the home -----------------------------------------------------------------------------------------


@dataclass
class Thing:
    """One device: what the people in the home call it, what it measured today, and since when it has stopped."""

    name: str
    today: list[str] = field(default_factory=list)
    stopped_at: Any = None
    turned_away: list[tuple[date, int]] = field(default_factory=list)


def at_home(user: User, resident: Resident) -> dict[str, Any]:
    """What is in the home in plain words: what it measures, what it leaves out, who is told. Devices of which the
    same is true are told of together, so that a home with twenty sensors is still a page that somebody reads."""
    sight = sight_of(user, resident)
    if not sight.devices:
        return {"devices": [], "closed": True}
    rows = _in_home(resident, sight)
    things = _things(rows, resident, sight)
    chains: dict[UUID, list[str]] = {}
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = _sameness(row)
        if key not in groups:
            groups[key] = {**_plain(row), "told": _told(row.unit, chains), "things": []}
        groups[key]["things"].append(things[row.pk])
    return {"devices": list(groups.values()), "closed": False}


def _in_home(resident: Resident, sight: Sight) -> list[Assignment]:
    rows = Assignment.objects.in_force().filter(resident=resident)
    if not sight.worn:  # what somebody wears is theirs, and does not concern who lives with them
        rows = rows.exclude(placement=Placement.OUTDOOR)
    return list(rows.select_related("device__model", "unit").order_by("label"))


def _things(rows: list[Assignment], resident: Resident, sight: Sight) -> dict[UUID, Thing]:
    things = {row.pk: Thing(row.label) for row in rows}
    lawful = _lawful(resident) if sight.readings else set()
    shown = [row for row in rows if row.pk in lawful and is_on(row)]
    measured = today.measured_today(shown, sight.kinds) if shown else {}
    for row in shown:
        things[row.pk].today = _today(row, measured.get(row.pk, {}), sight)
    if sight.counts:
        for pk, day, count in _turned_away(rows):
            things[pk].turned_away.append((day, count))
    for row in rows:
        if has_stopped(row):
            things[row.pk].stopped_at = row.stopped_at or row.collecting_until
    return things


def _lawful(resident: Resident) -> set[UUID]:
    return set(Assignment.objects.lawful().filter(resident=resident).values_list("pk", flat=True))


def is_on(row: Assignment) -> bool:
    """Collects now: a ground that has ended by the clock has ended, also before the watch loop says so."""
    ended = row.collecting_until is not None and row.collecting_until <= clock.now()
    return row.collecting == CollectingState.ACTIVE and not ended


def has_stopped(row: Assignment) -> bool:
    return row.collecting != CollectingState.PLANNED and not is_on(row)


def _today(row: Assignment, measured: dict[str, today.Today], sight: Sight) -> list[str]:
    """A sentence for each kind of reading that has one; that nothing came is news of its own."""
    seen = [code for code in _kinds_of(row) if code in sight.kinds]
    told = [measured[code].words for code in seen if code in measured]
    return list(dict.fromkeys(told)) or ([today.nothing_today()] if seen else [])


def _turned_away(rows: list[Assignment]) -> Iterable[tuple[UUID, date, int]]:
    """What the gate did not let in: counted, never kept."""
    first = timezone.localdate(clock.now()) - timedelta(days=TURNED_AWAY_DAYS - 1)
    counts = RefusedCount.objects.filter(assignment__in=rows, day__gte=first).order_by("-day")
    return counts.values("assignment", "day").annotate(turned=Sum("count")).values_list("assignment", "day", "turned")


def _sameness(row: Assignment) -> tuple[Any, ...]:
    return tuple(_kinds_of(row)), row.unit_id, is_on(row), has_stopped(row)


def _kinds_of(row: Assignment) -> list[str]:
    """What the device says about the home; its battery and its sign of life are about itself."""
    return [code for code in row.device.model.kinds if code in KINDS and code not in ("heartbeat", "battery")]


def _plain(row: Assignment) -> dict[str, Any]:
    kinds = [KINDS[code] for code in _kinds_of(row)]
    return {
        "title": ", ".join(str(kind.label) for kind in kinds) or row.label,
        "collecting": is_on(row),
        "stopped": has_stopped(row),
        "measures": _sentences(kind.measures for kind in kinds) or _("Only that it works."),
        "does_not": _sentences(kind.leaves_out for kind in kinds),
    }


def _told(unit: Unit, chains: dict[UUID, list[str]]) -> list[str]:
    """The unit that gets the alarms, and those that an alarm goes on to; asked once for each unit."""
    if unit.pk not in chains:
        chains[unit.pk] = [each.name for each in unit.chain()]
    return chains[unit.pk]


def _sentences(texts: Iterable[str | Promise]) -> str:
    """Each sentence once, in order."""
    return " ".join(dict.fromkeys(str(text) for text in texts))


# --- What rests on a yes, and what each administration knows -----------------------------------------------------


def resting_on(resident: Resident, purposes: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Purpose id → the devices in the home that need the yes, and whether they are on (settings.RESTS_ON)."""
    rows = Assignment.objects.in_force().filter(resident=resident, purposes__in=purposes).order_by("label")
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows.prefetch_related("purposes").distinct():
        for purpose in row.purposes.all():
            found.setdefault(purpose.pk, []).append({"name": row.label, "on": is_on(row)})
    return found


def holdings(resident: Resident) -> Holdings:
    """What has been measured and may be shown, by administration; who is sent alarms; who mends (settings.HOLDINGS)."""
    rows = Assignment.objects.filter(resident=resident).exclude(collecting=CollectingState.PLANNED)
    lawful = _lawful(resident)
    found = Holdings()
    chains: dict[UUID, list[Unit]] = {}
    now = clock.now()
    for row in rows.select_related("unit__administration", "device__model", "device__gateway__unit__administration"):
        held = found.held.setdefault(row.unit.administration_id, set())
        held |= {Category.ALARMS, Category.DEVICES}
        if row.pk in lawful:
            held |= {category_of(code) for code in row.device.model.kinds}
        if row.valid_to is None or row.valid_to > now:
            if row.unit_id not in chains:
                chains[row.unit_id] = row.unit.chain()
            found.sent_alarms.update({unit.pk: unit for unit in chains[row.unit_id]})
            found.mend[row.device.gateway.unit_id] = row.device.gateway.unit
    return found


# --- A relative's page (settings.RELATIVE_PANELS) -----------------------------------------------------------------


def _shown(resident: Resident) -> AssignmentQuerySet:
    """What collects now, and rests on consents that stand."""
    ended = Assignment.objects.filter(collecting_until__lte=clock.now())
    here = Assignment.objects.lawful().in_force().filter(resident=resident, collecting=CollectingState.ACTIVE)
    return here.exclude(pk__in=ended.values("pk"))


def activity_for_relative(user: User, resident: Resident) -> dict[str, Any]:
    """When something last told that somebody is up and about, and how many signs there were today."""
    rows = list(_with_model(resident))
    moving = [code for code in kinds_of(Category.ACTIVITY) if not KINDS[code].unit]
    day = Reading.objects.filter(assignment__in=rows, kind__in=moving, value__gt=0)
    hours = (
        day.filter(measured_at__gte=today.since_midnight(), measured_at__lte=clock.now())
        .order_by()
        .annotate(hour=TruncHour("measured_at", tzinfo=clock.local_zone()))
        .values("hour")
        .annotate(first=Min("measured_at"), last=Max("measured_at"))
        .order_by("hour")
    )
    found = list(hours)
    return {
        "activity": {
            "first": found[0]["first"] if found else None,
            "last": found[-1]["last"] if found else None,
            "hours": [row["hour"] for row in found],
            "watched": any(set(row.device.model.kinds) & set(moving) for row in rows),
        }
    }


def _with_model(resident: Resident) -> AssignmentQuerySet:
    return _shown(resident).select_related("device__model", "room").order_by("label")


def climate_for_relative(user: User, resident: Resident) -> dict[str, Any]:
    """How warm it is, room by room; not which device says so."""
    kinds = [code for code in kinds_of(Category.CLIMATE) if KINDS[code].unit]
    rows = list(_with_model(resident))
    measured = today.measured_today(rows, kinds) if rows else {}
    rooms = [
        {"room": row.room.name if row.room else "", "today": [found[code].words for code in kinds if code in found]}
        for row in rows
        if (found := measured.get(row.pk, {}))
    ]
    return {"climate": rooms}


def devices_for_relative(user: User, resident: Resident) -> dict[str, Any]:
    """Which devices there are, and whether they are on."""
    rows = Assignment.objects.in_force().filter(resident=resident).select_related("device__model").order_by("label")
    return {"devices": [{"name": row.label, **_plain(row)} for row in rows]}
