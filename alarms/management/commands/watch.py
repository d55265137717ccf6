"""`manage.py watch`: the watch loop as a process of its own. Run two."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from alarms import watch


class Command(BaseCommand):
    help = "Escalates, wakes rules, sweeps inbox and outbox, links the access log. Safe to run twice."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("Watching.")
        watch.run(stop)
