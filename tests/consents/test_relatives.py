"""Relatives: let in by the resident, with rights of their own, shut out in the same second; none of them decides."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Length
from django.test import Client
from django.utils import translation

from alarms import actions as alarm_actions
from alarms.models import Alarm
from consents import actions, invitations, relatives
from consents.actions import Refused
from consents.invitations import WITHOUT_EMAIL, Person
from consents.kinds import Answer, Category, GivenBy
from consents.models import Consent, ConsentEvent, EventKind, RelativeView
from consents.policies import Giver
from devices.models import Assignment
from safehome import clock
from safehome.audit.models import AccessEntry, Outcome
from safehome.organisation.models import User
from safehome.residents import policies as residents
from safehome.residents.models import Contact, Effort, Representative, Resident
from tests.conftest import CAST, Post
from tests.factories import ContactFactory, RepresentativeFactory, UserFactory, grounds_for, reading

ClientOf = Callable[[User], Client]
Look = Callable[[User], str]


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def browse(client_of: ClientOf) -> ClientOf:
    def client(user: User) -> Client:
        browser = client_of(user)
        browser.cookies["safehome_display"] = "language=en"
        return browser

    return client


@pytest.fixture
def look(browse: ClientOf, resident: Resident) -> Look:
    """The relative's page about Astrid in words; empty when it is not there."""

    def page(user: User) -> str:
        answer = browse(user).get(f"/my/with/{resident.pk}/")
        if answer.status_code == 404:
            return ""
        assert answer.status_code == 200
        main = answer.content.decode().partition('<main id="main"')[2]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    return page


@pytest.fixture
def lived_in(
    door_sensor: Assignment,
    thermometer: Assignment,
    alarm: Alarm,
    resident: Resident,
    post_readings: Post,
    drain: Any,
) -> None:
    """Movement, warmth, an open call for help and an effort."""
    post_readings(reading(door_sensor, 1), reading(thermometer, 21.5, kind="temperature"))
    drain()
    Effort.objects.create(resident=resident, administration=alarm.administration, regime="sol", name="Trygghetslarm")


SAYS = {
    Category.ALARMS: "Nobody has answered yet.",
    Category.ACTIVITY: "Last movement",
    Category.CLIMATE: "21.5 degrees",
    Category.DEVICES: "Ytterdörr",
    Category.EFFORTS: "Trygghetslarm",
}
"""Words that stand on the page only when the category is shown."""


def contact_of(user: User) -> Contact:
    return Contact.objects.get(user=user)


def open_views(user: User) -> list[RelativeView]:
    return list(RelativeView.objects.in_force().filter(contact__user=user))


# --- The relative's own page -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived_in")
@pytest.mark.parametrize("category", list(SAYS))
def test_the_page_shows_exactly_the_category_that_was_chosen(
    relative: User, resident_user: User, look: Look, category: Category
) -> None:
    relatives.let_in(contact_of(relative), [category], by=resident_user)
    page = look(relative)
    assert {shown for shown, words in SAYS.items() if words in page} == {category}


@pytest.mark.usefixtures("lived_in")
def test_several_relatives_have_different_rights(
    relative: User, relative_not_let_in: User, resident_user: User, look: Look
) -> None:
    relatives.let_in(contact_of(relative), [Category.ALARMS, Category.CLIMATE], by=resident_user)
    relatives.let_in(contact_of(relative_not_let_in), [Category.EFFORTS], by=resident_user)
    daughter, son = look(relative), look(relative_not_let_in)
    assert SAYS[Category.CLIMATE] in daughter
    assert SAYS[Category.EFFORTS] not in daughter
    assert SAYS[Category.EFFORTS] in son
    assert SAYS[Category.CLIMATE] not in son


def test_alarms_are_told_without_the_names_of_staff(
    relative: User, resident_user: User, her_carer: User, alarm: Alarm, look: Look
) -> None:
    relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    assert "Nobody has answered yet." in look(relative)
    alarm_actions.accept(alarm.pk, by=her_carer)
    assert "Staff have answered." in look(relative)
    alarm_actions.arrive(alarm.pk, by=her_carer)
    assert "Staff are there." in look(relative)
    alarm_actions.close(alarm.pk, by=her_carer, outcome="help_given", note="Hjälpte Astrid upp.")
    page = look(relative)
    assert "No alarm now." in page
    assert "Staff came" in page
    assert not any(word in page for word in (her_carer.name, "Berg", "Hjälpte"))


@pytest.mark.usefixtures("lived_in")
def test_what_the_resident_has_said_no_to_the_relative_sees_no_more(
    resident: Resident, relative: User, resident_user: User, look: Look
) -> None:
    relatives.let_in(contact_of(relative), list(SAYS), by=resident_user)
    for consent in Consent.objects.given():
        actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident_user))
    page = look(relative)
    measured = (Category.ALARMS, Category.ACTIVITY, Category.CLIMATE)
    assert not any(SAYS[category] in page for category in measured)
    assert "It has stopped." in page


def test_the_look_is_written_to_the_log(resident: Resident, relative: User, resident_user: User, look: Look) -> None:
    relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    look(relative)
    entry = AccessEntry.objects.get(resource="relative view", action="read")
    assert (entry.user, entry.resident, entry.detail) == (relative.pk, resident.pk, "alarms")


@pytest.mark.parametrize("name", [name for name in CAST if name != "inactive_carer"])
def test_of_the_whole_cast_only_who_was_let_in_sees_the_page(
    request: pytest.FixtureRequest, resident: Resident, resident_user: User, relative: User, look: Look, name: str
) -> None:
    user = request.getfixturevalue(name)
    relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    assert bool(look(user)) is (name == "relative")
    if name != "relative":
        denied = AccessEntry.objects.get(resource="relative view", outcome=Outcome.DENIED)
        assert (denied.user, denied.resident) == (user.pk, resident.pk)


def test_a_page_that_is_open_knows_where_to_ask_whether_it_may_be_shown(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    view = relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    client = browse(relative)
    page = client.get(f"/my/with/{resident.pk}/").content.decode()
    found = re.search(r'data-lives="([^"]+)" data-lives-version="([^"]+)"', page)
    assert found
    assert client.get(found[1]).json()["version"] == found[2]
    relatives.end(view.pk, by=resident_user)
    assert client.get(found[1]).status_code == 404


# --- Ended in the same second ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived_in")
def test_one_press_ends_it_at_once(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf, look: Look
) -> None:
    view = relatives.let_in(contact_of(relative), list(SAYS), by=resident_user)
    client = browse(relative)
    assert client.get(f"/my/with/{resident.pk}/").status_code == 200
    owner = browse(resident_user)
    address = f"/my/relatives/{resident.pk}/{view.pk}/end/"
    assert address in owner.get("/my/relatives/").content.decode()
    answer = owner.post(address, follow=True)
    assert answer.redirect_chain[-1][0] == "/my/relatives/"
    assert "Ronja Lindqvist sees nothing any more." in answer.content.decode()
    assert client.get(f"/my/with/{resident.pk}/").status_code == 404
    assert not residents.close_to(relative).exists()
    assert "ytterdörr" not in client.get("/home/").content.decode()


def test_ending_twice_is_harmless(resident: Resident, relative: User, resident_user: User, browse: ClientOf) -> None:
    view = relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    client = browse(resident_user)
    for _time in range(2):
        assert client.post(f"/my/relatives/{resident.pk}/{view.pk}/end/").status_code == 302
    assert ConsentEvent.objects.filter(kind=EventKind.RELATIVE_ENDED).count() == 1


@pytest.mark.parametrize("name", ["relative", "relative_not_let_in", "stranger", "her_carer", "foreign_carer"])
def test_nobody_else_ends_it(
    request: pytest.FixtureRequest,
    resident: Resident,
    relative: User,
    resident_user: User,
    browse: ClientOf,
    name: str,
) -> None:
    view = relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    user = request.getfixturevalue(name)
    assert browse(user).post(f"/my/relatives/{resident.pk}/{view.pk}/end/").status_code == 404
    assert open_views(relative)


def test_a_view_of_another_resident_is_not_ended_from_here(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    foreign = relatives.let_in(ContactFactory.create(), [Category.ALARMS], by=resident_user)
    assert browse(resident_user).post(f"/my/relatives/{resident.pk}/{foreign.pk}/end/").status_code == 404


def test_an_end_by_link_alone_changes_nothing(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    view = relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    assert browse(resident_user).get(f"/my/relatives/{resident.pk}/{view.pk}/end/").status_code == 405
    assert open_views(relative)


# --- Notices -----------------------------------------------------------------------------------------------------


def test_a_relative_turns_notices_off_and_on_and_still_sees_the_page(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    client = browse(relative)
    address = f"/my/with/{resident.pk}/notices/"
    page = client.post(address, {"notices": "off"}, follow=True).content.decode()
    assert "You get no notices. You still see this page." in page
    assert relatives.to_tell(resident, Category.ALARMS) == []
    client.post(address, {"notices": "on"})
    assert len(relatives.to_tell(resident, Category.ALARMS)) == 1


def test_one_relatives_notices_are_not_anothers(
    resident: Resident, relative: User, relative_not_let_in: User, resident_user: User, browse: ClientOf
) -> None:
    for user in (relative, relative_not_let_in):
        relatives.let_in(contact_of(user), [Category.ALARMS], by=resident_user)
    browse(relative).post(f"/my/with/{resident.pk}/notices/", {"notices": "off"})
    assert [view.contact.user for view in relatives.to_tell(resident, Category.ALARMS)] == [relative_not_let_in]


# --- Letting in --------------------------------------------------------------------------------------------------

NEW = {"name": "Olle Lindqvist", "relation": "son", "phone": "070-174 06 41", "email": "", "categories": ["alarms"]}


@pytest.mark.parametrize("name", ["resident_user", "representative"])
def test_the_resident_or_a_representative_lets_in_a_new_person(
    request: pytest.FixtureRequest, resident: Resident, browse: ClientOf, look: Look, name: str
) -> None:
    user = request.getfixturevalue(name)
    answer = browse(user).post(f"/my/relatives/{resident.pk}/new/", NEW, follow=True)
    assert "Olle Lindqvist can see what you have chosen." in answer.content.decode()
    contact = Contact.objects.get(name="Olle Lindqvist")
    assert contact.user is not None
    assert (contact.user.phone, contact.user.has_usable_password()) == ("070-174 06 41", False)
    assert contact.user.email.endswith(WITHOUT_EMAIL)
    assert contact.user.phone_verified_at is None
    (view,) = open_views(contact.user)
    assert (view.categories, view.let_in_by, view.on_word) == (["alarms"], user, False)
    assert look(contact.user)


@pytest.mark.parametrize(
    "name",
    ["relative", "relative_not_let_in", "stranger", "her_carer", "carer_elsewhere", "foreign_carer", "superuser"],
)
def test_nobody_else_lets_anybody_in(
    request: pytest.FixtureRequest, resident: Resident, resident_user: User, browse: ClientOf, name: str
) -> None:
    user = request.getfixturevalue(name)
    if name == "relative":
        relatives.let_in(contact_of(user), [Category.ALARMS], by=resident_user)
    client = browse(user)
    for address in (f"/my/relatives/{resident.pk}/new/", f"/my/relatives/{resident.pk}/1/"):
        assert client.get(address).status_code == 404
        assert client.post(address, NEW).status_code == 404
    assert not Contact.objects.filter(name="Olle Lindqvist").exists()
    assert "Lindqvist dotter" not in client.get("/my/relatives/").content.decode()


def test_a_relative_reads_why_they_let_nobody_in(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    page = browse(relative).get("/my/relatives/").content.decode()
    assert "Only the person themselves lets others in." in page


def test_a_representative_without_the_care_of_the_person_may_not(
    resident: Resident, representative: User, browse: ClientOf
) -> None:
    row = Representative.objects.get(user=representative)
    row.scopes = ["property"]
    row.save()
    assert browse(representative).post(f"/my/relatives/{resident.pk}/new/", NEW).status_code == 403
    assert "mandate" in browse(representative).get("/my/relatives/").content.decode()


def test_a_guardian_lets_in_for_a_child(child: Resident, guardians: tuple[Giver, Giver], browse: ClientOf) -> None:
    first, _second = guardians
    assert first.user
    assert browse(first.user).post(f"/my/relatives/{child.pk}/new/", NEW).status_code == 302
    child.user = UserFactory.create()
    child.save()
    assert browse(child.user).post(f"/my/relatives/{child.pk}/new/", NEW).status_code == 403


def test_what_somebody_may_see_is_changed_in_place(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    contact = contact_of(relative)
    relatives.let_in(contact, [Category.ALARMS, Category.CLIMATE], by=resident_user)
    client = browse(resident_user)
    address = f"/my/relatives/{resident.pk}/{contact.pk}/"
    assert client.get(address).content.decode().count("checked") == 2
    client.post(address, {"categories": ["climate"]})
    (view,) = open_views(relative)
    assert view.categories == ["climate"]


def test_nothing_chosen_lets_nobody_in_and_says_so(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    address = f"/my/relatives/{resident.pk}/{contact_of(relative).pk}/"
    answer = browse(resident_user).post(address, {})
    assert answer.status_code == 400
    assert "Choose at least one thing to show." in answer.content.decode()
    assert not open_views(relative)


@pytest.mark.parametrize("asked", ["position", "contact", "everything"])
def test_what_no_relative_may_see_can_not_be_chosen(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf, asked: str
) -> None:
    address = f"/my/relatives/{resident.pk}/{contact_of(relative).pk}/"
    assert browse(resident_user).post(address, {"categories": [asked]}).status_code == 400
    assert not open_views(relative)


def test_a_contact_without_an_account_gets_one(resident: Resident, resident_user: User, browse: ClientOf) -> None:
    contact = ContactFactory.create(resident=resident, name="Berit Ek", phone="", relation="granne")
    address = f"/my/relatives/{resident.pk}/{contact.pk}/"
    client = browse(resident_user)
    assert client.post(address, {"categories": ["alarms"]}).status_code == 400
    form = {"categories": ["alarms"], "phone": "070-174 06 42", "email": "berit@example.org"}
    assert client.post(address, form).status_code == 302
    contact.refresh_from_db()
    assert contact.user
    assert (contact.user.email, contact.phone) == ("berit@example.org", "070-174 06 42")


def test_an_account_that_is_there_is_used_and_nobody_is_told(
    resident: Resident, resident_user: User, stranger: User, browse: ClientOf
) -> None:
    form = NEW | {"email": stranger.email.upper()}
    known = browse(resident_user).post(f"/my/relatives/{resident.pk}/new/", form, follow=True)
    assert "Olle Lindqvist can see what you have chosen." in known.content.decode()
    assert Contact.objects.get(name="Olle Lindqvist").user == stranger
    assert stranger.email not in known.content.decode()


def test_a_closed_account_is_not_opened_again(resident: Resident, resident_user: User) -> None:
    closed = UserFactory.create(email="olle@example.org", is_active=False)
    person = Person("Olle Lindqvist", "son", email="olle@example.org")
    view = invitations.invite(resident, person, [Category.ALARMS], by=resident_user)
    assert view.contact.user not in (None, closed)


def test_the_same_checked_telephone_and_name_are_the_same_person(resident: Resident, resident_user: User) -> None:
    known = UserFactory.create(name="Olle Lindqvist", phone="070-174 06 41")
    known.check_phone(clock.now())
    known.save()
    same = invitations.invite(
        resident, Person("olle lindqvist", "son", "+46701740641"), [Category.ALARMS], by=resident_user
    )
    other = invitations.invite(
        resident, Person("Ulla Lindqvist", "dotter", "070-174 06 41"), [Category.ALARMS], by=resident_user
    )
    assert same.contact.user == known
    assert other.contact.user != known


def test_inviting_a_contact_again_makes_no_second_one(resident: Resident, relative: User, resident_user: User) -> None:
    person = Person("Ronja", "dotter", email=relative.email)
    invitations.invite(resident, person, [Category.ALARMS], by=resident_user)
    assert Contact.objects.filter(resident=resident).count() == 1
    assert len(open_views(relative)) == 1


def test_the_resident_can_not_let_in_themselves(resident: Resident, resident_user: User) -> None:
    person = Person("Astrid", "jag", email=resident_user.email)
    with pytest.raises(Refused):
        invitations.invite(resident, person, [Category.ALARMS], by=resident_user)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("facts", [{"phone": "", "email": ""}, {"phone": "hemma"}, {"name": ""}, {"categories": []}])
def test_a_form_with_something_missing_makes_nothing(
    resident: Resident, resident_user: User, browse: ClientOf, facts: dict[str, Any]
) -> None:
    before = User.objects.count()
    answer = browse(resident_user).post(f"/my/relatives/{resident.pk}/new/", NEW | facts)
    assert answer.status_code == 400
    assert (Contact.objects.count(), User.objects.count()) == (0, before)


def test_no_address_is_left_without_a_length(resident: Resident, resident_user: User) -> None:
    for number in range(3):
        invitations.invite(
            resident, Person(f"Person {number}", "vän", f"070-174 06 4{number}"), ["alarms"], by=resident_user
        )
    lengths = User.objects.annotate(length=Length("email")).values_list("length", flat=True)
    assert all(length > 10 for length in lengths)


# --- Protected identity ------------------------------------------------------------------------------------------


def test_nobody_is_let_in_where_the_identity_is_protected(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf, look: Look
) -> None:
    relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    Resident.objects.filter(pk=resident.pk).update(protected_identity="marked")
    assert look(relative) == ""
    client = browse(resident_user)
    assert "The identity is protected. Nobody can be let in here." in client.get("/my/relatives/").content.decode()
    assert client.post(f"/my/relatives/{resident.pk}/new/", NEW).status_code == 403
    resident.refresh_from_db()
    with pytest.raises(Refused):
        invitations.invite(resident, Person("Olle", "son", "070-174 06 41"), ["alarms"], by=resident_user)
    assert not Contact.objects.filter(name="Olle").exists()
    assert "Astrid" not in browse(relative).get("/my/").content.decode()


# --- Staff, on the resident's word -------------------------------------------------------------------------------

MAY_ASK = ("her_carer", "second_carer", "night_carer", "nurse", "unit_manager", "case_officer")


@pytest.mark.parametrize("name", [name for name in CAST if name != "inactive_carer"])
def test_of_the_whole_cast_those_who_may_ask_write_down_her_word(
    request: pytest.FixtureRequest, resident: Resident, browse: ClientOf, name: str
) -> None:
    user = request.getfixturevalue(name)
    client = browse(user)
    expected = 200 if name in MAY_ASK else 403 if name == "alarm_operator" else 404
    assert client.get(f"/my/desk/{resident.pk}/relatives/").status_code == expected
    before = Contact.objects.count()
    answer = client.post(f"/my/desk/{resident.pk}/relatives/new/", NEW | {"on_word": "on"})
    assert answer.status_code == (302 if name in MAY_ASK else expected)
    assert Contact.objects.count() == before + (name in MAY_ASK)


def test_staff_say_that_they_have_heard_it(resident: Resident, her_carer: User, browse: ClientOf) -> None:
    client = browse(her_carer)
    address = f"/my/desk/{resident.pk}/relatives/new/"
    unheard = client.post(address, NEW)
    assert unheard.status_code == 400
    assert "Only the resident decides this. Ask first." in unheard.content.decode()
    client.post(address, NEW | {"on_word": "on"})
    view = RelativeView.objects.get()
    assert (view.on_word, view.let_in_by) == (True, her_carer)
    assert ConsentEvent.objects.get(kind=EventKind.RELATIVE_LET_IN).content["on_word"] is True


def test_staff_end_it_on_her_word(
    resident: Resident, relative: User, resident_user: User, her_carer: User, browse: ClientOf
) -> None:
    view = relatives.let_in(contact_of(relative), [Category.ALARMS], by=resident_user)
    client = browse(her_carer)
    answer = client.post(f"/my/desk/{resident.pk}/relatives/{view.pk}/end/", follow=True)
    assert "sees nothing any more" in answer.content.decode()
    assert not open_views(relative)


def test_staff_who_do_not_know_the_protected_identity_see_no_relatives(
    protected_resident: Resident, her_carer: User, named_carer: User, browse: ClientOf
) -> None:
    ContactFactory.create(resident=protected_resident, name="Sven Palm")
    address = f"/my/desk/{protected_resident.pk}/relatives/"
    assert browse(her_carer).get(address).status_code == 403
    page = browse(named_carer).get(address).content.decode()
    assert "Nobody can be let in here." in page


def test_looking_at_the_list_is_written_to_the_log(
    resident: Resident, resident_user: User, her_carer: User, browse: ClientOf
) -> None:
    browse(resident_user).get("/my/relatives/")
    browse(her_carer).get(f"/my/desk/{resident.pk}/relatives/")
    entries = AccessEntry.objects.filter(resource="relatives", resident=resident.pk, action="read")
    assert {entry.user for entry in entries} == {resident_user.pk, her_carer.pk}


# --- None of them decides ----------------------------------------------------------------------------------------


def test_a_relative_who_has_been_let_in_answers_nothing(
    resident: Resident, relative: User, resident_user: User, browse: ClientOf
) -> None:
    purpose = grounds_for(resident.care_relations.all()[0].unit, resident)
    relatives.let_in(contact_of(relative), list(SAYS), by=resident_user)
    assert Consent.objects.filter(purpose=purpose).count() == 1
    answer = browse(relative).get(f"/my/self/{purpose.pk}/")
    assert answer.status_code in (403, 404)
    before = Consent.objects.get().state
    browse(relative).post(f"/my/self/{purpose.pk}/", {"answer": "no", "said": "no"})
    assert Consent.objects.get().state == before


def test_two_residents_can_let_in_the_same_person(resident: Resident, relative: User, browse: ClientOf) -> None:
    host = UserFactory.create()
    other = RepresentativeFactory.create(user=host)
    invitations.invite(other.resident, Person("Ronja", "brorsdotter", email=relative.email), ["climate"], by=host)
    relatives.let_in(Contact.objects.get(user=relative, resident=resident), ["alarms"], by=host)
    page = browse(relative).get("/my/").content.decode()
    assert f"/my/with/{resident.pk}/" in page
    assert f"/my/with/{other.resident.pk}/" in page


def test_the_page_asks_as_much_for_twenty_devices_as_for_two(
    resident: Resident,
    relative: User,
    resident_user: User,
    place_device: Any,
    browse: ClientOf,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(20):
        place_device(f"motion-{number}", ["motion", "temperature"], label=f"rum {number}")
    relatives.let_in(contact_of(relative), list(SAYS), by=resident_user)
    client = browse(relative)
    client.get(f"/my/with/{resident.pk}/")
    with django_assert_max_num_queries(36):
        assert client.get(f"/my/with/{resident.pk}/").status_code == 200
