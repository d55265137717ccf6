"""Every page in Swedish and English, light and dark: no barrier that axe knows, no error, no broken policy, and nothing
asked of anybody else's server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visit
from tests.browser.eyes import Eyes, Theme, barriers, wear, width_needed
from tests.browser.pages import PAGES, Place
from tests.browser.visitors import Town, display, prove_who_you_are

LANGUAGES = ["sv", "en"]
THEMES: dict[str, tuple[Theme, ...]] = {"sv": ("light", "dark"), "en": ("dark",)}
"""All rules in each language. Colours are the same in both, so one of them sees to the second theme."""
MODELS = sorted(f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry)


@dataclass
class Tour:
    """One open page for each person, taken from place to place."""

    visit: Visit
    town: Town
    pages: dict[str | None, Eyes] = field(default_factory=dict)

    def see(self, place: Place, language: str) -> Eyes:
        eyes = self._eyes_of(place.who)
        eyes.take_complaints()
        self._dress(eyes.page, place.who, display(language))
        self._go_to(eyes.page, place)
        place.first(eyes.page)
        return eyes

    def _go_to(self, page: Page, place: Place) -> None:
        address = self._address(place)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == place.status
        if place.asks_again:
            prove_who_you_are(page)
        assert page.url.endswith(address)

    def _eyes_of(self, who: str | None) -> Eyes:
        if who not in self.pages:
            self.visit()
            self.pages[who] = self.visit.opened[-1]
        return self.pages[who]

    def _dress(self, page: Page, who: str | None, choice: dict[str, str]) -> None:
        """Signed in, with the choice of display; nobody's messages from the page before."""
        page.context.clear_cookies()
        signed_in = self.town.cookies_of(who) if who else []
        page.context.add_cookies([cookie | {"url": self.town.url} for cookie in [*signed_in, choice]])  # type: ignore[misc]

    def _address(self, place: Place) -> str:
        path = place.address(self.town)
        return path.replace("elsewhere.test", f"elsewhere.test:{self.town.url.rsplit(':')[-1]}")


@pytest.fixture(scope="module")
def tour(browser: Browser, town: Town) -> Iterator[Tour]:
    visit = Visit(browser, town)
    yield Tour(visit, town)
    for eyes in visit.opened:
        eyes.page.context.close()


def _must_be_clean(eyes: Eyes, *themes: Theme) -> None:
    """On a device that is light or dark. Complaints come first: axe itself breaks the policy."""
    assert eyes.take_complaints() == []
    for number, theme in enumerate(themes):
        wear(eyes.page, theme)
        assert barriers(eyes.page, of_colour=number > 0) == [], theme


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", PAGES, ids=str)
def test_the_page_has_no_barrier_and_no_complaint_and_fits_in_320_pixels(
    tour: Tour, place: Place, language: str
) -> None:
    eyes = tour.see(place, language)
    _must_be_clean(eyes, *THEMES[language])
    assert _too_wide(eyes.page) == {}


def _too_wide(page: Page) -> dict[str, int]:
    """Text size → how wide the page is on a narrow phone, where that is more than the phone."""
    page.set_viewport_size({"width": 320, "height": 640})
    needed = {}
    for text_size in ("normal", "larger"):
        page.locator("html").evaluate("(root, size) => { root.dataset.textSize = size; }", text_size)
        needed[text_size] = width_needed(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    return {text_size: width for text_size, width in needed.items() if width > 320}


# --- Administration ------------------------------------------------------------------------------------------

ADMIN_PARTS: dict[str, Callable[[Page], Any]] = {
    "list": lambda page: None,
    "new": lambda page: _follow(page, ".object-tools a.addlink"),
    "one": lambda page: _follow(page, "#result_list tbody a"),
}

SEEN_BY = {"/admin/audit/accessentry/": "log reviewer"}
"""All else is the administrator's."""


def _follow(page: Page, link: str) -> None:
    if page.locator(link).count():
        page.locator(link).first.click()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", MODELS)
def test_the_pages_of_administration_have_no_barrier_and_no_complaint(tour: Tour, path: str, language: str) -> None:
    for part, first in ADMIN_PARTS.items():
        place = Place(part, path, who=SEEN_BY.get(path, "administrator"), first=first)
        _must_be_clean(tour.see(place, language), *THEMES[language])
