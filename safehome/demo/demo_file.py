"""`demo.json` in the data folder: how a person or a program gets into the demo. Its owner alone can read it.

It is the only place where the demo's passwords and the gateways' tokens stand; both are made anew for each data folder.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from devices.actions import issue_gateway_token
from devices.models import Assignment, CollectingState, Gateway
from safehome.demo import municipality as town
from safehome.organisation.actions import token_digest
from safehome.organisation.models import Membership, User
from safehome.organisation.roles import Role

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other."""


def path() -> Path:
    return Path(settings.SAFEHOME_DATA_DIR) / "demo.json"


def read() -> dict[str, Any]:
    """What was written last, or nothing."""
    found: dict[str, Any] = json.loads(path().read_text("utf-8")) if path().exists() else {}
    return found


def write(content: dict[str, Any]) -> None:
    """In one step, so that whoever waits for the file never reads half of it."""
    path().parent.mkdir(parents=True, exist_ok=True)
    draft = path().with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
    draft.replace(path())


def new_password() -> str:
    """Easy to type: `demo-` and eight letters and digits."""
    parts = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
    return "-".join(("demo", *parts))


def renew(url: str) -> dict[str, Any]:
    """Write the file for the data that is there. Keys that the old file knows stay; lost ones are replaced."""
    old = read()
    content = {
        "url": url,
        "mode": settings.SAFEHOME_MODE,
        "accounts": _accounts(_known_password(old) or _set_new_password()),
        "gateways": _gateways({gateway["name"]: gateway["token"] for gateway in old.get("gateways", ())}),
        "devices": _devices(),
    }
    write(content)
    return content


def _known_password(old: dict[str, Any]) -> str:
    """The accounts' password, if the old file belongs to these data."""
    password: str = next((account["password"] for account in old.get("accounts", ())), "")
    users = _users()
    return password if password and users and users[0].check_password(password) else ""


@transaction.atomic
def _set_new_password() -> str:
    """One for all accounts, hashed once: two dozen slow hashes would make every first start slow."""
    password = new_password()
    hashed = make_password(password)
    for user in _users():
        user.password = hashed
        user.save(update_fields=["password"])
    return password


def _users() -> list[User]:
    """The demo's own accounts, in the order in which they were made."""
    return list(User.objects.filter(email__endswith=f"@{town.MAIL}").order_by("date_joined"))


def _accounts(password: str) -> list[dict[str, Any]]:
    return [
        {
            "role": role,
            "email": user.email,
            "password": password,
            "name": user.name,
            "units": units,
        }
        for user in _users()
        for role, units in [_standing(user)]
    ]


def _standing(user: User) -> tuple[str, list[str]]:
    """A staff role and its units; or what a private person is to a resident."""
    held = list(Membership.objects.in_force().filter(user=user).order_by("pk").values_list("role", "unit__name"))
    if held:
        return Role(held[0][0]).value, [unit for _, unit in held]
    if hasattr(user, "resident"):
        return "resident", []
    if user.represents.exists():
        return "representative", []
    return ("cohabitant" if user.cohabits.exists() else "relative"), []


@transaction.atomic
def _gateways(known: dict[str, str]) -> list[dict[str, str]]:
    """The platform that speaks for the residents' devices, then the one that speaks for the schoolyard only."""
    return [
        {"name": name, "token": _token(Gateway.objects.get(name=name), known.get(name, ""))}
        for name in (town.PLATFORM, town.SCHOOL_GATEWAY)
    ]


def _token(gateway: Gateway, known: str) -> str:
    """The known token if it is still good; else a new one in place of all others."""
    good = gateway.tokens.filter(revoked_at=None)
    if known and good.filter(digest=token_digest(known)).exists():
        return known
    for lost in good:
        lost.revoked_at = timezone.now()
        lost.save(update_fields=["revoked_at"])
    return issue_gateway_token(gateway)


def _devices() -> list[dict[str, Any]]:
    """Those that collect: residents' devices by id, places' devices last."""
    gateways = (town.PLATFORM, town.SCHOOL_GATEWAY)
    hung = Assignment.objects.in_force().filter(device__gateway__name__in=gateways, collecting=CollectingState.ACTIVE)
    rows = hung.select_related("device__model", "device__gateway", "unit")
    return [
        {
            "external_id": row.device.external_id,
            "kind": row.device.model.kinds[0],
            "resident_id": str(row.resident_id) if row.resident_id else None,
            "unit": row.unit.name,
            "name": row.label,
            "gateway": row.device.gateway.name,
        }
        for row in sorted(rows, key=lambda row: (row.resident_id is None, row.device.external_id))
    ]
