"""A real Chromium, a running Safehome to visit, and the people who visit it.

Everything goes over the network as it does for a person: nothing here reaches into the server's database.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.eyes import Eyes, watch_for_complaints
from tests.browser.server import ROOT, Server
from tests.browser.visitors import Town, Ward
from tests.services import missing

expect.set_options(timeout=20_000)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP elsewhere.test 127.0.0.1"]
PICTURES = ROOT / "test-results" / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder needs Chromium."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


# --- The server and its town ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """All of Safehome in embedded mode, on a town of its own."""
    running = Server(tmp_path_factory.mktemp("town"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def town(server: Server) -> Town:
    return Town(server.url, server.facts())


@pytest.fixture
def ward(town: Town) -> Ward:
    """A unit with two carers and a resident, which no other test touches."""
    return town.next_ward()


# --- The browser ---------------------------------------------------------------------------------------------


def chromium() -> str:
    """Where the browser is, or why the test is skipped."""
    named = os.environ.get("SAFEHOME_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or missing("Chromium", "install it, or name it in SAFEHOME_TEST_CHROMIUM")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for each file of tests. Playwright's loop ends with it, so that other tests may start their own."""
    path = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Visit:
    """`visit("carer")` opens a page in a browser of that person's own; what the browser complains of fails the test."""

    browser: Browser
    town: Town
    opened: list[Eyes] = field(default_factory=list)

    def __call__(self, who: str | None = None, *, url: str = "", **options: Any) -> Page:
        """`who` as in the town, or somebody's address; `url` when the visit goes by another way than straight."""
        base = url or self.town.url
        context = self.browser.new_context(**{"base_url": base, "reduced_motion": "reduce"} | options)
        if who is not None:
            context.add_cookies([cookie | {"url": base} for cookie in self.town.cookies_of(who)])  # type: ignore[misc]
        return self.look_through(context)

    def eyes_on(self, page: Page) -> Eyes:
        return next(eyes for eyes in self.opened if eyes.page is page)

    def look_through(self, context: BrowserContext) -> Page:
        watch_for_complaints(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        self.opened.append(Eyes(page))
        return page


@pytest.fixture
def visit(browser: Browser, town: Town) -> Iterator[Visit]:
    visits = Visit(browser, town)
    yield visits
    complaints = [complaint for eyes in visits.opened for complaint in eyes.take_complaints()]
    for eyes in visits.opened:
        eyes.page.context.close()
    assert complaints == []


@pytest.fixture
def send() -> Callable[..., None]:
    """`send(ward)`: the resident presses the help button; `ago` seconds ago, when it comes late."""
    return press_button


def press_button(ward: Ward, *, ago: float = 0, timeout: float = 30) -> None:
    answer = httpx.post(
        f"{ward.url}/api/v1/readings/",
        headers={"authorization": f"Bearer {ward.token}"},
        json={"device": ward.button, "kind": "button", "value": 1, "at": moment(ago)},
        timeout=timeout,
    )
    assert answer.status_code == 202, answer.text


def moment(ago: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()


# --- When a test fails ---------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The server's last words and a picture of each open page go with the report."""
    report = yield
    if report.failed and report.when == "call":
        report.sections += _evidence(item)
    return report


def _evidence(item: Any) -> Iterator[tuple[str, str]]:
    if server := item.funcargs.get("server"):
        yield "server log", server.last_words()
    if visits := item.funcargs.get("visit"):
        for number, eyes in enumerate(visits.opened):
            path = PICTURES / f"{item.name.replace('/', '_')}-{number}.png"
            eyes.page.screenshot(path=path)
            yield "picture", str(path)
