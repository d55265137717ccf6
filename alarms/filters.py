"""Filters of the alarms' API."""

from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from alarms.models import Alarm
from alarms.querysets import AlarmQuerySet
from alarms.states import Category, Handling, Priority


class AlarmFilter(filters.FilterSet):
    open = filters.BooleanFilter(method="by_open", help_text="true: not closed yet; false: closed.")
    category = filters.ChoiceFilter(choices=Category.choices)
    priority = filters.ChoiceFilter(choices=Priority.choices)
    handling = filters.ChoiceFilter(choices=Handling.choices)
    unit = filters.UUIDFilter(method="by_unit", help_text="Alarms that have been sent to this unit.")
    resident = filters.UUIDFilter(field_name="resident")
    raised_after = filters.IsoDateTimeFilter("raised_at", "gte", help_text="This time counted in.")
    raised_before = filters.IsoDateTimeFilter("raised_at", "lt", help_text="This time left out.")

    def by_open(self, alarms: AlarmQuerySet, name: str, wanted: bool) -> QuerySet[Alarm]:
        return alarms.open() if wanted else alarms.filter(handling=Handling.CLOSED)

    def by_unit(self, alarms: AlarmQuerySet, name: str, unit: UUID) -> QuerySet[Alarm]:
        return alarms.sent_to([unit])
