"""The invented residents: who they are, where they live, what hangs in their homes and who is close to them.

Their personal identity numbers are from the test series that Skatteverket publishes; nobody has them.
"""

from typing import NamedTuple

from safehome.demo.municipality import HOUSING, NORTH, NURSING, SOUTH
from safehome.organisation.models import Regime
from safehome.residents.models import ProtectedIdentity, RoomKind


class Hung(NamedTuple):
    """A device of a model (see `municipality.MODELS`) and where it hangs, as the resident says."""

    model: str
    label: str
    room: RoomKind = RoomKind.HALL
    placement: str = "interior"


BUTTON = Hung("button", "Larmknapp på armen", RoomKind.OTHER, "outdoor")
SMOKE = Hung("smoke", "Brandvarnare", RoomKind.KITCHEN)
CLIMATE = Hung("temperature", "Termometer i vardagsrummet", RoomKind.LIVING_ROOM)
OUTER_DOOR = Hung("door", "Ytterdörren", RoomKind.HALL, "exit")
BED = Hung("bed", "Sängen", RoomKind.BEDROOM)
HALL = Hung("motion", "Rörelse i hallen")
KITCHEN = Hung("motion", "Rörelse i köket", RoomKind.KITCHEN)
LIVING_ROOM = Hung("motion", "Rörelse i vardagsrummet", RoomKind.LIVING_ROOM)
BATHROOM = Hung("motion", "Rörelse i badrummet", RoomKind.BATHROOM)
FALL = Hung("fall", "Fallsensor i badrummet", RoomKind.BATHROOM)
WATER = Hung("water", "Läckagevakt under diskhon", RoomKind.KITCHEN)
ARMCHAIR = Hung("chair", "Fåtöljen", RoomKind.LIVING_ROOM)
FRIDGE = Hung("use", "Kylskåpet", RoomKind.KITCHEN)
STOVE = Hung("power", "Spisen", RoomKind.KITCHEN)
DAYLIGHT = Hung("light", "Ljus i sovrummet", RoomKind.BEDROOM)

SAFE = (BUTTON, SMOKE, CLIMATE)
WATCHED = (*SAFE, HALL, KITCHEN, LIVING_ROOM, BATHROOM, BED)
"""Homes whose everyday life is played: see `streams.everyday`."""


class Person(NamedTuple):
    """`born` is the day of January 1890 in the test series: odd days are women's numbers, even days men's; or of
    November 2013 for a child."""

    given_name: str
    family_name: str
    born: int
    unit: str
    street: str
    devices: tuple[Hung, ...]
    good_to_know: str = ""
    regimes: tuple[Regime, ...] = (Regime.SOL,)
    nursing: bool = False
    language: str = "sv"
    protected: ProtectedIdentity = ProtectedIdentity.NONE
    child: bool = False

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_watched(self) -> bool:
        return self.devices[: len(WATCHED)] == WATCHED

    @property
    def units(self) -> tuple[str, ...]:
        return (self.unit, NURSING) if self.nursing else (self.unit,)


SOL_HSL = (Regime.SOL, Regime.HSL)

PEOPLE = (
    Person("Ingrid", "Lundmark", 1, NORTH, "Ängsvägen 3", SAFE,
           "Hör dåligt på vänster öra. Ring två signaler och vänta. Är ofta hos sin dotter flera dagar."),
    Person("Harriet", "Ekdahl", 3, NORTH, "Storgatan 14", SAFE,
           "Har fallit två gånger i vinter. Använder rullator.", SOL_HSL, nursing=True),
    Person("Bertil", "Nygren", 2, NORTH, "Storgatan 14", (*WATCHED, OUTER_DOOR),
           "Tar blodförtunnande medicin. Katten får inte smita ut.", SOL_HSL, nursing=True),
    Person("Margareta", "Sjölin", 5, NORTH, "Kvarngränd 6", (*SAFE, FALL, OUTER_DOOR),
           "Har demenssjukdom och kan vilja gå ut på natten. Prata lugnt om hunden Tusse."),
    Person("Ahmad", "Karimi", 4, NORTH, "Kvarngränd 9", (*SAFE, WATER), "Talar helst dari. Dottern tolkar på telefon.",
           language="prs"),
    Person("Sven-Erik", "Hägg", 6, NORTH, "Björkvägen 21", WATCHED, "Diabetes. Druvsocker ligger i kökslådan.",
           SOL_HSL, nursing=True),
    Person("Solveig", "Brandt", 7, NORTH, "Björkvägen 2", (*SAFE, STOVE, OUTER_DOOR), "Ser mycket dåligt."),
    Person("Lennart", "Öberg", 8, NORTH, "Sjögatan 5", (*SAFE, DAYLIGHT), "Vill att man ringer på dörren först."),
    Person("Aino", "Lahtinen", 9, NORTH, "Sjögatan 11", (*SAFE, FALL), "Talar finska och svenska.", language="fi"),
    Person("Gunvor", "Persson", 11, SOUTH, "Tallstigen 1", (*WATCHED, FRIDGE), "Bor med sin man Åke, som hör dåligt."),
    Person("Rolf", "Almgren", 10, SOUTH, "Tallstigen 8", (*SAFE, ARMCHAIR, OUTER_DOOR), "Lyftsele används.",
           SOL_HSL, nursing=True),
    Person("Milica", "Petrović", 13, SOUTH, "Parkgatan 30", SAFE, "Har hjärtsvikt.", SOL_HSL, nursing=True),
    Person("Kjell", "Hedin", 12, SOUTH, "Parkgatan 32", (*SAFE, WATER), "Röker. Kontrollera askkoppen."),
    Person("Elsa", "Rydman", 15, SOUTH, "Backvägen 7", (*SAFE, BED), "Ring inte på porttelefonen: den hörs inte.",
           protected=ProtectedIdentity.REGISTRATION),
    Person("Torsten", "Wik", 14, SOUTH, "Backvägen 19", (*WATCHED, OUTER_DOOR), "Går promenad varje förmiddag."),
    Person("Birgit", "Strand", 17, SOUTH, "Hamngatan 4", (*SAFE, FALL), "Har pacemaker."),
    Person("Emil", "Forsgren", 16, HOUSING, "Björkbacken 1, lgh 1", (*SAFE, BED), "Epilepsi. Läkemedel finns i kylen.",
           (Regime.LSS, Regime.HSL), nursing=True),
    Person("Sara", "Hultin", 19, HOUSING, "Björkbacken 1, lgh 2", (BUTTON, SMOKE, OUTER_DOOR),
           "Använder bildstöd. Vill veta vad som ska hända innan.", (Regime.LSS,)),
    Person("Jonas", "Ekman", 18, HOUSING, "Björkbacken 1, lgh 3", (*SAFE, WATER), "Blir orolig av höga ljud.",
           (Regime.LSS,)),
    Person("Linnea", "Bodin", 21, HOUSING, "Björkbacken 1, lgh 4", (BUTTON, SMOKE, STOVE), "Har ledarhund.",
           (Regime.LSS, Regime.SOL)),
    Person("Vilma", "Nordin", 13, HOUSING, "Skolvägen 12", (BUTTON,), "Tolv år. Vill kunna gå hem själv från skolan.",
           (Regime.LSS,), child=True),
)  # fmt: skip

RECORDED = "Ingrid Lundmark"
"""Lives in the recorded home (data/casas_tm000)."""

SILENT = "Harriet Ekdahl"
"""Her home falls silent, and after four hours the board rings."""

EFFORTS = {
    Regime.SOL: ("Hemtjänst med trygghetslarm",),
    Regime.LSS: ("Bostad med särskild service", "Daglig verksamhet"),
    Regime.HSL: ("Hemsjukvård",),
}


class Close(NamedTuple):
    """Somebody close to a resident: a contact, by order of calling."""

    resident: str
    name: str
    relation: str
    has_key: bool = False


CONTACTS = (
    Close(RECORDED, "Cecilia Lundmark", "Dotter", has_key=True),
    Close(RECORDED, "Gösta Rask", "Granne"),
    Close(SILENT, "Pär Ekdahl", "Son", has_key=True),
    Close("Bertil Nygren", "Anna Nygren", "Dotterdotter"),
    Close("Margareta Sjölin", "Klas Sjölin", "Make på korttidsboende"),
    Close("Ahmad Karimi", "Zahra Karimi", "Dotter", has_key=True),
    Close("Sven-Erik Hägg", "Barbro Hägg", "Syster"),
    Close("Solveig Brandt", "Ida Brandt", "Brorsdotter", has_key=True),
    Close("Aino Lahtinen", "Mika Lahtinen", "Son"),
    Close("Gunvor Persson", "Jenny Persson", "Dotter", has_key=True),
    Close("Rolf Almgren", "Siv Almgren", "Fru", has_key=True),
    Close("Milica Petrović", "Ana Petrović", "Dotter"),
    Close("Kjell Hedin", "Roger Hedin", "Bror"),
    Close("Torsten Wik", "Maria Wik", "Dotter", has_key=True),
    Close("Emil Forsgren", "Helena Forsgren", "Mamma"),
    Close("Sara Hultin", "Per Hultin", "Pappa"),
)

RELATIVE = CONTACTS[0]
"""Has an account: the resident lets her see what a relative may see."""

CHILD, GUARDIANS = "Vilma Nordin", ("Sofia Nordin", "Daniel Nordin")
"""Two guardians decide jointly about her button; one of them has said yes."""

REPRESENTED, GOD_MAN = "Sara Hultin", "Gunnar Sedin"
COHABITING, COHABITANT = "Gunvor Persson", "Åke Persson"

SHARING = "Torsten Wik"
"""Known to two administrations: has home care from one and support in his days from the other. He lets the other see
his alarms and when he moves. Has an account."""

ANSWERS_ABOUT_SHARING = (
    ("Bertil Nygren", "yes", True),
    ("Kjell Hedin", "no", False),
    ("Solveig Brandt", "talk", False),
)
"""Who, what they said, and whether that was nearly a year ago."""

WITHDRAWN = "Rolf Almgren"
"""Has taken back the consent to his sensors this morning. They hang there until somebody fetches them, and still send;
what they send is counted and not kept. His button is another consent and works."""

SILENT_DEVICE = ("Jonas Ekman", SMOKE)
"""Sends nothing, so that a technical alarm comes after a while."""

LOW_BATTERY = ("Solveig Brandt", OUTER_DOOR)


def identity_number(day: int) -> str:
    """The number of a day of January 1890 in Skatteverket's test series: serial 980 on odd days, 981 on even."""
    return "18" + _checked(f"9001{day:02d}{980 if day % 2 else 981}")


def childs_number(day: int) -> str:
    """A girl's number of a day of November 2013 in the same series."""
    return "20" + _checked(f"1311{day:02d}238")


def _checked(digits: str) -> str:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits)]
    return f"{digits}{-sum(number // 10 + number % 10 for number in doubled) % 10}"
