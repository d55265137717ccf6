"""No address tells what the resident has taken back, and none can be added without saying what it tells.

Each address of the product stands in one of the tables below. `SHOWS` says what each of three readers sees there while
the consents stand, which is looked at too; the others tell nothing that rests on a consent of theirs. Every address is
then asked by all three after the resident has taken back what the reader sees by. An address that stands in no table
fails the first test: add it with the arguments that it is asked with (`tests.consents.leaks.url`).

The own administration keeps its journal: alarms that its units were sent, and the devices that it has hung up.
"""

from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from safehome.asgi import sockets
from safehome.organisation.models import Unit
from safehome.organisation.roles import Role
from safehome.residents.models import Resident
from tests.consents.leaks import (
    ACTIVITY,
    ALARM,
    COUNT,
    DEVICE,
    EFFORT,
    NOTE,
    NOTICE,
    OWN,
    RELATIVE,
    SECOND,
    UNIT,
    WARMTH,
    Scene,
    addresses,
    lay_out,
    reading_addresses_of_the_api,
    url,
)
from tests.factories import ContactFactory, UserFactory, staff

Shown = dict[str, set[str]]
HOME = {DEVICE, EFFORT, UNIT, WARMTH, ACTIVITY}

SHOWS: list[tuple[str, str, Shown]] = [
    ("residents:list", "", {SECOND: {COUNT, UNIT}}),
    ("residents:list", "?q=Lindqvist", {SECOND: {COUNT, UNIT}}),
    (
        "residents:detail",
        "pk=resident",
        {SECOND: {ALARM, NOTICE, *HOME}, OWN: {WARMTH, ACTIVITY, NOTICE}},
    ),
    ("residents:my-home", "", {RELATIVE: {DEVICE}}),
    ("my:relative", "pk=resident", {RELATIVE: {DEVICE, EFFORT}}),
    ("alarms:board", "", {OWN: {NOTICE}}),
    ("alarms:board-fragment", "", {OWN: {NOTICE}}),
    ("alarms:detail", "pk=alarm", {SECOND: {NOTE}}),
    ("api:alarm-list", "", {SECOND: {ALARM, NOTICE, UNIT}}),
    ("api:alarm-list", "?resident={resident}&open=true", {SECOND: {ALARM, NOTICE, UNIT}, OWN: {NOTICE}}),
    ("api:alarm-detail", "pk=alarm", {SECOND: {ALARM, NOTE}}),
    ("api:resident-detail", "pk=resident", {SECOND: {UNIT}}),
    ("api:device-list", "", {SECOND: {DEVICE}}),
    ("api:device-detail", "pk=device", {SECOND: {DEVICE}}),
    ("api:assignment-list", "", {SECOND: {DEVICE, UNIT}}),
    ("api:assignment-list", "?resident={resident}", {SECOND: {DEVICE, UNIT}}),
    ("api:assignment-detail", "pk=assignment", {SECOND: {DEVICE, UNIT}}),
    ("api:assignment-readings", "pk=assignment", {SECOND: {WARMTH}, OWN: {WARMTH}}),
]
"""Address, arguments, and the marks that each reader finds there while the consents stand."""

_CONSENT, _TEXT, _SEAT = "pk=consent", "pk=text", "seat=seat"
TELLS_NOTHING: dict[str, str] = {
    "start": "",
    "alarms:shift": "",
    "residents:lives": "pk=resident",
    **dict.fromkeys(
        ("residents:code", "residents:code-enter", "residents:code-letter", "residents:code-letter-sent"), ""
    ),
    **dict.fromkeys(("my:start", "my:consents", "my:who-sees", "my:relatives", "my:who", "my:left"), ""),
    **dict.fromkeys(("my:relative-new", "my:desk-relatives", "my:desk-relative-new"), "pk=resident"),
    **dict.fromkeys(("my:relative-change", "my:desk-relative-change"), "pk=resident contact=contact"),
    **dict.fromkeys(("my:receipt", "my:receipt-pdf", "my:receipt-json", "my:receipt-fhir"), _CONSENT),
    "my:picture": "digest=picture",
    "my:speech": "pk=speech",
    **dict.fromkeys(("my:questions", "my:help", "my:talk", "my:how", "my:check", "my:answered", "my:later"), _SEAT),
    **dict.fromkeys(("my:question", "my:view", "my:understanding", "my:no"), f"{_SEAT} purpose=purpose"),
    **dict.fromkeys(("desk:resident", "desk:ask", "desk:hand-over", "desk:paper", "desk:emergency"), "pk=resident"),
    "desk:work": "",
    **dict.fromkeys(("desk:scan", "desk:scan-file"), "code=form"),
    "desk:review-emergency": "pk=emergency",
    **dict.fromkeys(("desk:consent", "desk:oral", "desk:annul"), _CONSENT),
    **dict.fromkeys(("texts:list", "texts:new-purpose", "texts:statistics"), ""),
    "texts:purpose": "pk=purpose",
    "texts:drawing": "code=home",
    "texts:listen": "pk=speech",
    **dict.fromkeys(("texts:edit", "texts:arrange", "texts:preview", "texts:review", "texts:voices"), _TEXT),
    **dict.fromkeys(("texts:voice", "texts:edit-one"), f"{_TEXT} language=sv variant=easy"),
    **dict.fromkeys(("ui:patterns", "ui:accessibility", "api:schema", "api:docs", "api:me", "api:nothing-here"), ""),
    **dict.fromkeys(("api:reading-kinds", "api:resident-list", "alive", "ready"), ""),
}
"""Addresses that answer a GET and tell nothing of what devices, alarms and efforts say about the resident."""

ONLY_POSTED: dict[str, str] = {
    **dict.fromkeys(("alarms:accept", "alarms:arrive", "alarms:close"), "pk=alarm"),
    **dict.fromkeys(("api:alarm-accept", "api:alarm-arrive", "api:alarm-close"), "pk=alarm"),
    **dict.fromkeys(("api:assignment-start", "api:assignment-stop", "devices:start", "devices:stop"), "pk=assignment"),
    **dict.fromkeys(("my:relative-end", "my:desk-relative-end"), "pk=resident view=view"),
    "my:desk-relative-checked": "pk=resident contact=contact",
    "my:relative-notices": "pk=resident",
    **dict.fromkeys(("my:leave", "my:give-back", "texts:measure", "ui:preferences"), ""),
    "desk:done": "pk=task",
    "texts:new-version": "pk=purpose",
    **dict.fromkeys(("texts:add-language", "texts:submit", "texts:send-back", "texts:publish", "texts:discard"), _TEXT),
}
"""Verbs: they answer no GET at all."""

EVERYTHING = {ALARM, NOTE, NOTICE, COUNT, *HOME}
MUST_GO = {SECOND: EVERYTHING, RELATIVE: EVERYTHING, OWN: {WARMTH, ACTIVITY}}
READERS = [SECOND, RELATIVE, OWN]


@pytest.fixture
def scene(resident: Resident, home_care: Unit, foreign_unit: Unit, gateway_token: str) -> Scene:
    people = {
        OWN: staff("Eva Ek", Role.UNIT_MANAGER, home_care),
        SECOND: staff("Fatima Falk", Role.UNIT_MANAGER, foreign_unit),
        RELATIVE: UserFactory.create(name="Ronja Lindqvist"),
    }
    contact = ContactFactory.create(resident=resident, user=people[RELATIVE], name="Ronja Lindqvist")
    return lay_out(resident, home_care, foreign_unit, people, contact, gateway_token)


def test_every_address_of_the_product_says_what_it_tells() -> None:
    listed = {name for name, _arguments, _shown in SHOWS} | set(TELLS_NOTHING) | set(ONLY_POSTED)
    ours = {name for name, address in addresses().items() if address.ours}
    assert ours - listed == _REDIRECTS, "add the new addresses to one of the tables"
    assert listed - ours == set(), "addresses that are no more"


_REDIRECTS = {f"social/{page}/" for page in ("login/cancelled", "login/error", "signup", "connections")}
"""Of the sign-in library, to addresses of its own; without a name."""


def test_every_address_that_the_api_says_can_be_read_is_among_them() -> None:
    listed = {name for name, _arguments, _shown in SHOWS} | set(TELLS_NOTHING)
    assert reading_addresses_of_the_api() - listed == set()


def test_there_is_one_socket_and_it_carries_ids_and_versions_only() -> None:
    """Its messages are `alarms.hub`'s two, tested in tests/alarms/test_live.py."""
    inner: Any = sockets
    while not hasattr(inner, "routes"):
        inner = getattr(inner, "inner", None) or inner.application
    assert [str(route.pattern) for route in inner.routes] == ["ws/alarms/"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", READERS)
def test_what_a_reader_saw_is_gone_everywhere_when_it_has_been_taken_back(scene: Scene, who: str) -> None:
    before = [(name, arguments, shown[who]) for name, arguments, shown in SHOWS if who in shown]
    for name, arguments, marks in before:
        answer = scene.browsers[who].get(url(scene, name, arguments))
        assert marks <= scene.marks_in(answer), f"{name} does not show what it should, so it could not fail"
        assert {"no-store", "no-cache"} & set(answer["Cache-Control"].replace(" ", "").split(",")), name
    scene.withdraw(who)
    told = {name: found for name, arguments in _all() if (found := _found(scene, who, name, arguments) & MUST_GO[who])}
    assert told == {}
    for name, arguments, marks in before:
        assert marks & _found(scene, who, name, arguments) == set(), name


def _all() -> list[tuple[str, str]]:
    return [(name, arguments) for name, arguments, _shown in SHOWS] + list(TELLS_NOTHING.items())


def _found(scene: Scene, who: str, name: str, arguments: str) -> set[str]:
    asked = url(scene, name, arguments)
    return scene.marks_in(scene.browsers[who].get(asked), asked)


@pytest.mark.parametrize("who", READERS)
def test_verbs_answer_no_get(scene: Scene, who: str) -> None:
    codes = {
        name: scene.browsers[who].get(url(scene, name, arguments)).status_code
        for name, arguments in ONLY_POSTED.items()
    }
    assert {name: code for name, code in codes.items() if code != 405} == {}


def test_django_admin_opens_to_none_of_them(scene: Scene) -> None:
    opened = []
    for name in addresses():
        if not name.startswith("admin:"):
            continue
        try:
            asked = reverse(name)
        except NoReverseMatch:
            continue  # of one object: behind the same door
        answers = [scene.browsers[who].get(asked) for who in READERS]
        opened += [name for answer in answers if answer.status_code == 200 and scene.marks_in(answer, asked)]
    assert opened == []
