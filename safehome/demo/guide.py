"""What a visitor reads in the terminal: each step by name, how far it has come, and at last how to get in."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from devices.models import InboxReading, Lane
from safehome import clock
from safehome.demo import demo_file, story
from safehome.demo.player import Player
from safehome.demo.sender import Sender, Stopped, over_http
from safehome.embedded import Embedded

Say = Callable[[str], None]
LOOK_EVERY_S = 0.03
REPORT_EVERY_S = 2.0
PATIENCE_S = 10.0


class Steps:
    """Named steps, numbered; each says how long it took."""

    def __init__(self, say: Say, total: int) -> None:
        self.say = say
        self._total = total
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._number += 1
        prefix = f"[{self._number}/{self._total}] {title}"
        self.say(f"{prefix} …")
        began = time.monotonic()
        yield
        self.say(f"{prefix}: done in {time.monotonic() - began:.1f} s")


class Guide:
    """Leads the demo from an answering server to a board that rings, then keeps the homes alive."""

    def __init__(self, embedded: Embedded, steps: Steps, content: dict[str, Any], *, replay: bool) -> None:
        self._embedded = embedded
        self._steps = steps
        self._content = content
        self._replay = replay

    def __call__(self, stop: threading.Event) -> None:
        with suppress(Stopped):
            with self._steps.step("Web server and workers"):
                self._embedded.start_workers()
            player = self._catch_up(stop) if self._replay else None
            with self._steps.step("Watch loop"):
                self._embedded.start_watch()
            self._steps.say(welcome(self._content, rings=self._replay))
            if player:
                player.play(stop)

    def _catch_up(self, stop: threading.Event) -> Player:
        """Send what the homes have said until now, before anything watches for silence."""
        token = self._content["gateways"][0]["token"]
        with self._steps.step("Homes: what their devices have said until now"):
            start = clock.now()
            player = Player(story.ordinary_lives(start), Sender(over_http(self._content["url"], token), stop.wait))
            progress = Progress(self._steps.say, stop)
            player.catch_up(start, progress)
            player.join(story.a_home_falling_silent(clock.now()))
            player.catch_up(clock.now(), progress)
        return player


class Progress:
    """Waits after each batch until the workers have settled it, so that whoever visits already finds the database free
    in between; and says now and then how far it has come."""

    def __init__(self, say: Say, stop: threading.Event) -> None:
        self._say = say
        self._stop = stop
        self._began = self._said = time.monotonic()
        self._sent = 0

    def __call__(self, batch: int) -> None:
        self._sent += batch
        self._wait_until_settled()
        now = time.monotonic()
        if now - self._said > REPORT_EVERY_S:
            self._said = now
            self._say(f"      {self._sent} readings, {self._sent / (now - self._began):.0f} a second")

    def _wait_until_settled(self) -> None:
        """Not for ever: what the workers can't settle is left to the watch loop, which has yet to start."""
        deadline = time.monotonic() + PATIENCE_S
        while InboxReading.objects.filter(settled_at=None, lane=Lane.READINGS).exists():
            if self._stop.wait(LOOK_EVERY_S):
                raise Stopped
            if time.monotonic() > deadline:
                return


def welcome(content: dict[str, Any], *, rings: bool) -> str:
    """The address, the accounts, and what this is and is not."""
    accounts = content["accounts"]
    width = max(len(account["email"]) for account in accounts)
    rows = [
        f"  {account['email']:<{width}}  {account['role']:<20}  {', '.join(account['units']) or account['name']}"
        for account in accounts
    ]
    return "\n".join(
        (
            "",
            f"Safehome is at {content['url']}",
            "",
            f"Sign in with any of these addresses; the password is {accounts[0]['password']} for all of them.",
            "",
            *rows,
            "",
            *(_ringing_soon(accounts[0]["email"]) if rings else ()),
            f"Tokens and device ids, for sending readings yourself, are in {demo_file.path()}",
            "",
            "This is the embedded mode: one process, SQLite, nothing leaves this machine. It is for trying out,",
            "not for people who depend on it (docs/operations.md). The people and places in it are invented.",
            "Ctrl-C stops it; start it again and it goes on where it was.",
            "",
        )
    )


def _ringing_soon(email: str) -> tuple[str, str]:
    return (
        f"Try: sign in as {email}, press Start shift, and keep the board open. In about",
        f"{story.FIRST_ALARM_AFTER_S} seconds a home will have been silent for too long, and the board rings.",
    )
