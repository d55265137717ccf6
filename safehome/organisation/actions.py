"""Verbs of the organisation: going on and off duty, giving out API tokens."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from safehome import clock
from safehome.organisation import policies
from safehome.organisation.models import ApiToken, Duty, Unit, User
from safehome.organisation.roles import Right


@transaction.atomic
def start_shift(user: User, units: Iterable[Unit], *, sound_tested: bool = False) -> list[Duty]:
    """Go on duty in exactly these units; open duties elsewhere end. Refuses units where the user handles no alarms."""
    chosen = list(units)
    for unit in chosen:
        if not policies.has_right(user, Right.ALARM_HANDLE, unit):
            raise PermissionDenied(f"no duty in {unit}")
    now = clock.now()
    Duty.objects.of(user).open().exclude(unit__in=chosen).update(ended_at=now)
    tested = timezone.now() if sound_tested else None
    return [_on_duty(user, unit, now, tested) for unit in chosen]


def _on_duty(user: User, unit: Unit, now: datetime, sound_tested_at: datetime | None) -> Duty:
    duty, created = Duty.objects.get_or_create(
        user=user,
        unit=unit,
        ended_at=None,
        defaults={"started_at": now, "sound_tested_at": sound_tested_at},
    )
    if not created and sound_tested_at:
        duty.sound_tested_at = sound_tested_at
        duty.save(update_fields=["sound_tested_at"])
    return duty


def end_shift(user: User) -> int:
    """Go off duty everywhere. Alarms that the user has taken keep their clocks and go on when these lapse."""
    return Duty.objects.of(user).open().update(ended_at=clock.now())


def issue_token(user: User, *, name: str, scopes: list[str], expires_at: datetime | None = None) -> str:
    """Make an API token and return its plain text, which is shown once and never kept."""
    plain = new_token()
    ApiToken.objects.create(user=user, name=name, digest=token_digest(plain), scopes=scopes, expires_at=expires_at)
    return plain


def new_token() -> str:
    return f"sh_{secrets.token_urlsafe(32)}"


def token_digest(plain: str) -> str:
    """SHA-256 is enough for a token of 256 random bits; a slow hash would only slow the intake down."""
    return hashlib.sha256(plain.encode()).hexdigest()


def note_number_checked(user: User) -> None:
    """Somebody has called the number and the right person answered: codes to sign in may go there until it changes."""
    user.check_phone(timezone.now())
    user.save(update_fields=["phone_verified_at"])
