"""What is installed is what was locked, from wherever a machine gets its packages."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def pins(lock: Path) -> dict[str, str]:
    """Package → version, of a lock of Python packages."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text())
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_lock_names_where_packages_come_from(lock: Path) -> None:
    assert not re.search(r"://|--(index|extra|find|trusted)", lock.read_text())


def test_npm_packages_are_locked_by_content_and_not_by_address() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in locked.items() if name}
    assert fetched
    assert [name for name, entry in fetched.items() if "integrity" not in entry or "resolved" in entry] == []


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    runtime, test = (pins(ROOT / "requirements" / name) for name in ("runtime.txt", "test.txt"))
    assert runtime
    assert {name: test.get(name) for name in runtime} == runtime
