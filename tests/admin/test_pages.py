"""Every page of every model opens, and none asks the database once a row."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alarms.models import Alarm
from safehome.audit.models import AccessEntry
from tests.admin.browser import url
from tests.admin.conftest import more_of_everything

SHOWN = [model for model in admin.site._registry if model is not AccessEntry]
LEDGERS = {
    "Duty", "ApiToken", "Delivery", "InboxReading", "Alarm", "LogEntry",
    "ConsentText", "Consent", "Decision", "ConsentEvent", "Task", "EmergencyGround", "RelativeView",
    "Disposal",
}  # fmt: skip

models = pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.model_name)


def queries(client: Client, address: str) -> int:
    """Less the looks into the log, which are one for each thing looked at."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200, address
    return len(asked)


@models
def test_the_list_opens_and_asks_no_more_when_it_is_longer(model: type[Model], enter: Client, world: Alarm) -> None:
    address = url(model, "changelist")
    enter.get(address)  # what Django looks up once for good is looked up here
    before = queries(enter, address)
    more_of_everything(world)
    assert queries(enter, address) == before
    assert model._default_manager.count() > 1 or model.__name__ in ("Municipality", "Administration")


@models
def test_the_page_of_each_object_opens(model: type[Model], enter: Client, world: Alarm) -> None:
    for thing in model._default_manager.all()[:3]:
        assert enter.get(url(thing, "change")).status_code == 200


@pytest.mark.parametrize("name", ["unit", "user", "resident", "home", "gateway", "device", "alarm", "assignment"])
def test_the_page_of_an_object_asks_no_more_when_more_rows_belong_to_it(name: str, enter: Client, world: Alarm) -> None:
    assert world.resident is not None
    assert world.assignment is not None
    device = world.assignment.device
    things: dict[str, Model | None] = {
        "unit": world.unit, "user": world.resident.user, "resident": world.resident, "home": world.resident.home,
        "gateway": device.gateway, "device": device, "alarm": world, "assignment": world.assignment,
    }  # fmt: skip
    thing = things[name]
    assert thing is not None
    enter.get(url(thing, "change"))
    before = queries(enter, url(thing, "change"))
    more_of_everything(world)
    assert queries(enter, url(thing, "change")) == before


@models
def test_a_new_object_can_be_begun_where_one_is_made_by_hand(model: type[Model], enter: Client, world: Alarm) -> None:
    expected = 403 if model.__name__ in LEDGERS else 200
    assert enter.get(url(model, "add")).status_code == expected


@models
def test_filters_open(model: type[Model], enter: Client, world: Alarm) -> None:
    response = enter.get(url(model, "changelist"))
    for address in _choices(response.context["cl"]):
        assert enter.get(url(model, "changelist") + address).status_code == 200, address


def _choices(changelist: object) -> Iterator[str]:
    for spec in getattr(changelist, "filter_specs", []):
        yield from [choice["query_string"] for choice in spec.choices(changelist)][1:2]


@models
def test_a_search_opens(model: type[Model], enter: Client, world: Alarm) -> None:
    response = enter.get(url(model, "changelist"), {"q": "norr"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("app_label", "model_name", "field", "term"),
    [
        ("devices", "assignment", "room", "köket"),
        ("devices", "assignment", "room", ""),
        ("devices", "assignment", "device", "button"),
        ("devices", "assignment", "unit", "norr"),
        ("residents", "resident", "home", "björk"),
        ("alarms", "rulesetting", "assignment", "armband"),
    ],
)
def test_choices_are_found_by_typing(
    app_label: str, model_name: str, field: str, term: str, enter: Client, world: Alarm
) -> None:
    asked = {"app_label": app_label, "model_name": model_name, "field_name": field, "term": term}
    assert enter.get(reverse("admin:autocomplete"), asked).status_code == 200


def test_a_room_is_told_with_its_address(enter: Client, world: Alarm) -> None:
    asked = {"app_label": "devices", "model_name": "assignment", "field_name": "room", "term": "kitchen"}
    found = enter.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [room["text"] for room in found] == ["kitchen – Björkgatan 7"]


def test_the_pages_speak_swedish_unless_asked_otherwise(enter: Client) -> None:
    response = enter.get(reverse("admin:index"))
    assert response.headers["Content-Language"] == "sv"
    assert 'lang="sv"' in response.content.decode()
