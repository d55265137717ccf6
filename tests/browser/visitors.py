"""Who visits the town, with what cookies, and the wards where nobody else is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from playwright.sync_api import Page

from tests.factories import PASSWORD

Cookie = dict[str, str]


@dataclass(frozen=True)
class Ward:
    """A unit with two carers and one resident, whose help button sends with `token`."""

    url: str
    unit: str
    resident: str
    first: str
    first_name: str
    second: str
    second_name: str
    button: str
    token: str


@dataclass
class Town:
    """The facts of tests/browser/town.py."""

    url: str
    facts: dict[str, Any]
    _sessions: dict[str, list[Cookie]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._wards: Iterator[dict[str, str]] = iter(self.facts["wards"])

    def next_ward(self) -> Ward:
        return Ward(self.url, **next(self._wards))

    def email(self, who: str) -> str:
        """The address of somebody by their part in the town; an address stands for itself."""
        address: str = self.facts["users"].get(who, who)
        return address

    def page(self, name: str) -> str:
        path: str = self.facts["pages"][name]
        return path

    def cookies_of(self, who: str) -> list[Cookie]:
        """Those of a browser in which the person has signed in."""
        if who not in self._sessions:
            self._sessions[who] = sign_in(self.url, self.email(who))
        return self._sessions[who]


def sign_in(url: str, email: str) -> list[Cookie]:
    """Through the form, as a person does."""
    with httpx.Client(base_url=url, timeout=30) as client:
        client.get("/accounts/login/")
        form = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post("/accounts/login/", data=form, headers={"referer": url})
        assert answer.status_code == 302, f"{email} could not sign in"
        return [{"name": name, "value": value} for name, value in client.cookies.items()]


def prove_who_you_are(page: Page) -> None:
    """Pages that open the account to others ask for the password again, unless it was given a short while ago."""
    if urlsplit(page.url).path == "/accounts/reauthenticate/":
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()


def display(language: str = "sv", theme: str = "auto", text_size: str = "normal") -> Cookie:
    """The cookie that keeps a reader's choices of display."""
    return {
        "name": "safehome_display",
        "value": urlencode({"language": language, "text_size": text_size, "theme": theme}),
    }
