"""All of Safehome in one process on an invented town, for the browser's tests: `python -m tests.browser.process PORT`.

A data folder without a town gets one first. `town.json` there says what is in it, `ready` that all parts run.
"""

import json
import os
import sys
import threading
from pathlib import Path

import django
from django.core.management import call_command
from django.db import transaction


def main(port: int, folder: Path) -> None:
    django.setup()
    if not (folder / "town.json").exists():
        _settle(folder / "town.json")
    _serve(port, folder / "ready")


def _settle(facts: Path) -> None:
    call_command("migrate", verbosity=0)
    from tests.browser import town

    with transaction.atomic():  # one write to the disk instead of a thousand
        built = town.build()
    facts.write_text(json.dumps(built, default=str))


def _serve(port: int, ready: Path) -> None:
    from safehome.embedded import Embedded, listen

    process = Embedded(listen(port))

    def guide(stop: threading.Event) -> None:
        process.start_workers()
        process.start_watch()
        ready.touch()

    process.run(guide)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(os.environ["SAFEHOME_DATA_DIR"]))
