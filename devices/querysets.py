"""Questions about assignments and readings, with time."""

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from consents.gate import Collecting
from consents.models import Consent, EmergencyGround, Purpose
from safehome import clock

if TYPE_CHECKING:
    from devices.models import Assignment, Reading  # noqa: F401


class AssignmentQuerySet(QuerySet["Assignment"]):
    def in_force(self, at: datetime | None = None) -> Self:
        """Assignments valid at a moment (default now)."""
        moment = at or clock.now()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=moment), valid_from__lte=moment)

    def overlapping(self, start: datetime, end: datetime | None) -> Self:
        """Assignments valid at some moment of the half-open stretch."""
        found = self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=start))
        return found.filter(valid_from__lt=end) if end else found

    def lawful(self) -> Self:
        """Assignments that rest on consents which the resident has not taken back. What they have measured may be
        shown; where a consent is over, what was stored stays by retention and is shown to nobody in daily work."""
        today = timezone.localdate(clock.now())
        held = Consent.objects.given().filter(
            resident=OuterRef("assignments__resident"), purpose=OuterRef("pk"), cohabitant=None
        )
        over = Q(valid_to__lt=today) | Q(~Exists(held), consent_required=True)
        lacking = Purpose.objects.filter(over, assignments=OuterRef("pk"))
        standing = Q(purposes__isnull=False) & ~Exists(lacking)
        return self.filter(Q(resident=None) | standing | self._in_an_emergency()).distinct()

    def _in_an_emergency(self) -> Q:
        """What collects only because somebody is to be saved is also to be seen by those who save."""
        now = clock.now()
        declared = EmergencyGround.objects.filter(resident=OuterRef("resident"), started_at__lte=now, ends_at__gt=now)
        return Q(Exists(declared), collecting=Collecting.ACTIVE.value)


class ReadingQuerySet(QuerySet["Reading"]):
    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(measured_at__gte=start, measured_at__lt=end)

    def latest_times(self) -> dict[UUID, datetime]:
        """Assignment id → the greatest measured time (not the last received)."""
        return dict(self.values("assignment").annotate(at=Max("measured_at")).values_list("assignment", "at"))
