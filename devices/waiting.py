"""What devices add to the page where staff work with a resident's consents (settings.CONSENT_DESK_PANELS): which ones
collect, which wait or have stopped, and why."""

from typing import Any

from consents import words
from devices import policies
from devices.actions import verdict_on
from devices.models import Assignment, CollectingState
from safehome.organisation.models import User
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Resident
from safehome.residents.presentation import Reader


def on_desk(user: User, resident: Resident) -> dict[str, Any]:
    """The resident's devices, those that don't collect first; with why not, for those who work with the consents of
    the administration that the device is of."""
    told = policies.assignments_visible_to(user).in_force().filter(resident=resident)
    found = told.select_related("room", "unit", "resident__home").prefetch_related("purposes").order_by("label", "pk")
    reader = Reader(user)
    rows = [_row(user, row, reader) for row in found]
    manages = residents.visible_to(user, Right.ASSIGNMENT_MANAGE).contains(resident)
    return {"collecting": sorted(rows, key=lambda row: row["active"]), "may_start": manages}


def _row(user: User, row: Assignment, reader: Reader) -> dict[str, Any]:
    active = row.collecting == CollectingState.ACTIVE
    told = not active and policies.may_know_consents(user, row)
    return {
        "id": row.pk,
        "name": row.label,
        "room": row.room.name if row.room else "",
        "active": active,
        "state": row.get_collecting_display(),
        "since": row.collecting_since if active else row.stopped_at,
        "until": row.collecting_until if active else None,
        "stopped_for": row.get_stopped_for_display() if row.stopped_for else "",
        "told": told,
        "lacks": words.reasons(verdict_on(row), row.resident, reader) if told else [],
    }
