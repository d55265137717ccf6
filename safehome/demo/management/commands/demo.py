"""`manage.py demo`: a municipality to try Safehome with, in one process and with no server beside it."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from safehome import clock, embedded
from safehome.demo import demo_file, seed, story
from safehome.demo.guide import Guide, Steps


class Command(BaseCommand):
    help = "Runs a demo municipality in one process, or makes it in the database at hand (--seed-only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--speed", type=float, help="how much faster than the clock on the wall time passes")
        parser.add_argument("--seed-only", action="store_true", help="make the municipality and demo.json, then end")
        parser.add_argument("--no-replay", action="store_true", help="play no homes: only you send readings")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seed_only"]:
            self._prepare(Steps(self.stdout.write, total=2), settings.SAFEHOME_BASE_URL)
            return
        if not settings.EMBEDDED:
            raise CommandError("In server mode the processes are separate: use `make serve`, or --seed-only.")
        _use_demo_settings(options["speed"])
        port = int(os.environ.get("PORT", "8000"))
        try:
            listener = embedded.listen(port)
        except embedded.PortTaken as refusal:
            raise CommandError(
                f"Port {port} is taken by another program. Choose another: PORT={port + 1} make demo"
            ) from refusal
        steps = Steps(self.stdout.write, total=5 - options["no_replay"])
        content = self._prepare(steps, f"http://{embedded.HOST}:{port}")
        self._go_on_in_time()
        process = embedded.Embedded(listener)
        try:
            process.run(Guide(process, steps, content, replay=not options["no_replay"]))
        except embedded.PartFailed as part:
            raise CommandError(f"Stopped, because the {part} failed; the reason stands above.") from part
        self.stdout.write("Stopped. The data stay; start again to go on.")

    def _prepare(self, steps: Steps, url: str) -> dict[str, Any]:
        with steps.step("Database"):
            call_command("migrate", verbosity=0)
        with steps.step("Demo municipality"):
            if seed.is_empty():
                seed.fill()
            return demo_file.renew(url)

    def _go_on_in_time(self) -> None:
        """Time that was sped up never goes back: what has happened has happened."""
        if (reached := story.how_far()) and reached > clock.now():
            clock.resume(reached)
            local = clock.now().astimezone(clock.local_zone())
            self.stdout.write(f"Time had been sped up here: it is {local:%Y-%m-%d %H:%M} in the demo.")


def _use_demo_settings(speed: float | None) -> None:
    """Settings of a demo, before anything is started that reads them. What the environment says goes first."""
    if speed is not None:
        settings.SAFEHOME_CLOCK_SPEED = speed
    if "SAFEHOME_REQUIRE_MFA" not in os.environ:
        settings.SAFEHOME_REQUIRE_MFA = False
