"""Fills an empty database with the invented municipality. All or nothing, in one transaction."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from alarms.models import RuleSetting
from devices.actions import start_collecting
from devices.models import Assignment, Device, DeviceModel, DeviceState, Gateway
from safehome import clock
from safehome.demo import agreements, people, recorded_home
from safehome.demo import municipality as town
from safehome.demo.people import Hung, Person
from safehome.organisation import exceptions
from safehome.organisation.models import Administration, Membership, Municipality, Unit, User
from safehome.organisation.roles import Role
from safehome.residents.models import (
    CareRelation,
    Cohabitant,
    Contact,
    Effort,
    Home,
    Mandate,
    Place,
    ProtectedIdentity,
    Representative,
    RepresentativeKind,
    Resident,
    Room,
    RoomKind,
)

SINCE = timedelta(days=30)
"""How long the devices have hung there."""
LONG_KNOWN = timedelta(days=365)
ALL_DAY = {"waking_from": "00:00:00", "waking_to": "00:00:00"}
OFTEN_AWAY = {"away_notice_hours": 96}


def is_empty() -> bool:
    return not Municipality.objects.exists()


@transaction.atomic
def fill() -> None:
    """Make everything but passwords and tokens, which `demo_file` gives out."""
    units = _organisation()
    for row in town.STAFF:
        _staff(row, units)
    agreements.publish_texts(units)
    catalogue = {key: _model(row) for key, row in town.MODELS.items()}
    platform = Gateway.objects.create(
        administration=units[town.TECHNICAL].administration, unit=units[town.TECHNICAL], name=town.PLATFORM
    )
    store = _Store(platform, catalogue)
    residents = {person.name: _resident(person, units) for person in people.PEOPLE}
    _close_ones(residents, units)
    _named_for_the_protected(residents)
    agreements.agree(residents)
    for person in people.PEOPLE:
        store.hang_all(residents[person.name], units[person.unit], person.devices, collect=not person.child)
    _silent_device(residents)
    _recorded_homes(store, residents, units)
    _schoolyard(units, catalogue)
    agreements.go_on(residents)


# --- the organisation ----------------------------------------------------------------------------------------------


def _organisation() -> dict[str, Unit]:
    municipality = Municipality.objects.create(name=town.NAME, code=town.CODE)
    administrations = {
        name: Administration.objects.create(
            municipality=municipality, name=name, board=board, data_protection_email=f"dataskydd@{town.MAIL}"
        )
        for name, board in town.ADMINISTRATIONS.items()
    }
    units: dict[str, Unit] = {}
    for number, row in enumerate(town.UNITS):
        units[row.name] = Unit.objects.create(
            administration=administrations[row.administration],
            name=row.name,
            kind=row.kind,
            phone=town.phone(number),
            passes_on_to=units.get(row.passes_on_to),
            accept_within_s=row.accept_within_s,
        )
    return units


def _account(name: str, *, is_staff: bool = False) -> User:
    """Nobody can sign in until the account has a password."""
    number = 20 + User.objects.count()
    return User.objects.create_user(town.email(name), name=name, phone=town.phone(number), is_staff=is_staff)


def _staff(row: town.StaffRow, units: dict[str, Unit]) -> None:
    user = _account(row.name, is_staff=row.role == Role.SYSTEM_ADMINISTRATOR)
    for name in row.units:
        Membership.objects.create(user=user, unit=units[name], role=row.role)


def _model(row: town.ModelRow) -> DeviceModel:
    return DeviceModel.objects.create(
        manufacturer=row.manufacturer,
        name=row.name,
        kinds=list(row.kinds),
        is_medical_device=bool(row.medical_class),
        medical_class=row.medical_class,
        intended_purpose=row.intended_purpose,
    )


# --- residents -----------------------------------------------------------------------------------------------------


def _resident(person: Person, units: dict[str, Unit]) -> Resident:
    number = people.PEOPLE.index(person)
    home = Home.objects.create(
        street=person.street,
        postal_code="999 12",
        city=town.TOWN,
        floor=f"{number % 4 + 1} tr" if number % 3 else "",
        way_in=f"Nyckelskåp {number + 1} till höger om porten.",
    )
    resident = Resident.objects.create(
        given_name=person.given_name,
        family_name=person.family_name,
        identity_number=(people.childs_number if person.child else people.identity_number)(person.born),
        protected_identity=person.protected,
        phone=town.phone(50 + number),
        language=person.language,
        home=home,
        good_to_know=person.good_to_know,
    )
    for name in person.units:
        CareRelation.objects.create(resident=resident, unit=units[name])
    for regime in person.regimes:
        for name in people.EFFORTS[regime]:
            Effort.objects.create(
                resident=resident, administration=units[person.unit].administration, regime=regime, name=name
            )
    return resident


def _close_ones(residents: dict[str, Resident], units: dict[str, Unit]) -> None:
    for number, close in enumerate(people.CONTACTS):
        contact = Contact.objects.create(
            resident=residents[close.resident],
            name=close.name,
            relation=close.relation,
            phone=town.phone(70 + number),
            call_order=1 + sum(other.resident == close.resident for other in people.CONTACTS[:number]),
            has_key=close.has_key,
        )
        if close == people.RELATIVE:
            contact.user = _private_account(contact.name)
            contact.save(update_fields=["user"])
    shared = Home.objects.get(residents=residents[people.COHABITING])
    lives_there = _private_account(people.COHABITANT)
    Cohabitant.objects.create(
        home=shared,
        user=lives_there,
        name=people.COHABITANT,
        relation="Make",
        valid_from=(clock.now() - LONG_KNOWN).date(),
    )
    for name in (people.RECORDED, people.SHARING):
        residents[name].user = _private_account(name)
        residents[name].save(update_fields=["user"])
    CareRelation.objects.create(resident=residents[people.SHARING], unit=units[town.HOUSING])
    _represent(residents[people.REPRESENTED], people.GOD_MAN, RepresentativeKind.GOD_MAN)
    for name in people.GUARDIANS:
        _represent(residents[people.CHILD], name, RepresentativeKind.GUARDIAN)


def _represent(resident: Resident, name: str, kind: RepresentativeKind) -> None:
    god_man = kind == RepresentativeKind.GOD_MAN
    user = _private_account(name)
    Representative.objects.create(
        resident=resident,
        user=user,
        name=name,
        kind=kind,
        scope="Bevaka rätt, förvalta egendom, sörja för person" if god_man else "Vårdnad",
        scopes=list(Mandate.values) if god_man else [],
        proof="Granviks tingsrätt, mål Ä 00-00" if god_man else "Folkbokföringen",
        phone=user.phone,
        valid_from=(clock.now() - 2 * LONG_KNOWN).date(),
    )


def _private_account(name: str) -> User:
    """A resident's or a close one's; the municipality has checked the telephone number."""
    user = _account(name)
    user.check_phone(clock.now() - SINCE)
    user.save()
    return user


def _named_for_the_protected(residents: dict[str, Resident]) -> None:
    """One of the carers, and her manager, are named to know who the protected person is."""
    for person in people.PEOPLE:
        if person.protected != ProtectedIdentity.NONE:
            held = Membership.objects.filter(unit__name=person.unit).select_related("user")
            carer = held.filter(role=Role.CARE_STAFF).order_by("pk").first()
            manager = held.filter(role=Role.UNIT_MANAGER).first()
            for member in filter(None, (carer, manager)):
                exceptions.grant(member.user, "view_protected", residents[person.name])


# --- devices -------------------------------------------------------------------------------------------------------


class _Store:
    """Hands out devices and hangs them."""

    def __init__(self, gateway: Gateway, catalogue: dict[str, DeviceModel]) -> None:
        self._gateway = gateway
        self._catalogue = catalogue

    def hang_all(self, resident: Resident, unit: Unit, devices: Iterable[Hung], *, collect: bool) -> None:
        for hung in devices:
            placed = self.hang(resident, unit, hung)
            if collect:
                start_collecting(placed, since=clock.now() - SINCE)

    def hang(self, resident: Resident, unit: Unit, hung: Hung, external_id: str = "") -> Assignment:
        device = Device.objects.create(
            model=self._catalogue[hung.model],
            gateway=self._gateway,
            external_id=external_id or self._next_id(hung.model),
            state=DeviceState.IN_USE,
        )
        return Assignment.objects.create(
            device=device,
            resident=resident,
            unit=unit,
            room=_room(resident, hung.room),
            label=hung.label,
            placement=hung.placement,
            valid_from=clock.now() - SINCE,
        )

    def _next_id(self, model: str) -> str:
        """Device ids tell nobody's name."""
        return f"{model}-{Device.objects.filter(external_id__startswith=f'{model}-').count() + 1:02d}"


def _room(resident: Resident, kind: RoomKind) -> Room | None:
    """The home's room of that kind; what is carried along is in none."""
    if kind == RoomKind.OTHER:
        return None
    return Room.objects.get_or_create(home=resident.home, kind=kind, defaults={"name": _ROOM_NAMES[kind]})[0]


_ROOM_NAMES = {
    RoomKind.HALL: "Hallen",
    RoomKind.KITCHEN: "Köket",
    RoomKind.LIVING_ROOM: "Vardagsrummet",
    RoomKind.BEDROOM: "Sovrummet",
    RoomKind.BATHROOM: "Badrummet",
}


def _silent_device(residents: dict[str, Resident]) -> None:
    """One whose silence is told early."""
    name, hung = people.SILENT_DEVICE
    silent = Assignment.objects.get(resident=residents[name], label=hung.label)
    RuleSetting.objects.create(code="device_silent", assignment=silent, settings={"interval_minutes": 10})


def _recorded_homes(store: _Store, residents: dict[str, Resident], units: dict[str, Unit]) -> None:
    """The recorded home collects from the midnight on which its seven days begin."""
    own, silent = residents[people.RECORDED], residents[people.SILENT]
    today = clock.now().astimezone(clock.local_zone()).date()
    begins = recorded_home.began(recorded_home.first_day(today))
    for sensor, hung in recorded_home.SENSORS.items():
        device = store.hang(own, units[town.NORTH], hung, recorded_home.external_id(1, sensor))
        start_collecting(device, since=begins)
    for sensor in recorded_home.QUIET_SENSORS:
        hung = recorded_home.SENSORS[sensor]
        device = store.hang(silent, units[town.NORTH], hung, recorded_home.external_id(2, sensor))
        start_collecting(device, since=clock.now() - SINCE)
    RuleSetting.objects.create(code="inactivity", resident=own, settings=OFTEN_AWAY)
    RuleSetting.objects.create(code="inactivity", resident=silent, settings=ALL_DAY)


def _schoolyard(units: dict[str, Unit], catalogue: dict[str, DeviceModel]) -> None:
    """A place of the other administration, with a gateway of its own that speaks for nothing else."""
    unit = units[town.PLACES]
    name, where = town.SCHOOLYARD
    place = Place.objects.create(administration=unit.administration, name=name, where=where)
    gateway = Gateway.objects.create(administration=unit.administration, unit=unit, name=town.SCHOOL_GATEWAY)
    device = Device.objects.create(
        model=catalogue["presence"], gateway=gateway, external_id=town.SCHOOLYARD_SENSOR, state=DeviceState.IN_USE
    )
    hung = Assignment.objects.create(
        device=device, place=place, unit=unit, label="Vid gungorna", placement="outdoor", valid_from=clock.now() - SINCE
    )
    start_collecting(hung, since=clock.now() - SINCE)
