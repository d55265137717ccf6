"""What a page says besides what it shows: errors, broken policies, strange addresses, barriers that axe finds."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

Theme = Literal["light", "dark"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

COLOUR_RULES = ["color-contrast", "link-in-text-block"]

_REPORT_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} refuses ${event.blockedURI} at ${event.sourceFile}`));
"""
_COUNT_TONES = """
{
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    const heard = document.documentElement.dataset;
    heard[this.type] = Number(heard[this.type] ?? 0) + 1;
    return start.apply(this, when);
  };
}
"""


def watch_for_complaints(context: BrowserContext) -> None:
    """Have each page tell of broken policies, and count on `<html>` the notes that it sounds, by their wave."""
    context.add_init_script(_REPORT_POLICY + _COUNT_TONES)


@dataclass
class Eyes:
    """Looks at one page for as long as it is open. `network_breaks`: the test breaks it, so that is no complaint."""

    page: Page
    network_breaks: bool = False
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error" or (self.network_breaks and _is_about_the_network(message)):
            return
        if "Cross-Origin-Opener-Policy header has been ignored" in message.text:
            return  # said of every name but localhost that is visited without TLS
        if not self._is_the_page_itself(message):
            self.complaints.append(f"console: {message.text} ({message.location['url']})")

    def _is_the_page_itself(self, message: ConsoleMessage) -> bool:
        """Chromium tells of every page of error; its status is for the test to judge."""
        return message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")):
            return
        asker = self.page.url if request.is_navigation_request() is False else request.url
        if urlsplit(request.url).netloc != urlsplit(asker).netloc:
            self.complaints.append(f"cross-origin: {request.url}")

    def take_complaints(self) -> list[str]:
        """All since the last time."""
        taken, self.complaints = self.complaints, []
        return taken


def _is_about_the_network(message: ConsoleMessage) -> bool:
    return message.text.startswith(("WebSocket connection", "Failed to load resource"))


def barriers(page: Page, *, of_colour: bool = False) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, a line for each place. `of_colour` asks only the rules that another
    theme of the same page can break."""
    chosen = {"type": "rule", "values": COLOUR_RULES} if of_colour else {"type": "tag", "values": WCAG}
    options = {"runOnly": chosen, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


_CALM = """
async () => {
  for (let calm = 0; calm < 3; ) {
    await new Promise(requestAnimationFrame);
    calm = document.getAnimations().some((animation) => animation.playState === "running") ? 0 : calm + 1;
  }
}
"""


def wear(page: Page, theme: Theme) -> None:
    """Look at the page on a light or a dark device, once its colours have changed."""
    page.emulate_media(color_scheme=theme)
    settle(page)


def settle(page: Page) -> None:
    """Wait until nothing moves or changes colour; that takes some frames even with reduced motion."""
    page.evaluate(_CALM)


def width_needed(page: Page) -> int:
    """How many pixels the page scrolls over, from side to side."""
    width: int = page.evaluate("document.scrollingElement.scrollWidth")
    return width
