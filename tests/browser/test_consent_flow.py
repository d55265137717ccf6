"""People answer about consent in a real browser: by keyboard alone, without scripts, on a narrow screen, on paper."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.eyes import Theme, barriers, wear, width_needed
from tests.browser.visitors import Town

NARROW = {"width": 320, "height": 640}
"""1280 pixels at 400 %."""


@pytest.fixture
def asked(town: Town) -> dict[str, Any]:
    facts: dict[str, Any] = town.facts["asked"]
    return facts


THEMES: tuple[Theme, ...] = ("light", "dark")


def question(seat: str, purpose: str) -> str:
    return f"/my/{seat}/{purpose}/"


def tab_to(target: Locator, at_most: int = 60) -> None:
    """Press Tab until the target has the focus. Without scripts nothing can wait for the page to be calm."""
    page = target.page
    target.wait_for()
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate("element => element.matches(':focus-visible')")
            return
    raise AssertionError(f"{target} is not reached with {at_most} presses of Tab")


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)


def choose(target: Locator) -> None:
    """Reach a group of radio buttons by Tab, and the wanted one by the arrows, as a keyboard or a switch does."""
    page = target.page
    name = target.get_attribute("name")
    group = page.locator(f"[name={name}]")
    first = group.and_(page.locator(":checked")) if group.and_(page.locator(":checked")).count() else group.first
    tab_to(first)
    if not target.is_checked():
        page.keyboard.press("Space")
    for _turn in range(group.count()):
        if target.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{target} is not reached by the arrows")


def go_on(page: Page) -> None:
    tab_to(page.locator(".answers .buttons button, main form.buttons button").first)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def say(page: Page, seat: str, purpose: str, said: str) -> None:
    page.goto(question(seat, purpose))
    choose(page.locator(f"[name=said][value={said}]"))
    go_on(page)


def understand(page: Page) -> None:
    """Choose the first; when it was not right, go on after it has been explained again."""
    page.wait_for_url("**/understand/**")
    choose(page.locator("[name=chosen]").first)
    go_on(page)
    if "again" in page.url:
        press(page.locator("button[name=on]"))


def send(page: Page) -> None:
    page.wait_for_url("**/check/")
    press(page.locator("main form .buttons button").last)


def test_a_resident_gives_reads_and_takes_back_by_keyboard_and_without_scripts(
    visit: Visit, asked: dict[str, Any]
) -> None:
    page = visit("asked resident", java_script_enabled=False)
    page.goto("/my/self/")
    press(page.locator("button[name=go][value=self]"))
    page.wait_for_url("**/how/")
    press(page.locator("main .buttons a"))
    page.wait_for_url("**?way=all")
    say(page, "self", asked["button"], "yes")
    understand(page)
    send(page)
    page.wait_for_url("**/my/receipts/**")
    expect(page.locator("h1")).to_be_visible()

    page.goto("/my/self/")
    press(page.locator(f"main a[href='{question('self', asked['button'])}']"))
    expect(page.locator(".notice--info")).to_be_visible()
    say(page, "self", asked["button"], "no")
    page.wait_for_url("**/no/")
    go_on(page)
    send(page)
    page.wait_for_url("**/my/receipts/**")
    page.goto(question("self", asked["button"]))
    expect(page.locator(".notice--info")).to_have_count(0)


def test_the_page_can_be_read_otherwise_without_scripts(visit: Visit, asked: dict[str, Any]) -> None:
    page = visit("asked resident", java_script_enabled=False)
    page.goto(question("self", asked["sensors"]))
    press(page.locator("button[name=variant][value=easy]"))
    expect(page.locator("button[name=variant][value=easy]")).to_have_attribute("aria-pressed", "true")
    press(page.locator(".reading-more summary"))
    press(page.locator(".reading button[name=language][value=ar]"))
    expect(page.locator(".consent-text")).to_have_attribute("dir", "rtl")
    expect(page.locator("[name=said]")).to_have_count(0)
    press(page.locator(".reading button[name=language][value=en]"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[name=said]")).to_have_count(3)


def test_what_is_printed_is_the_text_and_the_three_answers(visit: Visit, asked: dict[str, Any]) -> None:
    page = visit("asked resident")
    page.goto(question("self", asked["button"]))
    page.emulate_media(media="print")
    for hidden in (".site-header", ".ways-out", ".reading", ".answers .buttons"):
        expect(page.locator(hidden).first).to_be_hidden()
    for shown in ("h1", ".consent-text", ".answers .option"):
        expect(page.locator(shown).first).to_be_visible()
    assert page.pdf().startswith(b"%PDF")


def test_two_guardians_give_together(visit: Visit, asked: dict[str, Any]) -> None:
    for who, seat in zip(("first guardian", "second guardian"), asked["for kim"], strict=True):
        page = visit(who, java_script_enabled=False)
        say(page, seat, asked["button"], "yes")
        page.wait_for_url("**/view/**")
        choose(page.locator("[name=view][value=agrees]"))
        tab_to(page.locator("[name=note]"))
        page.keyboard.type("Jag vill ha knappen.")
        go_on(page)
        understand(page)
        send(page)
        page.wait_for_url("**/my/receipts/**")
    page.goto(question(asked["for kim"][1], asked["button"]))
    expect(page.locator(".notice--info")).to_be_visible()


def test_a_god_man_answers_with_what_the_person_thinks(visit: Visit, asked: dict[str, Any]) -> None:
    page = visit("god man", java_script_enabled=False)
    seat = asked["for sune"]
    say(page, seat, asked["button"], "yes")
    page.wait_for_url("**/view/**")
    choose(page.locator("[name=view][value=against]"))
    go_on(page)
    expect(page.locator(".error-summary")).to_be_visible()
    choose(page.locator("[name=view][value=agrees]"))
    go_on(page)
    understand(page)
    send(page)
    page.wait_for_url("**/my/receipts/**")


def test_a_relative_is_refused_with_a_plain_reason(visit: Visit, asked: dict[str, Any]) -> None:
    page = visit("only a relative", java_script_enabled=False)
    for address in ("/my/self/", question(asked["for sune"], asked["button"])):
        answer = page.goto(address)
        assert answer
        assert answer.status == 403
        expect(page.locator("main")).to_contain_text("Vera")


def test_leaving_quickly_is_one_press_and_the_way_back_shows_nothing(visit: Visit, asked: dict[str, Any]) -> None:
    page = visit()
    page.context.add_cookies(visit_cookies(visit, "asked resident"))
    page.goto(question("self", asked["sensors"]))
    press(page.locator(".ways-out button").first)
    page.wait_for_url("**/my/left/")
    page.go_back()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def visit_cookies(visit: Visit, who: str) -> Any:
    """Those of a browser of its own: who leaves from it stays signed in elsewhere."""
    from tests.browser.visitors import sign_in

    return [cookie | {"url": visit.town.url} for cookie in sign_in(visit.town.url, visit.town.email(who))]


def _pages(page: Page, purpose: str) -> Iterator[str]:
    """Every page of the flow, open, one after the other; nothing has been chosen at this question before."""
    for name in ("", "how/", "help/", "talk/", "later/"):
        page.goto(f"/my/self/{name}")
        yield name or "questions"
    page.goto(question("self", purpose))
    yield "question"
    page.locator(".answers .buttons button").click()
    page.locator("[data-take-focus]").wait_for()
    yield "question, refused"
    page.locator("[name=said][value=no]").check()
    page.locator(".answers .buttons button").click()
    yield "no"
    page.locator("main form.buttons button").click()
    page.wait_for_url("**/check/")
    yield "check"
    page.goto(question("self", purpose))
    page.locator("[name=said][value=yes]").check()
    page.locator(".answers .buttons button").click()
    yield "understanding"
    for place in range(3):
        page.locator("[name=chosen]").nth(place).check()
        page.locator(".answers .buttons button").first.click()
        if "again" in page.url:
            break
        page.goto(f"{question('self', purpose)}understand/")
    yield "explained again"
    page.goto("/my/left/")
    yield "left"


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_every_page_is_free_of_barriers_and_fits(visit: Visit, asked: dict[str, Any], size: str) -> None:
    options: dict[str, Any] = {"viewport": NARROW} if size == "narrow" else {}
    page = visit("asked resident", **options)
    found: list[str] = []
    seen: list[str] = []
    for name in _pages(page, asked["sensors" if size == "wide" else "readings"]):
        seen.append(name)
        for theme in THEMES:
            wear(page, theme)
            found += [f"{name}, {theme}: {barrier}" for barrier in barriers(page)]
        if width_needed(page) > page.viewport_size["width"]:  # type: ignore[index]
            found.append(f"{name}: wider than the window")
    assert found == []
    assert len(seen) == 12


def test_the_three_answers_are_alike(visit: Visit, asked: dict[str, Any]) -> None:
    page = visit("asked resident")
    page.goto(question("self", asked["sensors"]))
    options = page.locator(".answers .option")
    boxes = [options.nth(place).bounding_box() for place in range(3)]
    assert len({(box["width"], box["height"]) for box in boxes if box}) == 1
    assert all(box and box["height"] >= 64 for box in boxes)
    look = "element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).borderColor].join()"
    unchosen = [place for place in range(3) if not options.nth(place).locator("input").is_checked()]
    assert len({options.nth(place).evaluate(look) for place in unchosen}) == 1
