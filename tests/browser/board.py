"""The board as a test reads it and acts on it: what is open, what rings, what the page says."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitors import Ward

HELP_TONE = "data-triangle"
LOST_TONE = "data-sawtooth"
"""Notes sounded so far, counted on `<html>` by their wave (tests/browser/eyes.py)."""


@dataclass(frozen=True)
class Board:
    """A page that shows the board."""

    page: Page

    def open(self) -> "Board":
        self.page.goto("/board/")
        return self

    def start_shift(self) -> "Board":
        """Test the sound and go on duty in the only unit there is."""
        self.page.goto("/shift/")
        self.page.locator("[data-play]").click()
        self.page.locator("button[value=start]").click()
        self.page.wait_for_url("**/board/")
        return self

    def row(self, ward: Ward) -> Locator:
        """The alarm of the ward's resident."""
        return self.page.locator("[data-alarm]").filter(has_text=ward.resident)

    def press(self, ward: Ward, verb: str) -> None:
        self.row(ward).locator(f"[data-key={verb}]").click()

    @property
    def message(self) -> Locator:
        return self.page.locator("[data-messages] .notice")

    @property
    def announcer(self) -> Locator:
        return self.page.locator("[data-announcer]")

    @property
    def frame(self) -> Locator:
        return self.page.locator("#board")

    @property
    def root(self) -> Locator:
        return self.page.locator("html")

    def must_be_live(self, timeout: float = 20_000) -> "Board":
        expect(self.frame).to_have_attribute("data-live", "live", timeout=timeout)
        return self

    def must_not_load_again(self) -> None:
        """From here on; `must_be_the_same_page` tells."""
        self.page.evaluate("document.body.dataset.kept = 'yes'")

    def must_be_the_same_page(self) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-kept", "yes")

    def notes(self, tone: str) -> int:
        return int(self.root.get_attribute(tone) or 0)

    def must_sound(self, tone: str) -> None:
        """Again, from now on."""
        later = self.notes(tone)
        expect(self.root).to_have_attribute(tone, re.compile(rf"^(?!{later}$)\d+$"))


def open_board(page: Page) -> Board:
    return Board(page).open().must_be_live()
