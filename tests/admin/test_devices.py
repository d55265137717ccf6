"""The catalogue, devices and assignments, through admin's forms."""

import pytest
from django.test import Client

from devices.models import Assignment, CollectingState, Device, DeviceModel, Gateway
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident, RoomKind
from tests.admin.browser import answers, errors, save, url
from tests.factories import DeviceFactory, HomeFactory, PlaceFactory, RoomFactory

ADD = url(Assignment, "add")


@pytest.fixture
def spare(gateway: Gateway) -> Device:
    """A device that is with nobody."""
    return DeviceFactory.create(gateway=gateway, external_id="spare-1")


def with_(resident: Resident, device: Device, unit: Unit, **more: str) -> dict[str, str]:
    facts = {"device": str(device.pk), "resident": str(resident.pk), "unit": str(unit.pk), "label": "hall"}
    return facts | {"valid_from_0": "2026-01-01", "valid_from_1": "08:00"} | more


# --- Catalogue ----------------------------------------------------------------------------------------------------


def test_what_a_model_measures_is_ticked(enter: Client) -> None:
    save(enter, url(DeviceModel, "add"), manufacturer="Nordsensor", name="Dörr", kinds=["door", "battery"])
    model = DeviceModel.objects.get()
    assert model.kinds == ["door", "battery"]
    assert answers(enter.get(url(model, "change")))["kinds"] == ["door", "battery"]


@pytest.mark.parametrize("kinds", [[], ["telepathy"]])
def test_a_model_measures_something_that_is_known(kinds: list[str], enter: Client) -> None:
    response = save(enter, url(DeviceModel, "add"), manufacturer="Nordsensor", name="Dörr", kinds=kinds)
    assert list(errors(response)) == ["kinds"]


def test_a_medical_device_says_its_class_and_purpose(enter: Client) -> None:
    facts = {"manufacturer": "Nordsensor", "name": "Puls", "kinds": ["battery"], "is_medical_device": "on"}
    assert errors(save(enter, url(DeviceModel, "add"), **facts))


def test_a_device_id_is_one_however_it_is_written(enter: Client, spare: Device) -> None:
    facts = {"model": str(spare.model_id), "gateway": str(spare.gateway_id)}
    save(enter, url(Device, "add"), **facts, external_id="A8:40:41:00:01:02")
    assert Device.objects.filter(external_id="a84041000102").exists()
    assert list(errors(save(enter, url(Device, "add"), **facts, external_id="a8-40-41-00-01-02"))) == ["external_id"]


# --- Assignments --------------------------------------------------------------------------------------------------


def test_a_device_is_given_to_a_resident_and_collects_nothing_yet(
    enter: Client, resident: Resident, spare: Device, home_care: Unit
) -> None:
    assert resident.home is not None
    hall = resident.home.rooms.get(kind=RoomKind.HALL)
    response = save(enter, ADD, **with_(resident, spare, home_care, room=str(hall.pk)))
    assert response.status_code == 302
    assignment = Assignment.objects.get(device=spare)
    assert (assignment.room, assignment.collecting) == (hall, CollectingState.PLANNED)


def test_a_device_is_with_a_resident_or_a_place_and_not_both(
    enter: Client, resident: Resident, spare: Device, home_care: Unit
) -> None:
    place = PlaceFactory.create(administration=home_care.administration)
    assert errors(save(enter, ADD, **with_(resident, spare, home_care, place=str(place.pk))))
    assert errors(save(enter, ADD, **with_(resident, spare, home_care) | {"resident": ""}))


def test_a_room_is_in_the_resident_s_own_home(
    enter: Client, resident: Resident, spare: Device, home_care: Unit
) -> None:
    elsewhere = RoomFactory.create(home=HomeFactory.create())
    response = save(enter, ADD, **with_(resident, spare, home_care, room=str(elsewhere.pk)))
    assert list(errors(response)) == ["room"]


def test_a_device_is_with_one_at_a_time(
    enter: Client, resident: Resident, help_button: Assignment, home_care: Unit
) -> None:
    response = save(enter, ADD, **with_(resident, help_button.device, home_care))
    assert list(errors(response)) == ["device"]


def test_an_assignment_stays_with_whom_it_was_made_for(
    enter: Client, help_button: Assignment, protected_resident: Resident
) -> None:
    save(enter, url(help_button, "change"), resident=str(protected_resident.pk), label="klocka")
    before = help_button.resident
    help_button.refresh_from_db()
    assert (help_button.resident, help_button.label) == (before, "klocka")


def test_collecting_starts_and_stops_by_its_buttons_alone(
    enter: Client, help_button: Assignment, administrator: User
) -> None:
    page = url(help_button, "change")
    assert [verb.name for verb in enter.get(page).context["verbs"]] == ["stop_collecting"]
    assert enter.get(url(help_button, "verb", "stop_collecting")).status_code == 200
    help_button.refresh_from_db()
    assert help_button.collecting == CollectingState.ACTIVE  # asked, not done

    enter.post(url(help_button, "verb", "stop_collecting"))
    help_button.refresh_from_db()
    assert help_button.collecting == CollectingState.STOPPED
    save(enter, page, collecting="active")
    help_button.refresh_from_db()
    assert help_button.collecting == CollectingState.STOPPED

    enter.post(url(help_button, "verb", "start_collecting"))
    help_button.refresh_from_db()
    assert help_button.collecting == CollectingState.ACTIVE
    done = AccessEntry.objects.filter(user=administrator.pk, action=Action.WRITE).order_by("at")
    assert [entry.detail for entry in done] == ["stop_collecting", "changed", "start_collecting"]


def test_a_stale_press_is_told_and_does_nothing(enter: Client, help_button: Assignment) -> None:
    since = help_button.collecting_since
    response = enter.post(url(help_button, "verb", "start_collecting"), follow=True)
    assert response.redirect_chain == [(url(help_button, "change"), 302)]
    help_button.refresh_from_db()
    assert help_button.collecting_since == since


def test_what_was_never_a_verb_does_nothing(enter: Client, help_button: Assignment) -> None:
    assert enter.post(url(help_button, "verb", "delete")).status_code == 302
    assert Assignment.objects.filter(pk=help_button.pk).exists()


@pytest.mark.parametrize("text", ["armband", "button-1", "lindqvist"])
def test_an_assignment_is_found_by_name_in_the_home_device_and_resident(
    text: str, enter: Client, help_button: Assignment
) -> None:
    found = enter.get(url(Assignment, "changelist"), {"q": text}).context["cl"].result_list
    assert list(found) == [help_button]


def test_what_readings_rest_on_is_never_deleted(enter: Client, help_button: Assignment, gateway: Gateway) -> None:
    for thing in (help_button, gateway):
        assert enter.post(url(thing, "delete"), {"post": "yes"}).status_code == 403
