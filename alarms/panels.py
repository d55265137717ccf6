"""What alarms add to a resident's page and to a relative's (settings.RESIDENT_PANELS, RELATIVE_PANELS)."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alarms import policies, presentation
from alarms.models import Alarm
from alarms.states import Category, Handling
from devices.models import Assignment
from safehome import clock
from safehome.organisation.models import User
from safehome.residents.models import Resident


def for_staff(user: User, resident: Resident) -> dict[str, Any]:
    found = policies.visible_to(user).open().filter(resident=resident).with_people().most_urgent_first()
    return {"open_alarms": presentation.rows(user, found)}


def counts(user: User, residents: list[Resident]) -> dict[object, int]:
    """Resident id → open alarms, for the list."""
    found = policies.visible_to(user).open().filter(resident__in=residents).values_list("resident", flat=True)
    numbers: dict[object, int] = {}
    for pk in found:
        numbers[pk] = numbers.get(pk, 0) + 1
    return numbers


# --- A relative's page ---------------------------------------------------------------------------------------------

TOLD_FOR = timedelta(days=7)
_SO_FAR: dict[str, str | Promise] = {
    Handling.RAISED: _("Nobody has answered yet."),
    Handling.ACCEPTED: _("Staff have answered."),
    Handling.ON_SITE: _("Staff are there."),
    Handling.CLOSED: _("It is over."),
}


def for_relative(user: User, resident: Resident) -> dict[str, Any]:
    """Open and recent calls for help in plain words: what, when, how far it has come. No names of staff, nothing that
    was measured, and only what rests on consents that stand."""
    lawful = Assignment.objects.lawful().filter(resident=resident)
    resting = Q(assignment__in=lawful.values("pk"))
    if lawful.exists():  # what a rule says of the whole home rests on all of it
        resting |= Q(assignment=None)
    told = Alarm.objects.filter(resting, resident=resident, test=False).exclude(category=Category.TECHNICAL)
    recent = told.filter(~Q(handling=Handling.CLOSED) | Q(raised_at__gte=clock.now() - TOLD_FOR))
    rows = [_told(alarm) for alarm in recent.order_by("-raised_at")[:20]]
    return {
        "alarms_open": [row for row in rows if row["open"]],
        "alarms_over": [row for row in rows if not row["open"]],
    }


def _told(alarm: Alarm) -> dict[str, Any]:
    return {
        "what": alarm.kind.label,
        "at": alarm.occurred_at,
        "so_far": _SO_FAR[alarm.handling],
        "came_at": alarm.arrived_at,
        "open": alarm.is_open,
    }
