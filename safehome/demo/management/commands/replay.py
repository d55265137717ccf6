"""`manage.py replay FILE`: a recorded home, played through the public intake."""

import threading
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devices.actions import NotLawful
from devices.intake import recordings
from safehome import clock
from safehome.demo import demo_file
from safehome.demo.replay import account, devices, in_process
from safehome.demo.replay import recording as recorded
from safehome.demo.replay.devices import Hung
from safehome.demo.replay.recording import Recording
from safehome.demo.sender import BATCH, NotTaken, Reading, Sender, batches, over_http
from safehome.organisation.models import Unit
from safehome.residents.models import Resident

REPORT_EVERY_S = 2.0


class Command(BaseCommand):
    help = "Plays a recorded home through the intake, for a resident. Played again it doubles nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", type=Path)
        add("--format", choices=recordings.FORMATS, required=True)
        add("--resident", required=True, help="id or whole name")
        add(
            "--speed", type=_speed, default=None, help="so many times as fast as it happened; max (the default) at once"
        )
        add(
            "--until",
            choices=("now", "keep"),
            help="end now, or keep the times of the file; without it, full speed keeps or lays it after the consents",
        )
        add("--map", type=Path, help="JSON that says what sensors are, where their names don't tell")
        add("--unit", default="", help="gets the alarms of new devices; default: the first that cares for the resident")
        add("--gateway", default="", help="name of the gateway that speaks for new devices")
        add("--url", help="of the server; default: that of demo.json, else SAFEHOME_BASE_URL")
        add("--token", help="of the gateway; default: one made for this run")
        add("--in-process", action="store_true", help="without a server: take and judge the readings in this process")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._replay(options)
        except recordings.UnreadableLine as fault:
            raise CommandError(f"{options['file']}: {fault}") from fault
        except NotTaken as refusal:
            raise CommandError(f"The intake takes nothing from this sender: {refusal}") from refusal

    def _replay(self, options: dict[str, Any]) -> None:
        url = _url(options)
        resident = devices.resident_by(options["resident"])
        unit = devices.unit_of(resident, options["unit"]) if resident else None
        if resident is None or unit is None:
            raise CommandError("There is no such resident or unit. --resident takes an id or a whole name.")
        override = recordings.read_map(options["map"]) if options["map"] else {}
        loaded = recorded.load(options["file"], options["format"], resident, override)
        recording = _in_time(loaded, options, _agreed_since(loaded, resident, unit))
        gateway = devices.gateway_for(recording, unit, options["gateway"])
        hung = devices.hang(recording, resident, unit, gateway)
        self._show_devices(hung)
        began = clock.now()
        with devices.Token(gateway) as made:
            token = options["token"] or made
            sender = Sender(in_process.poster(token) if url is None else over_http(url, token), _pause)
            for batch in self._reported(_timed(recording, options["speed"]), len(recording.readings)):
                sender.send(batch)
        self._show_account(recording, sender, account.wait_until_settled(gateway, _pause))
        self.stdout.write(f"Stored now for these devices: {account.stored(hung)}")
        raised = account.alarms_since(began, resident)
        self.stdout.write(f"Alarms raised: {', '.join(f'{code} {n}' for code, n in raised.items()) or 'none'}")

    def _show_devices(self, hung: list[Hung]) -> None:
        width = max((len(row.sensor.name) for row in hung), default=0)
        for row in hung:
            state = "made" if row.made else "was there"
            kinds = ", ".join(row.sensor.kinds)
            self.stdout.write(f"  {row.sensor.name:<{width}}  {kinds:<14}  {row.assignment.placement:<9}  {state}")

    def _show_account(self, recording: Recording, sender: Sender, left: int) -> None:
        summed = sender.account
        self.stdout.write(f"Events in the file: {len(recording.readings)}")
        self.stdout.write(f"Accepted: {summed.accepted}, duplicates: {summed.duplicates}, refused: {summed.refused}")
        for reason, number in summed.reasons.items():
            self.stdout.write(f"  {number} × {reason}")
        if left:
            self.stderr.write(f"{left} readings are not settled yet. Are the workers running?")

    def _reported(self, batched: Iterable[list[Reading]], total: int) -> Iterator[list[Reading]]:
        """The same batches, with a line now and then on how far it has come."""
        sent, began = 0, time.monotonic()
        said = began
        for batch in batched:
            yield batch
            sent += len(batch)
            now = time.monotonic()
            if now - said > REPORT_EVERY_S or sent == total:
                said = now
                self.stdout.write(f"{sent} of {total} ({sent / total:.0%}), {sent / (now - began):.0f} events a second")


def _speed(text: str) -> float | None:
    """A number, or max."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError as fault:
        raise ArgumentTypeError("a number, or max") from fault
    if speed < 1:
        raise ArgumentTypeError("at least 1: a recording can't be played slower than it happened")
    return speed


def _url(options: dict[str, Any]) -> str | None:
    """The server's address; None for this process itself."""
    url: str = options["url"] or demo_file.read().get("url") or settings.SAFEHOME_BASE_URL
    if _answers(url):
        return url
    if options["in_process"] and not options["url"]:
        return None
    raise CommandError(f"No server answers at {url}. Start one (make demo), or add --in-process.")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz/", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _agreed_since(recording: Recording, resident: Resident, unit: Unit) -> datetime | None:
    try:
        return devices.agreed_since(recording, resident, unit)
    except NotLawful as refusal:
        raise CommandError(f"Nothing of it would be kept, since not all have agreed: {refusal}.") from refusal


def _in_time(recording: Recording, options: dict[str, Any], agreed: datetime | None) -> Recording:
    """The recording at its own time or moved to end now. What is from before the consents would be refused: at full
    speed such a recording is laid in the days after them, where there are enough."""
    if not recording.readings:
        raise CommandError("There are no events in the file.")
    speed: float | None = options["speed"]
    if options["until"] is None and speed is None and agreed and recording.first_at < agreed:
        later = recording.moved(recorded.shift_after(recording, agreed))
        if later.last_at <= clock.now():
            return later
    until = options["until"] or ("keep" if speed is None else "now")
    if until == "now":
        return recording.moved(recorded.shift_for(recording, speed))
    if recording.last_at > clock.now():
        raise CommandError("The recording ends in the future; --until now moves it.")
    return recording


def _timed(recording: Recording, speed: float | None) -> Iterator[list[Reading]]:
    if speed is None:
        return batches(recording.readings)
    return recorded.paced(recording.readings, speed, _pause, BATCH)


def _pause(seconds: float) -> bool:
    """Ctrl-C ends a replay; nothing else does."""
    return threading.Event().wait(seconds)
