"""The invented municipality: its administrations, units, staff and the catalogue of devices.

Nothing here exists. Telephone numbers are from the series that the Swedish Post and Telecom Authority keeps for
fiction, the municipality code and the postal codes are in use nowhere, and `.example` is reserved.
"""

from typing import NamedTuple

from safehome.organisation.models import UnitKind
from safehome.organisation.roles import Role

NAME, CODE = "Granviks kommun", "9901"
TOWN = "Granvik"
MAIL = "granvik.example"

ELDERLY = "Vård- och omsorgsförvaltningen"
SUPPORT = "Förvaltningen för funktionsstöd"
ADMINISTRATIONS = {ELDERLY: "Vård- och omsorgsnämnden", SUPPORT: "Nämnden för funktionsstöd"}

NORTH = "Hemtjänst Norr"
SOUTH = "Hemtjänst Söder"
NIGHT = "Nattpatrullen"
CENTRE = "Larmcentralen"
NURSING = "Hemsjukvården"
TECHNICAL = "Välfärdsteknik"
OFFICE = "Myndighetsenheten"
HOUSING = "Björkbackens gruppbostad"
PLACES = "Trygga platser"


class UnitRow(NamedTuple):
    """`passes_on_to` gets what nobody here takes in time; it stands earlier in the list."""

    name: str
    administration: str
    kind: UnitKind
    passes_on_to: str = ""
    accept_within_s: int = 180


UNITS = (
    UnitRow(CENTRE, ELDERLY, UnitKind.ALARM_CENTRE, accept_within_s=60),
    UnitRow(NIGHT, ELDERLY, UnitKind.NIGHT_PATROL, CENTRE),
    UnitRow(NORTH, ELDERLY, UnitKind.HOME_CARE, NIGHT),
    UnitRow(SOUTH, ELDERLY, UnitKind.HOME_CARE, NIGHT),
    UnitRow(NURSING, ELDERLY, UnitKind.NURSING),
    UnitRow(TECHNICAL, ELDERLY, UnitKind.TECHNICAL),
    UnitRow(OFFICE, ELDERLY, UnitKind.ADMINISTRATIVE),
    UnitRow(HOUSING, SUPPORT, UnitKind.HOUSING),
    UnitRow(PLACES, SUPPORT, UnitKind.ADMINISTRATIVE),
)


class StaffRow(NamedTuple):
    name: str
    role: Role
    units: tuple[str, ...]


STAFF = (
    StaffRow("Amina Warsame", Role.CARE_STAFF, (NORTH,)),
    StaffRow("Johan Sandell", Role.CARE_STAFF, (NORTH,)),
    StaffRow("Petra Nyholm", Role.CARE_STAFF, (SOUTH,)),
    StaffRow("Darko Ilić", Role.CARE_STAFF, (SOUTH,)),
    StaffRow("Lena Hallgren", Role.CARE_STAFF, (NIGHT,)),
    StaffRow("Samuel Tesfay", Role.CARE_STAFF, (NIGHT,)),
    StaffRow("Maja Rehn", Role.CARE_STAFF, (HOUSING,)),
    StaffRow("Oskar Brink", Role.CARE_STAFF, (HOUSING,)),
    StaffRow("Birgitta Ahl", Role.NURSE, (NURSING,)),
    StaffRow("Karin Mossberg", Role.UNIT_MANAGER, (NORTH,)),
    StaffRow("Stefan Wirén", Role.UNIT_MANAGER, (SOUTH,)),
    StaffRow("Yasmin Haddad", Role.UNIT_MANAGER, (HOUSING, PLACES)),
    StaffRow("Tomas Kvist", Role.ALARM_OPERATOR, (CENTRE,)),
    StaffRow("Eva Lindroth", Role.ALARM_OPERATOR, (CENTRE,)),
    StaffRow("Fredrik Åman", Role.TECHNICIAN, (TECHNICAL, NORTH, SOUTH, HOUSING)),
    StaffRow("Ulrika Dahlin", Role.CASE_OFFICER, (OFFICE, NORTH, SOUTH)),
    StaffRow("Niklas Thorell", Role.CASE_OFFICER, (HOUSING,)),
    StaffRow("Annika Falk", Role.SYSTEM_ADMINISTRATOR, (TECHNICAL,)),
    StaffRow("Mikael Orre", Role.LOG_REVIEWER, (NORTH, SOUTH, NIGHT, CENTRE)),
)


OFFICERS = {ELDERLY: "Ulrika Dahlin", SUPPORT: "Niklas Thorell"}
TEXTS = ((ELDERLY, SUPPORT, "Ulrika Dahlin", "Karin Mossberg"), (SUPPORT, ELDERLY, "Niklas Thorell", "Yasmin Haddad"))
"""The administration, the other one with which it may share, who writes its texts and who reviews them."""


class ModelRow(NamedTuple):
    """A row of the catalogue; the first kind is what the device is for."""

    manufacturer: str
    name: str
    kinds: tuple[str, ...]
    medical_class: str = ""
    intended_purpose: str = ""


REGULAR = ("battery", "heartbeat")
MODELS = {
    "button": ModelRow("Exempellarm", "Trygghetsknapp K2", ("button", *REGULAR)),
    "fall": ModelRow(
        "Exempellarm",
        "Fallsensor F1",
        ("fall", *REGULAR),
        "I",
        "Upptäcker fall i hemmet hos personer med hög fallrisk.",
    ),
    "motion": ModelRow("Exempelsensor", "Rörelse R3", ("motion", *REGULAR)),
    "door": ModelRow("Exempelsensor", "Dörr D1", ("door", *REGULAR)),
    "bed": ModelRow("Exempelsensor", "Säng S2", ("bed", "heartbeat")),
    "chair": ModelRow("Exempelsensor", "Stol S1", ("chair", *REGULAR)),
    "use": ModelRow("Exempelsensor", "Användning A1", ("use", *REGULAR)),
    "temperature": ModelRow("Exempelhem", "Klimat T4", ("temperature", "humidity", *REGULAR)),
    "smoke": ModelRow("Exempelhem", "Brandvarnare B7", ("smoke", *REGULAR)),
    "water": ModelRow("Exempelhem", "Läckagevakt V1", ("water", *REGULAR)),
    "light": ModelRow("Exempelhem", "Ljusmätare L2", ("light", "heartbeat")),
    "power": ModelRow("Exempelhem", "Effektmätare E5", ("power", "heartbeat")),
    "presence": ModelRow("Exempelstad", "Närvaro P9", ("presence", "heartbeat")),
}

PLATFORM = "Granviks plattform"
SCHOOL_GATEWAY = "Björkbackaskolans gateway"
SCHOOLYARD = ("Björkbackaskolans skolgård", "Skolvägen 4, vid gungorna bakom matsalen")
SCHOOLYARD_SENSOR = "skolgard-narvaro-1"


def phone(number: int) -> str:
    """One of the ninety-five mobile numbers that are kept for fiction."""
    digits = f"{605 + number % 95:03d}"
    return f"070-174 0{digits[0]} {digits[1:]}"


def email(name: str) -> str:
    plain = name.lower().translate(str.maketrans("åäöéćü ", "aaoecu."))
    return f"{plain}@{MAIL}"
