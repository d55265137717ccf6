"""*Who may see*: which people see what of a resident, worked out from the rules that the pages themselves obey.

What a unit sees follows from the roles held there (`organisation.roles`), from whose data it is and which consents lift
the secrecy between administrations (`consents.sharing`), and from what there is to see (settings.HOLDINGS).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string

from consents.kinds import Category, ConsentKind
from consents.models import Consent, EmergencyGround, Purpose, Recipient, RecipientRole, RelativeView
from consents.portal.holdings import Holdings
from consents.sharing import administrations_shown
from safehome import clock
from safehome.organisation.models import Administration, Membership, Unit
from safehome.organisation.roles import RIGHTS, Right, Role
from safehome.residents.models import CareRelation, Effort, Representative, Resident

SEEN_WITH = {
    Category.ALARMS: Right.ALARM_VIEW,
    Category.ACTIVITY: Right.READING_VIEW,
    Category.CLIMATE: Right.READING_VIEW,
    Category.DEVICES: Right.DEVICE_VIEW,
    Category.EFFORTS: Right.RESIDENT_VIEW,
    Category.CONTACT: Right.RESIDENT_VIEW,
}
"""The right that opens each category to staff."""


@dataclass(frozen=True)
class SeenBy:
    """Somebody, and the categories they see."""

    name: str
    categories: list[str]
    phone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Shared:
    """What one administration is let see of what another knows, by which consent."""

    purpose: Purpose
    owner: str
    receivers: list[str]
    categories: list[str]
    until: str


@dataclass(frozen=True)
class Partner:
    """Somebody outside the municipality's own units, and the question that the resident said yes to."""

    name: str
    purpose: str
    processor: bool


@dataclass(frozen=True)
class WhoSees:
    resident: Resident
    units: list[SeenBy]
    shared: list[Shared]
    alarms_go_to: list[str]
    mended_by: list[str]
    relatives: list[SeenBy]
    representatives: list[SeenBy]
    partners: list[Partner]
    emergency_until: str
    emergencies_before: list[str]


def who_sees(resident: Resident) -> WhoSees:
    holdings: Holdings = import_string(settings.HOLDINGS)(resident)
    _add_efforts(resident, holdings)
    units = [row.unit for row in _relations(resident)]
    given = list(_given(resident))
    seen = _seen_by_units(resident, units, holdings, given)
    here = {unit.pk for unit in units}
    return WhoSees(
        resident=resident,
        units=[SeenBy(unit.name, _words(seen[unit.pk]), unit.phone) for unit in units],
        shared=_shared(resident, units, given),
        alarms_go_to=sorted(unit.name for pk, unit in holdings.sent_alarms.items() if pk not in here),
        mended_by=sorted(unit.name for pk, unit in holdings.mend.items() if pk not in here),
        relatives=_relatives(resident),
        representatives=_representatives(resident),
        partners=_partners(given),
        emergency_until=_emergency(resident),
        emergencies_before=_emergencies_before(resident),
    )


def _relations(resident: Resident) -> Iterable[CareRelation]:
    rows = CareRelation.objects.in_force().filter(resident=resident)
    return rows.select_related("unit__administration").order_by("unit__name")


def _add_efforts(resident: Resident, holdings: Holdings) -> None:
    for owner in Effort.objects.in_force().filter(resident=resident).values_list("administration", flat=True):
        holdings.held.setdefault(owner, set()).add(Category.EFFORTS)


def _given(resident: Resident) -> Iterable[Consent]:
    """The resident's own consents that stand now."""
    told = Consent.objects.given().filter(resident=resident, cohabitant=None)
    related = told.select_related("purpose__administration", "text")
    return related.prefetch_related(
        "purpose__categories", "purpose__recipients__unit__administration", "purpose__recipients__administration"
    ).order_by("purpose__name")


# --- Staff -------------------------------------------------------------------------------------------------------


def _seen_by_units(
    resident: Resident, units: list[Unit], holdings: Holdings, given: list[Consent]
) -> dict[UUID, set[Category]]:
    """Unit id → what its staff see: what their rights open, of what their administration has or is let see."""
    rights = _rights(units)
    owners = _owners(resident, units, given)
    return {
        unit.pk: {
            category
            for category, right in SEEN_WITH.items()
            if right in rights[unit.pk] and _is_there(category, owners[unit.administration_id][category], holdings)
        }
        for unit in units
    }


def _rights(units: list[Unit]) -> dict[UUID, set[Right]]:
    held: dict[UUID, set[Right]] = {unit.pk: set() for unit in units}
    for unit, role in Membership.objects.in_force().filter(unit__in=units).values_list("unit", "role").distinct():
        held[unit] |= RIGHTS[Role(role)]
    return held


def _is_there(category: Category, owners: Iterable[UUID], holdings: Holdings) -> bool:
    """Telephone and address are the resident's own, and known to all who take part in the care."""
    return category is Category.CONTACT or any(category in holdings.held.get(owner, ()) for owner in owners)


def _owners(resident: Resident, units: list[Unit], given: list[Consent]) -> dict[UUID, dict[Category, frozenset[UUID]]]:
    """Receiving administration → category → whose data it sees. The gate is asked about each category that some
    consent in force shares at all."""
    shared = {row.category for consent in given if _lifts(consent) for row in consent.purpose.categories.all()}
    found: dict[UUID, dict[Category, frozenset[UUID]]] = {}
    for receiver in {unit.administration_id for unit in units}:
        found[receiver] = {
            category: administrations_shown(resident, receiver, category)
            if category.value in shared
            else frozenset({receiver})
            for category in SEEN_WITH
        }
    return found


def _lifts(consent: Consent) -> bool:
    return consent.purpose.kind == ConsentKind.SECRECY


def _shared(resident: Resident, units: list[Unit], given: list[Consent]) -> list[Shared]:
    """Consents that lift the secrecy between administrations, and what the gate lets through because of them."""
    told = []
    for consent in filter(_lifts, given):
        receivers = _receivers(consent)
        categories = {
            category
            for row in consent.purpose.categories.all()
            if (category := Category(row.category)) in SEEN_WITH
            and any(
                consent.purpose.administration_id in administrations_shown(resident, receiver, category)
                for receiver in {receiver.pk for receiver in receivers.values()}
            )
        }
        told.append(
            Shared(
                purpose=consent.purpose,
                owner=consent.purpose.administration.name,
                receivers=sorted(receivers),
                categories=_words(categories),
                until=_last_day(consent),
            )
        )
    return told


def _receivers(consent: Consent) -> dict[str, Administration]:
    """Name of the unit or administration that may see → the administration it belongs to."""
    found: dict[str, Administration] = {}
    for row in consent.purpose.recipients.all():
        receiver = row.administration or (row.unit.administration if row.unit else None)
        if receiver and receiver.pk != consent.purpose.administration_id:
            found[f"{row.unit.name}, {receiver.name}" if row.unit else receiver.name] = receiver
    return found


def _last_day(consent: Consent) -> str:
    if consent.valid_until is None:
        return ""
    return date_format(timezone.localtime(consent.valid_until - timedelta(microseconds=1)), "DATE_FORMAT")


# --- Others ------------------------------------------------------------------------------------------------------


def _relatives(resident: Resident) -> list[SeenBy]:
    if resident.is_protected:
        return []
    rows = RelativeView.objects.in_force().filter(resident=resident).select_related("contact")
    return [
        SeenBy(row.contact.name, _words(Category(value) for value in row.categories), note=row.contact.relation)
        for row in rows
    ]


def _representatives(resident: Resident) -> list[SeenBy]:
    """They see all that the resident sees; nobody does whose identity is protected."""
    if resident.is_protected:
        return []
    rows = Representative.objects.in_force().filter(resident=resident)
    return [SeenBy(row.name, [], row.phone, str(row.get_kind_display())) for row in rows]


def _partners(given: list[Consent]) -> list[Partner]:
    """Recipients outside the municipality, and those that work on its behalf."""
    found = {
        Partner(_name(row), consent.purpose.name, row.role == RecipientRole.PROCESSOR)
        for consent in given
        for row in consent.purpose.recipients.all()
        if row.partner or row.role == RecipientRole.PROCESSOR
    }
    return sorted(found, key=lambda partner: (partner.name, partner.purpose))


def _name(row: Recipient) -> str:
    """Of a row that has been fetched with its unit and administration."""
    return row.partner or str(row.unit or row.administration)


def _emergencies_before(resident: Resident) -> list[str]:
    """The days of emergencies that are over, of the last year: nobody learns of such a thing by chance."""
    now = clock.now()
    rows = EmergencyGround.objects.filter(resident=resident, ends_at__lte=now, started_at__gt=now - timedelta(days=365))
    return [date_format(timezone.localtime(row.started_at), "DATE_FORMAT") for row in rows.order_by("started_at")]


def _emergency(resident: Resident) -> str:
    """Until when data may flow without a yes, to save somebody who can't answer."""
    now = clock.now()
    row = EmergencyGround.objects.filter(resident=resident, started_at__lte=now, ends_at__gt=now)
    last = row.order_by("-ends_at").first()
    return date_format(timezone.localtime(last.ends_at), "DATETIME_FORMAT") if last else ""


def _words(categories: Iterable[Category]) -> list[str]:
    """In the order of the list, in the reader's words."""
    wanted = set(categories)
    return [str(category.label) for category in Category if category in wanted]
