"""Residents for staff, and the first page for residents and those close to them.

What other apps know about a resident comes in panels (settings.RESIDENT_PANELS, HOME_PANELS): functions that add to
the page's context, so that this app needs to know none of them.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.organisation.policies import require_right, signed_in
from safehome.organisation.roles import Right
from safehome.residents import policies
from safehome.residents.models import CareRelation, Resident
from safehome.residents.presentation import Reader, Shown, lives_of

PAGE = 50


@require_GET
@never_cache
@require_right(Right.RESIDENT_VIEW)
def residents(request: HttpRequest) -> HttpResponse:
    """Residents whose care the user takes part in, by name or personal identity number."""
    user = signed_in(request)
    query = request.GET.get("q", "").strip()
    found = policies.searchable_by(user, query) if query else policies.visible_to(user)
    paginator = Paginator(found.select_related("home").order_by("family_name", "given_name", "pk"), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    access.record(Action.SEARCH, "resident", by=user, detail=f"{paginator.count} found")
    context = {"page": page, "rows": _rows(user, list(page.object_list)), "query": query}
    return render(request, "residents/list.html", context)


def _rows(user: User, found: list[Resident]) -> list[dict[str, Any]]:
    alarms = import_string(settings.RESIDENT_COUNTS)(user, found)
    units: dict[UUID, list[str]] = {}
    relations = CareRelation.objects.in_force().filter(policies.efforts_seen_by(user, owner="unit__administration"))
    for relation in relations.filter(resident__in=found).select_related("unit"):
        units.setdefault(relation.resident_id, []).append(relation.unit.name)
    return [
        {
            "id": shown.resident.pk,
            "name": shown.name,
            "identity_number": shown.identity_number,
            "address": shown.address,
            "units": units.get(shown.resident.pk, []),
            "open_alarms": alarms.get(shown.resident.pk, 0),
        }
        for shown in Reader(user).see_all(found)
    ]


@require_GET
@never_cache
@require_right(Right.RESIDENT_VIEW)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    resident = policies.get_resident(user, pk)
    access.record(Action.READ, "resident", by=user, of=resident)
    # The version first: what changes while the page is made is fetched with the next beat.
    context = {"lives": lives_of(resident)} | _person(user, Reader(user).see(resident))
    for panel in settings.RESIDENT_PANELS:
        context |= import_string(panel)(user, resident)
    return render(request, "residents/detail.html", context)


@require_GET
@never_cache
@login_required
def lives(request: HttpRequest, pk: UUID) -> JsonResponse:
    """Whether an open page about a resident may still be shown as it is; asked with every beat (static/js/lives.js).
    Tells nothing about the resident, so it is not a look; 404 once the user may see nothing of them any more."""
    resident = policies.get_shown(signed_in(request), pk)
    return JsonResponse({"version": policies.version_of(resident)})


def _person(user: User, shown: Shown) -> dict[str, Any]:
    """Only what the reader may know; of a protected person whom they are not named for, that they exist."""
    resident = shown.resident
    context: dict[str, Any] = {"resident": resident, "name": shown.name, "facts": _facts(user, shown)}
    if shown.known:
        context |= {
            "good_to_know": resident.good_to_know,
            "contacts": resident.contacts.all(),
            "representatives": [_representative(row) for row in resident.representatives.in_force()],
            "cohabitants": resident.home.cohabitants.in_force() if resident.home else [],
        }
    return context


def _representative(row: Any) -> dict[str, str]:
    return {"name": row.name, "relation": f"{row.get_kind_display()}, {row.scope}", "phone": row.phone}


def _facts(user: User, shown: Shown) -> list[tuple[str, str]]:
    resident, home = shown.resident, shown.home
    efforts = resident.efforts.in_force().filter(policies.efforts_seen_by(user, owner="administration"))
    relations = resident.care_relations.in_force().filter(policies.efforts_seen_by(user, owner="unit__administration"))
    facts = [
        (_("Personal identity number"), shown.identity_number),
        (_("Telephone"), resident.phone if shown.known else ""),
        (_("Address"), shown.address),
        (_("Way in"), home.way_in if home else ""),
        (_("Efforts"), "\n".join(f"{row.name} ({row.get_regime_display()})" for row in efforts)),
        (_("Units"), "\n".join(row.unit.name for row in relations.select_related("unit"))),
    ]
    return [(label, text) for label, text in facts if text]


@require_GET
@never_cache
@login_required
def my_home(request: HttpRequest) -> HttpResponse:
    """Which devices are in the home, what each measures, who is told; for the resident, those close, and who lives
    there."""
    user = signed_in(request)
    close = list(policies.close_to(user))
    found = close + [row for row in policies.lives_with(user).order_by("given_name", "pk") if row not in close]
    for resident in found:
        access.record(Action.READ, "home", by=user, of=resident)
    homes = [_home(user, resident, close=resident in close) for resident in found]
    return render(request, "residents/my_home.html", {"homes": homes})


def _home(user: User, resident: Resident, *, close: bool) -> dict[str, Any]:
    home: dict[str, Any] = {"own": policies.is_own(user, resident), "name": resident.given_name}
    if close:
        home["lives"] = lives_of(resident)
    for panel in settings.HOME_PANELS:
        home |= import_string(panel)(user, resident)
    return home
