"""Questions about alarms."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, When

from alarms.states import PRIORITY_ORDER, Handling

if TYPE_CHECKING:
    from alarms.models import Alarm  # noqa: F401


class AlarmQuerySet(QuerySet["Alarm"]):
    def open(self) -> Self:
        return self.exclude(handling=Handling.CLOSED)

    def sent_to(self, units: Iterable[UUID]) -> Self:
        """Alarms that have been sent to one of the units."""
        from alarms.models import AlarmTarget

        return self.filter(pk__in=AlarmTarget.objects.filter(unit__in=units).values("alarm"))

    def most_urgent_first(self) -> Self:
        """By priority, then age."""
        rank = Case(
            *(When(priority=priority, then=order) for priority, order in PRIORITY_ORDER.items()),
            output_field=IntegerField(),
        )
        return self.order_by(rank, "raised_at", "id")

    def with_people(self) -> Self:
        """All that a row on the board says, in one query."""
        return self.select_related(
            "resident__home", "place", "unit", "assignment__room", "accepted_by", "arrived_by", "closed_by"
        )
