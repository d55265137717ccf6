"""Server mode says when nothing looks through what is uploaded."""

import pytest
from pytest_django import Settings

from safehome.checks import scanner


@pytest.mark.parametrize(
    ("embedded", "command", "warned"),
    [(True, "", []), (False, "", ["safehome.W032"]), (False, "clamdscan --fdpass", [])],
)
def test_server_mode_is_warned_without_a_scanner(
    embedded: bool, command: str, warned: list[str], settings: Settings
) -> None:
    settings.EMBEDDED, settings.SAFEHOME_SCAN_COMMAND = embedded, command
    assert [warning.id for warning in scanner()] == warned
