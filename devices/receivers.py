"""Every new assignment is tied to what it rests on, whichever way it was made."""

from typing import Any

from devices import consent_effects
from devices.models import Assignment


def assignment_saved(sender: Any, instance: Assignment, created: bool, **kwargs: Any) -> None:
    if created and not kwargs.get("raw"):
        consent_effects.assigned(instance)
