"""Erases readings whose time is over: no longer than the purposes that they rest on say (GDPR 5.1 e)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef

from devices.models import Assignment, Disposal, Reading
from safehome import clock

BATCH = 5_000


def dispose(limit: int = 50) -> int:
    """Erase what is too old, some assignments at a time; returns how many readings. A receipt is left for each."""
    now = clock.now()
    return sum(_dispose_of(row, now) for row in _with_something_too_old(now)[:limit])


def _with_something_too_old(now: datetime) -> list[Assignment]:
    """Of several purposes the shortest time counts; what rests on no stated time is kept."""
    found: list[Assignment] = []
    kept = Assignment.objects.annotate(days=Min("purposes__retention_days")).filter(days__isnull=False)
    for days in kept.order_by("days").values_list("days", flat=True).distinct():
        oldest = Reading.objects.filter(assignment=OuterRef("pk"), measured_at__lt=now - timedelta(days=days))
        found += kept.filter(Exists(oldest), days=days).annotate(keep=F("days"))
    return found


@transaction.atomic
def _dispose_of(assignment: Assignment, now: datetime) -> int:
    days: int = vars(assignment)["keep"]
    before = now - timedelta(days=days)
    old = Reading.objects.filter(assignment=assignment, measured_at__lt=before).order_by()
    erased, _models = Reading.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
    Disposal.objects.create(assignment=assignment, at=now, measured_before=before, days=days, count=erased)
    return erased
