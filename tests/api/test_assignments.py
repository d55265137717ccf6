"""`/api/v1/assignments/`: seeing, giving out and ending."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.test import Client

from devices.models import Assignment, CollectingState, Device, Gateway
from safehome import clock
from safehome.audit.models import AccessEntry, Action, Outcome
from safehome.organisation.models import Administration, Unit, User
from safehome.residents.models import Resident, RoomKind
from tests.api.conftest import Api, ask
from tests.concurrency import at_once
from tests.factories import AssignmentFactory, DeviceFactory, PlaceFactory, ResidentFactory, RoomFactory

URL = "/api/v1/assignments/"


@pytest.fixture
def spare(gateway: Gateway) -> Device:
    """A device in store."""
    return DeviceFactory.create(external_id="spare-1", gateway=gateway)


def _ids(client: Client, **query: object) -> list[str]:
    return [row["id"] for row in ask(client, URL, **query)["results"]]


def _sees(client: Client, assignment: Assignment) -> bool:
    listed = str(assignment.pk) in _ids(client)
    assert (client.get(f"{URL}{assignment.pk}/").status_code == 200) is listed
    return listed


def _assign(client: Client, **body: Any) -> Any:
    named = {name: str(getattr(value, "pk", value)) for name, value in body.items()}
    return client.post(URL, {"label": "hall"} | named, content_type="application/json")


def _change(client: Client, assignment: Assignment, **body: Any) -> Any:
    return client.patch(f"{URL}{assignment.pk}/", body, content_type="application/json")


def _fields(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.content
    return [error["field"] for error in answer.json()["errors"]]


# --- Seeing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["her_carer", "night_carer", "nurse", "unit_manager", "alarm_operator", "case_officer", "technician"]
)
def test_whoever_has_to_do_with_it_sees_an_assignment(
    name: str, api: Api, help_button: Assignment, request: pytest.FixtureRequest
) -> None:
    assert _sees(api(request.getfixturevalue(name)), help_button)


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
    assert not _sees(api(request.getfixturevalue(name)), help_button)


def test_a_device_on_a_place_is_seen_in_its_administration(
    api: Api,
    administration: Administration,
    home_care: Unit,
    her_carer: User,
    carer_elsewhere: User,
    foreign_carer: User,
) -> None:
    square = PlaceFactory.create(administration=administration)
    hung = AssignmentFactory.create(resident=None, place=square, unit=home_care)
    assert _sees(api(her_carer), hung)
    assert _sees(api(carer_elsewhere), hung)
    assert not _sees(api(foreign_carer), hung)


def test_an_assignment_says_what_where_and_whose(api: Api, door_sensor: Assignment, her_carer: User) -> None:
    told = api(her_carer).get(f"{URL}{door_sensor.pk}/").json()
    assert told["device"]["kinds"] == ["door"]
    assert told["resident"]["name"] == "Astrid Lindqvist"
    assert told["place"] is None
    assert (told["label"], told["placement"], told["room"]["name"]) == ("ytterdörr", "exit", "hall")
    assert told["collecting"] == "active"


def test_a_protected_person_is_masked(
    api: Api, protected_resident: Resident, home_care: Unit, her_carer: User, named_carer: User, technician: User
) -> None:
    hers = AssignmentFactory.create(resident=protected_resident, unit=home_care)
    for user in (her_carer, technician):
        assert "Palm" not in api(user).get(f"{URL}{hers.pk}/").content.decode()
        assert "Palm" not in api(user).get(URL).content.decode()
    assert api(named_carer).get(f"{URL}{hers.pk}/").json()["resident"]["name"] == "Petra Palm"


def test_filters(api: Api, help_button: Assignment, her_carer: User, resident: Resident, home_care: Unit) -> None:
    client = api(her_carer)
    for query, there in (
        ({"device": help_button.device_id}, True),
        ({"resident": resident.pk}, True),
        ({"resident": uuid4()}, False),
        ({"unit": home_care.pk}, True),
        ({"collecting": "active"}, True),
        ({"collecting": "stopped"}, False),
        ({"in_force": "true"}, True),
        ({"in_force": "false"}, False),
    ):
        assert bool(_ids(client, **query)) is there, query


def test_thirty_assignments_cost_as_many_questions_as_three(
    api: Api, her_carer: User, home_care: Unit, questions: Callable[[Client, str], int]
) -> None:
    client = api(her_carer)
    AssignmentFactory.create_batch(3, unit=home_care)
    few = questions(client, URL)
    AssignmentFactory.create_batch(27, unit=home_care)
    assert questions(client, URL) == few


# --- Giving out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["unit_manager", "case_officer"])
def test_a_device_is_given_out_and_collects_nothing_by_that(
    name: str, api: Api, resident: Resident, home_care: Unit, spare: Device, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(name))
    answer = _assign(client, device=spare, resident=resident, unit=home_care, collecting="active", placement="exit")
    assert answer.status_code == 201, answer.content
    made = Assignment.objects.get(device=spare)
    assert answer.json()["id"] == str(made.pk)
    assert (made.resident, made.unit, made.placement) == (resident, home_care, "exit")
    assert (made.collecting, made.collecting_since) == (CollectingState.PLANNED, None)


def test_a_device_is_hung_on_a_place(
    api: Api, unit_manager: User, administration: Administration, home_care: Unit, spare: Device
) -> None:
    square = PlaceFactory.create(administration=administration)
    answer = _assign(api(unit_manager), device=spare, place=square, unit=home_care)
    assert answer.status_code == 201
    assert answer.json()["place"]["name"] == "Stortorget"


def test_both_ledgers_name_who_gave_it_out(
    api: Api, unit_manager: User, resident: Resident, home_care: Unit, spare: Device
) -> None:
    _assign(api(unit_manager), device=spare, resident=resident, unit=home_care)
    made = Assignment.objects.get(device=spare)
    assert LogEntry.objects.get_for_object(made).get().actor == unit_manager
    entry = AccessEntry.objects.get(user=unit_manager.pk, action=Action.WRITE)
    assert (entry.resource, entry.resource_id, entry.resident) == ("assignment", str(made.pk), resident.pk)


@pytest.mark.parametrize("name", ["her_carer", "nurse", "alarm_operator", "technician", "relative", "administrator"])
def test_nobody_else_gives_out_devices(
    name: str, api: Api, resident: Resident, home_care: Unit, spare: Device, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    answer = _assign(api(user), device=spare, resident=resident, unit=home_care)
    assert answer.status_code == 403
    assert not Assignment.objects.filter(device=spare).exists()
    assert AccessEntry.objects.filter(user=user.pk, outcome=Outcome.DENIED).count() == 1


def test_what_one_may_not_see_can_not_be_named(
    api: Api, unit_manager: User, home_care: Unit, foreign_unit: Unit, resident: Resident, spare: Device
) -> None:
    client = api(unit_manager)
    foreign = DeviceFactory.create(gateway__unit=foreign_unit)
    assert _fields(_assign(client, device=spare, resident=ResidentFactory.create(), unit=home_care)) == ["resident"]
    assert _fields(_assign(client, device=spare, resident=resident, unit=foreign_unit)) == ["unit"]
    assert _fields(_assign(client, device=foreign, resident=resident, unit=home_care)) == ["device"]
    other_room = RoomFactory.create()
    answer = _assign(client, device=spare, resident=resident, unit=home_care, room=other_room)
    assert _fields(answer) == ["room"]


def test_a_hidden_resident_is_told_as_one_that_does_not_exist(
    api: Api, unit_manager: User, home_care: Unit, spare: Device
) -> None:
    client, hidden, missing = api(unit_manager), ResidentFactory.create().pk, uuid4()
    told = [_assign(client, device=spare, resident=pk, unit=home_care).content.decode() for pk in (hidden, missing)]
    assert told[0].replace(str(hidden), "") == told[1].replace(str(missing), "")


def test_the_models_own_rules_hold(
    api: Api, unit_manager: User, resident: Resident, home_care: Unit, help_button: Assignment, spare: Device
) -> None:
    client = api(unit_manager)
    assert _fields(_assign(client, device=spare, unit=home_care)) == [""]
    assert _fields(_assign(client, device=help_button.device, resident=resident, unit=home_care)) == ["device"]
    early = (clock.now() - timedelta(days=1)).isoformat()
    assert _fields(_assign(client, device=spare, resident=resident, unit=home_care, valid_to=early)) == ["valid_to"]


@pytest.mark.django_db(transaction=True)
def test_two_who_give_out_one_device_at_once(
    api: Api, unit_manager: User, case_officer: User, resident: Resident, home_care: Unit, spare: Device
) -> None:
    def give(client: Client) -> int:
        return int(_assign(client, device=spare, resident=resident, unit=home_care).status_code)

    answers = set(at_once(*(partial(give, api(user)) for user in (unit_manager, case_officer))))
    assert answers in ({201, 400}, {201, 409})
    assert Assignment.objects.filter(device=spare).count() == 1


# --- Changing and ending -------------------------------------------------------------------------------------


def test_an_assignment_is_ended_and_then_stays_as_it_was(api: Api, help_button: Assignment, unit_manager: User) -> None:
    client = api(unit_manager)
    answer = _change(client, help_button, valid_to=clock.now().isoformat())
    assert answer.status_code == 200
    help_button.refresh_from_db()
    assert help_button.valid_to is not None
    assert _fields(_change(client, help_button, valid_to=None)) == ["valid_to"]
    assert _fields(_change(client, help_button, label="annat")) == ["valid_to"]


def test_where_it_hangs_and_who_gets_the_alarms_can_change(
    api: Api, motion_sensor: Assignment, unit_manager: User, resident: Resident, night_patrol: Unit
) -> None:
    assert resident.home is not None
    bedroom = resident.home.rooms.get(kind=RoomKind.BEDROOM)
    answer = _change(api(unit_manager), motion_sensor, room=bedroom.pk, unit=str(night_patrol.pk), label="säng")
    assert answer.status_code == 200
    motion_sensor.refresh_from_db()
    assert (motion_sensor.room, motion_sensor.unit, motion_sensor.label) == (bedroom, night_patrol, "säng")


def test_whose_it_is_and_what_it_collects_can_not(api: Api, help_button: Assignment, unit_manager: User) -> None:
    before = Assignment.objects.values().get(pk=help_button.pk)
    _change(api(unit_manager), help_button, resident=str(uuid4()), device=str(uuid4()), collecting="stopped")
    assert Assignment.objects.values().get(pk=help_button.pk) == before


@pytest.mark.parametrize("name", ["her_carer", "nurse", "alarm_operator", "technician"])
def test_who_only_sees_it_changes_nothing(
    name: str, api: Api, help_button: Assignment, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    assert _change(api(user), help_button, label="annat").status_code == 403
    denied = AccessEntry.objects.get(user=user.pk, outcome=Outcome.DENIED)
    assert (denied.resource, denied.resident) == ("assignment", help_button.resident_id)


def test_who_does_not_see_it_gets_the_answer_of_nothing(
    api: Api, help_button: Assignment, carer_elsewhere: User
) -> None:
    assert _change(api(carer_elsewhere), help_button, label="annat").status_code == 404
