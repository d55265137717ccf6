"""Presses in the demo, until the alarm's row is drawn in a real browser. Imported once Django is set up."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async

from bench import board
from bench.client import Gateway, boards
from bench.presses import press_again_and_again
from bench.report import Table
from bench.seed import session_of
from devices.models import Device
from safehome.organisation.models import User

PRESSES = 50
WARM_UP = 5
PAUSE_S = 0.3


async def measure(table: Table, content: dict[str, Any]) -> None:
    """`content` is the demo's own account of itself: url, people, gateways' tokens and devices."""
    port = urlsplit(content["url"]).port
    assert port is not None
    user, token, buttons = await sync_to_async(_choose)(content)
    session = await sync_to_async(session_of)(user)
    async with board.browser_page() as page, boards(port, [session]) as audience, Gateway(port, token) as gateway:
        await board.open_board(page, port, session)
        presses = press_again_and_again(gateway, audience, buttons, WARM_UP + PRESSES, user, pause_s=PAUSE_S)
        drawn = [await board.drawn(page, press.alarm, press.started) async for press in presses]
    table.times("POST → the row in Chromium", drawn[WARM_UP:], "max < 1000")


def _choose(content: dict[str, Any]) -> tuple[User, str, list[str]]:
    """One of the care staff, and the gateway with most buttons in their units."""
    person = next(account for account in content["accounts"] if account["role"] == "care_staff")
    pressable = [
        device["external_id"]
        for device in content["devices"]
        if device["kind"] == "button" and device["unit"] in person["units"]
    ]
    by_gateway: defaultdict[str, list[str]] = defaultdict(list)
    for device in Device.objects.filter(external_id__in=pressable).select_related("gateway"):
        by_gateway[device.gateway.name].append(device.external_id)
    name, buttons = max(by_gateway.items(), key=lambda item: len(item[1]))
    token = next(gateway["token"] for gateway in content["gateways"] if gateway["name"] == name)
    return User.objects.get(email=person["email"]), token, buttons
