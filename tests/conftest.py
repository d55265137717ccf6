"""The cast: the people whom the tests name, their units, one home with its devices, and how readings get in.

Astrid lives at home with sensors. Her home care group, its neighbours and all others who may or may not see her are
real users, so that a test of access names a person.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.db.migrations.state import ProjectState
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, DjangoDbBlocker

from alarms import live, pipeline
from alarms.models import Alarm
from devices.actions import issue_gateway_token
from devices.intake.inbox import Receipt, Request, keep
from devices.intake.messages import parse
from devices.models import Assignment, Gateway, Lane
from devices.placement import Placement
from safehome import clock
from safehome.audit.append_only import protect
from safehome.organisation import exceptions
from safehome.organisation.actions import start_shift, token_digest
from safehome.organisation.models import Administration, Unit, UnitKind, User
from safehome.organisation.roles import Role
from safehome.residents.models import ProtectedIdentity, Resident, RoomKind
from safehome.residents.policies import NAMED, RELATIVE
from tests.factories import (
    AdministrationFactory,
    AssignmentFactory,
    CareRelationFactory,
    ContactFactory,
    DeviceFactory,
    DeviceModelFactory,
    GatewayFactory,
    HomeFactory,
    RepresentativeFactory,
    ResidentFactory,
    RoomFactory,
    UnitFactory,
    UserFactory,
    as_body,
    reading,
    staff,
)

hypothesis.settings.register_profile("safehome", deadline=None)
hypothesis.settings.load_profile("safehome")

Hints = Callable[[], AbstractContextManager[list[dict[str, Any]]]]

# --- Database ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def protected_tables(django_db_setup: None) -> frozenset[str]:
    """The tables that the migrations have made append-only."""
    return frozenset(_released)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The migrated database without its append-only triggers: emptying it between tests is what they forbid."""
    with django_db_blocker.unblock():
        _released.extend(_protected())
        for table in _released:
            _set_protection(table, on=False)
    yield
    with django_db_blocker.unblock():
        _hang_up_others()


def _hang_up_others() -> None:
    """Threads keep their connections; PostgreSQL could not drop the test database under them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


_released: list[str] = []


def _protected() -> list[str]:
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(names, ["%_no_update"])
        return sorted(name.removesuffix("_no_update") for (name,) in cursor.fetchall())


def _set_protection(table: str, *, on: bool) -> None:
    operation = protect(table)
    change = operation.database_forwards if on else operation.database_backwards
    with connection.schema_editor() as editor:
        change("audit", editor, ProjectState(), ProjectState())


@pytest.fixture
def append_only(transactional_db: None, protected_tables: frozenset[str]) -> Iterator[None]:
    """The triggers in place, as they are in use."""
    for table in protected_tables:
        _set_protection(table, on=True)
    yield
    for table in protected_tables:
        _set_protection(table, on=False)


# --- Units ---------------------------------------------------------------------------------------------------


@pytest.fixture
def administration(db: None) -> Administration:
    return AdministrationFactory.create(name="Vård- och omsorgsförvaltningen")


@pytest.fixture
def second_administration(administration: Administration) -> Administration:
    return AdministrationFactory.create(municipality=administration.municipality, name="Socialförvaltningen")


@pytest.fixture
def alarm_centre(administration: Administration) -> Unit:
    return UnitFactory.create(
        administration=administration, name="Larmcentralen", kind=UnitKind.ALARM_CENTRE, accept_within_s=120
    )


@pytest.fixture
def night_patrol(administration: Administration, alarm_centre: Unit) -> Unit:
    return UnitFactory.create(
        administration=administration,
        name="Nattpatrullen",
        kind=UnitKind.NIGHT_PATROL,
        passes_on_to=alarm_centre,
        accept_within_s=240,
    )


@pytest.fixture
def home_care(administration: Administration, night_patrol: Unit) -> Unit:
    """Takes alarms within three minutes, arrives within forty; passes on to the night patrol, it to the centre."""
    return UnitFactory.create(
        administration=administration,
        name="Hemtjänst Norr",
        notice_email="norr@example.org",
        passes_on_to=night_patrol,
        accept_within_s=180,
        arrive_within_min=40,
    )


@pytest.fixture
def other_home_care(administration: Administration) -> Unit:
    return UnitFactory.create(administration=administration, name="Hemtjänst Söder")


@pytest.fixture
def technical_unit(administration: Administration) -> Unit:
    return UnitFactory.create(administration=administration, name="Välfärdsteknik", kind=UnitKind.TECHNICAL)


@pytest.fixture
def case_office(administration: Administration) -> Unit:
    return UnitFactory.create(administration=administration, name="Biståndsenheten", kind=UnitKind.ADMINISTRATIVE)


@pytest.fixture
def foreign_unit(second_administration: Administration) -> Unit:
    return UnitFactory.create(administration=second_administration, name="Stödboendet", kind=UnitKind.HOUSING)


# --- People --------------------------------------------------------------------------------------------------


@pytest.fixture
def resident(home_care: Unit, night_patrol: Unit, alarm_centre: Unit, case_office: Unit) -> Resident:
    """Astrid, who has an account, a home of four rooms, and four units that take part in her care."""
    home = HomeFactory.create(street="Björkgatan 7", way_in="Nyckel hos grannen. Hunden är snäll.")
    for kind in (RoomKind.HALL, RoomKind.KITCHEN, RoomKind.BEDROOM, RoomKind.BATHROOM):
        RoomFactory.create(home=home, name=kind.value, kind=kind)
    astrid = ResidentFactory.create(
        user=UserFactory.create(name="Astrid Lindqvist"),
        given_name="Astrid",
        family_name="Lindqvist",
        home=home,
        good_to_know="Hör dåligt. Ring två gånger.",
    )
    for unit in (home_care, night_patrol, alarm_centre, case_office):
        CareRelationFactory.create(resident=astrid, unit=unit)
    return astrid


@pytest.fixture
def resident_user(resident: Resident) -> User:
    """Astrid, signed in as herself."""
    assert resident.user is not None
    return resident.user


@pytest.fixture
def her_carer(resident: Resident, home_care: Unit) -> User:
    return staff("Björn Berg", Role.CARE_STAFF, home_care)


@pytest.fixture
def second_carer(resident: Resident, home_care: Unit) -> User:
    """Works beside `her_carer`: the one who presses at the same time."""
    return staff("Disa Dahl", Role.CARE_STAFF, home_care)


@pytest.fixture
def carer_elsewhere(other_home_care: Unit) -> User:
    return staff("Cecilia Carlsson", Role.CARE_STAFF, other_home_care)


@pytest.fixture
def night_carer(night_patrol: Unit) -> User:
    return staff("Nils Nord", Role.CARE_STAFF, night_patrol)


@pytest.fixture
def nurse(home_care: Unit) -> User:
    return staff("Stina Sund", Role.NURSE, home_care)


@pytest.fixture
def unit_manager(home_care: Unit) -> User:
    return staff("Eva Ek", Role.UNIT_MANAGER, home_care)


@pytest.fixture
def alarm_operator(alarm_centre: Unit) -> User:
    return staff("Omar Olsson", Role.ALARM_OPERATOR, alarm_centre)


@pytest.fixture
def case_officer(case_office: Unit) -> User:
    return staff("Berit Blom", Role.CASE_OFFICER, case_office)


@pytest.fixture
def technician(technical_unit: Unit, home_care: Unit) -> User:
    """Mends the devices of the home care group too."""
    return staff("Tore Tall", Role.TECHNICIAN, technical_unit, home_care)


@pytest.fixture
def log_reviewer(case_office: Unit) -> User:
    return staff("Lotta Lund", Role.LOG_REVIEWER, case_office)


@pytest.fixture
def administrator(case_office: Unit) -> User:
    return staff("Adam Adler", Role.SYSTEM_ADMINISTRATOR, case_office, is_staff=True)


@pytest.fixture
def foreign_carer(foreign_unit: Unit) -> User:
    """Works in another administration, which is another authority."""
    return staff("Fatima Falk", Role.CARE_STAFF, foreign_unit)


@pytest.fixture
def relative(resident: Resident) -> User:
    """Astrid's daughter, whom Astrid lets see her page."""
    user = UserFactory.create(name="Ronja Lindqvist")
    ContactFactory.create(resident=resident, user=user, name=user.name)
    exceptions.grant(user, RELATIVE, resident)
    return user


@pytest.fixture
def relative_not_let_in(resident: Resident) -> User:
    """Astrid's son: a contact with an account, and no more than that."""
    user = UserFactory.create(name="Rasmus Lindqvist")
    ContactFactory.create(resident=resident, user=user, name=user.name, relation="son", call_order=2)
    return user


@pytest.fixture
def representative(resident: Resident) -> User:
    """Astrid's god man, in force."""
    user = UserFactory.create(name="Gunnar Grahn")
    RepresentativeFactory.create(resident=resident, user=user, name=user.name)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    """Signed in, and nothing else."""
    return UserFactory.create(name="Xerxes Xi")


@pytest.fixture
def superuser(db: None) -> User:
    """Whoever installed the system: enters Django admin, takes part in nobody's care."""
    return UserFactory.create(name="Siv Sundström", is_staff=True, is_superuser=True)


@pytest.fixture
def inactive_carer(home_care: Unit) -> User:
    """Has left; the account is closed, the membership forgotten."""
    return staff("Ivar Ingves", Role.CARE_STAFF, home_care, is_active=False)


CAST = (
    "resident_user",
    "her_carer",
    "second_carer",
    "carer_elsewhere",
    "night_carer",
    "nurse",
    "unit_manager",
    "alarm_operator",
    "case_officer",
    "technician",
    "log_reviewer",
    "administrator",
    "foreign_carer",
    "relative",
    "relative_not_let_in",
    "representative",
    "stranger",
    "superuser",
    "inactive_carer",
)


@pytest.fixture
def cast(request: pytest.FixtureRequest, resident: Resident) -> dict[str, User]:
    """Everybody, by the name of their fixture."""
    return {name: request.getfixturevalue(name) for name in CAST}


@pytest.fixture
def protected_resident(home_care: Unit) -> Resident:
    """Lives under protection, cared for by the same home care group."""
    person = ResidentFactory.create(
        given_name="Petra",
        family_name="Palm",
        home=HomeFactory.create(street="Hemliga vägen 1"),
        protected_identity=ProtectedIdentity.MARKED,
    )
    CareRelationFactory.create(resident=person, unit=home_care)
    return person


@pytest.fixture
def named_carer(protected_resident: Resident, home_care: Unit) -> User:
    """The one in the home care group who is named for the protected person."""
    user = staff("Maja Moberg", Role.CARE_STAFF, home_care)
    exceptions.grant(user, NAMED, protected_resident)
    return user


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which the user has signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


# --- Devices -------------------------------------------------------------------------------------------------


@pytest.fixture
def gateway(technical_unit: Unit) -> Gateway:
    return GatewayFactory.create(unit=technical_unit, name="Björkgatan 7")


@pytest.fixture
def gateway_token(gateway: Gateway) -> str:
    """Plain, as the gateway shows it."""
    return issue_gateway_token(gateway)


@pytest.fixture
def foreign_gateway(foreign_unit: Unit) -> Gateway:
    return GatewayFactory.create(unit=foreign_unit, name="Stödboendets gateway")


@pytest.fixture
def foreign_gateway_token(foreign_gateway: Gateway) -> str:
    """A good token, for other devices than Astrid's."""
    return issue_gateway_token(foreign_gateway)


Place = Callable[..., Assignment]


@pytest.fixture
def place_device(resident: Resident, home_care: Unit, gateway: Gateway) -> Place:
    """`place_device("bed-1", ["bed"], label="säng")`: a device with Astrid that collects."""

    def place(external_id: str, kinds: list[str], **fields: Any) -> Assignment:
        model = DeviceModelFactory.create(kinds=kinds)
        device = DeviceFactory.create(external_id=external_id, gateway=gateway, model=model)
        return AssignmentFactory.create(device=device, **{"resident": resident, "unit": home_care} | fields)

    return place


def _room(resident: Resident, kind: RoomKind) -> Any:
    assert resident.home is not None
    return resident.home.rooms.get(kind=kind)


@pytest.fixture
def help_button(place_device: Place) -> Assignment:
    return place_device("button-1", ["button", "battery"], label="armband", placement=Placement.OUTDOOR)


@pytest.fixture
def motion_sensor(place_device: Place, resident: Resident) -> Assignment:
    return place_device("motion-1", ["motion"], label="kök", room=_room(resident, RoomKind.KITCHEN))


@pytest.fixture
def door_sensor(place_device: Place, resident: Resident) -> Assignment:
    hall = _room(resident, RoomKind.HALL)
    return place_device("door-1", ["door"], label="ytterdörr", room=hall, placement=Placement.EXIT)


@pytest.fixture
def thermometer(place_device: Place, resident: Resident) -> Assignment:
    bedroom = _room(resident, RoomKind.BEDROOM)
    kinds = ["temperature", "humidity", "battery", "heartbeat"]
    return place_device("thermometer-1", kinds, label="sovrum", room=bedroom)


# --- Readings and alarms -------------------------------------------------------------------------------------

Post = Callable[..., Receipt]


@pytest.fixture
def post_readings(gateway_token: str) -> Post:
    """`post_readings(reading(...), ...)`: into the inbox as the intake does it; returns the receipt."""

    def post(*readings: Any, token: str = gateway_token) -> Receipt:
        batch = parse(as_body(*readings), clock.now(), at_most=5_000)
        return keep([Request(token_digest(token), batch)])[0]

    return post


@pytest.fixture
def drain(db: None) -> Callable[[], int]:
    """Empty both lanes of the inbox as the workers do; returns how many rows were settled."""
    return lambda: sum(pipeline.drain(lane) for lane in Lane)


@pytest.fixture
def press(help_button: Assignment, post_readings: Post, drain: Callable[[], int]) -> Callable[..., Alarm]:
    """Astrid presses her button: posts, drains, and returns the open alarm."""

    def pressed(**more: Any) -> Alarm:
        post_readings(reading(help_button, 1, **more))
        drain()
        return Alarm.objects.open().get(code="help_button")

    return pressed


@pytest.fixture
def shift(her_carer: User, home_care: Unit) -> User:
    """`her_carer`, on duty in the home care group."""
    start_shift(her_carer, [home_care])
    return her_carer


@pytest.fixture
def alarm(shift: User, press: Callable[..., Alarm]) -> Alarm:
    """Astrid has pressed her button while her home care group is on duty; only they have been told."""
    return press()


@pytest.fixture
def hints(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Hints:
    """`with hints() as sent:` the hints that live boards get once the work inside is committed."""

    @contextmanager
    def capture() -> Iterator[list[dict[str, Any]]]:
        sent: list[dict[str, Any]] = []
        with django_capture_on_commit_callbacks() as callbacks:
            yield sent
        sent.extend(callback.args[0] for callback in callbacks if callback.func is live.publish)  # type: ignore[attr-defined]

    return capture
