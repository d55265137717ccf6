"""Where two factors are demanded, staff reach nothing before they have set one up, and then go on as before."""

import base64
import hmac
import struct
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.server import PAGES, Server
from tests.browser.visitors import Town, prove_who_you_are
from tests.factories import PASSWORD

STEP_S = 30


def code(secret: str, at: float) -> str:
    """What an authenticator app shows at that time (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // STEP_S), "sha1")
    start = digest[-1] & 0xF
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture
def strict(server: Server) -> Iterator[Server]:
    """The same town, where two factors are demanded."""
    running = Server(server.folder, command=PAGES, settings={"SAFEHOME_REQUIRE_MFA": "on"})
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def page(visit: Visit, strict: Server, town: Town) -> Page:
    """Somebody of the staff who has a password only."""
    page = visit(url=strict.url)
    page.context.add_cookies([cookie | {"url": strict.url} for cookie in town.cookies_of("newcomer")])  # type: ignore[misc]
    return page


def set_up(page: Page) -> str:
    """Add an authenticator app; returns its secret."""
    page.goto("/accounts/2fa/totp/activate/")
    prove_who_you_are(page)
    secret = page.locator("#authenticator_secret").input_value()
    give_code(page, secret)
    return secret


def give_code(page: Page, secret: str) -> None:
    page.locator("[name=code]").fill(code(secret, time.time()))
    page.locator("main form button").first.click()


def test_staff_must_set_up_a_second_factor_and_then_sign_in_with_it(
    visit: Visit, page: Page, strict: Server, town: Town
) -> None:
    page.goto("/board/")
    expect(page).to_have_url(f"{strict.url}/accounts/2fa/")
    expect(page.locator("[data-messages] .notice--warning")).to_be_visible()
    secret = set_up(page)
    page.goto("/board/")
    expect(page.locator("#board")).to_be_visible()
    _sign_in_anew(visit(url=strict.url), town.email("newcomer"), secret)


def _sign_in_anew(page: Page, email: str, secret: str) -> None:
    """A code is good once, so this waits for the next one."""
    page.goto("/accounts/login/?next=/board/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    expect(page.locator("[name=code]")).to_be_visible()
    page.wait_for_timeout((STEP_S - time.time() % STEP_S) * 1000)
    give_code(page, secret)
    expect(page.locator("#board")).to_be_visible()
