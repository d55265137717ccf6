"""Filters of the devices' API."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from devices.kinds import KINDS
from devices.models import Assignment, CollectingState, DeviceState
from devices.querysets import AssignmentQuerySet


class DeviceFilter(filters.FilterSet):
    external_id = filters.CharFilter(help_text="As the gateway sends it, in lower case.")
    state = filters.ChoiceFilter(choices=DeviceState.choices)
    gateway = filters.UUIDFilter(field_name="gateway")


class AssignmentFilter(filters.FilterSet):
    in_force = filters.BooleanFilter(method="by_time", help_text="true: in force now; false: ended, or yet to come.")
    device = filters.UUIDFilter(field_name="device")
    resident = filters.UUIDFilter(field_name="resident")
    place = filters.UUIDFilter(field_name="place")
    unit = filters.UUIDFilter(field_name="unit", help_text="The unit that gets the alarms.")
    collecting = filters.ChoiceFilter(choices=CollectingState.choices)

    def by_time(self, assignments: AssignmentQuerySet, name: str, wanted: bool) -> QuerySet[Assignment]:
        now = Assignment.objects.in_force().values("pk")
        return assignments.filter(pk__in=now) if wanted else assignments.exclude(pk__in=now)


class ReadingFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=[(kind.code, kind.label) for kind in KINDS.values()])


# `from` is a word of Python's own, so these two can't be written as attributes.
ReadingFilter.base_filters |= {
    "from": filters.IsoDateTimeFilter("measured_at", "gte", help_text="Measured at this time or later."),
    "to": filters.IsoDateTimeFilter("measured_at", "lt", help_text="Measured before this time."),
}
