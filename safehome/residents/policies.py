"""Who may see a resident. `visible_to` is the rule; everything else is derived from it."""

from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.module_loading import import_string

from safehome.audit.denials import NotAllowed, NotVisible
from safehome.organisation import exceptions
from safehome.organisation.models import Membership, User
from safehome.organisation.policies import Viewer, has_right
from safehome.organisation.roles import Right
from safehome.residents.models import CareRelation, Cohabitant, Contact, Representative, Resident
from safehome.residents.querysets import ResidentQuerySet

RELATIVE = "view_as_relative"
NAMED = "view_protected"


def visible_to(user: Viewer, right: Right = Right.RESIDENT_VIEW) -> ResidentQuerySet:
    """Residents whom the user meets in their work: a care relation today to a unit where the right is held."""
    if not isinstance(user, User) or not user.is_active:
        return Resident.objects.none()
    units = Membership.objects.in_force().carrying(right).filter(user=user).values("unit")
    relations = CareRelation.objects.in_force().filter(unit__in=units)
    return Resident.objects.filter(pk__in=relations.values("resident"))


def searchable_by(user: Viewer, text: str) -> ResidentQuerySet:
    """What a search may find. A protected identity is found only by those named for it: a hit is an answer too."""
    found = visible_to(user).matching(text)
    return found.filter(Q(protected_identity="none") | Q(pk__in=named_for(user)))


def named_for(user: Viewer) -> QuerySet[Resident]:
    """Protected residents whose identity the user is named to know, among those the user sees at all."""
    return exceptions.objects_for(user, NAMED, visible_to(user))


def may_know_identity(user: Viewer, resident: Resident) -> bool:
    """May the name, number and address of this resident be shown to the user?"""
    return not resident.is_protected or is_own(user, resident) or named_for(user).filter(pk=resident.pk).exists()


def is_own(user: Viewer, resident: Resident) -> bool:
    return isinstance(user, User) and resident.user_id == user.pk


def get_resident(user: Viewer, pk: UUID | str, *, for_: Right = Right.RESIDENT_VIEW) -> Resident:
    """A resident for a staff page. Raises NotVisible (404) or NotAllowed (403)."""
    visible = visible_to(user).select_related("home", "user")
    resident = visible.filter(pk=pk).first()
    if resident is None:
        hidden = Resident.objects.filter(pk=pk).first()
        raise NotVisible("resident", hidden, for_.value) if hidden else Http404
    if for_ is not Right.RESIDENT_VIEW and not visible_to(user, for_).filter(pk=pk).exists():
        raise NotAllowed("resident", resident, for_.value)
    return resident


def close_to(user: Viewer) -> ResidentQuerySet:
    """Residents whom the user sees as a private person: oneself, those one represents, and those who have let
    one in as a relative. A protected person's page is open to nobody else than that person."""
    if not isinstance(user, User) or not user.is_active:
        return Resident.objects.none()
    represented = Representative.objects.in_force().filter(user=user)
    let_in = exceptions.objects_for(
        user, RELATIVE, Resident.objects.filter(pk__in=Contact.objects.filter(user=user).values("resident"))
    )
    others = Q(pk__in=represented.values("resident")) | Q(pk__in=let_in.values("pk"))
    return Resident.objects.filter(Q(user=user) | (others & Q(protected_identity="none"))).select_related("home")


def efforts_seen_by(user: Viewer, *, owner: str) -> Q:
    """A condition on a resident's efforts and care relations: those of the user's own administration, and of others
    that the resident lets it know of (settings.EFFORTS_SEEN_BY). `owner` is the path to the administration."""
    condition: Q = import_string(settings.EFFORTS_SEEN_BY)(user, owner)
    return condition


def get_shown(user: Viewer, pk: UUID | str) -> Resident:
    """A resident of whom some page is open before the user, at work or in private. Raises NotVisible (404)."""
    for found in (visible_to(user), close_to(user)):
        if resident := found.filter(pk=pk).first():
            return resident
    hidden = Resident.objects.filter(pk=pk).first()
    raise NotVisible("resident", hidden, "open page") if hidden else Http404


def version_of(resident: Resident) -> str:
    """Changes whenever what may be shown of the resident may have changed (settings.RESIDENT_VERSION)."""
    version: str = import_string(settings.RESIDENT_VERSION)(resident)
    return version


def decides_for(user: Viewer, resident: Resident) -> bool:
    """The resident, or somebody who represents them today. A protected person's page is open to nobody else."""
    if is_own(user, resident):
        return True
    if not isinstance(user, User) or resident.is_protected:
        return False
    return Representative.objects.in_force().filter(user=user, resident=resident).exists()


def lives_with(user: Viewer) -> ResidentQuerySet:
    """Residents whose home the user lives in: as somebody who lives there, or as a resident of the same home."""
    if not isinstance(user, User) or not user.is_active:
        return Resident.objects.none()
    homes = Cohabitant.objects.in_force().filter(user=user).values("home")
    own = Resident.objects.filter(user=user, home__isnull=False).values("home")
    found = Resident.objects.filter(Q(home__in=homes) | Q(home__in=own), protected_identity="none")
    return found.exclude(user=user).select_related("home")


def may_change(user: Viewer, resident: Resident) -> bool:
    return has_right(user, Right.RESIDENT_CHANGE) and visible_to(user, Right.RESIDENT_CHANGE).contains(resident)
