"""The processes of a running Safehome, and a gateway that never gives up."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx

from devices.intake.http import PATH
from tests.processes import PATIENCE_S

Start = Callable[[], "subprocess.Popen[bytes]"]


class Scene:
    """Named processes that can be killed and started again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._starts: dict[str, Start] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def add(self, name: str, start: Start) -> None:
        self._starts[name] = start
        self._running[name] = start()

    def kill(self, name: str) -> None:
        """kill -9, as a machine that loses its power does."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def restart(self, name: str) -> None:
        self._running[name] = self._starts[name]()

    def end(self) -> None:
        for process in reversed(self._running.values()):
            process.kill()
            process.wait()


class Gateway:
    """Sends its readings again until it is told that they are stored, as gateways do."""

    def __init__(self, port: int, token: str) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)
        self._headers = {"authorization": f"Bearer {token}"}

    def send(self, readings: list[dict[str, Any]]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self._stored(readings):
            assert time.monotonic() < deadline, "the intake does not take them"
            time.sleep(0.1)

    def _stored(self, readings: list[dict[str, Any]]) -> bool:
        try:
            return self._http.post(PATH, json=readings, headers=self._headers).status_code == 202
        except httpx.TransportError:
            return False
