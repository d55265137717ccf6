"""A home sends two hundred readings a second and more, workers drain all the while, and the resident says no.

After the commit not one reading is stored, whenever it was measured; what is refused is counted, to the last one.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection

from alarms import pipeline
from consents import actions
from consents.kinds import Answer, GivenBy
from consents.models import Consent
from consents.policies import Giver
from devices.intake.inbox import Request, keep
from devices.intake.messages import parse
from devices.models import Assignment, InboxOutcome, InboxReading, Lane, Reading, RefusedCount
from safehome import clock
from safehome.organisation.actions import token_digest
from safehome.residents.models import Resident
from tests.conftest import Place
from tests.factories import reading
from tests.services import require_postgresql

SENSORS = 20
A_SECOND = 300
BATCH = 15
BEFORE_S, AFTER_S = 2.0, 2.0


@pytest.fixture
def sensors(place_device: Place) -> list[Assignment]:
    require_postgresql()
    return [place_device(f"motion-{number}", ["motion"]) for number in range(SENSORS)]


@contextmanager
def going_on(*works: Callable[[], None]) -> Iterator[None]:
    """Each again and again in a thread of its own, until the block ends. What one of them raises is raised here."""
    over, faults = threading.Event(), []

    def run(work: Callable[[], None]) -> None:
        try:
            while not over.is_set():
                work()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


class Home:
    """Sends to its timetable; some of what it sends was measured long before."""

    def __init__(self, sensors: list[Assignment], token: str) -> None:
        self._sensors = sensors
        self._digest = token_digest(token)
        self._due = time.monotonic()
        self.sent = 0

    def send(self) -> None:
        now = clock.now()
        readings = [self._reading(now, number) for number in range(BATCH)]
        self.sent += keep([Request(self._digest, parse(json.dumps(readings).encode(), now, at_most=BATCH))])[0].accepted
        self._due += BATCH / A_SECOND
        time.sleep(max(0.0, self._due - time.monotonic()))

    def _reading(self, now: datetime, number: int) -> dict[str, object]:
        late = timedelta(minutes=7) if number % 3 == 0 else timedelta(0)
        sensor = self._sensors[(self.sent + number) % len(self._sensors)]
        return reading(sensor, number % 2, id=f"{self.sent}-{number}", at=now - late)


def drain() -> None:
    if pipeline.drain(Lane.READINGS, for_s=0.5) == 0:
        time.sleep(0.01)


def test_after_the_no_is_committed_not_one_reading_is_stored(
    sensors: list[Assignment], gateway_token: str, resident: Resident
) -> None:
    home = Home(sensors, gateway_token)
    consent = Consent.objects.get(resident=resident)
    with going_on(home.send, drain, drain):
        time.sleep(BEFORE_S)
        stored_before = Reading.objects.count()
        actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))
        # The commit is behind us: what is stored now is all that ever will be.
        stored = set(Reading.objects.values_list("key", flat=True))
        sent_until_then = home.sent
        time.sleep(AFTER_S)
    while pipeline.drain(Lane.READINGS):
        pass
    assert set(Reading.objects.values_list("key", flat=True)) == stored
    assert stored_before > 0.5 * A_SECOND * BEFORE_S
    assert home.sent - sent_until_then > 0.5 * A_SECOND * AFTER_S
    refused = InboxReading.objects.filter(outcome=InboxOutcome.REFUSED)
    assert refused.count() == home.sent - len(stored)
    assert sum(RefusedCount.objects.values_list("count", flat=True)) == refused.count()
    assert not refused.exclude(value=None).exists()
    assert not InboxReading.objects.filter(settled_at=None).exists()
