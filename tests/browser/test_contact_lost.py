"""A board that has lost contact says so within fifteen seconds, in words, colour and sound, and comes back by itself
without having missed an alarm."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.browser.board import LOST_TONE, Board
from tests.browser.cable import Cable
from tests.browser.conftest import Visit
from tests.browser.server import Server
from tests.browser.visitors import Ward

Send = Callable[..., None]
WITHIN = 15_000
"""Milliseconds in which a board must know that it is cut off."""
BACK_WITHIN = 30_000
SAYS_SINCE_WHEN = re.compile(r"\d\d:\d\d")


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    with Cable(server.port) as whole:
        yield whole


@pytest.fixture
def board(visit: Visit, ward: Ward, cable: Cable) -> Board:
    """On shift, reached through the cable."""
    page = visit(ward.first, url=cable.url)
    visit.eyes_on(page).network_breaks = True
    return Board(page).start_shift().must_be_live()


@pytest.fixture
def healed(server: Server) -> Iterator[Server]:
    """The server, which runs again when the test is over, whatever the test did to it."""
    yield server
    server.thaw()
    if not server.runs:
        server.start()


def must_look_lost(board: Board) -> None:
    lost = board.page.locator(".lost[data-when=lost]")
    expect(lost).to_be_visible(timeout=WITHIN)
    expect(lost.locator("[data-lost-words]")).to_have_text(SAYS_SINCE_WHEN)
    expect(board.announcer).to_contain_text(SAYS_SINCE_WHEN)
    expect(board.page).to_have_title(re.compile("^⚠ "))
    expect(board.page.locator("[data-board]")).to_have_css("filter", "grayscale(1)")
    board.must_sound(LOST_TONE)


def test_a_cut_cable_is_noticed_and_no_alarm_is_missed(board: Board, cable: Cable, ward: Ward, send: Send) -> None:
    board.must_not_load_again()
    cable.cut()
    send(ward)
    must_look_lost(board)
    expect(board.row(ward)).to_have_count(0)
    cable.mend()
    board.must_be_live(BACK_WITHIN)
    expect(board.row(ward)).to_have_attribute("data-ringing", "true")
    expect(board.announcer).to_contain_text(ward.resident)
    board.must_be_the_same_page()


def test_a_server_that_hangs_is_noticed_and_no_alarm_is_missed(
    board: Board, healed: Server, ward: Ward, send: Send
) -> None:
    """The reading reaches the machine while it hangs, and is answered when it goes on."""
    healed.freeze()
    with ThreadPoolExecutor(1) as gateway:
        answer = gateway.submit(send, ward, timeout=120)
        must_look_lost(board)
        healed.thaw()
        answer.result()
    board.must_be_live(BACK_WITHIN)
    expect(board.row(ward)).to_have_attribute("data-ringing", "true")


def test_a_server_that_dies_is_noticed_and_the_board_finds_the_next_one(
    board: Board, healed: Server, ward: Ward, send: Send
) -> None:
    healed.kill()
    must_look_lost(board)
    healed.start()
    send(ward)
    expect(board.row(ward)).to_have_attribute("data-ringing", "true", timeout=BACK_WITHIN)
    board.must_be_live(BACK_WITHIN)


def test_the_sign_of_loss_goes_away_and_the_reader_is_told(board: Board, cable: Cable) -> None:
    cable.cut()
    must_look_lost(board)
    cable.mend()
    board.must_be_live(BACK_WITHIN)
    expect(board.page.locator(".lost[data-when=lost]")).to_be_hidden()
    expect(board.announcer).to_contain_text(board.frame.get_attribute("data-words-back") or "?")


def test_what_could_not_be_saved_is_said(board: Board, cable: Cable, ward: Ward, send: Send) -> None:
    send(ward)
    expect(board.row(ward)).to_be_visible()
    cable.cut()
    board.press(ward, "accept")
    expect(board.message).to_have_attribute("role", "alert")
    cable.mend()
    board.must_be_live(BACK_WITHIN)
    expect(board.row(ward)).to_have_attribute("data-ringing", "true")


def test_who_is_signed_out_is_told_that_no_alarms_show(board: Board, ward: Ward) -> None:
    """In another tab, by whoever has the tablet next."""
    other = board.page.context.new_page()
    other.goto("/accounts/logout/")
    other.locator("main form button").click()
    expect(board.page.locator(".lost[data-when=signed-out]")).to_be_visible(timeout=40_000)
    expect(board.announcer).not_to_be_empty()
