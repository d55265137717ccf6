"""What one administration may see of what another one knows about a resident, as SQL; says the same as `gate.weigh`.

An administration is an authority of its own: its staff see what their own administration collects about the residents
in their care. What another administration of the same resident collects, they see exactly in the categories that a
consent to lift the secrecy between the two names, while it is in force (OSL 8:2, 10:1).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from consents.gate import Facts, Ground, Need, weigh
from consents.grounds import ground_of
from consents.kinds import Category, ConsentKind
from consents.models import Consent, Recipient
from safehome import clock
from safehome.organisation.models import Administration, Membership
from safehome.organisation.policies import Viewer
from safehome.organisation.roles import Right
from safehome.residents.models import CareRelation, Resident


def seen_by(user: Viewer, right: Right, category: Category, *, resident: str, owner: str) -> Q:
    """A condition on rows that belong to a resident and to an administration.

    `resident` and `owner` are the paths to their ids, as "assignment__resident" and "assignment__unit__administration".
    True where the user holds the right in a unit that takes part in the resident's care, and that unit is the owning
    administration's, or one that the resident has let see the category.
    """
    if not getattr(user, "is_active", False):
        return Q(pk__in=[])
    units = Membership.objects.in_force().carrying(right).filter(user=user.pk).values("unit")
    relations = CareRelation.objects.in_force().filter(resident=OuterRef(resident), unit__in=units)
    own = relations.filter(unit__administration=OuterRef(owner))
    return Q(Exists(own)) | Q(Exists(_shared(category, units, resident, owner)))


def _shared(category: Category, units: Any, resident: str, owner: str) -> QuerySet[Consent]:
    """Consents that let some unit of the user, which takes part in the care, see the category."""
    taking_part = CareRelation.objects.in_force().filter(resident=OuterRef("resident"), unit__in=units)
    to_unit = Q(purpose__recipients__unit__in=taking_part.values("unit"))
    to_administration = Q(purpose__recipients__administration__in=taking_part.values("unit__administration"))
    return (
        Consent.objects.given()
        .filter(resident=OuterRef(resident), cohabitant=None, purpose__administration=OuterRef(owner))
        .filter(purpose__kind=ConsentKind.SECRECY, purpose__categories__category=category)
        .filter(to_unit | to_administration)
    )


def administrations_shown(
    resident: Resident, to: Administration | UUID, category: Category, at: datetime | None = None
) -> frozenset[UUID]:
    """Administrations whose data in a category may be shown to (or exported to) another one; weighed by the gate."""
    moment = at or clock.now()
    receiver = to if isinstance(to, UUID) else to.pk
    rows = Consent.objects.filter(
        resident=resident,
        cohabitant=None,
        purpose__kind=ConsentKind.SECRECY,
        purpose__categories__category=category,
        purpose__recipients__in=Recipient.objects.filter(Q(administration=receiver) | Q(unit__administration=receiver)),
    )
    owners: dict[UUID, set[tuple[UUID, Ground]]] = {}
    for row in rows.select_related("purpose").distinct():
        owners.setdefault(row.purpose.administration_id, set()).add((row.purpose_id, ground_of(row)))
    shown = {owner for owner, grounds in owners.items() if _any(resident, grounds, moment)}
    return frozenset(shown | {receiver})


def _any(resident: Resident, grounds: set[tuple[UUID, Ground]], at: datetime) -> bool:
    """One purpose that is met is enough: each is a road of its own between the two."""
    all_of_them = tuple(ground for _purpose, ground in grounds)
    needs = [Need(resident.pk, purpose) for purpose, _ground in grounds]
    return any(weigh(Facts((need,), all_of_them), at).allowed for need in needs)
