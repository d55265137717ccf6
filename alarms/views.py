"""The live board, the shift, and the page of one alarm with its verbs. Everything works as plain pages and forms."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alarms import actions, live, not_watched, policies, presentation
from alarms.forms import CloseForm
from alarms.models import Alarm
from alarms.states import TransitionRefused, Verb
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation import actions as organisation
from safehome.organisation.models import Duty, User
from safehome.organisation.policies import signed_in, staff_required, units_with
from safehome.organisation.roles import Right

A_SHIFT = timedelta(hours=12)
"""A board that renews itself all night is one look at each alarm, not a thousand."""


# --- The board -----------------------------------------------------------------------------------------------


@require_GET
@never_cache
@staff_required
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "alarms/board.html", _board(signed_in(request)))


@require_GET
@never_cache
@staff_required
def board_fragment(request: HttpRequest) -> HttpResponse:
    """The part of the board that changes, for the page's script to fetch."""
    return render(request, "alarms/_board.html", _board(signed_in(request)))


def _board(user: User) -> dict[str, Any]:
    """Version first, then the rows: what changes in between makes the next beat differ, and is fetched."""
    units = policies.board_units(user)
    ids = {unit.pk for unit in units}
    if not ids:
        raise PermissionDenied
    version = live.board_version(ids, live.versions(ids))
    rows = presentation.rows(user, policies.on_board(user).with_people().most_urgent_first())
    _record_looks(user, rows)
    help_alarms, technical_alarms = presentation.split(rows)
    on_shift = Duty.objects.of(user).open().exists()
    return {
        "help_alarms": help_alarms,
        "technical_alarms": technical_alarms,
        "not_watched": not_watched.gaps(user, ids),
        "version": version,
        "on_shift": on_shift,
        "shift_units": list(units) if on_shift else [],
    }


def _record_looks(user: User, rows: list[presentation.Row]) -> None:
    by_id = {str(row.alarm.pk): row.alarm for row in rows}
    new = access.not_yet_recorded(user, "alarm", by_id, within=A_SHIFT)
    access.record(Action.READ, "alarm", by=user, of=[by_id[pk] for pk in new], detail="board")


# --- The shift -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@staff_required
def shift(request: HttpRequest) -> HttpResponse:
    """Who is on duty, and going on and off."""
    user = signed_in(request)
    units = units_with(user, Right.ALARM_HANDLE)
    if request.method == "POST":
        return _change_shift(request, user)
    own = {duty.unit_id for duty in Duty.objects.of(user).open()}
    context = {
        "units": units,
        "shift_units": [unit for unit in units if unit.pk in own],
        "on_shift": bool(own),
        "on_duty": Duty.objects.open().filter(unit__in=units).select_related("user", "unit").order_by("unit__name"),
    }
    return render(request, "alarms/shift.html", context)


def _change_shift(request: HttpRequest, user: User) -> HttpResponse:
    if request.POST.get("action") == "end":
        organisation.end_shift(user)
        messages.success(request, _("Your shift has ended."))
        return redirect("alarms:shift")
    chosen = units_with(user, Right.ALARM_HANDLE).filter(pk__in=_uuids(request.POST.getlist("units")))
    if not chosen:
        messages.error(request, _("Choose at least one unit."))
        return redirect("alarms:shift")
    organisation.start_shift(user, chosen, sound_tested=request.POST.get("sound_tested") == "1")
    return redirect("alarms:board")


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


# --- One alarm -----------------------------------------------------------------------------------------------


@require_GET
@never_cache
@staff_required
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    alarm = policies.get_alarm(user, pk)
    access.record(Action.READ, "alarm", by=user, of=alarm)
    return _detail(request, user, alarm)


def _detail(request: HttpRequest, user: User, alarm: Alarm, form: CloseForm | None = None) -> HttpResponse:
    lives = presentation.lives(user, alarm)
    row = presentation.rows(user, [alarm])[0]
    closing = Verb.CLOSE in row.may
    context = {
        "lives": lives,
        "alarm": row,
        "timeline": presentation.timeline(alarm),
        "close_form": (form or CloseForm(alarm)) if closing else None,
        "device": policies.device_of(user, alarm),
        **presentation.person(user, alarm),
    }
    return render(request, "alarms/detail.html", context, status=400 if form else 200)


@require_POST
@staff_required
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _do(request, lambda user: actions.accept(pk, by=user), _("You have taken the alarm."))


@require_POST
@staff_required
def arrive(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _do(request, lambda user: actions.arrive(pk, by=user), _("It is noted that you are there."))


def _do(request: HttpRequest, verb: Callable[[User], Alarm], done: str) -> HttpResponse:
    """Do it and go back to the board, or say there why not."""
    try:
        verb(signed_in(request))
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("alarms:board")


@require_POST
@staff_required
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    alarm = policies.get_alarm(user, pk, for_=Verb.CLOSE)
    form = CloseForm(alarm, request.POST)
    if not form.is_valid():
        return _detail(request, user, policies.get_alarm(user, pk), form)
    try:
        actions.close(pk, by=user, **form.cleaned_data)
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("alarms:detail", pk)
    messages.success(request, _("The alarm is closed."))
    return redirect("alarms:board")
