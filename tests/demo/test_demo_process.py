"""`manage.py demo` as a person starts it: a process that serves, rings, stops when told and goes on where it was."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

ROOT = Path(__file__).resolve().parents[2]
READY = "Safehome is at"
STOPS_WITHIN_S = 15
"""Five on a quiet machine."""

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Demo:
    """One demo process on its own data folder."""

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.log = folder / "log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        settings = {"SAFEHOME_DATA_DIR": str(folder), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", *options],
                cwd=ROOT,
                env=kept | settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def file(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "demo.json").read_text("utf-8"))
        return content

    def wait_until_ready(self, within_s: float = 300) -> None:
        deadline = time.monotonic() + within_s
        while READY not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.2)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Returns how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - began

    def sign_in(self, role: str) -> httpx.Client:
        account = next(account for account in self.file["accounts"] if account["role"] == role)
        client = httpx.Client(base_url=self.file["url"], trust_env=False, timeout=30)
        page = client.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": account["email"], "password": account["password"]}
        answer = client.post("/accounts/login/", data=form, headers={"referer": self.file["url"]})
        assert answer.status_code == 302
        return client

    def open_alarms(self, client: httpx.Client) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get("/api/v1/alarms/?open=true").raise_for_status().json()["results"]
        return found


Start = Callable[..., Demo]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a demo; what still runs when the test ends is ended."""
    started: list[Demo] = []

    def begin(*options: str, port: int | None = None) -> Demo:
        started.append(Demo(tmp_path, *options, port=port))
        return started[-1]

    yield begin
    for demo in started:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


def test_it_names_its_steps_and_says_what_it_is(start: Start) -> None:
    demo = start("--no-replay")
    demo.wait_until_ready()
    assert "[1/4] Database" in demo.said
    assert "[4/4] Watch loop: done" in demo.said
    assert demo.file["url"] in demo.said
    assert all(account["email"] in demo.said for account in demo.file["accounts"])
    assert "embedded mode" in demo.said
    assert "Ctrl-C" in demo.said
    assert not re.search(r"warn|error|traceback", demo.said, re.IGNORECASE)
    assert httpx.get(f"{demo.file['url']}/healthz/", trust_env=False).is_success


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_goes_on_where_it_was(start: Start, number: signal.Signals) -> None:
    demo = start("--no-replay")
    demo.wait_until_ready()
    before = demo.file
    assert demo.stop(number) < STOPS_WITHIN_S
    assert demo.process.returncode == 0
    assert "Stopped" in demo.said

    again = start("--no-replay", port=demo.port)
    again.wait_until_ready()
    assert again.file == before


def test_a_taken_port_is_said_in_words(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        demo = start("--no-replay", port=port)
        assert demo.process.wait(60) != 0
    assert f"Port {port} is taken" in demo.said


def test_a_pressed_button_reaches_an_open_board_at_once(start: Start) -> None:
    demo = start("--no-replay")
    demo.wait_until_ready()
    with closing(demo.sign_in("care_staff")) as client:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    unit = demo.file["accounts"][0]["units"][0]
    button = next(one for one in demo.file["devices"] if (one["kind"], one["unit"]) == ("button", unit))
    assert asyncio.run(_press_and_hear(demo, button["external_id"], cookies)) == "alarm.raised"


async def _press_and_hear(demo: Demo, button: str, cookies: str) -> str:
    url = demo.file["url"]
    headers = {"Cookie": cookies, "Origin": url}
    async with websockets.connect(f"ws://127.0.0.1:{demo.port}/ws/alarms/", additional_headers=headers) as board:
        await asyncio.wait_for(board.recv(), 20)  # the first beat: the board is in the group
        token = {"Authorization": f"Bearer {demo.file['gateways'][0]['token']}"}
        press = {"device": button, "kind": "button", "value": 1, "at": datetime.now(UTC).isoformat()}
        async with httpx.AsyncClient(base_url=url, headers=token, trust_env=False, timeout=30) as gateway:
            assert (await gateway.post("/api/v1/readings/", json=press)).status_code == 202
        while True:
            message = json.loads(await asyncio.wait_for(board.recv(), 20))
            if message["type"] == "hint":
                kind: str = message["kind"]
                return kind


def test_the_board_is_calm_at_first_and_then_a_silent_home_makes_it_ring(start: Start) -> None:
    demo = start()
    demo.wait_until_ready()
    ready_at = time.monotonic()
    with closing(demo.sign_in("care_staff")) as client:
        assert {alarm["code"] for alarm in demo.open_alarms(client)} <= {"battery_low"}
        while not (silent := [alarm for alarm in demo.open_alarms(client) if alarm["code"] == "inactivity"]):
            assert time.monotonic() - ready_at < 180, "no alarm"
            time.sleep(2)
        assert len(silent) == 1
