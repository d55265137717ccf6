"""The inactivity rule on homes where people really lived: silent when they are out, awake when they are in.

The recordings lie outside this repository (`SAFEHOME_REAL_DATA`, or `../shared/data`). Their clocks are taken as local.
"""

import csv
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from alarms.rules import RULES, Alert, Observation
from devices.intake.recordings import aware, load, read_kasteren
from tests.rules.drive import Driven, drive, local

DATA = Path(os.environ.get("SAFEHOME_REAL_DATA") or Path(__file__).parents[2].parent / "shared" / "data") / "events"
RULE = RULES["inactivity"]
SETTINGS = RULE.settings()
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded homes at {DATA}")


class Home(NamedTuple):
    path: str
    layout: str
    events: int
    absences_told: int  # those of more than a day, each told once, as information


HOMES = {
    "tm000": Home("casas_tm000/tm000.multiday_absence.txt.gz", "casas", 21_968, 1),
    "al": Home("casas_al_smarthome/data.txt.gz", "casas", 61_578, 0),
    "kasteren": Home("kasteren_houseA/sensors.csv", "kasteren", 2 * 1_319, 3),
}
Days = dict[str, list[Observation]]


@pytest.fixture(scope="module")
def recorded() -> Days:
    return {name: list(_observations(home)) for name, home in HOMES.items()}


def _observations(home: Home) -> Iterator[Observation]:
    recording = load(DATA / home.path, home.layout)
    for said in recording.readings:
        at = datetime.fromisoformat(said["at"])
        placement = recording.sensors[said["device"]].placement
        yield Observation(said["kind"], said["value"], at, at, said["device"], placement)


def help_alarms(driven: Driven) -> list[Alert]:
    return [alert for alert in driven.alerts if not alert.code]


@pytest.mark.parametrize("name", HOMES)
def test_every_event_of_the_file_is_read_in_order(name: str, recorded: Days) -> None:
    assert len(recorded[name]) == HOMES[name].events
    assert all(before.at <= after.at for before, after in pairwise(recorded[name]))


@pytest.mark.parametrize("name", HOMES)
def test_a_whole_recording_raises_no_help_alarm_and_tells_of_the_long_absences(name: str, recorded: Days) -> None:
    driven = drive(RULE, recorded[name], watched=True)
    assert help_alarms(driven) == []
    assert driven.codes == ["not_come_home"] * HOMES[name].absences_told


@pytest.mark.parametrize("name", HOMES)
@pytest.mark.parametrize("minutes", [195, 300])
def test_the_default_stands_in_a_wide_plain(name: str, minutes: int, recorded: Days) -> None:
    """A little more or less patience changes nothing: the default is not fitted to these homes."""
    assert help_alarms(drive(RULE, recorded[name], silence_minutes=minutes)) == []


def test_the_absence_in_tm000_is_the_one_that_its_reader_found(recorded: Days) -> None:
    [told] = drive(RULE, recorded["tm000"]).alerts
    assert told.detail["left_at"] == local("2016-07-13 07:21:11.345603").isoformat()


def test_each_labelled_absence_of_the_kasteren_home_is_known_as_one(recorded: Days) -> None:
    """Half an hour into each `leave house` of the labels, the resident is away."""
    asked_at = [start + HOUR / 2 for start, end in _left_house() if end - start > HOUR]
    state, answers = RULE.state(), []
    for seen in recorded["kasteren"]:
        while asked_at and seen.at > asked_at[0]:
            answers.append((asked_at.pop(0), str(state.whereabouts)))
        state = RULE.evaluate(state, seen, seen.at, SETTINGS).state
    assert len(answers) > 25
    assert [asked for asked, whereabouts in answers if whereabouts != "away"] == []


def _left_house() -> list[tuple[datetime, datetime]]:
    with (DATA / "kasteren_houseA" / "activities.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["ID"] == "1"]
    return [tuple(_label_time(row[column]) for column in ("START_TIME", "END_TIME")) for row in rows]  # type: ignore[misc]


def _label_time(text: str) -> datetime:
    return local(datetime.strptime(text, "%d-%b-%Y %H:%M:%S").isoformat())  # noqa: DTZ007 - the labels name no zone


class Silence(NamedTuple):
    """What an empty home said between two passages of its door: nothing, or a few blips."""

    start: datetime
    end: datetime
    blips: list[Observation]


def silences(home: list[Observation]) -> list[Silence]:
    """The spells between two signs at the door, five hours or longer, with less than a reading an hour."""
    passages = [index for index, seen in enumerate(home) if seen.placement == "exit"]
    found = [Silence(home[a].at, home[b].at, home[a + 1 : b]) for a, b in pairwise(passages)]
    return [quiet for quiet in found if quiet.end - quiet.start > max(5, len(quiet.blips)) * HOUR]


def cut_into_a_day_at_home(home: list[Observation], quiet: Silence) -> list[Observation]:
    """A morning at home, then the silence, then the life that went on: nobody has passed the door."""
    indoors = [seen for seen in home if seen.placement == "interior"]
    begins = next(index for index in range(30, len(indoors)) if _is_busy_morning(indoors[index - 30 : index]))
    start = indoors[begins - 1].at
    morning = [seen for seen in indoors[:begins] if start - seen.at < HOUR]
    evening = [seen for seen in indoors if timedelta(0) < seen.at - quiet.end < 4 * HOUR]
    return [*morning, *_moved([*quiet.blips, *evening], start - quiet.start)]


def _is_busy_morning(seen: list[Observation]) -> bool:
    lately = [one for one in seen if seen[-1].at - one.at < timedelta(minutes=5)]
    return seen[-1].at.hour == 8 and len({one.sensor for one in lately}) >= 2


def _moved(observations: list[Observation], by: timedelta) -> list[Observation]:
    return [
        Observation(seen.kind, seen.value, seen.at + by, seen.at + by, seen.sensor, seen.placement)
        for seen in observations
    ]


@pytest.mark.parametrize("name", HOMES)
def test_the_same_silence_in_a_day_at_home_raises_one_alarm(name: str, recorded: Days) -> None:
    home = recorded[name]
    found = silences(home)
    assert found
    for quiet in found:
        cut = cut_into_a_day_at_home(home, quiet)
        driven = drive(RULE, cut, until=cut[0].at + HOUR + (quiet.end - quiet.start), watched=True)
        assert driven.codes == [""], f"the silence from {quiet.start} to {quiet.end}"


@pytest.mark.parametrize("name", HOMES)
def test_collapsed_on_coming_home_alarms(name: str, recorded: Days) -> None:
    """After each long absence, everything is cut away but the door and, without a contact there, one sign inside."""
    home = recorded[name]
    for quiet in silences(home):
        driven = drive(RULE, _cut_at_the_door(home, quiet), until=quiet.end + 24 * HOUR)
        assert driven.codes[-1:] == [""], f"come home at {quiet.end}"


def _cut_at_the_door(home: list[Observation], quiet: Silence) -> list[Observation]:
    lived = [seen for seen in home if seen.at <= quiet.end]
    if lived[-1].kind == "door":
        return lived
    return [*lived, next(seen for seen in home if seen.at > quiet.end and seen.placement == "interior")]


def test_a_recording_that_ends_is_not_ten_years_of_silence(recorded: Days) -> None:
    last = recorded["kasteren"][-1]
    state = drive(RULE, recorded["kasteren"]).state
    decision = RULE.evaluate(state, None, last.at + timedelta(days=3650), SETTINGS)
    assert decision.alerts == ()


def test_the_kasteren_file_gives_two_events_a_row() -> None:
    events = list(read_kasteren(DATA / HOMES["kasteren"].path))
    assert len({event.key for event in events}) == len(list(aware(events))) == HOMES["kasteren"].events
