"""The table of settings in docs/operations.md and the code that reads them agree."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
READERS = [ROOT / "safehome" / "settings.py", ROOT / "safehome" / "secrets_store.py"]


def settings_read() -> set[str]:
    source = "".join(path.read_text() for path in READERS)
    return set(re.findall(r"""\benv\.\w+\(\s*["']([A-Z_]+)["']""", source))


def settings_documented() -> set[str]:
    table = OPERATIONS.read_text().split("## Settings")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`.*?`) \|", table, flags=re.MULTILINE)
    return set(re.findall(r"`([A-Z_]+)`", " ".join(first_cells)))


def settings_of_the_example() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / "deploy" / "safehome.env.example").read_text(), re.MULTILINE))


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert settings_documented() == settings_read()


def test_the_example_names_only_settings_that_exist() -> None:
    assert settings_of_the_example() <= settings_read()
