"""A small town for the browser to walk through, seeded into an empty database through the real pipeline.

`build()` answers with the facts that a visitor needs: who signs in, where the pages are, and how a reading is sent.
A *ward* is a unit with two carers and one resident with a help button, which no other test touches.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from alarms import actions, pipeline
from alarms.models import Alarm, RuleSetting
from alarms.outcomes import Outcome
from consents import actions as consents
from consents import proof, relatives, speech
from consents.models import Purpose, Speech
from consents.texts.starting import import_starter
from devices.actions import issue_gateway_token
from devices.intake.inbox import Request, keep
from devices.intake.messages import parse
from devices.models import Assignment, CollectingState, Gateway, Lane, Reading
from devices.placement import Placement
from safehome import clock
from safehome.organisation import exceptions
from safehome.organisation.actions import issue_token, start_shift, token_digest
from safehome.organisation.models import Regime, Unit, UnitKind, User
from safehome.organisation.roles import Role
from safehome.residents.models import Effort, ProtectedIdentity, RepresentativeKind, Resident, Room, RoomKind
from safehome.residents.policies import NAMED, RELATIVE
from tests.factories import (
    PASSWORD,
    AdministrationFactory,
    AssignmentFactory,
    CareRelationFactory,
    CohabitantFactory,
    ContactFactory,
    DeviceFactory,
    DeviceModelFactory,
    GatewayFactory,
    HomeFactory,
    MembershipFactory,
    PlaceFactory,
    RepresentativeFactory,
    ResidentFactory,
    RoomFactory,
    UnitFactory,
    UserFactory,
    as_body,
    reading,
)

WARDS = 24
LONG = 24 * 60 * 60
"""No alarm is passed on while the tests run, unless a test is about that."""

Facts = dict[str, Any]


def build() -> Facts:
    """Fill the database; returns what the fixtures of tests/browser/conftest.py hand out."""
    return _Builder().build()


class _Builder:
    def __init__(self) -> None:
        self.password = make_password(PASSWORD)  # hashed once: the real hasher is slow on purpose
        self.administration = AdministrationFactory.create(name="Vård- och omsorgsförvaltningen")
        self.centre = self._unit("Larmcentralen", UnitKind.ALARM_CENTRE)
        self.north = self._unit("Hemtjänst Norr", passes_on_to=self.centre, notice_email="norr@example.org")
        self.technical = self._unit("Välfärdsteknik", UnitKind.TECHNICAL)
        self.office = self._unit("Biståndsenheten", UnitKind.ADMINISTRATIVE)
        self.gateway = self._gateway("Granviks plattform")
        self.token = issue_gateway_token(self.gateway)
        self.users: dict[str, User] = {}

    def build(self) -> Facts:
        self._staff()
        astrid = self._astrid()
        protected = self._protected()
        self._others()
        alarms = self._alarms()
        self._loose_ends(astrid)
        asked = consent_people(self)
        return {
            "asked": asked,
            "users": {name: user.email for name, user in self.users.items()},
            "pages": {
                "alarm": f"/alarms/{alarms['help']}/",
                "technical alarm": f"/alarms/{alarms['technical']}/",
                "closed alarm": f"/alarms/{alarms['closed']}/",
                "resident": f"/residents/{astrid.pk}/",
                "consents": f"/residents/{astrid.pk}/consents/",
                "ask": f"/residents/{astrid.pk}/consents/ask/",
                "hand over": f"/residents/{astrid.pk}/consents/hand-over/",
                "paper": f"/residents/{astrid.pk}/consents/paper/",
                "emergency": f"/residents/{astrid.pk}/consents/emergency/",
                "protected resident": f"/residents/{protected.pk}/",
                "relative's page": f"/my/with/{astrid.pk}/",
                "new relative": f"/my/relatives/{astrid.pk}/new/",
                "relatives at the desk": f"/my/desk/{astrid.pk}/relatives/",
                "new relative at the desk": f"/my/desk/{astrid.pk}/relatives/new/",
            },
            "wards": [self._ward(number) for number in range(WARDS)],
        }

    # --- The organisation

    def _unit(self, name: str, kind: UnitKind = UnitKind.HOME_CARE, **more: Any) -> Unit:
        more = {"accept_within_s": LONG, "arrive_within_min": LONG // 60, "phone": "070-174 06 11"} | more
        return UnitFactory.create(administration=self.administration, name=name, kind=kind, **more)

    def _gateway(self, name: str) -> Gateway:
        return GatewayFactory.create(unit=self.technical, name=name)

    def _account(self, name: str, **fields: Any) -> User:
        return UserFactory.create(name=name, password=None, **fields)

    def _employ(self, name: str, role: Role, *units: Unit, **fields: Any) -> User:
        user = self._account(name, **fields)
        User.objects.filter(pk=user.pk).update(password=self.password)
        for unit in units:
            MembershipFactory.create(user=user, unit=unit, role=role)
        return user

    def _staff(self) -> None:
        self.users = {
            "carer": self._employ("Amina Warsame", Role.CARE_STAFF, self.north),
            "colleague": self._employ("Johan Sandell", Role.CARE_STAFF, self.north),
            "carer off duty": self._employ("Lena Hallgren", Role.CARE_STAFF, self.north),
            "nurse": self._employ("Birgitta Ahl", Role.NURSE, self.north),
            "manager": self._employ("Karin Mossberg", Role.UNIT_MANAGER, self.north),
            "operator": self._employ("Tomas Kvist", Role.ALARM_OPERATOR, self.centre),
            "technician": self._employ("Fredrik Åman", Role.TECHNICIAN, self.technical, self.north),
            "case officer": self._employ("Ulrika Dahlin", Role.CASE_OFFICER, self.office, self.north),
            "log reviewer": self._employ("Mikael Orre", Role.LOG_REVIEWER, self.north, is_staff=True),
            "administrator": self._employ("Annika Falk", Role.SYSTEM_ADMINISTRATOR, self.technical, is_staff=True),
            "resident": self._employ("Astrid Lindqvist", Role.CARE_STAFF),
            "relative": self._employ("Ronja Lindqvist", Role.CARE_STAFF),
            "stranger": self._employ("Xerxes Ek", Role.CARE_STAFF),
            "newcomer": self._employ("Maja Rehn", Role.CARE_STAFF, self.north),
        }
        start_shift(self.users["carer"], [self.north])
        start_shift(self.users["operator"], [self.centre])

    # --- Residents and their homes

    def _resident(self, given: str, family: str, unit: Unit, **fields: Any) -> Resident:
        home = HomeFactory.create(street=f"{family}s väg {len(given)}", way_in="Nyckel hos grannen.")
        for name, kind in (("Hallen", RoomKind.HALL), ("Köket", RoomKind.KITCHEN), ("Sovrummet", RoomKind.BEDROOM)):
            RoomFactory.create(home=home, name=name, kind=kind)
        person = ResidentFactory.create(
            given_name=given, family_name=family, home=home, phone="070-174 06 21", **fields
        )
        CareRelationFactory.create(resident=person, unit=unit)
        return person

    def _hang(self, resident: Resident, kinds: list[str], label: str, room: str = "", **fields: Any) -> Assignment:
        device = DeviceFactory.create(gateway=self.gateway, model=DeviceModelFactory.create(kinds=kinds))
        assert resident.home is not None
        where: Room | None = resident.home.rooms.get(name=room) if room else None
        relation = resident.care_relations.select_related("unit").order_by("pk")[0]
        more = {"unit": relation.unit, "room": where, "label": label} | fields
        return AssignmentFactory.create(device=device, resident=resident, **more)

    def _astrid(self) -> Resident:
        """Lives with sensors in every room; her page has all that a page can have."""
        astrid = self._resident(
            "Astrid",
            "Lindqvist",
            self.north,
            user=self.users["resident"],
            good_to_know="Hör dåligt. Ring två gånger.\nHunden är snäll.",
        )
        CareRelationFactory.create(resident=astrid, unit=self.centre)
        CareRelationFactory.create(resident=astrid, unit=self.office)
        CohabitantFactory.create(home=astrid.home, name="Evert Lindqvist", relation="make")
        RepresentativeFactory.create(resident=astrid, name="Gunnar Grahn", phone="070-174 06 31")
        Effort.objects.create(
            resident=astrid,
            administration=self.administration,
            regime=Regime.SOL,
            name="Trygghetslarm",
            valid_from=timezone.localdate(),
        )
        relative = self.users["relative"]
        contact = ContactFactory.create(resident=astrid, user=relative, name=relative.name)
        relatives.let_in(contact, relatives.FOR_RELATIVES, by=self.users["resident"])
        self._furnish(astrid)
        return astrid

    def _furnish(self, resident: Resident) -> None:
        self.button = self._hang(resident, ["button", "battery"], "Armband", placement=Placement.OUTDOOR)
        motion = self._hang(resident, ["motion", "battery"], "Rörelse i köket", "Köket")
        door = self._hang(resident, ["door"], "Ytterdörren", "Hallen", placement=Placement.EXIT)
        climate = self._hang(resident, ["temperature", "battery"], "Termometer", "Sovrummet")
        self._hang(resident, ["bed"], "Säng", "Sovrummet", collecting=CollectingState.PLANNED)
        _lived(motion, door, climate)

    def _protected(self) -> Resident:
        person = self._resident("Petra", "Palm", self.north, protected_identity=ProtectedIdentity.MARKED)
        exceptions.grant(self.users["manager"], NAMED, person)
        self.protected_button = self._hang(person, ["button"], "Armband")
        return person

    def _others(self) -> None:
        """Enough people for the list of residents to have two pages."""
        self.late = self._hang(self._resident("Karl", "Ödman", self.north), ["button"], "Halsband")
        self.fall = self._hang(self._resident("Greta", "Åkesson", self.north), ["fall"], "Fallsensor", "Sovrummet")
        self.smoke = self._hang(
            self._resident("Nils-Erik", "Björkqvist", self.north), ["smoke"], "Brandvarnare", "Köket"
        )
        self.battery = self._hang(self._resident("Siv", "Ek", self.north), ["motion", "battery"], "Rörelse", "Hallen")
        for number in range(50):
            CareRelationFactory.create(resident=ResidentFactory.create(given_name=f"Ebba {number}"), unit=self.north)

    # --- Alarms

    def _send(self, *readings: dict[str, Any]) -> None:
        keep([Request(token_digest(self.token), parse(as_body(*readings), clock.now(), at_most=5_000))])
        for lane in Lane:
            pipeline.drain(lane)

    def _raise(self, assignment: Assignment, code: str, **more: Any) -> Alarm:
        self._send(reading(assignment, more.pop("value", 1), **more))
        return Alarm.objects.open().get(code=code, assignment=assignment)

    def _alarms(self) -> dict[str, Any]:
        """One in each state, and the marks that an alarm can carry."""
        carer, colleague = self.users["carer"], self.users["colleague"]
        closed = self._raise(self.button, "help_button")
        for verb in (actions.accept, actions.arrive):
            verb(closed.pk, by=carer)
        actions.close(closed.pk, by=carer, outcome=Outcome.HELP_GIVEN, note="Hjälpte Astrid upp.\nAllt är bra.")
        accepted, on_site = self._raise(self.fall, "fall"), self._raise(self.smoke, "smoke")
        actions.accept(accepted.pk, by=colleague)
        actions.arrive(on_site.pk, by=carer)
        self._raise(self.late, "help_button", at=timezone.now() - timedelta(hours=3))
        self._raise(self.protected_button, "help_button")
        technical = self._raise(self.battery, "battery_low", kind="battery", value=4)
        self._raise(self.button, "help_button")
        waiting = self._raise(self.button, "help_button", at=timezone.now() + timedelta(seconds=1))
        return {"closed": closed.pk, "help": waiting.pk, "technical": technical.pk}

    def _loose_ends(self, astrid: Resident) -> None:
        """What only the administrator's pages show, and a device on a place."""
        place = PlaceFactory.create(administration=self.administration, name="Skolgården")
        device = DeviceFactory.create(gateway=self.gateway, model=DeviceModelFactory.create(kinds=["presence"]))
        AssignmentFactory.create(device=device, resident=None, place=place, unit=self.technical, label="Gungorna")
        RuleSetting.objects.create(code="inactivity", resident=astrid, enabled=False)
        issue_token(self.users["technician"], name="Journalen", scopes=["alarms:read"])

    def _ward(self, number: int) -> Facts:
        unit = self._unit(f"Hemtjänst {number + 1}")
        resident = self._resident(f"Elsa{number + 1}", f"Vik{number + 1}", unit)
        button = self._hang(resident, ["button"], "Armband")
        gateway_token = self.token
        first, second = (
            self._employ(f"{name} {number + 1}", Role.CARE_STAFF, unit) for name in ("Första Fors", "Andra Alm")
        )
        return {
            "unit": unit.name,
            "resident": str(resident),
            "first": first.email,
            "first_name": first.name,
            "second": second.email,
            "second_name": second.name,
            "button": button.device.external_id,
            "token": gateway_token,
        }


# --- Readings of four weeks ----------------------------------------------------------------------------------


def _lived(motion: Assignment, door: Assignment, climate: Assignment) -> None:
    """Four weeks of an ordinary life, stored as it stands: what the rules would say of it is not looked at here."""
    midnight = timezone.localtime(timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = []
    for back in range(1, 28):
        day = midnight - timedelta(days=back)
        rows += [_stored(motion, "motion", 1, day + timedelta(hours=7, minutes=25 * step)) for step in range(36)]
        rows += [_stored(door, "door", step % 2, day + timedelta(hours=11, minutes=40 * step)) for step in range(4)]
        rows += [_stored(climate, "temperature", _degrees(hour), day + timedelta(hours=hour)) for hour in range(24)]
    Reading.objects.bulk_create(rows)


def _degrees(hour: int) -> float:
    return 20.5 + min(abs(hour - 3), 8) / 4


def _stored(assignment: Assignment, kind: str, value: float, at: datetime) -> Reading:
    return Reading(key=uuid4(), assignment=assignment, kind=kind, value=value, measured_at=at, received_at=at)


assert settings.EMBEDDED, "the town is for a database of its own"


# --- People who are asked for consent ------------------------------------------------------------------------


def consent_people(builder: _Builder) -> Facts:
    """An administration of its own with real texts, and those who answer there: a resident, her neighbour with a god
    man, a child with two guardians, and a relative. Nobody else is touched by what they answer."""
    administration = AdministrationFactory.create(name="Omsorgsförvaltningen")
    unit = UnitFactory.create(administration=administration, name="Hemtjänst Öster", phone="070-174 06 41")
    author, reviewer = (builder._employ(name, Role.UNIT_MANAGER, unit) for name in ("Ylva Rask", "Ove Lind"))
    codes = ("alarm_button", "home_sensors", "home_sensors_data")
    purposes = import_starter(administration, author=author, reviewer=reviewer, publish=True, codes=codes, speak=False)
    accounts = {
        "asked resident": builder._employ("Vera Holm", Role.CARE_STAFF),
        "god man": builder._employ("Gunnar Grahn", Role.CARE_STAFF),
        "first guardian": builder._employ("Petra Nyman", Role.CARE_STAFF),
        "second guardian": builder._employ("Paul Nyman", Role.CARE_STAFF),
        "only a relative": builder._employ("Rut Holm", Role.CARE_STAFF),
        "asking carer": builder._employ("Hanna Berg", Role.CARE_STAFF, unit),
    }
    vera = builder._resident("Vera", "Holm", unit, user=accounts["asked resident"])
    sune = builder._resident("Sune", "Dahl", unit)
    kim = builder._resident("Kim", "Nyman", unit, identity_number=_number_of_a_child())
    ContactFactory.create(resident=vera, user=accounts["only a relative"], name="Rut Holm")
    exceptions.grant(accounts["only a relative"], RELATIVE, vera)
    god_man = RepresentativeFactory.create(resident=sune, user=accounts["god man"], name="Gunnar Grahn")
    guardians = [
        RepresentativeFactory.create(
            resident=kim, user=accounts[who], name=accounts[who].name, kind=RepresentativeKind.GUARDIAN, scopes=[]
        )
        for who in ("first guardian", "second guardian")
    ]
    for resident in (vera, sune, kim):
        for purpose in purposes:
            consents.ask(resident, purpose, by=accounts["asking carer"])
    _give_a_voice(purposes[0])
    builder.users |= accounts
    return {
        "asked resident": str(vera.pk),
        "for sune": f"for-{god_man.pk}",
        "for kim": [f"for-{row.pk}" for row in guardians],
        "button": str(purposes[0].pk),
        "sensors": str(purposes[1].pk),
        "readings": str(purposes[2].pk),
    }


def _number_of_a_child() -> str:
    """Somebody born in 2016, with a birth number that is given to nobody."""
    digits = "20160312985"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits[2:])]
    return f"{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def _give_a_voice(purpose: Purpose) -> None:
    """A short sound for one text, so that the page has something to play."""
    assert purpose.published
    for row in purpose.published.translations.filter(language="sv"):
        audio = speech.speak(row.question, "sv")
        Speech.objects.create(
            text_digest=proof.translation_digest(row), language="sv", digest="0" * 64, voice="test", audio=audio
        )
