"""`/api/v1/residents/`."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.test import Client

from safehome.audit.models import AccessEntry, Action, Outcome
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident
from tests.api.conftest import Api, ask
from tests.factories import (
    CareRelationFactory,
    CohabitantFactory,
    ContactFactory,
    RepresentativeFactory,
    ResidentFactory,
)

URL = "/api/v1/residents/"


def _names(client: Client, **query: object) -> list[str]:
    return [row["name"] for row in ask(client, URL, **query)["results"]]


def _change(client: Client, resident: Resident, **body: Any) -> Any:
    return client.patch(f"{URL}{resident.pk}/", body, content_type="application/json")


def test_a_carer_sees_all_that_somebody_who_goes_there_needs(api: Api, resident: Resident, her_carer: User) -> None:
    ContactFactory.create(resident=resident, name="Ronja", phone="070-174 06 05")
    RepresentativeFactory.create(resident=resident, name="Gunnar")
    CohabitantFactory.create(home=resident.home, name="Sixten")
    told = api(her_carer).get(f"{URL}{resident.pk}/").json()
    assert told["name"] == "Astrid Lindqvist"
    assert told["masked"] is False
    assert told["good_to_know"] == "Hör dåligt. Ring två gånger."
    assert told["home"]["way_in"].startswith("Nyckel")
    assert {room["kind"] for room in told["home"]["rooms"]} == {"hall", "kitchen", "bedroom", "bathroom"}
    assert [contact["phone"] for contact in told["contacts"]] == ["070-174 06 05"]
    assert [person["name"] for person in told["representatives"] + told["cohabitants"]] == ["Gunnar", "Sixten"]
    assert "Hemtjänst Norr" in [unit["name"] for unit in told["units"]]


def test_the_identity_number_is_never_told(api: Api, resident: Resident, her_carer: User) -> None:
    client = api(her_carer)
    for url in (URL, f"{URL}{resident.pk}/", f"{URL}?search={resident.identity_number}"):
        assert resident.identity_number[8:] not in client.get(url).content.decode()


@pytest.mark.parametrize(
    "name", ["her_carer", "night_carer", "nurse", "unit_manager", "alarm_operator", "case_officer"]
)
def test_whoever_takes_part_in_her_care_sees_her(
    name: str, api: Api, resident: Resident, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(name))
    assert _names(client) == ["Astrid Lindqvist"]
    assert client.get(f"{URL}{resident.pk}/").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "carer_elsewhere",
        "technician",
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
def test_nobody_else_learns_that_she_exists(
    name: str, api: Api, resident: Resident, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(name))
    assert _names(client) == []
    hidden, missing = client.get(f"{URL}{resident.pk}/"), client.get(f"{URL}{uuid4()}/")
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_search_by_words_and_by_number(api: Api, resident: Resident, her_carer: User, home_care: Unit) -> None:
    CareRelationFactory.create(unit=home_care, resident=ResidentFactory.create(family_name="Lund"))
    client = api(her_carer)
    assert _names(client, search="lindq ast") == ["Astrid Lindqvist"]
    assert _names(client, search=resident.identity_number) == ["Astrid Lindqvist"]
    assert _names(client, search="nobody") == []
    assert len(_names(client)) == 2


def test_by_unit(api: Api, resident: Resident, her_carer: User, home_care: Unit, other_home_care: Unit) -> None:
    client = api(her_carer)
    assert _names(client, unit=home_care.pk) == ["Astrid Lindqvist"]
    assert _names(client, unit=other_home_care.pk) == []


# --- Protected identity --------------------------------------------------------------------------------------


def test_a_protected_person_is_masked_from_all_who_are_not_named(
    api: Api, protected_resident: Resident, her_carer: User, named_carer: User
) -> None:
    ContactFactory.create(resident=protected_resident, name="Per Palm")
    client = api(her_carer)
    for url in (URL, f"{URL}{protected_resident.pk}/"):
        text = client.get(url).content.decode()
        assert "Petra" not in text
        assert "Palm" not in text
        assert "Hemliga" not in text
    masked = client.get(f"{URL}{protected_resident.pk}/").json()
    assert (masked["masked"], masked["home"], masked["birth_date"], masked["contacts"]) == (True, None, None, [])
    known = api(named_carer).get(f"{URL}{protected_resident.pk}/").json()
    assert (known["name"], known["home"]["street"]) == ("Petra Palm", "Hemliga vägen 1")


def test_a_search_finds_a_protected_person_only_for_the_named(
    api: Api, protected_resident: Resident, her_carer: User, named_carer: User
) -> None:
    for text in ("petra", protected_resident.identity_number):
        assert _names(api(her_carer), search=text) == []
        assert _names(api(named_carer), search=text) == ["Petra Palm"]


def test_no_cursor_tells_a_name(api: Api, protected_resident: Resident, her_carer: User, home_care: Unit) -> None:
    for _ in range(3):
        CareRelationFactory.create(unit=home_care)
    client, url = api(her_carer), f"{URL}?page_size=1"
    while url:
        page = client.get(url).json()
        assert b"Palm".hex() not in url.encode().hex()
        url = page["next"]
        assert url is None or _decoded(url).isdisjoint({"Palm", "Petra"})


def _decoded(url: str) -> set[str]:
    from base64 import b64decode
    from urllib.parse import parse_qs, urlsplit

    (cursor,) = parse_qs(urlsplit(url).query)["cursor"]
    return {value for values in parse_qs(b64decode(cursor).decode()).values() for value in values}


# --- Changing ------------------------------------------------------------------------------------------------


def test_a_unit_manager_changes_what_is_good_to_know(api: Api, resident: Resident, unit_manager: User) -> None:
    answer = _change(api(unit_manager), resident, good_to_know="Hunden är borta.", phone="046-12 34 56")
    assert answer.status_code == 200
    assert answer.json()["good_to_know"] == "Hunden är borta."
    resident.refresh_from_db()
    assert (resident.good_to_know, resident.phone) == ("Hunden är borta.", "046-12 34 56")


def test_a_change_names_who_made_it_in_both_ledgers(api: Api, resident: Resident, unit_manager: User) -> None:
    _change(api(unit_manager), resident, phone="046-12 34 56")
    change = LogEntry.objects.get_for_object(resident).filter(action=LogEntry.Action.UPDATE).get()
    assert change.actor == unit_manager
    entry = AccessEntry.objects.get(user=unit_manager.pk, action=Action.WRITE)
    assert (entry.resource, entry.resident, entry.detail) == ("resident", resident.pk, "phone")


def test_nothing_but_that_is_changed(api: Api, resident: Resident, unit_manager: User) -> None:
    before = (resident.given_name, resident.protected_identity, resident.identity_number)
    _change(api(unit_manager), resident, given_name="Asta", protected_identity="marked", identity_number="1")
    resident.refresh_from_db()
    assert (resident.given_name, resident.protected_identity, resident.identity_number) == before


@pytest.mark.parametrize("name", ["her_carer", "nurse", "alarm_operator"])
def test_who_only_sees_her_changes_nothing(
    name: str, api: Api, resident: Resident, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    assert _change(api(user), resident, phone="1").status_code == 403
    assert AccessEntry.objects.get(user=user.pk, outcome=Outcome.DENIED).resident == resident.pk
    resident.refresh_from_db()
    assert resident.phone == ""


def test_nobody_changes_what_is_masked_from_them(api: Api, protected_resident: Resident, unit_manager: User) -> None:
    assert _change(api(unit_manager), protected_resident, phone="1").status_code == 403


def test_a_change_that_does_not_fit_is_refused_by_name(api: Api, resident: Resident, unit_manager: User) -> None:
    answer = _change(api(unit_manager), resident, phone="0" * 31)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["phone"]


# --- The log -------------------------------------------------------------------------------------------------


def test_each_look_is_in_the_log(api: Api, resident: Resident, her_carer: User) -> None:
    api(her_carer).get(f"{URL}{resident.pk}/")
    entry = AccessEntry.objects.get(user=her_carer.pk)
    assert (entry.action, entry.resource, entry.resident) == (Action.READ, "resident", resident.pk)
    assert (entry.system, entry.outcome) == ("api", Outcome.GRANTED)


def test_a_list_is_a_look_at_each_in_it_once(api: Api, resident: Resident, her_carer: User) -> None:
    client = api(her_carer)
    client.get(URL)
    client.get(URL)
    entry = AccessEntry.objects.get(user=her_carer.pk)
    assert (entry.action, entry.resident, entry.detail) == (Action.READ, resident.pk, "list")


def test_a_search_is_in_the_log_even_when_it_finds_nothing(api: Api, resident: Resident, her_carer: User) -> None:
    api(her_carer).get(URL, {"search": "petra"})
    entry = AccessEntry.objects.get(user=her_carer.pk)
    assert (entry.action, entry.resource) == (Action.SEARCH, "resident")
    assert "petra" not in entry.detail


def test_thirty_residents_cost_as_many_questions_as_three(
    api: Api, her_carer: User, home_care: Unit, questions: Callable[[Client, str], int]
) -> None:
    client = api(her_carer)
    for _ in range(3):
        CareRelationFactory.create(unit=home_care)
    few = questions(client, URL)
    for _ in range(27):
        CareRelationFactory.create(unit=home_care)
    assert questions(client, URL) == few
