"""Every page of the product, with somebody who visits it and what they do there first.

A new page belongs in this list: the tests of looks and access walk through it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.visitors import Town


@dataclass(frozen=True)
class Place:
    """A page. `path` may name one of the town's pages in braces; `first` is done when it is open; `status` is
    what the server answers to the visit; `asks_again` for the password."""

    name: str
    path: str
    who: str | None = "carer"
    status: int = 200
    first: Callable[[Page], None] = lambda page: None
    asks_again: bool = False

    def __str__(self) -> str:
        return self.name

    def address(self, town: Town) -> str:
        return town.page(self.path.strip("{}")) if self.path.startswith("{") else self.path


def _send_empty(page: Page) -> None:
    """Send the page's form with nothing in it."""
    page.locator("main form").last.locator("button").click()
    page.locator("[data-take-focus]").wait_for()


def _send_without_token(page: Page) -> None:
    """Send a form that comes from another browser, or from long ago."""
    page.locator("main [name=csrfmiddlewaretoken]").first.evaluate("field => field.value = 'x'.repeat(64)")
    page.locator("main form button").first.click()


ACCOUNT = (
    Place("sign in", "/accounts/login/", who=None),
    Place("sign in, refused", "/accounts/login/", who=None, first=_send_empty),
    Place("sign out", "/accounts/logout/"),
    Place("change password", "/accounts/password/change/"),
    Place("change password, refused", "/accounts/password/change/", first=_send_empty),
    Place("forgotten password", "/accounts/password/reset/", who=None),
    Place("forgotten password, sent", "/accounts/password/reset/done/", who=None),
    Place("forgotten password, old link", "/accounts/password/reset/key/1-old/", who=None),
    Place("who are you", "/accounts/reauthenticate/"),
    Place("second factor", "/accounts/2fa/"),
    Place("second factor, app", "/accounts/2fa/totp/activate/", asks_again=True),
    Place("second factor, app, refused", "/accounts/2fa/totp/activate/", first=_send_empty, asks_again=True),
    Place("second factor, keys", "/accounts/2fa/webauthn/"),
    Place("second factor, new key", "/accounts/2fa/webauthn/add/", asks_again=True),
)
ALARMS = (
    Place("board on shift", "/board/"),
    Place("board off shift", "/board/", who="carer off duty"),
    Place("board of the alarm centre", "/board/", who="operator"),
    Place("board of a technician", "/board/", who="technician"),
    Place("shift, on", "/shift/"),
    Place("shift, off", "/shift/", who="carer off duty"),
    Place("alarm", "{alarm}"),
    Place("alarm, technical", "{technical alarm}"),
    Place("alarm, closed", "{closed alarm}"),
    Place("alarm, closing refused", "{alarm}", first=_send_empty),
)
RESIDENTS = (
    Place("residents", "/residents/"),
    Place("residents, next page", "/residents/?page=2"),
    Place("residents, found", "/residents/?q=Astrid"),
    Place("residents, nobody", "/residents/?q=Zebulon"),
    Place("resident", "{resident}"),
    Place("resident, for a case officer", "{resident}", who="case officer"),
    Place("resident, protected", "{protected resident}"),
    Place("resident, protected, for her manager", "{protected resident}", who="manager"),
    Place("my home", "/home/", who="resident"),
    Place("my home, for a relative", "/home/", who="relative"),
    Place("my home, for a stranger", "/home/", who="stranger"),
)
OWN = (
    Place("start", "/my/", who="resident"),
    Place("start, for a relative", "/my/", who="relative"),
    Place("start, for a stranger", "/my/", who="stranger"),
    Place("my consents", "/my/consents/", who="resident"),
    Place("my consents, for a relative", "/my/consents/", who="relative"),
    Place("who may see", "/my/who-sees/", who="resident"),
    Place("who may see, for a relative", "/my/who-sees/", who="relative"),
    Place("relatives", "/my/relatives/", who="resident"),
    Place("new relative, refused", "{new relative}", who="resident", first=_send_empty),
    Place("a relative's page", "{relative's page}", who="relative"),
    Place("relatives at the desk", "{relatives at the desk}"),
    Place("new relative at the desk", "{new relative at the desk}"),
)
ANSWERING = (
    Place("questions", "/my/self/", who="asked resident"),
    Place("questions, how it works", "/my/self/how/", who="asked resident"),
    Place("questions, with help", "/my/self/help/", who="asked resident"),
    Place("questions, talk", "/my/self/talk/", who="asked resident"),
    Place("questions, come back later", "/my/self/later/", who="asked resident"),
    Place("questions, for a relative", "/my/self/", who="only a relative", status=403),
    Place("questions, left", "/my/left/", who=None),
)
PRODUCT = (
    Place("patterns", "/ui/"),
    Place("accessibility", "/accessibility/", who=None),
    Place("description of the API", "/api/docs/"),
    Place("not found", "/nowhere/", status=404),
    Place("not found, signed out", "/nowhere/", who=None, status=404),
    Place("not allowed", "/board/", who="resident", status=403),
    Place("form too old", "/accounts/login/", who=None, first=_send_without_token),
    Place("bad request", "http://elsewhere.test/", who=None, status=400),
    Place("administration", "/admin/", who="administrator"),
    Place("administration, for a log reviewer", "/admin/", who="log reviewer"),
)
DESK = (
    Place("consents of a resident", "{consents}"),
    Place("consents of a resident, for her manager", "{consents}", who="manager"),
    Place("ask about something", "{ask}"),
    Place("ask about something, refused", "{ask}", first=_send_empty),
    Place("hand over the tablet", "{hand over}"),
    Place("print a form", "{paper}"),
    Place("emergency", "{emergency}"),
    Place("emergency, refused", "{emergency}", first=_send_empty),
    Place("work list of consents", "/consents/work/"),
    Place("work list of a technician", "/consents/work/", who="technician"),
)
PAGES = ACCOUNT + ALARMS + RESIDENTS + ANSWERING + OWN + DESK + PRODUCT
