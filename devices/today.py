"""What a device has measured since midnight, in the words of whoever lives with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from devices.kinds import KINDS
from devices.models import Assignment, Reading
from safehome import clock


@dataclass(frozen=True)
class Today:
    """One kind of reading of one device since local midnight: how often it told of something and when last; of what
    has a unit, the latest, lowest and highest value."""

    kind: str
    times: int
    last: datetime | None
    latest: float | None
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        """One sentence."""
        if self.last is None:
            return nothing_today()
        return self._measured() if KINDS[self.kind].unit else self._noticed(self.last)

    def _noticed(self, last: datetime) -> str:
        facts = {"times": self.times, "last": date_format(timezone.localtime(last), "TIME_FORMAT")}
        return _EVENTS.get(self.kind, _something)(self.times) % facts

    def _measured(self) -> str:
        facts = {name: _number(getattr(self, name)) for name in ("latest", "low", "high")}
        pattern = _MEASURES.get(self.kind)
        if pattern is None:
            return f"{facts['latest']} {KINDS[self.kind].unit}"
        return pattern() % facts


def nothing_today() -> str:
    return _("Nothing has been measured today.")


def since_midnight() -> datetime:
    return timezone.localtime(clock.now(), clock.local_zone()).replace(hour=0, minute=0, second=0, microsecond=0)


def measured_today(assignments: Iterable[Assignment], kinds: Iterable[str]) -> dict[UUID, dict[str, Today]]:
    """Assignment id → kind → today, in one query however many devices and readings there are."""
    day = Reading.objects.filter(measured_at__gte=since_midnight(), measured_at__lte=clock.now())
    own = day.filter(assignment=OuterRef("assignment"), kind=OuterRef("kind")).order_by("-measured_at", "-pk")
    told = Q(value__gt=0) | Q(value__isnull=True)
    measuring = [code for code, kind in KINDS.items() if kind.unit]
    rows = (
        day.filter(assignment__in=list(assignments), kind__in=list(kinds))
        .order_by()
        .values("assignment", "kind")
        .annotate(
            times=Count("pk", filter=told),
            last_event=Max("measured_at", filter=told),
            last_value=Max("measured_at"),
            low=Min("value"),
            high=Max("value"),
            latest=Subquery(own.values("value")[:1]),
        )
    )
    found: dict[UUID, dict[str, Today]] = {}
    for row in rows:
        last = row["last_value"] if row["kind"] in measuring else row["last_event"]
        today = Today(row["kind"], row["times"], last, row["latest"], row["low"], row["high"])
        found.setdefault(row["assignment"], {})[row["kind"]] = today
    return found


def _number(value: float | None) -> str:
    return "–" if value is None else str(localize(round(value, 1)))


# --- The words ---------------------------------------------------------------------------------------------------


def _something(times: int) -> str:
    return ngettext(
        "It noticed something once today, at %(last)s.",
        "It noticed something %(times)d times today, last at %(last)s.",
        times,
    )


def _door(times: int) -> str:
    return ngettext(
        "The door was opened once today, at %(last)s.",
        "The door was opened %(times)d times today, last at %(last)s.",
        times,
    )


def _motion(times: int) -> str:
    return ngettext(
        "It noticed movement once today, at %(last)s.",
        "It noticed movement %(times)d times today, last at %(last)s.",
        times,
    )


def _presence(times: int) -> str:
    return ngettext(
        "It noticed that somebody was there once today, at %(last)s.",
        "It noticed that somebody was there %(times)d times today, last at %(last)s.",
        times,
    )


def _bed(times: int) -> str:
    return ngettext(
        "It noticed somebody in the bed once today, at %(last)s.",
        "It noticed somebody in the bed %(times)d times today, last at %(last)s.",
        times,
    )


def _chair(times: int) -> str:
    return ngettext(
        "It noticed somebody in the chair once today, at %(last)s.",
        "It noticed somebody in the chair %(times)d times today, last at %(last)s.",
        times,
    )


def _use(times: int) -> str:
    return ngettext(
        "It was used once today, at %(last)s.",
        "It was used %(times)d times today, last at %(last)s.",
        times,
    )


def _button(times: int) -> str:
    return ngettext(
        "The button was pressed once today, at %(last)s.",
        "The button was pressed %(times)d times today, last at %(last)s.",
        times,
    )


def _fall(times: int) -> str:
    return ngettext(
        "It noticed a fall once today, at %(last)s.",
        "It noticed a fall %(times)d times today, last at %(last)s.",
        times,
    )


def _smoke(times: int) -> str:
    return ngettext(
        "It noticed smoke once today, at %(last)s.",
        "It noticed smoke %(times)d times today, last at %(last)s.",
        times,
    )


def _water(times: int) -> str:
    return ngettext(
        "It noticed water once today, at %(last)s.",
        "It noticed water %(times)d times today, last at %(last)s.",
        times,
    )


_EVENTS: dict[str, Callable[[int], str]] = {
    "door": _door,
    "motion": _motion,
    "presence": _presence,
    "bed": _bed,
    "chair": _chair,
    "use": _use,
    "button": _button,
    "fall": _fall,
    "smoke": _smoke,
    "water": _water,
}

_MEASURES: dict[str, Callable[[], str]] = {
    "temperature": lambda: _("%(latest)s degrees. Between %(low)s and %(high)s today."),
    "humidity": lambda: _("The air is %(latest)s percent damp. Between %(low)s and %(high)s today."),
    "light": lambda: _("The light is %(latest)s lux. Between %(low)s and %(high)s today."),
    "power": lambda: _("It draws %(latest)s watts. Between %(low)s and %(high)s today."),
}
