"""From where somebody answers: for themselves, for somebody they represent, as one who lives there, or on a tablet
that staff have handed over. The slug in the address names it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from consents import assisted, policies
from consents.actions import ALONE, Circumstances
from consents.kinds import GivenBy, How
from consents.models import AssistedSession
from consents.policies import Giver
from safehome.audit import denials
from safehome.audit.denials import NotAllowed
from safehome.organisation.models import User
from safehome.residents import policies as residents
from safehome.residents.models import Contact, RepresentativeKind, Resident

FLOW = "consent_flow"
"""What the session keeps of answers on their way, by seat."""


class OnlyRelative(NotAllowed):
    """A relative may be told things and answers nothing. `names` are those who let them see something."""

    def __init__(self, resident: Resident, names: list[str]) -> None:
        super().__init__("consent", resident, "answer")
        self.names = names


@dataclass(frozen=True)
class Seat:
    """Who answers, from where, and how that is noted with the answer."""

    giver: Giver
    circumstances: Circumstances = ALONE
    assisted: AssistedSession | None = None

    @property
    def slug(self) -> str:
        return assisted.SEAT if self.assisted else self.giver.slug

    @property
    def by(self) -> User | None:
        """In whose name the log is written."""
        return self.assisted.staff if self.assisted else self.giver.user

    @property
    def own(self) -> bool:
        return self.giver.own

    @property
    def represents(self) -> bool:
        return self.giver.by is GivenBy.REPRESENTATIVE

    @property
    def lives_there(self) -> bool:
        return self.giver.by is GivenBy.COHABITANT

    @property
    def guardian(self) -> bool:
        row = self.giver.representative
        return row is not None and row.kind == RepresentativeKind.GUARDIAN

    @property
    def about(self) -> str:
        """Whose case it is, as the one who answers may know it."""
        resident = self.giver.resident
        return "" if resident.is_protected and not self.own else resident.given_name


def seat_of(request: HttpRequest, slug: str) -> Seat:
    """The seat that the address names. Raises Http404 when this person does not hold it, OnlyRelative (403) when they
    are a relative and nothing more."""
    if slug == assisted.SEAT:
        return _at_the_tablet(request)
    try:
        giver = policies.get_giver(request.user, slug)
    except Http404:
        _refuse_a_relative(request)
        raise
    return Seat(giver, _circumstances(request, giver.slug))


def _at_the_tablet(request: HttpRequest) -> Seat:
    session = assisted.current(request)
    if session is None:
        raise Http404
    by = GivenBy.COHABITANT if session.cohabitant else GivenBy.SELF
    giver = Giver(by, session.resident, cohabitant=session.cohabitant)
    how = Circumstances(
        how=How.STAFF_TABLET,
        presence=session.presence,
        helped_by=session.helped_by,
        aids=session.aids,
        interpreter=session.interpreter,
        registered_by=session.staff,
    )
    return Seat(giver, how, session)


def _circumstances(request: HttpRequest, slug: str) -> Circumstances:
    told = request.session.get(FLOW, {}).get(slug, {}).get("help", {})
    return Circumstances(**told) if told else ALONE


def _refuse_a_relative(request: HttpRequest) -> None:
    if not policies.is_only_relative(request.user):
        return
    assert isinstance(request.user, User)
    contact = Contact.objects.filter(user=request.user).select_related("resident").order_by("pk")[0]
    seen = [row.given_name for row in residents.close_to(request.user)]
    raise OnlyRelative(contact.resident, seen)


View = Callable[..., HttpResponse]


def seated(view: View) -> View:
    """View decorator: gives the view its seat instead of the slug. Whoever is not signed in does that first; a relative
    is told in plain words why they can't answer, and the log has it."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, seat: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _is_somebody(request, seat):
            return redirect_to_login(request.get_full_path())
        try:
            found = seat_of(request, seat)
        except OnlyRelative as refusal:
            denials.record(refusal, refusal_by(request), path=request.path)
            return render(request, "consents/portal/relative.html", {"names": refusal.names}, status=403)
        return view(request, found, *args, **kwargs)

    return guarded


def _is_somebody(request: HttpRequest, slug: str) -> bool:
    if slug == assisted.SEAT:
        return assisted.current(request) is not None
    return request.user.is_authenticated


def refusal_by(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
