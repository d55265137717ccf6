"""The least that a press needs to become an alarm on somebody's board: a unit, its staff, residents, devices."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from consents.kinds import ConsentKind
from consents.models import Consent, Purpose
from consents.states import State
from devices.actions import issue_gateway_token
from devices.models import Assignment, CollectingState, Device, DeviceModel, DeviceState, Gateway
from safehome.organisation.actions import start_shift
from safehome.organisation.models import Administration, Membership, Municipality, Regime, Unit, UnitKind, User
from safehome.organisation.roles import Role
from safehome.residents.models import CareRelation, Home, Resident, Room

RESIDENTS = 50
SENSORS = {"motion": "hall", "humidity": "bathroom", "temperature": "kitchen"}


@dataclass(frozen=True)
class Seeded:
    """What the measuring needs to know: who presses, who looks, and what else is sent."""

    token: str
    buttons: list[str]
    sensors: list[tuple[str, str]]
    staff: list[User]
    sessions: list[str]


def seed(staff: int) -> Seeded:
    """Fifty homes with a button and three sensors each, and a unit with so many on duty."""
    unit = _units()
    gateway = Gateway.objects.create(administration=unit.administration, unit=unit, name="bench")
    buttons, sensors = _homes(unit, gateway)
    people = [_on_duty(unit, number) for number in range(staff)]
    return Seeded(issue_gateway_token(gateway), buttons, sensors, people, list(map(session_of, people)))


def _units() -> Unit:
    """The unit that gets the alarms, and two more that they would go on to."""
    town = Municipality.objects.create(name="Bench", code="0000")
    administration = Administration.objects.create(municipality=town, name="Bench")
    following: Unit | None = None
    for kind in (UnitKind.ALARM_CENTRE, UnitKind.NIGHT_PATROL, UnitKind.HOME_CARE):
        following = Unit.objects.create(
            administration=administration, name=kind.value, kind=kind, passes_on_to=following
        )
    assert following is not None
    return following


def _on_duty(unit: Unit, number: int) -> User:
    user = User.objects.create(email=f"bench{number}@example.org", name=f"Bench {number}")
    Membership.objects.create(user=user, unit=unit, role=Role.CARE_STAFF)
    start_shift(user, [unit])
    return user


def _homes(unit: Unit, gateway: Gateway) -> tuple[list[str], list[tuple[str, str]]]:
    models = {
        kind: DeviceModel.objects.create(manufacturer="Bench", name=kind, kinds=[kind]) for kind in ("button", *SENSORS)
    }
    purpose = _purpose(unit.administration)
    buttons: list[str] = []
    sensors: list[tuple[str, str]] = []
    for number in range(RESIDENTS):
        home = Home.objects.create(street=f"Bench {number}", postal_code="222 22", city="Bench")
        resident = Resident.objects.create(given_name="Bench", family_name=str(number), home=home)
        CareRelation.objects.create(resident=resident, unit=unit)
        long_ago = timezone.now() - timedelta(days=2)
        Consent.objects.create(resident=resident, purpose=purpose, state=State.GIVEN, given_at=long_ago)
        for kind, model in models.items():
            device = _place(model, gateway, resident, unit, f"bench-{kind}-{number}", SENSORS.get(kind, "on the arm"))
            buttons += [device] if kind == "button" else []
            sensors += [(device, kind)] if kind != "button" else []
    return buttons, sensors


def _purpose(administration: Administration) -> Purpose:
    """What all readings rest on."""
    return Purpose.objects.create(
        administration=administration,
        code="bench",
        name="Bench",
        kind=ConsentKind.PROCESSING,
        regime=Regime.SOL,
        basis="6.1.e",
        source="Bench",
        alternative="-",
        reading_kinds=["button", *SENSORS],
        valid_from=timezone.localdate() - timedelta(days=3),
    )


def _place(model: DeviceModel, gateway: Gateway, resident: Resident, unit: Unit, name: str, where: str) -> str:
    """A device in a room of the resident's, collecting since yesterday."""
    since = timezone.now() - timedelta(days=1)
    room, _ = Room.objects.get_or_create(home=resident.home, name=where)
    device = Device.objects.create(model=model, gateway=gateway, external_id=name, state=DeviceState.IN_USE)
    Assignment.objects.create(
        device=device,
        resident=resident,
        unit=unit,
        room=room,
        label=where,
        valid_from=since,
        collecting=CollectingState.ACTIVE,
        collecting_since=since,
    )
    return name


def session_of(user: User) -> str:
    """The key of a session in which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
