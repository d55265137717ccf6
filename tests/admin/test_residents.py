"""Residents, homes and who may look, through admin's forms."""

import pytest
from django.test import Client

from safehome.audit.models import AccessEntry, Action, Purpose
from safehome.organisation import exceptions
from safehome.organisation.models import Unit, User
from safehome.residents.models import Home, Resident
from safehome.residents.policies import RELATIVE
from tests.admin.browser import answers, errors, save, url

NEW = {"given_name": "Karin", "family_name": "Kvist", "language": "sv"}


def test_a_resident_is_registered(enter: Client, home_care: Unit) -> None:
    relation = {"care_relations-TOTAL_FORMS": "1", "care_relations-0-unit": str(home_care.pk)}
    dates = {"care_relations-0-valid_from": "2026-01-01"}
    response = save(enter, url(Resident, "add"), **NEW, identity_number="19811218-9876", **relation, **dates)
    assert response.status_code == 302
    karin = Resident.objects.get(given_name="Karin")
    assert karin.identity_number == "198112189876"
    assert karin.care_relations.get().unit == home_care


@pytest.mark.parametrize("number", ["19811218-9875", "19811318-9876", "hej", "1234"])
def test_a_wrong_number_is_refused(number: str, enter: Client) -> None:
    response = save(enter, url(Resident, "add"), **NEW, identity_number=number)
    assert list(errors(response)) == ["identity_number"]


def test_a_number_belongs_to_one_resident(enter: Client, resident: Resident) -> None:
    response = save(enter, url(Resident, "add"), **NEW, identity_number=resident.identity_number)
    assert list(errors(response)) == ["identity_number"]


def test_saving_at_once_changes_nothing(enter: Client, resident: Resident, relative: User) -> None:
    before = Resident.objects.filter(pk=resident.pk).values().get()
    assert save(enter, url(resident, "change")).status_code == 302
    assert Resident.objects.filter(pk=resident.pk).values().get() == before
    assert set(exceptions.holders(RELATIVE, resident)) == {relative}


def test_the_number_is_not_in_the_list(enter: Client, resident: Resident) -> None:
    text = enter.get(url(Resident, "changelist")).content.decode()
    assert resident.identity_number not in text
    assert resident.identity_number[:8] not in text


def test_she_is_found_by_name_and_by_number(enter: Client, resident: Resident) -> None:
    for text in ("lindqvist astrid", resident.identity_number):
        found = enter.get(url(Resident, "changelist"), {"q": text}).context["cl"].result_list
        assert list(found) == [resident]


def test_a_unit_takes_part_once_at_a_time(enter: Client, resident: Resident, home_care: Unit) -> None:
    more = {"care_relations-TOTAL_FORMS": "5", "care_relations-4-unit": str(home_care.pk)}
    response = save(enter, url(resident, "change"), **more, **{"care_relations-4-valid_from": "2026-01-01"})
    assert list(errors(response)) == ["care_relations"]


def test_an_end_before_the_start_is_refused(enter: Client, resident: Resident) -> None:
    response = save(enter, url(resident, "change"), **{"care_relations-0-valid_to": "1999-01-01"})
    assert list(errors(response)) == ["care_relations-0-valid_to"]


def test_a_relative_is_let_in_and_out(enter: Client, resident: Resident, relative_not_let_in: User) -> None:
    page = enter.get(url(resident, "change"))
    assert "relatives" not in answers(page)
    save(enter, url(resident, "change"), relatives=[str(relative_not_let_in.pk)])
    assert set(exceptions.holders(RELATIVE, resident)) == {relative_not_let_in}
    save(enter, url(resident, "change"), relatives=None)
    assert set(exceptions.holders(RELATIVE, resident)) == set()


def test_only_contacts_can_be_let_in(enter: Client, resident: Resident, stranger: User) -> None:
    response = save(enter, url(resident, "change"), relatives=[str(stranger.pk)])
    assert list(errors(response)) == ["relatives"]


def test_a_postal_code_has_five_digits(enter: Client) -> None:
    address = {"street": "Storgatan 1", "city": "Sunnanby"}
    assert list(errors(save(enter, url(Home, "add"), **address, postal_code="123"))) == ["postal_code"]
    assert save(enter, url(Home, "add"), **address, postal_code="12345").status_code == 302
    assert Home.objects.get(city="Sunnanby").postal_code == "123 45"


# --- The log ------------------------------------------------------------------------------------------------------


def entries(by: User, action: Action) -> list[tuple[str, object, str]]:
    found = AccessEntry.objects.filter(user=by.pk, action=action, purpose=Purpose.ADMINISTRATION)
    return list(found.order_by("at").values_list("resource", "resident", "detail"))


def test_a_look_is_in_the_log(enter: Client, resident: Resident, administrator: User) -> None:
    enter.get(url(resident, "change"))
    assert entries(administrator, Action.READ) == [("resident", resident.pk, "")]


def test_a_search_is_in_the_log_without_its_words(enter: Client, resident: Resident, administrator: User) -> None:
    enter.get(url(Resident, "changelist"), {"q": "astrid"})
    assert entries(administrator, Action.SEARCH) == [("resident", None, "1 found")]


def test_a_change_is_in_the_log(
    enter: Client, resident: Resident, relative_not_let_in: User, administrator: User
) -> None:
    save(enter, url(resident, "change"), phone="070-174 06 05", relatives=[str(relative_not_let_in.pk)])
    granted = f"view_as_relative granted to {relative_not_let_in.pk}"
    told = {("resident", resident.pk, "changed"), ("resident", resident.pk, granted)}
    assert set(entries(administrator, Action.WRITE)) == told


def test_a_removal_is_in_the_log(enter: Client, administrator: User) -> None:
    mistake = Resident.objects.create(given_name="Fel", family_name="Person")
    assert enter.post(url(mistake, "delete"), {"post": "yes"}).status_code == 302
    assert entries(administrator, Action.DELETE) == [("resident", mistake.pk, "")]


def test_somebody_with_devices_is_not_removed(enter: Client, help_button: object, resident: Resident) -> None:
    enter.post(url(resident, "delete"), {"post": "yes"})
    assert Resident.objects.filter(pk=resident.pk).exists()
