"""Starting and stopping a device, from the page where its consents are seen to."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from consents import words
from devices import actions, policies
from devices.models import Assignment
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.organisation.policies import require_right, signed_in
from safehome.organisation.roles import Right
from safehome.residents.presentation import Reader


@require_POST
@never_cache
@require_right(Right.ASSIGNMENT_MANAGE)
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """From now on its readings are kept; 409 and the consents that are missing, when that would not be lawful."""
    user = signed_in(request)
    assignment = policies.get_assignment(user, pk, for_=Right.ASSIGNMENT_MANAGE)
    try:
        actions.start_if_here(assignment)
    except actions.NotHere:
        messages.error(request, _("The assignment has ended or has not begun."))
        return _back(assignment)
    except actions.NotLawful as refusal:
        return _not_lawful(request, user, assignment, refusal)
    access.record(Action.WRITE, "assignment", by=user, of=assignment, detail="start collecting")
    messages.success(request, _("“%(device)s” collects from now on.") % {"device": assignment.label})
    return _back(assignment)


def _not_lawful(request: HttpRequest, user: User, assignment: Assignment, refusal: actions.NotLawful) -> HttpResponse:
    reader = Reader(user)
    context = {
        "assignment": assignment,
        "resident": assignment.resident,
        "name": reader.see(assignment.resident).name if assignment.resident else str(assignment.place),
        "lacks": words.reasons(refusal.verdict, assignment.resident, reader),
    }
    access.record(Action.WRITE, "assignment", by=user, of=assignment, detail="start refused, not lawful")
    return render(request, "devices/not_lawful.html", context, status=HTTPStatus.CONFLICT)


@require_POST
@never_cache
@require_right(Right.ASSIGNMENT_MANAGE)
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """From now on nothing more is kept from it."""
    user = signed_in(request)
    assignment = policies.get_assignment(user, pk, for_=Right.ASSIGNMENT_MANAGE)
    actions.stop_if_active(assignment)
    access.record(Action.WRITE, "assignment", by=user, of=assignment, detail="stop collecting")
    messages.success(request, _("“%(device)s” collects nothing any more.") % {"device": assignment.label})
    return _back(assignment)


def _back(assignment: Assignment) -> HttpResponse:
    if assignment.resident_id is None:
        return redirect("start")
    return redirect("desk:resident", assignment.resident_id)
