"""What a decision does to the data flow, in the decision's own transaction.

Apps above register a function each (settings.CONSENT_EFFECTS): devices stop and start collecting, alarms forget what
rested on the consent and tell open boards. A function that fails undoes the decision too: nobody is told "it has
stopped" before it has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from safehome.organisation.models import User
from safehome.residents.models import Resident


@dataclass(frozen=True)
class Change:
    """Whose lawful grounds may have changed. `by` is the person who decided; nobody, when a date did."""

    residents: frozenset[UUID]
    at: datetime
    by: User | None = None


@transaction.atomic
def apply(residents: Iterable[UUID], *, at: datetime, by: User | None = None) -> None:
    """Weigh everything anew that rests on what these residents, and those who share their homes, have agreed to."""
    change = Change(_households(residents), at, by)
    for path in settings.CONSENT_EFFECTS:
        import_string(path)(change)


def _households(residents: Iterable[UUID]) -> frozenset[UUID]:
    own = set(residents)
    homes = Resident.objects.filter(pk__in=own, home__isnull=False).values("home")
    return frozenset(Resident.objects.filter(Q(pk__in=own) | Q(home__in=homes)).values_list("pk", flat=True))
