"""Filters of the residents' API."""

from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from safehome.residents import policies
from safehome.residents.models import CareRelation, Resident


class ResidentFilter(filters.FilterSet):
    search = filters.CharFilter(
        method="by_text",
        max_length=100,
        help_text="Words in the name, or a whole personal identity number. Protected identities are found only by "
        "those who are named for them.",
    )
    unit = filters.UUIDFilter(method="by_unit", help_text="Residents in whose care this unit takes part today.")

    def by_text(self, residents: QuerySet[Resident], name: str, text: str) -> QuerySet[Resident]:
        return residents.filter(pk__in=policies.searchable_by(self.request.user, text).values("pk"))

    def by_unit(self, residents: QuerySet[Resident], name: str, unit: UUID) -> QuerySet[Resident]:
        relations = CareRelation.objects.in_force().filter(unit=unit)
        return residents.filter(pk__in=relations.values("resident"))
