"""A person's own pages outside the questions: where to begin, what one has said, who may see."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from consents import policies, relatives
from consents.kinds import Category, GivenBy
from consents.models import RelativeView
from consents.policies import Giver
from consents.portal.cards import Card, cards_of, waiting
from consents.portal.who_sees import who_sees
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import Unit, UnitKind, User
from safehome.organisation.policies import signed_in
from safehome.residents.models import CareRelation, Resident
from safehome.residents.presentation import lives_of

DECIDES = (GivenBy.SELF, GivenBy.REPRESENTATIVE)


@dataclass(frozen=True)
class Part:
    """One seat on a page: who it is about, what has been said there, and how many questions wait."""

    giver: Giver
    cards: list[Card]

    @property
    def own(self) -> bool:
        return self.giver.own

    @property
    def lives_there(self) -> bool:
        return self.giver.by is GivenBy.COHABITANT

    @property
    def name(self) -> str:
        return self.giver.resident.given_name

    @property
    def waiting(self) -> int:
        return waiting(self.cards)

    @property
    def has_unput(self) -> bool:
        """Whether there is something that nobody has asked about; it stands apart from what waits or is answered."""
        return any(not card.put for card in self.cards)


@require_GET
@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Where a resident, a representative, somebody who lives there or a relative begins."""
    user = signed_in(request)
    parts = _parts(user)
    views = let_in_to(user)
    about = [part.giver.resident for part in parts]
    access.record(Action.READ, "start", by=user, of={*about, *(view.resident for view in views)})
    # Who helps somebody is told to those relatives alone who may know of the help.
    about += [view.resident for view in views if Category.EFFORTS in view.categories]
    context = {
        "parts": parts,
        "own": next((part for part in parts if part.own), None),
        "views": views,
        "name": user.get_short_name(),
        "units": _to_talk_to(about),
    }
    return render(request, "consents/portal/own/start.html", context)


@require_GET
@never_cache
@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """*My consents*: each question as a card with its state in words and one button to change."""
    user = signed_in(request)
    parts = _parts(user)
    access.record(Action.READ, "consents", by=user, of={part.giver.resident for part in parts})
    context: dict[str, Any] = {"parts": parts, "views": [] if parts else let_in_to(user)}
    return render(request, "consents/portal/own/consents.html", context)


@require_GET
@never_cache
@login_required
def sharing(request: HttpRequest) -> HttpResponse:
    """*Who may see*: for the resident and those who decide for them."""
    user = signed_in(request)
    givers = [giver for giver in policies.givers_of(user) if giver.by in DECIDES]
    told = []
    for giver in givers:
        access.record(Action.READ, "who may see", by=user, of=giver.resident)
        told.append({"giver": giver, "lives": lives_of(giver.resident), "sees": who_sees(giver.resident)})
    context = {"told": told, "views": [] if givers else let_in_to(user)}
    return render(request, "consents/portal/own/who_sees.html", context)


def _parts(user: User) -> list[Part]:
    return [Part(giver, cards_of(giver)) for giver in policies.givers_of(user)]


def let_in_to(user: User) -> list[RelativeView]:
    """The residents who have let the user in as a relative."""
    return list(relatives.views_of(user).filter(resident__protected_identity="none").order_by("resident__given_name"))


def _to_talk_to(residents: list[Resident]) -> list[Unit]:
    """Whom to phone: the resident's own group first, the office last; each unit once."""
    rows = CareRelation.objects.in_force().filter(resident__in=residents).exclude(unit__phone="")
    units = {row.unit_id: row.unit for row in rows.select_related("unit").order_by("unit__name")}
    return sorted(units.values(), key=lambda unit: (_NEARNESS.get(UnitKind(unit.kind), 9), unit.name))[:1]


_NEARNESS = {UnitKind.HOME_CARE: 0, UnitKind.HOUSING: 1, UnitKind.NURSING: 2, UnitKind.ADMINISTRATIVE: 3}
