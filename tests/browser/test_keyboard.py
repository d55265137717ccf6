"""A whole turn of work by keyboard alone, with the focus always in sight."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.board import Board
from tests.browser.conftest import Visit
from tests.browser.eyes import settle
from tests.browser.visitors import Town, Ward
from tests.factories import PASSWORD

Send = Callable[..., None]

_FOCUS = """
() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const inside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return {
    name: element.outerHTML.slice(0, 120),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: inside || box.height > innerHeight,
    uncovered: hit !== null && (element.contains(hit) || hit.contains(element)),
  };
}
"""


def tab_to(target: Locator, at_most: int = 80) -> None:
    """Press Tab until the target has the focus; at each step it must be seen where the focus is."""
    page = target.page
    for _ in range(at_most):
        page.keyboard.press("Tab")
        focus_must_be_seen(page)
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached with {at_most} presses of Tab")


def focus_must_be_seen(page: Page) -> None:
    settle(page)
    found = page.evaluate(_FOCUS)
    assert found["outlined"], f"no outline: {found['name']}"
    assert found["inside"], f"outside the window: {found['name']}"
    assert found["uncovered"], f"covered: {found['name']}"


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    tab_to(page.locator("[name=login]"))
    page.keyboard.type(email)
    tab_to(page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board/")


def test_an_alarm_is_taken_reached_and_closed_by_keyboard_alone(visit: Visit, ward: Ward, send: Send) -> None:
    page = visit()
    board = Board(page)
    sign_in(page, ward.first)
    press(page.locator("main a[href='/shift/']"))
    page.wait_for_url("**/shift/")
    press(page.locator("[data-play]"), "Space")
    expect(page.locator("[data-played]")).not_to_be_empty()
    press(page.locator("button[value=start]"))
    page.wait_for_url("**/board/")
    board.must_be_live()
    send(ward)
    row = board.row(ward)
    expect(row).to_be_visible()
    press(row.locator("[data-key=accept]"))
    expect(row.locator("[data-key=arrive]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.locator("[data-key=close]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/alarms/*/#close")
    press(page.locator("[name=outcome]").first, "Space")
    press(page.locator("#close form button"))
    expect(board.message).to_be_visible()
    expect(row).to_have_count(0)


def test_the_first_press_of_tab_offers_to_skip_the_menu(visit: Visit) -> None:
    page = visit("carer")
    page.goto("/residents/")
    press(page.locator(".skip-link"))
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#q")).to_be_focused()


def test_a_menu_opens_and_closes_by_keyboard(visit: Visit) -> None:
    page = visit("carer")
    page.goto("/residents/")
    menu = page.locator("details[data-menu]").first
    press(menu.locator("summary"), "Space")
    expect(menu).to_have_attribute("open", "")
    tab_to(menu.locator("button").last)
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_every_stop_on_the_residents_page_is_in_sight(visit: Visit, town: Town) -> None:
    """From the first stop to the last, on the page that has most of everything."""
    page = visit("carer")
    page.goto(town.page("resident"))
    tab_to(page.locator(".site-footer a").last)
