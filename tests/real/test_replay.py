"""Recorded homes through the public intake at full speed: no event lost, none doubled, no false call for help.

The recordings lie outside this repository (`SAFEHOME_REAL_DATA`, or `../shared/data`).
"""

import os
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import call_command

from alarms.models import Alarm
from devices.models import Reading
from safehome.organisation.models import Unit
from safehome.residents.models import Resident
from tests.factories import grounds_for

DATA = Path(os.environ.get("SAFEHOME_REAL_DATA") or Path(__file__).parents[2].parent / "shared" / "data") / "events"

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded homes at {DATA}"),
]


class Home(NamedTuple):
    path: str
    layout: str
    events: int


HOMES = {
    "tm000": Home("casas_tm000/tm000.multiday_absence.txt.gz", "casas", 21_968),
    "al": Home("casas_al_smarthome/data.txt.gz", "casas", 61_578),
    "kasteren": Home("kasteren_houseA/sensors.csv", "kasteren", 2 * 1_319),
}


def replay(home: Home, resident: Resident) -> str:
    out = StringIO()
    call_command(
        "replay",
        DATA / home.path,
        format=home.layout,
        resident=str(resident.pk),
        in_process=True,
        stdout=out,
    )
    return out.getvalue()


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_nothing_is_lost_nothing_doubled_and_nobody_is_called_out_in_vain(
    home: Home, resident: Resident, home_care: Unit
) -> None:
    grounds_for(home_care, resident)
    once = replay(home, resident)
    assert f"Accepted: {home.events}, duplicates: 0, refused: 0" in once
    assert Reading.objects.count() == home.events
    assert not Alarm.objects.filter(code="inactivity").exists()

    twice = replay(home, resident)
    assert f"Accepted: 0, duplicates: {home.events}, refused: 0" in twice
    assert "Alarms raised: none" in twice
    assert Reading.objects.count() == home.events
