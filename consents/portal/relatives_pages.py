"""Relatives: whom the resident lets in to see what, and the page that a relative who has been let in sees.

The same pages serve the resident, a representative, and staff who write down what the resident has said (`at_desk`).
A relative lets nobody in.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from consents import invitations, policies, relatives
from consents.actions import Refused
from consents.invitations import Person
from consents.kinds import Category, ConsentKind, GivenBy
from consents.models import Purpose, RelativeView
from consents.policies import Giver, MayNotDecide
from consents.portal.own import let_in_to
from consents.portal.relatives_forms import LetInForm, NewRelativeForm
from safehome.audit import access
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.organisation.policies import signed_in
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Contact, Effort, Resident
from safehome.residents.presentation import lives_of


@dataclass(frozen=True)
class Host:
    """Who lets relatives in, and from where: the resident, a representative, or staff on the resident's word."""

    resident: Resident
    user: User
    at_desk: bool = False
    own: bool = False
    why_not: str = ""

    def address(self, name: str, *args: Any) -> str:
        return reverse(f"my:desk-{name}" if self.at_desk else f"my:{name}", args=[self.resident.pk, *args])

    @property
    def list_address(self) -> str:
        return self.address("relatives") if self.at_desk else reverse("my:relatives")

    @property
    def new_address(self) -> str:
        return self.address("relative-new")

    @property
    def layout(self) -> str:
        return "layouts/staff.html" if self.at_desk else "layouts/resident.html"

    @property
    def name(self) -> str:
        return self.resident.given_name


# --- Who lets in -------------------------------------------------------------------------------------------------


def hosts_of(user: User) -> list[Host]:
    """The residents for whom a private person lets relatives in: oneself, and those one represents."""
    givers = [giver for giver in policies.givers_of(user) if giver.by in (GivenBy.SELF, GivenBy.REPRESENTATIVE)]
    return [_host(giver, user) for giver in givers]


def _host(giver: Giver, user: User) -> Host:
    return Host(giver.resident, user, own=giver.own, why_not=_why_not(giver))


def _why_not(giver: Giver) -> str:
    """Letting somebody in is decided by whoever decides about the person's data."""
    if giver.resident.is_protected:
        return _("The identity is protected. Nobody can be let in here.")
    try:
        policies.require_may_decide(giver, Purpose(kind=ConsentKind.PROCESSING))
    except MayNotDecide as refusal:
        return str(refusal)
    return ""


def get_host(request: HttpRequest, pk: UUID, *, at_desk: bool) -> Host:
    """Raises NotVisible (404) to strangers and relatives, NotAllowed (403) to who sees the resident and may not."""
    user = signed_in(request)
    if at_desk:
        resident = residents.get_resident(user, pk, for_=Right.CONSENT_ASK)
        if not residents.may_know_identity(user, resident):
            raise NotAllowed("relatives", resident, "see")
        why_not = _("The identity is protected. Nobody can be let in here.") if resident.is_protected else ""
        return Host(resident, user, at_desk=True, why_not=why_not)
    for host in hosts_of(user):
        if host.resident.pk == pk:
            return host
    hidden = Resident.objects.filter(pk=pk).first()
    raise NotVisible("relatives", hidden, "let in") if hidden else Http404


def _host_who_may(request: HttpRequest, pk: UUID, *, at_desk: bool) -> Host:
    host = get_host(request, pk, at_desk=at_desk)
    if host.why_not:
        raise NotAllowed("relatives", host.resident, "let in")
    return host


# --- The list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One of the resident's contacts, what they may see, and where to change that."""

    contact: Contact
    view: RelativeView | None
    address: str
    end_address: str
    checked_address: str = ""

    @property
    def categories(self) -> list[str]:
        chosen = self.view.categories if self.view else []
        return [str(category.label) for category in Category if category.value in chosen]


def rows_of(host: Host) -> list[Row]:
    views = {view.contact_id: view for view in RelativeView.objects.in_force().filter(resident=host.resident)}
    told = host.resident.contacts.select_related("user").order_by("name", "pk")
    return [_row(host, contact, views.get(contact.pk)) for contact in told]


def _row(host: Host, contact: Contact, view: RelativeView | None) -> Row:
    end_address = host.address("relative-end", view.pk) if view else ""
    waits = host.at_desk and contact.user and contact.user.phone and contact.user.phone_verified_at is None
    checked_address = host.address("relative-checked", contact.pk) if waits and not host.why_not else ""
    return Row(contact, view, host.address("relative-change", contact.pk), end_address, checked_address)


@require_GET
@never_cache
@login_required
def relatives_list(request: HttpRequest) -> HttpResponse:
    """Who has been let in to see what, for each person that the user decides for."""
    user = signed_in(request)
    hosts = hosts_of(user)
    for host in hosts:
        access.record(Action.READ, "relatives", by=user, of=host.resident)
    context = {
        "told": [{"host": host, "rows": rows_of(host)} for host in hosts],
        "layout": "layouts/resident.html",
        "views": [] if hosts else let_in_to(user),
    }
    return render(request, "consents/portal/own/relatives.html", context)


@require_GET
@never_cache
@login_required
def desk_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same for staff, about one resident in their care."""
    host = get_host(request, pk, at_desk=True)
    access.record(Action.READ, "relatives", by=host.user, of=host.resident)
    context = {"told": [{"host": host, "rows": rows_of(host)}], "layout": host.layout, "desk": host}
    return render(request, "consents/portal/own/relatives.html", context)


# --- Let in, change, end -----------------------------------------------------------------------------------------


@never_cache
@login_required
def new(request: HttpRequest, pk: UUID, at_desk: bool = False) -> HttpResponse:
    """Somebody who is no contact yet."""
    host = _host_who_may(request, pk, at_desk=at_desk)
    form = NewRelativeForm(_sent(request), at_desk=at_desk)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        person = Person(facts["name"], facts["relation"], facts["phone"], facts["email"])
        try:
            view = invitations.invite(
                host.resident, person, facts["categories"], by=host.user, on_word=facts.get("on_word", False)
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, host, view)
    return _form(request, host, form, _("Let in a new person"))


@never_cache
@login_required
def change(request: HttpRequest, pk: UUID, contact: int, at_desk: bool = False) -> HttpResponse:
    """Let in one of the contacts, or change what they may see."""
    host = _host_who_may(request, pk, at_desk=at_desk)
    found = host.resident.contacts.select_related("user", "resident").filter(pk=contact).first()
    if found is None:
        raise Http404
    view = RelativeView.objects.in_force().filter(contact=found).first()
    initial = {"categories": view.categories if view else []}
    form = LetInForm(_sent(request), initial=initial, contact=found, at_desk=at_desk)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        reach = {name: facts.get(name, "") for name in ("phone", "email")}
        try:
            done = invitations.let_in(
                found, facts["categories"], by=host.user, on_word=facts.get("on_word", False), **reach
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, host, done)
    title = _("What may %(name)s see?") % {"name": found.name}
    return _form(request, host, form, title)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form(request: HttpRequest, host: Host, form: Any, title: str) -> HttpResponse:
    context = {"host": host, "form": form, "title": title, "layout": host.layout}
    status = 400 if form.is_bound else 200
    return render(request, "consents/portal/own/relative_form.html", context, status=status)


def _done(request: HttpRequest, host: Host, view: RelativeView) -> HttpResponse:
    words = {"name": view.contact.name}
    messages.success(request, _("%(name)s can see what you have chosen.") % words)
    return redirect(host.list_address)


@require_POST
@login_required
def end(request: HttpRequest, pk: UUID, view: UUID, at_desk: bool = False) -> HttpResponse:
    """At once, with one press. Somebody without the right to let in may still shut out: the resident's own children
    under 18 are answered for by their guardians, and staff end on the resident's word."""
    host = get_host(request, pk, at_desk=at_desk)
    found = RelativeView.objects.filter(pk=view, resident=host.resident).select_related("contact").first()
    if found is None:
        raise Http404
    relatives.end(found.pk, by=host.user)
    messages.success(request, _("%(name)s sees nothing any more.") % {"name": found.contact.name})
    return redirect(host.list_address)


@require_POST
@login_required
def checked(request: HttpRequest, pk: UUID, contact: int) -> HttpResponse:
    """Staff have rung the relative's number and know whose it is: codes for signing in may go there."""
    host = _host_who_may(request, pk, at_desk=True)
    found = host.resident.contacts.select_related("user").filter(pk=contact).first()
    if found is None:
        raise Http404
    try:
        invitations.number_checked(found, by=host.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s can sign in with a code now.") % {"name": found.name})
    return redirect(host.list_address)


# --- The relative's own page -------------------------------------------------------------------------------------


def get_let_in(user: User, pk: UUID) -> tuple[Resident, frozenset[Category]]:
    """A resident who has let the user in, and what to see. Raises NotVisible (404, logged)."""
    resident = Resident.objects.select_related("home").filter(pk=pk).first()
    if resident is None:
        raise Http404
    allowed = frozenset() if resident.is_protected else relatives.categories_for(user, resident)
    if not allowed:
        raise NotVisible("relative view", resident, "view")
    return resident, allowed


@require_GET
@never_cache
@login_required
def relative(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one resident lets this relative see, and nothing else."""
    user = signed_in(request)
    resident, allowed = get_let_in(user, pk)
    lives = lives_of(resident)  # before the content: what changes meanwhile is fetched with the next beat
    access.record(Action.READ, "relative view", by=user, of=resident, detail=", ".join(sorted(allowed)))
    views = RelativeView.objects.in_force().filter(contact__user=user, resident=resident)
    context = {
        "name": resident.given_name,
        "resident": resident,
        "lives": lives,
        "allowed": sorted(allowed),
        "muted": all(view.muted for view in views),
    }
    for category, panels in settings.RELATIVE_PANELS.items():
        for panel in panels if category in allowed else []:
            context |= import_string(panel)(user, resident)
    return render(request, "consents/portal/own/relative.html", context)


@require_POST
@login_required
def notices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Be told of news, or not: the relative's own choice."""
    user = signed_in(request)
    resident, _allowed = get_let_in(user, pk)
    muted = request.POST.get("notices") == "off"
    for view in RelativeView.objects.in_force().filter(contact__user=user, resident=resident):
        relatives.mute(view, muted=muted, by=user)
    told = _("You get no more notices.") if muted else _("You get notices again.")
    messages.success(request, told)
    return redirect("my:relative", pk)


def efforts_for_relative(user: User, resident: Resident) -> dict[str, Any]:
    """Which help the resident has (settings.RELATIVE_PANELS)."""
    rows = Effort.objects.in_force().filter(resident=resident).select_related("administration")
    return {"efforts": [{"name": row.name, "administration": row.administration.name} for row in rows]}
