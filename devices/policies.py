"""Who sees a device, who has it, and what it has measured. Everything is derived from the rights held in units and
from the residents' care relations; a masked identity stays masked, as `residents.policies` says.

A technician mends devices: sees them and where they hang, never the readings of a person's life.
"""

from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.http import Http404

from consents.kinds import Category
from consents.sharing import seen_by
from devices.kinds import kinds_of
from devices.models import Assignment, Device, Reading
from devices.querysets import AssignmentQuerySet, ReadingQuerySet
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.organisation.models import Unit, User
from safehome.organisation.policies import Viewer, administrations_with, units_with
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Home, Place, Room

TOLD = ("device__model", "resident", "place", "unit", "room")
"""What goes with an assignment whenever it is shown."""

MEASURED = tuple(category for category in Category if kinds_of(category))
"""The categories that devices measure something in."""


def assignments_visible_to(user: Viewer) -> AssignmentQuerySet:
    """Those of the residents and places that the user sees devices of; of the rest what hangs there now and either
    sends its alarms to the user's unit or is mended by it."""
    answered_for = Q(unit__in=units_with(user, Right.DEVICE_VIEW))
    mended = Q(device__gateway__unit__in=units_with(user, Right.DEVICE_MANAGE))
    here = Assignment.objects.in_force().filter(answered_for | mended)
    return Assignment.objects.filter(_in_care(user, Right.DEVICE_VIEW) | Q(pk__in=here.values("pk")))


def assignments_in_care_of(user: Viewer, right: Right) -> AssignmentQuerySet:
    """Assignments to residents in the care of units where the user holds the right, and to those units' places: of the
    user's own administration, or of one that the resident lets show its devices."""
    return Assignment.objects.filter(_in_care(user, right))


def readings_visible_to(user: Viewer) -> ReadingQuerySet:
    """What was measured at the residents in whose care the user takes part, and at the administration's places: by the
    user's own administration, or by another one in the categories that the resident lets it show; and only while the
    consents that it rests on stand."""
    places = Assignment.objects.filter(place__in=places_with(user, Right.READING_VIEW))
    found = Q(assignment__in=places.values("pk"))
    for category in MEASURED:
        rows = assignments_read_by(user, category)
        found |= Q(kind__in=kinds_of(category), assignment__in=rows.values("pk"))
    return Reading.objects.filter(found)


def assignments_read_by(user: Viewer, category: Category) -> AssignmentQuerySet:
    """Assignments to residents of which the user may see what was measured in a category."""
    shown = seen_by(user, Right.READING_VIEW, category, resident="resident", owner="unit__administration")
    return Assignment.objects.lawful().filter(shown)


def devices_visible_to(user: Viewer) -> QuerySet[Device]:
    """Devices with a visible assignment now, those that the user's unit mends, and, for who gives out devices, those
    of the administration that are with nobody."""
    here = Q(pk__in=assignments_visible_to(user).in_force().values("device"))
    mended = Q(gateway__unit__in=units_with(user, Right.DEVICE_MANAGE))
    with_nobody = ~Exists(Assignment.objects.in_force().filter(device=OuterRef("pk")))
    to_give_out = with_nobody & Q(gateway__administration__in=administrations_with(user, Right.ASSIGNMENT_MANAGE))
    return Device.objects.filter(here | mended | to_give_out)


def devices_told_to(user: Viewer) -> QuerySet[Device]:
    """Visible devices with what is told of them; `assignment_now` is None when nobody has it whom the user may see, and
    `heard_at` for another administration's: when a sensor was last heard is when somebody last moved."""
    here = assignments_visible_to(user).in_force().filter(device=OuterRef("pk"))
    told = devices_visible_to(user).select_related("model", "gateway")
    own = Q(gateway__administration__in=administrations_with(user, Right.DEVICE_VIEW))
    heard = Case(When(own, then=F("last_seen_at")), default=None)
    return told.annotate(assignment_now=Subquery(here.values("pk")[:1]), heard_at=heard)


def places_with(user: Viewer, right: Right) -> QuerySet[Place]:
    """Places of the administrations in which the user holds the right."""
    return Place.objects.filter(administration__in=administrations_with(user, right))


def rooms_with(user: Viewer, right: Right) -> QuerySet[Room]:
    """Rooms in the homes of the residents for whom the user holds the right."""
    homes = Home.objects.filter(residents__in=residents.visible_to(user, right))
    return Room.objects.filter(home__in=homes)


def units_to_answer(user: Viewer) -> QuerySet[Unit]:
    """Units that the user may make responsible for an assignment: all of the administration."""
    return Unit.objects.filter(administration__in=administrations_with(user, Right.ASSIGNMENT_MANAGE))


def get_assignment(user: User, pk: UUID | str, *, for_: Right = Right.DEVICE_VIEW) -> Assignment:
    """An assignment with all that is told of it. Raises NotVisible (404) or NotAllowed (403)."""
    assignment = assignments_visible_to(user).select_related(*TOLD).filter(pk=pk).first()
    if assignment is None:
        hidden = Assignment.objects.filter(pk=pk).first()
        raise NotVisible("assignment", hidden, for_.value) if hidden else Http404
    if for_ is not Right.DEVICE_VIEW and not assignments_in_care_of(user, for_).contains(assignment):
        raise NotAllowed("assignment", assignment, for_.value)
    return assignment


def get_device(user: User, pk: UUID | str) -> Device:
    """A device for a page. Raises NotVisible (404)."""
    device = devices_told_to(user).filter(pk=pk).first()
    if device is None:
        hidden = Device.objects.filter(pk=pk).first()
        raise NotVisible("device", hidden, Right.DEVICE_VIEW.value) if hidden else Http404
    return device


def may_know_consents(user: Viewer, assignment: Assignment) -> bool:
    """May the user be told what the resident, and those who live there, have said? Those may who ask for the consents
    of the device's administration or start its devices; a technician may not. Of a place nobody has said anything."""
    if assignment.resident_id is None:
        return True
    return any(
        units_with(user, right).filter(administration=assignment.unit.administration_id).exists()
        and residents.visible_to(user, right).filter(pk=assignment.resident_id).exists()
        for right in (Right.CONSENT_ASK, Right.ASSIGNMENT_MANAGE)
    )


def _in_care(user: Viewer, right: Right) -> Q:
    shown = seen_by(user, right, Category.DEVICES, resident="resident", owner="unit__administration")
    return shown | Q(place__in=places_with(user, right))
