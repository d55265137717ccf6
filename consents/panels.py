"""What consents add to a resident's page (settings.RESIDENT_PANELS)."""

from typing import Any

from consents.desk.overview import lines
from consents.desk.people import Case
from safehome.organisation.models import User
from safehome.organisation.roles import Right
from safehome.residents import policies
from safehome.residents.models import Resident
from safehome.residents.presentation import Reader


def for_staff(user: User, resident: Resident) -> dict[str, Any]:
    """How it stands with consents, for those who work with them. Purposes that nothing has come of are left out."""
    if not policies.visible_to(user, Right.CONSENT_ASK).contains(resident):
        return {}
    reader = Reader(user)
    case = Case(user, reader, reader.see(resident))
    return {"consents_shown": True, "consent_lines": [line for line in lines(case) if line.concerns]}
