"""With scripts switched off everything still works, as plain pages and forms."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.board import Board
from tests.browser.conftest import Visit
from tests.browser.visitors import Ward
from tests.factories import PASSWORD

Send = Callable[..., None]


@pytest.fixture
def plain(visit: Visit, ward: Ward) -> Page:
    """Signed in, and on shift."""
    page = visit(ward.first, java_script_enabled=False)
    page.goto("/shift/")
    page.locator("button[value=start]").click()
    return page


def test_signing_in_is_a_plain_form(visit: Visit, ward: Ward) -> None:
    page = visit(java_script_enabled=False)
    page.goto("/board/")
    page.locator("[name=login]").fill(ward.first)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    expect(page.locator("#board")).to_be_visible()


def test_the_board_comes_again_by_itself_and_shows_a_new_alarm(plain: Page, ward: Ward, send: Send) -> None:
    board = Board(plain).open()
    expect(board.row(ward)).to_have_count(0)
    send(ward)
    expect(board.row(ward)).to_be_visible(timeout=30_000)


def test_it_says_that_nothing_rings(plain: Page) -> None:
    plain.goto("/board/")
    expect(plain.locator("noscript .notice--warning")).to_be_visible()


def test_an_alarm_is_taken_reached_and_closed_by_plain_forms(plain: Page, ward: Ward, send: Send) -> None:
    send(ward)
    board = Board(plain).open()
    while not board.row(ward).count():  # the alarm is raised a moment after the reading is kept
        board.open()
    board.press(ward, "accept")
    expect(board.message).to_be_visible()
    board.press(ward, "arrive")
    board.press(ward, "close")
    plain.locator("[name=outcome][value=talked]").check()
    plain.locator("#close form button").click()
    expect(board.row(ward)).to_have_count(0)


def test_the_shift_starts_and_ends_by_plain_forms(plain: Page, ward: Ward) -> None:
    expect(plain.locator(".board-units")).to_contain_text(ward.unit)
    plain.goto("/shift/")
    plain.locator("button[value=end]").click()
    expect(plain.locator("button[value=end]")).to_have_count(0)


def test_the_choices_of_display_are_a_plain_form(visit: Visit) -> None:
    page = visit("carer", java_script_enabled=False)
    page.goto("/residents/")
    page.locator("details[data-menu] summary").first.click()
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    expect(page).to_have_url(re.compile("/residents/$"))
