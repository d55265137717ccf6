"""A running Safehome for the browser to visit: started, frozen, killed and started again as a test needs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 150
STOPS_WITHIN_S = 15

WHOLE = ("-m", "tests.browser.process")
PAGES = ("-m", "uvicorn", "safehome.asgi:application", "--log-level", "warning", "--port")
"""Web pages alone, beside a whole Safehome on the same data."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One process and its data folder. `restart` brings it back on the same port and the same data."""

    folder: Path
    command: tuple[str, ...] = WHOLE
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"server-{self.port}.log"

    def start(self) -> None:
        (self.folder / "ready").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self.command, str(self.port)],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_it_answers()

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "safehome.settings",
            "SAFEHOME_MODE": "embedded",
            "SAFEHOME_DATA_DIR": str(self.folder),
            "SAFEHOME_REQUIRE_MFA": "off",
            "PORT": str(self.port),
            **self.settings,
        }

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._is_ready():
                return
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.last_words()}")

    def _is_ready(self) -> bool:
        if self.command == WHOLE and not (self.folder / "ready").exists():
            return False
        try:
            return httpx.get(f"{self.url}/healthz/", timeout=2).is_success
        except httpx.TransportError:
            return False

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def freeze(self) -> None:
        """It stops as a machine does that hangs: connections stay open, nothing is said."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self.thaw()
        self._process.terminate()
        try:
            self._process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "town.json").read_text())
        return found

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-4_000:]
