"""The one door to the access log.

`record` never breaks what it records: when the store refuses, the entry is spooled to a file, the installation is
flagged (`/healthz/ready/` says so), and the watch loop replays the spool.
"""

import json
import os
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error, models, transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from safehome.audit.models import AccessEntry, Action, Outcome, Purpose
from safehome.organisation.models import Membership, User

log = structlog.get_logger(__name__)

current_system: ContextVar[str] = ContextVar("current_system", default="command")


@dataclass(frozen=True)
class Standing:
    """In what capacity somebody acts: the roles and the unit written beside their name in the log."""

    role: str
    unit: UUID | None


def record(
    action: Action,
    resource: str,
    *,
    by: User | None,
    of: Iterable[models.Model] | models.Model | None = None,
    resident: UUID | None = None,
    owner_unit: UUID | None = None,
    outcome: Outcome = Outcome.GRANTED,
    purpose: Purpose = Purpose.CARE,
    detail: str = "",
) -> None:
    """Write what `by` did with `resource`; one entry an object when several are given.

    `resident` and `owner_unit` name the person and the unit that owns the data; when left out they are read from
    each object (`resident_of`, `unit_id`).
    """
    standing = _standing(by, owner_unit)
    objects = [of] if isinstance(of, models.Model) or of is None else list(of)
    _write(
        [
            AccessEntry(
                at=timezone.now(),
                action=action,
                outcome=outcome,
                purpose=purpose,
                user=by.pk if by else None,
                role=standing.role,
                unit=standing.unit,
                resident=resident or resident_of(thing),
                owner_unit=owner_unit or getattr(thing, "unit_id", None),
                resource=resource,
                resource_id=str(thing.pk) if thing is not None else "",
                system=current_system.get(),
                detail=detail[:300],
            )
            for thing in objects
        ]
    )


def resident_of(thing: models.Model | None) -> UUID | None:
    """Whom an object is about; a resident is about themselves."""
    if thing is not None and thing._meta.label == "residents.Resident":
        return thing.pk  # type: ignore[no-any-return]
    return getattr(thing, "resident_id", None)


def record_pushes(users: Iterable[User], resource: str, resource_id: str, *, detail: str) -> None:
    """Write one entry for each user to whose open page something was pushed."""
    looking = list(users)
    held = _held(looking)
    entries = []
    for user in looking:
        standing = _explained(held[user.pk], None)
        entries.append(
            AccessEntry(
                action=Action.PUSH,
                user=user.pk,
                role=standing.role,
                unit=standing.unit,
                resource=resource,
                resource_id=resource_id,
                system=current_system.get(),
                detail=detail,
            )
        )
    _write(entries)


def not_yet_recorded(user: User, resource: str, ids: Iterable[str], *, within: timedelta) -> set[str]:
    """Which of the ids the user has no read entry for in that time; a board that renews itself is one look."""
    wanted = set(ids)
    recent = AccessEntry.objects.filter(
        user=user.pk,
        resource=resource,
        action=Action.READ,
        outcome=Outcome.GRANTED,
        at__gte=timezone.now() - within,
        resource_id__in=wanted,
    )
    return wanted - set(recent.values_list("resource_id", flat=True))


def _standing(user: User | None, owner_unit: UUID | None) -> Standing:
    """The membership that explains the access: in the unit that owns the data if there is one, else any."""
    if user is None:
        return Standing("system", None)
    return _explained(_held([user])[user.pk], owner_unit)


def _held(users: Iterable[User]) -> dict[UUID, list[tuple[UUID, str]]]:
    """User id → memberships in force, as unit and role."""
    held: dict[UUID, list[tuple[UUID, str]]] = {user.pk: [] for user in users}
    memberships = Membership.objects.in_force().filter(user__in=held)
    for user_id, unit, role in memberships.values_list("user", "unit", "role"):
        held[user_id].append((unit, role))
    return held


def _explained(held: list[tuple[UUID, str]], owner_unit: UUID | None) -> Standing:
    here = [membership for membership in held if membership[0] == owner_unit] or held
    if not here:
        return Standing("private person", None)
    unit = here[0][0]
    return Standing(",".join(sorted({role for held_unit, role in here if held_unit == unit})), unit)


def _write(entries: list[AccessEntry]) -> None:
    try:
        with transaction.atomic():
            AccessEntry.objects.bulk_create(entries)
    except Error as fault:
        log.error("access log refused entries; spooled", count=len(entries), error=str(fault))
        _spool(entries)


_FIELDS = {field.name: field for field in AccessEntry._meta.concrete_fields}


# --- Spool: a file of its own for each time the store refused, so that writers and replayers never share one ---


def spooled() -> list[Path]:
    """What waits to be moved into the log, oldest first."""
    return sorted(_spool_folder().glob("*.jsonl"))


def _spool_folder() -> Path:
    return settings.SAFEHOME_DATA_DIR / "access-log-spool"


def _spool(entries: list[AccessEntry]) -> None:
    lines = "".join(json.dumps(_as_dict(entry), cls=DjangoJSONEncoder) + "\n" for entry in entries)
    _spool_folder().mkdir(parents=True, exist_ok=True)
    path = _spool_folder() / f"{time.time_ns()}-{uuid4().hex}.jsonl"
    partial = path.with_suffix(".partial")
    with partial.open("w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def _as_dict(entry: AccessEntry) -> dict[str, Any]:
    return {**model_to_dict(entry), "id": entry.pk}


def _from_dict(kept: dict[str, Any]) -> AccessEntry:
    return AccessEntry(**{name: _FIELDS[name].to_python(value) for name, value in kept.items()})


def replay_spool() -> int:
    """Move spooled entries into the log. Safe to repeat: an entry that is already there is left alone."""
    return sum(_replay(path) for path in spooled())


def _replay(path: Path) -> int:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return 0  # another watch loop was quicker
    AccessEntry.objects.bulk_create([_from_dict(json.loads(line)) for line in lines], ignore_conflicts=True)
    path.unlink(missing_ok=True)
    return len(lines)
