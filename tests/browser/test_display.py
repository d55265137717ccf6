"""Language, light or dark, text size: Swedish until the reader says otherwise, and every choice is kept."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.eyes import Theme, wear


def choose(page: Page, name: str, value: str) -> None:
    page.locator("details[data-menu] summary").first.click()
    with page.expect_navigation():
        page.locator(f"button[name={name}][value={value}]").click()


def language(page: Page) -> str | None:
    return page.locator("html").get_attribute("lang")


def test_it_is_swedish_whatever_the_browser_asks_for(visit: Visit) -> None:
    page = visit(locale="en-GB")
    page.goto("/accounts/login/")
    assert language(page) == "sv"
    expect(page.locator("h1")).to_have_text("Logga in")


def test_english_is_kept_once_it_is_chosen(visit: Visit) -> None:
    page = visit(locale="sv-SE")
    page.goto("/accounts/login/")
    choose(page, "language", "en")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto("/accessibility/")
    assert language(page) == "en"
    expect(page.locator("h1")).to_have_text("Accessibility statement")


def test_the_choice_leads_back_to_where_the_reader_was(visit: Visit) -> None:
    page = visit("carer")
    page.goto("/residents/?q=Astrid")
    choose(page, "language", "en")
    expect(page).to_have_url(re.compile(r"/residents/\?q=Astrid$"))


def test_administration_speaks_the_chosen_language(visit: Visit) -> None:
    page = visit("administrator")
    page.goto("/residents/")
    choose(page, "language", "en")
    page.goto("/admin/")
    assert language(page) == "en"
    expect(page.locator("h1").last).to_have_text("Administration")


def test_the_choice_of_light_or_dark_goes_before_the_device(visit: Visit) -> None:
    page = visit()
    page.goto("/accessibility/")
    light, dark = _paper(page, "light"), _paper(page, "dark")
    assert dark != light
    choose(page, "theme", "light")
    assert _paper(page, "dark") == light
    choose(page, "theme", "dark")
    assert _paper(page, "light") == dark


def _paper(page: Page, device: Theme) -> str:
    """The colour of the page's ground."""
    wear(page, device)
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_larger_text_is_larger_on_every_page(visit: Visit) -> None:
    page = visit("carer")
    page.goto("/residents/")
    before = _size(page)
    choose(page, "text_size", "larger")
    page.goto("/shift/")
    assert _size(page) > before * 1.3


def _size(page: Page) -> float:
    size: float = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    return size
