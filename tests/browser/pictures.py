"""The pictures of the board in docs/images, taken from a running demo.

Start one on a folder of its own, then: `.venv/bin/python -m tests.browser.pictures FOLDER` (Chromium as for the tests).
"""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZE: ViewportSize = {"width": 1280, "height": 800}
NAMES: dict[Literal["light", "dark"], str] = {"light": "board.png", "dark": "board-dark.png"}
UNIT = "Hemtjänst Norr"


def main(folder: Path) -> None:
    demo = json.loads((folder / "demo.json").read_text())
    call_for_help(demo)
    path = os.environ.get("SAFEHOME_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for theme, name in NAMES.items():
            take(browser, demo, theme, IMAGES / name)
        browser.close()


def call_for_help(demo: dict[str, Any]) -> None:
    """Somebody in the unit presses the help button, so that the picture shows what the board is for."""
    device = next(device for device in demo["devices"] if device["kind"] == "button" and device["unit"] == UNIT)
    reading = {"device": device["external_id"], "kind": "button", "at": datetime.now(UTC).isoformat()}
    for gateway in demo["gateways"]:
        headers = {"authorization": f"Bearer {gateway['token']}"}
        answer = httpx.post(f"{demo['url']}/api/v1/readings/", json=reading, headers=headers)
        if answer.status_code == 202:
            return
    raise RuntimeError(f"no gateway of the demo speaks for {device['external_id']}")


def take(browser: Browser, demo: dict[str, Any], theme: Literal["light", "dark"], path: Path) -> None:
    page = browser.new_page(base_url=demo["url"], viewport=SIZE, reduced_motion="reduce")
    page.emulate_media(color_scheme=theme)
    sign_in(page, next(row for row in demo["accounts"] if row["role"] == "care_staff" and UNIT in row["units"]))
    page.goto("/shift/")
    page.locator("[data-play]").click()
    page.locator("button[value=start]").click()
    expect(page.locator("#board")).to_have_attribute("data-live", "live", timeout=30_000)
    expect(page.locator("[data-alarm][data-category=help]").first).to_be_visible(timeout=30_000)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.close()


def sign_in(page: Page, account: dict[str, Any]) -> None:
    page.goto("/accounts/login/?next=/shift/")
    page.locator("[name=login]").fill(account["email"])
    page.locator("[name=password]").fill(account["password"])
    page.locator("main form button").first.click()
    page.wait_for_url("**/shift/")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
