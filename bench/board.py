"""Presses of a help button until the alarm's row is drawn on a board in a real browser."""

import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright

from bench.client import HOST
from scripts.serve import CannotServe

# Notes when a row is there and the frame with it is drawn: the time of day, in milliseconds with fractions.
NOTE_ROWS = """
window.rows = new Map();
const noted = (row) => requestAnimationFrame(() => requestAnimationFrame(
  () => window.rows.set(row.dataset.alarm, performance.timeOrigin + performance.now())));
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.dataset?.alarm) noted(node);
}).observe(document, { childList: true, subtree: true });
"""
ROW = """async (alarm) => {
  while (!window.rows.has(alarm)) await new Promise((done) => setTimeout(done, 5));
  return window.rows.get(alarm);
}"""


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A page in Chromium that notes rows as they come."""
    path = os.environ.get("SAFEHOME_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise CannotServe("No Chromium: name it in SAFEHOME_TEST_CHROMIUM, or say --no-browser.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            page = await browser.new_page()
            await page.add_init_script(NOTE_ROWS)
            yield page
        finally:
            await browser.close()


async def open_board(page: Page, port: int, session: str) -> None:
    """The board of whoever the session is of, as soon as it says that it is live."""
    url = f"http://{HOST}:{port}"
    await page.context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    await page.goto(f"{url}/board/")
    await page.locator("#board[data-live=live]").wait_for()


async def drawn(page: Page, alarm: str, started: float) -> float:
    """Seconds from `started` (on the monotonic clock) until the alarm's row was drawn."""
    drawn_at: float = await page.evaluate(ROW, alarm)
    return drawn_at / 1000 - (time.time() - time.monotonic()) - started
