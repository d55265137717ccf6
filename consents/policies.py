"""Who may be asked, who may answer, and who may work with consents.

A relative may be told things and decides nothing; a next of kin's statutory authority (anhörigbehörighet) is refused
for consents too. A representative answers within kind, scope and dates of the mandate.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from consents.kinds import Category, ConsentKind, GivenBy
from consents.models import Consent, ConsentEvent, ConsentText, EventKind, Purpose, Task
from consents.sharing import seen_by
from safehome import clock
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.organisation.models import Administration, User
from safehome.organisation.policies import Viewer, administrations_with, units_with
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Cohabitant, Contact, Mandate, Representative, RepresentativeKind, Resident

OF_AGE = 18


class MayNotDecide(Exception):
    """Why this person can't answer this question, in plain words for that person."""


@dataclass(frozen=True)
class Giver:
    """Somebody in the position from which they answer: for themselves, for somebody they represent, or as one who
    lives in the home. `slug` names the position in addresses."""

    by: GivenBy
    resident: Resident
    user: User | None = None
    representative: Representative | None = None
    cohabitant: Cohabitant | None = None

    @property
    def slug(self) -> str:
        if self.representative:
            return f"for-{self.representative.pk}"
        if self.cohabitant:
            return f"home-{self.cohabitant.pk}-{self.resident.pk}"
        return "self"

    @property
    def name(self) -> str:
        """Who answers."""
        if self.representative:
            return self.representative.name
        return self.cohabitant.name if self.cohabitant else self.resident.full_name

    @property
    def own(self) -> bool:
        return self.by is GivenBy.SELF


def givers_of(user: Viewer) -> list[Giver]:
    """Every position from which a signed-in person may answer, today."""
    if not isinstance(user, User) or not user.is_active:
        return []
    own = [Giver(GivenBy.SELF, row, user) for row in Resident.objects.filter(user=user).select_related("home")]
    represented = Representative.objects.in_force(_today()).filter(user=user).select_related("resident__home")
    lives_there = Cohabitant.objects.in_force(_today()).filter(user=user)
    return [
        *own,
        *(
            Giver(GivenBy.REPRESENTATIVE, row.resident, user, representative=row)
            for row in represented
            if not row.resident.is_protected
        ),
        *(
            Giver(GivenBy.COHABITANT, resident, user, cohabitant=row)
            for row in lives_there
            for resident in Resident.objects.filter(home=row.home_id, protected_identity="none")
        ),
    ]


def get_giver(user: Viewer, slug: str) -> Giver:
    """The position named in an address. Raises Http404 when the person does not hold it."""
    for giver in givers_of(user):
        if giver.slug == slug:
            return giver
    raise Http404


def is_only_relative(user: Viewer) -> bool:
    """May be told things, and answers nothing."""
    return isinstance(user, User) and not givers_of(user) and Contact.objects.filter(user=user).exists()


def purposes_for(giver: Giver) -> QuerySet[Purpose]:
    """What this person can be asked about: purposes that need consent, of the administrations in the resident's care,
    that have a published text; those who live there are asked only what concerns the home."""
    administrations = Administration.objects.filter(units__care_relations__resident=giver.resident)
    concerned = Q(administration__in=administrations) | Q(consents__resident=giver.resident)
    found = Purpose.objects.in_force(_today()).filter(concerned, consent_required=True, texts__state="published")
    if giver.by is GivenBy.COHABITANT:
        found = found.filter(cohabitants=True)
    return found.distinct()


def require_may_decide(giver: Giver, purpose: Purpose, on: date | None = None) -> None:
    """Raises MayNotDecide with a plain reason."""
    day = on or _today()
    if giver.by is GivenBy.SELF:
        _require_of_age(giver.resident, day)
    elif giver.by is GivenBy.REPRESENTATIVE:
        _require_mandate(giver.representative, purpose, day)
    elif not purpose.cohabitants or giver.cohabitant is None or not _holds(giver.cohabitant, day):
        raise MayNotDecide(_("This question is not for those who live in the home."))


def _require_of_age(resident: Resident, day: date) -> None:
    if is_child(resident, day) and guardians_of(resident, day):
        raise MayNotDecide(_("You are under 18. Your guardians answer this. They must ask what you think."))


def _require_mandate(row: Representative | None, purpose: Purpose, day: date) -> None:
    if row is None or not _holds(row, day):
        raise MayNotDecide(_("Your mandate is not in force. Talk with the municipality."))
    if row.kind == RepresentativeKind.GUARDIAN:
        if not is_child(row.resident, day):
            raise MayNotDecide(_("The person has turned 18 and answers for themselves."))
        return
    wanted = {Mandate.PERSON} if purpose.kind != ConsentKind.SECRECY else {Mandate.PERSON, Mandate.RIGHTS}
    if not wanted & set(row.scopes):
        raise MayNotDecide(_("Your mandate does not cover this. Talk with the municipality."))


def _holds(row: Representative | Cohabitant, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def is_child(resident: Resident, day: date | None = None) -> bool:
    born, today = resident.birth_date, day or _today()
    if born is None:
        return False
    return (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < OF_AGE


def guardians_of(resident: Resident, day: date | None = None) -> list[Representative]:
    """Two guardians decide jointly (FB 6:13)."""
    rows = Representative.objects.in_force(day or _today()).filter(resident=resident, kind=RepresentativeKind.GUARDIAN)
    return list(rows)


def _today() -> date:
    return timezone.localdate(clock.now())


# --- Staff -------------------------------------------------------------------------------------------------------


def consents_visible_to(user: Viewer) -> QuerySet[Consent]:
    """Consents of residents in the user's care, to purposes of administrations where the user works with them."""
    return Consent.objects.filter(
        resident__in=residents.visible_to(user, Right.CONSENT_ASK),
        purpose__administration__in=administrations_with(user, Right.CONSENT_ASK),
    )


def get_consent(user: User, pk: UUID | str, *, for_: Right = Right.CONSENT_ASK) -> Consent:
    """A consent for a staff page. Raises NotVisible (404) or NotAllowed (403)."""
    told = consents_visible_to(user).select_related("resident__home", "purpose", "text", "cohabitant", "asked_by")
    consent = told.filter(pk=pk).first()
    if consent is None:
        hidden = Consent.objects.filter(pk=pk).first()
        raise NotVisible("consent", hidden, Right.CONSENT_ASK.value) if hidden else Http404
    if not administrations_with(user, for_).filter(pk=consent.purpose.administration_id).exists():
        raise NotAllowed("consent", consent, for_.value)
    return consent


def tasks_visible_to(user: Viewer) -> QuerySet[Task]:
    """The work list of the user's units; technicians have devices to fetch."""
    units = units_with(user, Right.CONSENT_ASK) | units_with(user, Right.DEVICE_MANAGE)
    return Task.objects.filter(unit__in=units.values("pk"))


def texts_visible_to(user: Viewer) -> QuerySet[ConsentText]:
    return ConsentText.objects.filter(purpose__administration__in=administrations_with(user, Right.CONSENT_WRITE))


def get_text(user: User, pk: UUID | str) -> ConsentText:
    """A text version for its editor. Raises NotVisible (404)."""
    text = texts_visible_to(user).select_related("purpose", "author", "reviewer").filter(pk=pk).first()
    if text is None:
        hidden = ConsentText.objects.filter(pk=pk).first()
        raise NotVisible("consent text", hidden, Right.CONSENT_WRITE.value) if hidden else Http404
    return text


def require_reviewer(user: User, text: ConsentText) -> None:
    """Four eyes: nobody reviews their own text. Raises NotAllowed (403)."""
    if text.author_id == user.pk:
        raise NotAllowed("consent text", text, "review")


def efforts_seen_by(user: Viewer, owner: str) -> Q:
    """Which help somebody has, and from whom (settings.EFFORTS_SEEN_BY): a condition on rows with a `resident`; `owner`
    is the path to their administration."""
    return seen_by(user, Right.RESIDENT_VIEW, Category.EFFORTS, resident="resident", owner=owner)


def version_of(resident: Resident) -> str:
    """A text that changes with every decision that touches what may be shown of a resident (settings.RESIDENT_VERSION),
    by somebody's word or by the clock."""
    household = [resident.pk]
    if resident.home_id:
        household += Resident.objects.filter(home=resident.home_id).exclude(pk=resident.pk).values_list("pk", flat=True)
    # That somebody reads a question changes nothing yet.
    decided = ConsentEvent.objects.filter(resident__in=household).exclude(
        kind__in=[EventKind.SERVED, EventKind.CHECKED]
    )
    last = decided.aggregate(last=Max("sequence"))["last"]
    return f"{last or 0}.{Consent.objects.given().filter(resident__in=household).count()}"
