"""Questions about residents, with time."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from safehome.residents import identity

if TYPE_CHECKING:
    from safehome.residents.models import Resident  # noqa: F401

T = TypeVar("T", bound=Model)


class InForceQuerySet(QuerySet[T]):
    def in_force(self, on: date | None = None) -> Self:
        """Rows valid on a local date (default today)."""
        day = on or timezone.localdate()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


def in_force_q(prefix: str, on: date | None = None) -> Q:
    """The same, for use across a relation: `in_force_q("care_relations")`."""
    day = on or timezone.localdate()
    ends: dict[str, Any] = {f"{prefix}__valid_to__isnull": True}
    return (Q(**ends) | Q(**{f"{prefix}__valid_to__gte": day})) & Q(**{f"{prefix}__valid_from__lte": day})


class ResidentQuerySet(QuerySet["Resident"]):
    def matching(self, text: str) -> Self:
        """By a whole personal identity number, or by words in the name. Every word must match."""
        try:
            return self.filter(identity_index=identity.index(identity.normalise(text)))
        except ValidationError:
            found = self
            for word in text.split():
                found = found.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
            return found
