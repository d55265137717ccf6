"""`make serve`, compose.yaml and the systemd units run the same processes: no queue is without a worker."""

import re
from pathlib import Path

import pytest

from scripts import serve

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text()
TARGET = (DEPLOY / "systemd" / "safehome.target").read_text()
SERVE = "\n".join(" ".join(command) for command in serve.commands("8000").values())

QUEUES = {
    "make serve": re.findall(r"--queues (\S+)", SERVE),
    "compose.yaml": re.findall(r"--queues (\S+)", COMPOSE),
    "systemd": re.findall(r"safehome-worker@(\w+)\.service", TARGET),
}
WATCHES = {
    "make serve": SERVE.count("manage.py watch"),
    "compose.yaml": int(re.findall(r"manage\.py watch\n.*\n +replicas: (\d)", COMPOSE)[0]),
    "systemd": len(re.findall(r"safehome-watch@\d\.service", TARGET)),
}


@pytest.mark.parametrize("way", QUEUES)
def test_each_queue_has_one_kind_of_worker(way: str) -> None:
    served = [queue for queues in QUEUES[way] for queue in queues.split(",")]
    assert sorted(served) == ["default", "readings", "urgent"]


@pytest.mark.parametrize("way", QUEUES)
def test_urgent_readings_never_wait_behind_others(way: str) -> None:
    assert "urgent" in QUEUES[way]


@pytest.mark.parametrize("way", WATCHES)
def test_one_watch_loop_may_die_unnoticed(way: str) -> None:
    assert WATCHES[way] == 2
