"""What alarms add to a resident's page (settings.RESIDENT_PANELS)."""

from typing import Any

from alarms import policies, presentation
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
