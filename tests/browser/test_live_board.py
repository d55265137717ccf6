"""The board keeps itself up to date, says what is new, and leaves the reader where she was."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.board import HELP_TONE, Board, open_board
from tests.browser.conftest import Visit
from tests.browser.visitors import Ward, display

Send = Callable[..., None]


@pytest.fixture
def first(visit: Visit, ward: Ward) -> Board:
    """On shift, with sound, looking at the board."""
    return Board(visit(ward.first)).start_shift().must_be_live()


@pytest.fixture
def second(visit: Visit, ward: Ward, first: Board) -> Board:
    """A colleague on the same shift."""
    return Board(visit(ward.second)).start_shift().must_be_live()


def is_focused(element: Locator) -> bool:
    focused: bool = element.evaluate("element => element === document.activeElement")
    return focused


def test_a_call_for_help_appears_and_is_announced_without_loading_the_page(
    first: Board, ward: Ward, send: Send
) -> None:
    first.must_not_load_again()
    send(ward)
    expect(first.row(ward)).to_be_visible()
    expect(first.announcer).to_contain_text(ward.resident)
    expect(first.announcer).to_have_attribute("aria-live", "assertive")
    first.must_be_the_same_page()


def test_the_title_counts_what_rings_until_it_is_taken(first: Board, ward: Ward, send: Send) -> None:
    send(ward)
    expect(first.page).to_have_title(re.compile(r"^\(1\) "))
    first.press(ward, "accept")
    expect(first.page).to_have_title(re.compile(r"^[^(]"))


def test_the_board_rings_until_somebody_takes_the_alarm(first: Board, ward: Ward, send: Send) -> None:
    assert first.notes(HELP_TONE) == 0
    send(ward)
    first.must_sound(HELP_TONE)
    first.must_sound(HELP_TONE)
    first.press(ward, "accept")
    expect(first.row(ward)).to_have_attribute("data-ringing", "false")
    heard = first.notes(HELP_TONE)
    first.page.wait_for_timeout(4_500)  # two rounds of the tone
    assert first.notes(HELP_TONE) == heard


def test_a_board_off_shift_does_not_ring(visit: Visit, first: Board, ward: Ward, send: Send) -> None:
    onlooker = open_board(visit(ward.second))
    send(ward)
    expect(onlooker.row(ward)).to_have_attribute("data-ringing", "true")
    first.must_sound(HELP_TONE)
    assert onlooker.notes(HELP_TONE) == 0


def test_the_others_see_who_took_it_and_stop_ringing(first: Board, second: Board, ward: Ward, send: Send) -> None:
    send(ward)
    expect(second.row(ward)).to_have_attribute("data-ringing", "true")
    first.press(ward, "accept")
    expect(second.row(ward)).to_have_attribute("data-ringing", "false")
    expect(second.row(ward).locator(".handling")).to_contain_text(ward.first_name)
    expect(second.row(ward).locator("[data-key=accept]")).to_have_count(0)


def test_who_presses_second_is_told_who_took_it(
    visit: Visit, first: Board, second: Board, ward: Ward, send: Send
) -> None:
    """The second board is held back, so that both press what they see at the same time."""
    send(ward)
    expect(second.row(ward)).to_be_visible()
    visit.eyes_on(second.page).network_breaks = True
    second.page.route("**/board/fragment/", lambda route: route.abort())
    first.press(ward, "accept")
    expect(first.row(ward)).to_have_attribute("data-ringing", "false")
    second.press(ward, "accept")
    expect(second.message).to_contain_text(ward.first_name)
    expect(second.message).to_have_attribute("role", "alert")


def test_a_second_call_rings_again_and_is_counted(first: Board, ward: Ward, send: Send) -> None:
    send(ward)
    first.press(ward, "accept")
    expect(first.row(ward)).to_have_attribute("data-ringing", "false")
    send(ward)
    expect(first.row(ward)).to_have_attribute("data-ringing", "true")
    expect(first.row(ward)).to_have_count(1)


def test_the_focus_and_the_place_on_the_page_are_kept(first: Board, second: Board, ward: Ward, send: Send) -> None:
    first.page.set_viewport_size({"width": 480, "height": 320})
    send(ward)
    link = first.row(ward).locator("[data-key=open]")
    link.focus()
    first.page.evaluate("scrollTo(0, 120)")
    kept = first.page.evaluate("scrollY")
    second.press(ward, "accept")
    expect(first.row(ward).locator(".handling")).to_contain_text(ward.second_name)
    assert is_focused(first.row(ward).locator("[data-key=open]"))
    assert first.page.evaluate("scrollY") == kept


def test_the_focus_goes_on_to_the_next_verb(first: Board, ward: Ward, send: Send) -> None:
    send(ward)
    first.row(ward).locator("[data-key=accept]").press("Enter")
    expect(first.row(ward).locator("[data-key=arrive]")).to_be_focused()


def test_an_alarm_is_taken_reached_and_closed(first: Board, ward: Ward, send: Send) -> None:
    send(ward)
    first.press(ward, "accept")
    first.press(ward, "arrive")
    expect(first.row(ward).locator(".handling--on_site")).to_contain_text(ward.first_name)
    first.press(ward, "close")
    page = first.page
    page.locator("[name=outcome][value=help_given]").check()
    page.locator("[name=note]").fill("Hjälpte henne upp.")
    page.locator("#close form button").click()
    expect(first.message).to_be_visible()
    expect(first.row(ward)).to_have_count(0)


def test_a_false_alarm_needs_a_reason(first: Board, ward: Ward, send: Send) -> None:
    send(ward)
    page = first.page
    first.row(ward).locator("[data-key=open]").click()
    page.locator("[name=outcome][value=false_alarm]").check()
    page.locator("#close form button").click()
    expect(page.locator("[data-take-focus]")).to_be_focused()
    expect(page.locator(".field--invalid [name=note]")).to_be_visible()


def test_the_age_of_an_alarm_grows_without_loading(visit: Visit, ward: Ward, send: Send) -> None:
    page = visit(ward.first)
    page.context.add_cookies([display("en") | {"url": ward.url}])  # type: ignore[list-item]
    board = Board(page).start_shift().must_be_live()
    board.must_not_load_again()
    send(ward, ago=40)
    expect(board.row(ward).locator(".alarm-age")).to_have_text("just now")
    expect(board.row(ward).locator(".alarm-age")).to_have_text("1 min", timeout=30_000)
    board.must_be_the_same_page()


def test_ending_the_shift_shows_the_board_that_does_not_ring(first: Board) -> None:
    page: Page = first.page
    page.goto("/shift/")
    page.locator("button[value=end]").click()
    expect(first.message).to_be_visible()
    page.goto("/board/")
    expect(page.locator("[data-turn-on-sound]")).to_have_count(0)
