"""The recorded home that ships with the demo, and where its twenty-two sensors hang (see data/casas_tm000)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from devices.intake.recordings import RecordedEvent, aware, number, read_casas
from safehome import clock
from safehome.demo.people import Hung
from safehome.residents.models import RoomKind

FILE = Path(__file__).parent / "data" / "casas_tm000" / "tm000.multiday_absence.txt.gz"
DAYS = 7

SENSORS: Mapping[str, Hung] = {
    "MainEntryway": Hung("motion", "Rörelse vid ytterdörren", RoomKind.HALL, "exit"),
    "HallwayA": Hung("motion", "Rörelse i korridoren"),
    "EntrywayB": Hung("motion", "Rörelse vid groventrén"),
    "KitchenASink": Hung("motion", "Rörelse vid diskhon", RoomKind.KITCHEN),
    "KitchenAStove": Hung("motion", "Rörelse vid spisen", RoomKind.KITCHEN),
    "KitchenARefrigerator": Hung("use", "Kylskåpet", RoomKind.KITCHEN),
    "KitchenADiningChair": Hung("chair", "Köksstolen", RoomKind.KITCHEN),
    "DiningRoomAArea": Hung("motion", "Rörelse i matrummet", RoomKind.OTHER),
    "LivingRoomAArea": Hung("motion", "Rörelse i vardagsrummet", RoomKind.LIVING_ROOM),
    "LivingRoomAChair": Hung("chair", "Fåtöljen", RoomKind.LIVING_ROOM),
    "OfficeAArea": Hung("motion", "Rörelse i arbetsrummet", RoomKind.OTHER),
    "OfficeAChair": Hung("chair", "Skrivbordsstolen", RoomKind.OTHER),
    "BedroomAArea": Hung("motion", "Rörelse i sovrummet", RoomKind.BEDROOM),
    "BedroomABed": Hung("bed", "Sängen", RoomKind.BEDROOM),
    "BedroomADoor": Hung("door", "Sovrumsdörren", RoomKind.BEDROOM),
    "BedroomBArea": Hung("motion", "Rörelse i gästrummet", RoomKind.BEDROOM),
    "BedroomBBed": Hung("bed", "Gästsängen", RoomKind.BEDROOM),
    "BedroomBDoor": Hung("door", "Gästrumsdörren", RoomKind.BEDROOM),
    "BathroomAArea": Hung("motion", "Rörelse i badrummet", RoomKind.BATHROOM),
    "BathroomASink": Hung("motion", "Rörelse vid handfatet", RoomKind.BATHROOM),
    "BathroomAToilet": Hung("motion", "Rörelse vid toaletten", RoomKind.BATHROOM),
    "BathroomBArea": Hung("motion", "Rörelse i gästtoaletten", RoomKind.BATHROOM),
}

QUIET_SENSORS = ("MainEntryway", "HallwayA", "KitchenASink", "LivingRoomAArea", "BedroomABed", "BathroomAArea")
"""Those of them that hang in the home that falls silent."""

LIVELY = (datetime(2016, 7, 12, 13, 0), datetime(2016, 7, 12, 15, 0))  # noqa: DTZ001  (the file names no zone)
"""Two hours of the recording in which somebody is busy indoors; the home that falls silent has them before it does."""


def external_id(home: int, sensor: str) -> str:
    """Device ids tell nobody's name."""
    return f"home-{home}-{sensor.lower()}"


@cache
def events() -> tuple[RecordedEvent, ...]:
    return tuple(read_casas(FILE))


def first_day(last_day: date) -> date:
    """The day on which seven days must begin to end with `last_day`."""
    return last_day - timedelta(days=DAYS - 1)


def began(day: date) -> datetime:
    """Midnight of a local day."""
    return datetime.combine(day, time(), clock.local_zone())


def over_and_over(first: date, since: datetime) -> Iterator[tuple[RecordedEvent, datetime]]:
    """The recording from `first` on, each event at its own time of day; after seven days it begins again.

    Events before `since` are left out. Never ends.
    """
    rounds = max(0, (since.astimezone(clock.local_zone()).date() - first).days // DAYS)
    while True:
        moved = first + timedelta(days=DAYS * rounds) - events()[0].at.date()
        shifted = (event._replace(at=event.at + moved) for event in events())
        yield from ((event, at) for event, at in aware(shifted, clock.local_zone()) if at >= since)
        rounds += 1


def lively() -> list[tuple[RecordedEvent, timedelta]]:
    """The lively hours of the quiet home's sensors, each event with how long it came before the last one, after which
    every sensor is at rest."""
    begin, end = LIVELY
    hours = [event for event in events() if event.sensor in QUIET_SENSORS and begin <= event.at < end]
    last_values = {event.sensor: number(event.value) for event in hours}
    assert not any(last_values.values()), "the recording was cut while a sensor was on"
    return [(event, hours[-1].at - event.at) for event in hours]
