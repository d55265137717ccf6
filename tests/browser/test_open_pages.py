"""An open page about a person loses what may no longer be shown within a beat, and never looks fresh when it is not.

The server here is a thread of the test's own, so that the resident can say no behind the open page's back.
"""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from consents import actions
from consents.kinds import Answer, GivenBy
from consents.models import Consent
from consents.policies import Giver
from devices.models import Assignment
from safehome.organisation.models import User
from safehome.residents.models import CareRelation, Resident
from tests.conftest import Post
from tests.factories import publish_text, reading

A_BEAT = 5_000
SILENCE = 20_000

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Client]
Open = Callable[[str], Page]


@pytest.fixture(scope="module", autouse=True)
def beside_the_browser() -> Iterator[None]:
    """Playwright has an event loop in this thread, in which Django would refuse to ask the database, to empty it after
    the last test too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def open_page(
    beside_the_browser: None,
    transactional_db: None,
    browser: Browser,
    live_server: LiveServer,
    her_carer: User,
    client_of: SignIn,
) -> Iterator[Open]:
    """`open_page(address)`: her carer looks at it."""
    context = browser.new_context(locale="en")
    session = client_of(her_carer).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    def visit(address: str) -> Page:
        page = context.new_page()
        page.goto(f"{live_server.url}{address}")
        page.wait_for_timeout(500)
        return page

    yield visit
    context.close()


@pytest.fixture
def measured(thermometer: Assignment, post_readings: Post, drain: Callable[[], int]) -> Assignment:
    post_readings(reading(thermometer, 23.7))
    drain()
    return thermometer


def test_the_data_go_within_a_beat_after_the_no(measured: Assignment, resident: Resident, open_page: Open) -> None:
    page = open_page(reverse("residents:detail", args=[resident.pk]))
    expect(page.locator("#temperature-heading")).to_be_visible()
    consent = Consent.objects.get(resident=resident)
    publish_text(consent.purpose)
    actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))
    expect(page.locator("#temperature-heading")).to_have_count(0, timeout=A_BEAT)
    expect(page.locator("#facts-heading")).to_be_visible()


def test_who_may_see_nothing_any_more_is_told_so(measured: Assignment, resident: Resident, open_page: Open) -> None:
    page = open_page(reverse("residents:detail", args=[resident.pk]))
    expect(page.locator("#facts-heading")).to_be_visible()
    CareRelation.objects.all().delete()
    expect(page.locator("#facts-heading")).to_have_count(0, timeout=A_BEAT)
    expect(page.locator("#resident")).to_have_role("alert")
    assert "Astrid" not in page.content()
    assert "Astrid" not in page.title()


def test_without_contact_the_page_says_that_it_may_be_old_and_hides_nothing(
    measured: Assignment, resident: Resident, open_page: Open
) -> None:
    page = open_page(reverse("residents:detail", args=[resident.pk]))
    page.route("**/lives/", lambda route: route.abort())
    expect(page.locator("[data-lives-old]")).to_be_visible(timeout=SILENCE)
    expect(page.locator("#temperature-heading")).to_be_visible()
    page.unroute("**/lives/")
    expect(page.locator("[data-lives-old]")).to_have_count(0, timeout=A_BEAT)
