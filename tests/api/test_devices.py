"""`/api/v1/devices/` and the registry of reading kinds."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from devices.kinds import KINDS
from devices.models import Assignment, Device, Gateway
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import Unit, User
from tests.api.conftest import Api
from tests.factories import AssignmentFactory, DeviceFactory

URL = "/api/v1/devices/"


def _sees(client: Client, device: Device) -> bool:
    """In the list and by itself; the two must agree."""
    listed = str(device.pk) in [row["id"] for row in client.get(URL).json()["results"]]
    alone = client.get(f"{URL}{device.pk}/").status_code == 200
    assert listed is alone
    return listed


@pytest.mark.parametrize(
    "name", ["her_carer", "night_carer", "nurse", "unit_manager", "alarm_operator", "case_officer", "technician"]
)
def test_whoever_has_to_do_with_it_sees_a_device_in_use(
    name: str, api: Api, help_button: Assignment, request: pytest.FixtureRequest
) -> None:
    assert _sees(api(request.getfixturevalue(name)), help_button.device)


@pytest.mark.parametrize(
    "name",
    [
        "carer_elsewhere",
        "log_reviewer",
        "administrator",
        "foreign_carer",
        "relative",
        "representative",
        "resident_user",
        "stranger",
        "superuser",
    ],
)
def test_nobody_else_does(name: str, api: Api, help_button: Assignment, request: pytest.FixtureRequest) -> None:
    assert not _sees(api(request.getfixturevalue(name)), help_button.device)


@pytest.mark.parametrize(
    ("name", "sees"),
    [("unit_manager", True), ("case_officer", True), ("technician", True), ("her_carer", False)],
)
def test_a_device_in_store_is_seen_by_those_who_give_it_out_or_mend_it(
    name: str, sees: bool, api: Api, gateway: Gateway, request: pytest.FixtureRequest
) -> None:
    spare = DeviceFactory.create(gateway=gateway)
    assert _sees(api(request.getfixturevalue(name)), spare) is sees


def test_a_device_that_has_moved_on_is_seen_where_it_is_now(
    api: Api, help_button: Assignment, her_carer: User, carer_elsewhere: User, other_home_care: Unit
) -> None:
    help_button.valid_to = clock.now()
    help_button.save()
    AssignmentFactory.create(device=help_button.device, unit=other_home_care, valid_from=clock.now())
    assert not _sees(api(her_carer), help_button.device)
    assert _sees(api(carer_elsewhere), help_button.device)


def test_a_device_says_what_it_is_and_with_whom(api: Api, help_button: Assignment, her_carer: User) -> None:
    told = api(her_carer).get(f"{URL}{help_button.device_id}/").json()
    assert told["external_id"] == "button-1"
    assert told["model"]["kinds"] == ["button", "battery"]
    assert told["assignment"] == str(help_button.pk)


def test_filters(api: Api, help_button: Assignment, her_carer: User, gateway: Gateway) -> None:
    client = api(her_carer)
    for query, number in (
        ({"external_id": "button-1"}, 1),
        ({"external_id": "button-2"}, 0),
        ({"state": "in_use"}, 1),
        ({"state": "retired"}, 0),
        ({"gateway": str(gateway.pk)}, 1),
        ({"gateway": str(uuid4())}, 0),
    ):
        assert len(client.get(URL, query).json()["results"]) == number, query


def test_a_look_is_in_the_log(api: Api, help_button: Assignment, her_carer: User) -> None:
    api(her_carer).get(f"{URL}{help_button.device_id}/")
    entry = AccessEntry.objects.get(user=her_carer.pk)
    assert (entry.action, entry.resource, entry.resource_id) == (Action.READ, "device", str(help_button.device_id))


def test_thirty_devices_cost_as_many_questions_as_three(
    api: Api, her_carer: User, home_care: Unit, gateway: Gateway, questions: Callable[[Client, str], int]
) -> None:
    client = api(her_carer)
    AssignmentFactory.create_batch(3, unit=home_care, device__gateway=gateway)
    few = questions(client, URL)
    AssignmentFactory.create_batch(27, unit=home_care, device__gateway=gateway)
    assert questions(client, URL) == few


@pytest.mark.django_db
def test_the_registry_of_kinds_is_open_to_anybody(client: Client) -> None:
    told = client.get("/api/v1/reading-kinds/").json()
    assert [kind["code"] for kind in told] == list(KINDS)
    (door,) = [kind for kind in told if kind["code"] == "door"]
    assert (door["low"], door["high"], door["words"]["open"]) == (0, 1, 1)
