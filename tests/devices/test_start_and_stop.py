"""Starting and stopping a device: from the page, through the API and in Django admin, the gate says the same."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consents.actions import answer, ask, serve
from consents.kinds import Answer, GivenBy, Variant
from consents.models import Consent
from consents.policies import Giver
from consents.states import State
from devices.models import Assignment, CollectingState, StoppedFor
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.actions import issue_token
from safehome.organisation.models import User
from safehome.organisation.scopes import Scope
from safehome.residents.models import Resident
from tests.factories import consent_to, publish_text

ClientOf = Callable[[User], Client]


@pytest.fixture
def planned(motion_sensor: Assignment) -> Assignment:
    """Hangs in the kitchen; every consent is there, and nobody has started it."""
    purpose = motion_sensor.purposes.get()
    publish_text(purpose)
    Assignment.objects.update(collecting=CollectingState.PLANNED, collecting_since=None)
    motion_sensor.refresh_from_db()
    return motion_sensor


@pytest.fixture
def refused(planned: Assignment, resident: Resident) -> Assignment:
    """Astrid has said no."""
    Consent.objects.update(state=State.ENDED, ended_at=clock.now() - timedelta(days=1))
    return planned


def press(client: Client, verb: str, assignment: Assignment) -> Any:
    client.cookies["safehome_display"] = "language=en"
    return client.post(reverse(f"devices:{verb}", args=[assignment.pk]))


def state_of(assignment: Assignment) -> str:
    assignment.refresh_from_db()
    return assignment.collecting


# --- The page ------------------------------------------------------------------------------------------------


def test_a_manager_starts_what_everybody_has_agreed_to(
    planned: Assignment, unit_manager: User, client_of: ClientOf
) -> None:
    answer = press(client_of(unit_manager), "start", planned)
    assert answer["Location"] == reverse("desk:resident", args=[planned.resident_id])
    assert state_of(planned) == CollectingState.ACTIVE
    assert planned.collecting_since is not None
    log = AccessEntry.objects.filter(user=unit_manager.pk, resource="assignment", action=Action.WRITE)
    assert [entry.detail for entry in log] == ["start collecting"]


def test_the_page_says_which_consent_is_missing(refused: Assignment, unit_manager: User, client_of: ClientOf) -> None:
    answer = press(client_of(unit_manager), "start", refused)
    assert answer.status_code == 409
    assert "The yes of Astrid Lindqvist to “" in answer.content.decode()
    assert state_of(refused) == CollectingState.PLANNED


def test_starting_twice_keeps_the_first_moment(planned: Assignment, unit_manager: User, client_of: ClientOf) -> None:
    browser = client_of(unit_manager)
    press(browser, "start", planned)
    planned.refresh_from_db()
    since = planned.collecting_since
    press(browser, "start", planned)
    planned.refresh_from_db()
    assert planned.collecting_since == since


def test_an_assignment_that_has_ended_is_not_started(
    planned: Assignment, unit_manager: User, client_of: ClientOf
) -> None:
    Assignment.objects.update(valid_to=clock.now() - timedelta(hours=1))
    assert press(client_of(unit_manager), "start", planned).status_code == 302
    assert state_of(planned) == CollectingState.PLANNED


def test_a_manager_stops_a_device(motion_sensor: Assignment, unit_manager: User, client_of: ClientOf) -> None:
    press(client_of(unit_manager), "stop", motion_sensor)
    assert state_of(motion_sensor) == CollectingState.STOPPED
    assert motion_sensor.stopped_for == StoppedFor.STAFF


def test_a_new_yes_does_not_start_what_a_person_has_stopped(
    motion_sensor: Assignment, unit_manager: User, resident: Resident, client_of: ClientOf
) -> None:
    purpose = motion_sensor.purposes.get()
    text = publish_text(purpose)
    press(client_of(unit_manager), "stop", motion_sensor)
    giver = Giver(GivenBy.SELF, resident, resident.user)
    answer(Consent.objects.get().pk, Answer.NO, giver=giver)
    consent = ask(resident, purpose, by=None)
    serve(consent, text.translations.get(language="sv", variant=Variant.STANDARD), by=None)
    answer(consent.pk, Answer.YES, giver=giver)
    assert state_of(motion_sensor) == CollectingState.STOPPED


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_who_may_start_and_stop(verb: str, cast: dict[str, User], planned: Assignment, client_of: ClientOf) -> None:
    may = set()
    for name, user in cast.items():
        Assignment.objects.update(collecting=CollectingState.PLANNED)
        if press(client_of(user), verb, planned).status_code == 302 and state_of(planned) != CollectingState.PLANNED:
            may.add(name)
    assert may == {"unit_manager", "case_officer"}


def test_looking_starts_nothing(planned: Assignment, unit_manager: User, client_of: ClientOf) -> None:
    assert client_of(unit_manager).get(reverse("devices:start", args=[planned.pk])).status_code == 405


def test_the_desk_shows_the_button_to_those_who_may(
    planned: Assignment, unit_manager: User, her_carer: User, resident: Resident, client_of: ClientOf
) -> None:
    url, button = reverse("desk:resident", args=[resident.pk]), reverse("devices:start", args=[planned.pk])
    assert button in client_of(unit_manager).get(url).content.decode()
    assert button not in client_of(her_carer).get(url).content.decode()


# --- The API -------------------------------------------------------------------------------------------------


def program(user: User) -> Client:
    """With a token of the user's, for everything."""
    token = issue_token(user, name="test", scopes=list(Scope.values))
    return Client(headers={"Authorization": f"Bearer {token}"})


def url(assignment: Assignment, verb: str = "") -> str:
    return f"/api/v1/assignments/{assignment.pk}/{verb}"


def test_a_program_starts_and_stops(planned: Assignment, unit_manager: User) -> None:
    client = program(unit_manager)
    started = client.post(url(planned, "start/"))
    assert (started.status_code, started.json()["collecting"]) == (200, "active")
    assert started.json()["lacks"] == []
    stopped = client.post(url(planned, "stop/"))
    assert (stopped.status_code, stopped.json()["collecting"]) == (200, "stopped")
    assert client.post(url(planned, "stop/")).status_code == 200


def test_a_program_is_told_what_is_missing(refused: Assignment, unit_manager: User) -> None:
    answer = program(unit_manager).post(url(refused, "start/"))
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    (lack,) = answer.json()["lacks"]
    assert lack["code"] == "ended"
    assert lack["text"] in answer.json()["detail"]
    assert state_of(refused) == CollectingState.PLANNED


def test_one_assignment_says_until_when_and_what_it_lacks(
    refused: Assignment, unit_manager: User, technician: User
) -> None:
    told = program(unit_manager).get(url(refused)).json()
    assert told["collecting_until"] is None
    assert [lack["code"] for lack in told["lacks"]] == ["ended"]
    listed = program(unit_manager).get("/api/v1/assignments/").json()["results"]
    assert "lacks" not in listed[0]
    assert program(technician).get(url(refused)).json()["lacks"] is None


@pytest.mark.parametrize(
    ("name", "status"),
    [("her_carer", 403), ("technician", 403), ("alarm_operator", 403), ("carer_elsewhere", 404), ("stranger", 404)],
)
def test_a_program_has_no_more_rights_than_its_person(
    name: str, status: int, planned: Assignment, request: pytest.FixtureRequest
) -> None:
    client = program(request.getfixturevalue(name))
    assert client.post(url(planned, "start/")).status_code == status
    assert client.post(url(planned, "stop/")).status_code == status
    assert state_of(planned) == CollectingState.PLANNED


def test_a_consent_that_came_in_time_lets_it_start(refused: Assignment, resident: Resident, unit_manager: User) -> None:
    consent_to(refused.purposes.get(), resident, given_at=clock.now() - timedelta(minutes=1))
    assert program(unit_manager).post(url(refused, "start/")).status_code == 200


# --- Django admin --------------------------------------------------------------------------------------------


def test_django_admin_says_why_it_can_t_start(refused: Assignment, administrator: User, client_of: ClientOf) -> None:
    browser = client_of(administrator)
    browser.cookies["safehome_display"] = "language=en"
    verb = reverse("admin:devices_assignment_verb", args=[refused.pk, "start_collecting"])
    answer = browser.post(verb)
    assert answer.status_code == 200
    assert "The yes of Astrid Lindqvist to “" in answer.content.decode()
    assert state_of(refused) == CollectingState.PLANNED
