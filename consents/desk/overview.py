"""How it stands with each purpose: what the resident, and each who lives there, has said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from consents.actions import RENEW_AHEAD
from consents.desk.people import Case, cohabitants
from consents.models import Consent, EmergencyGround, Purpose, Task, TaskKind, giver_of
from consents.states import State
from consents.words import others_at_home
from safehome import clock
from safehome.organisation.models import Administration
from safehome.organisation.policies import administrations_with
from safehome.organisation.roles import Right
from safehome.residents.models import Resident


@dataclass(frozen=True)
class Badge:
    """A state in word, colour and shape together."""

    word: str | Promise
    color: str
    icon: str
    code: str


MISSING = Badge(gettext_lazy("Missing"), "warning", "alert", "missing")
NOT_ASKED = Badge(gettext_lazy("Not asked"), "neutral", "info", "not_asked")
EXPIRING = Badge(gettext_lazy("Yes, ends soon"), "warning", "clock", "expiring")
OVER = Badge(gettext_lazy("Over"), "warning", "alert", "over")
BADGES = {
    State.ASKED: Badge(pgettext_lazy("consent", "Asked, not answered"), "info", "clock", "asked"),
    State.TALK: Badge(gettext_lazy("Wants to talk first"), "warning", "people", "talk"),
    State.WAITING: Badge(gettext_lazy("Waits for the other guardian"), "info", "clock", "waiting"),
    State.GIVEN: Badge(pgettext_lazy("consent", "Yes"), "success", "check", "given"),
    State.REFUSED: Badge(pgettext_lazy("consent", "No"), "danger", "eye-off", "refused"),
    State.ENDED: Badge(pgettext_lazy("consent", "Ended"), "danger", "eye-off", "ended"),
    State.EXPIRED: OVER,
    State.LAPSED: OVER,
    State.REPLACED: OVER,
    State.ANNULLED: Badge(gettext_lazy("Annulled"), "neutral", "info", "annulled"),
}


@dataclass(frozen=True)
class Standing:
    """What one person has said about one purpose. `consent` is the row that counts; `asked_anew` a question that is
    open beside it; `slug` names the person to ask, when that can be done from this case."""

    who: str
    badge: Badge
    slug: str = ""
    consent: Consent | None = None
    asked_anew: Consent | None = None
    own: bool = False

    @property
    def since(self) -> datetime | None:
        row = self.consent
        if row is None:
            return None
        return row.ended_at or row.given_at or row.answered_at or row.asked_at

    @property
    def until(self) -> datetime | None:
        return self.consent.valid_until if self.consent and self.consent.state == State.GIVEN else None


@dataclass
class Line:
    """One purpose. `needed` says that something waits for it."""

    purpose: Purpose
    needed: bool
    askable: bool
    standings: list[Standing] = field(default_factory=list)

    @property
    def concerns(self) -> bool:
        """Has it anything to do with this resident yet?"""
        return self.needed or any(standing.consent for standing in self.standings)

    @property
    def own(self) -> Standing:
        return self.standings[0]


@dataclass(frozen=True)
class Person:
    """Somebody who can agree; `resident` and `cohabitant` are the ids of the rows they answer on."""

    name: str
    giver: UUID
    slug: str
    own: bool = False


def lines(case: Case) -> list[Line]:
    """Every purpose that the staff member may ask this resident about, and those asked about before."""
    purposes = list(purposes_of(case))
    household = people(case)
    rows = _newest_last(purposes, case.resident, household)
    needed = set(
        Task.objects.open()
        .filter(resident=case.resident, kind=TaskKind.ASK, about__in=[row.pk for row in purposes])
        .values_list("about", flat=True)
    )
    ids = [row.pk for row in purposes]
    published = set(Purpose.objects.filter(pk__in=ids, texts__state="published").values_list("pk", flat=True))
    return [_line(purpose, purpose.pk in needed, purpose.pk in published, household, rows) for purpose in purposes]


def purposes_of(case: Case) -> QuerySet[Purpose]:
    """Purposes that need consent, of the administrations where the staff member works with consents: those in force of
    the administrations that take part in the care, and those the resident has been asked about."""
    at_work = administrations_with(case.user, Right.CONSENT_ASK)
    in_care = Administration.objects.filter(units__care_relations__in=case.resident.care_relations.in_force())
    today = Purpose.objects.in_force().filter(administration__in=in_care, texts__state="published")
    asked = Consent.objects.filter(resident=case.resident)
    wanted = Q(pk__in=today.values("pk")) | Q(pk__in=asked.values("purpose")) | Q(pk__in=_to_ask(case.resident))
    return Purpose.objects.filter(wanted, administration__in=at_work, consent_required=True).order_by("name", "pk")


def _to_ask(resident: Resident) -> QuerySet[Task, UUID | None]:
    return Task.objects.open().filter(resident=resident, kind=TaskKind.ASK).values_list("about", flat=True)


def people(case: Case) -> list[Person]:
    """The resident first, then everybody else in the home."""
    resident = case.resident
    found = [Person(case.name, resident.pk, "self", own=True)]
    for row in cohabitants(resident):
        name = row.name if case.known else _("Somebody who lives there")
        found.append(Person(name, giver_of(resident.pk, row.pk), f"home-{row.pk}-{resident.pk}"))
    for other in others_at_home(resident):
        shown = case.reader.see(other)
        found.append(Person(shown.name if shown.known else _("Somebody who lives there"), other.pk, ""))
    return found


Rows = dict[tuple[UUID, UUID], list[Consent]]


def _newest_last(purposes: Iterable[Purpose], resident: Resident, household: list[Person]) -> Rows:
    """Consents by giver and purpose."""
    givers = [person.giver for person in household]
    own = Q(resident=resident) | Q(resident__in=givers, cohabitant=None)
    found: Rows = {}
    for row in Consent.objects.filter(own, purpose__in=[purpose.pk for purpose in purposes]).order_by("asked_at", "pk"):
        found.setdefault((row.giver_id, row.purpose_id), []).append(row)
    return found


def _line(purpose: Purpose, needed: bool, askable: bool, household: list[Person], rows: Rows) -> Line:
    line = Line(purpose, needed, askable)
    own_said_yes = any(row.lawful_at(clock.now()) for row in rows.get((household[0].giver, purpose.pk), ()))
    for person in household:
        if person.own or purpose.cohabitants:
            asked = rows.get((person.giver, purpose.pk), [])
            line.standings.append(_standing(person, asked, needed or (own_said_yes and not person.own)))
    return line


def _standing(person: Person, rows: list[Consent], needed: bool) -> Standing:
    counts = the_one_that_counts(rows)
    if counts is None:
        return Standing(person.name, MISSING if needed else NOT_ASKED, person.slug, own=person.own)
    anew = next((row for row in reversed(rows) if row.is_open and row is not counts), None)
    return Standing(person.name, badge_of(counts), person.slug, counts, anew, own=person.own)


def the_one_that_counts(rows: list[Consent]) -> Consent | None:
    """A consent in force, else the newest; of several, what the gate goes by."""
    now = clock.now()
    in_force = [row for row in rows if row.lawful_at(now)]
    told = [row for row in rows if row.state != State.REPLACED]
    return next(iter(reversed(in_force)), None) or next(iter(reversed(told)), None)


def badge_of(row: Consent) -> Badge:
    """Missing, refused, ending soon and over are told apart from a yes that stands."""
    now = clock.now()
    if row.state == State.GIVEN and not row.lawful_at(now):
        return OVER
    if row.state == State.GIVEN and row.valid_until and row.valid_until <= now + RENEW_AHEAD:
        return EXPIRING
    return BADGES[State(row.state)]


def emergencies(resident: Resident) -> list[EmergencyGround]:
    """Those that go on, and those that nobody has looked at yet."""
    open_ = Q(ends_at__gt=clock.now()) | Q(reviewed_at__isnull=True)
    return list(EmergencyGround.objects.filter(open_, resident=resident).select_related("started_by", "reviewed_by"))
