"""*Who may see*: the page tells what the gate does, for staff, other administrations, relatives and partners."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from alarms import policies as alarm_policies
from alarms.models import Alarm
from consents import actions, relatives
from consents.kinds import Answer, Category, ConsentKind, GivenBy
from consents.models import Consent, Purpose, PurposeCategory, Recipient
from consents.policies import Giver
from consents.portal.who_sees import WhoSees, who_sees
from devices import policies as device_policies
from devices.kinds import kinds_of
from devices.models import Assignment, Reading
from safehome import clock
from safehome.audit.models import AccessEntry
from safehome.organisation.models import Administration, Unit, User
from safehome.organisation.roles import Role
from safehome.residents.models import Contact, Effort, Resident
from tests.conftest import Post
from tests.factories import (
    CareRelationFactory,
    CohabitantFactory,
    PurposeFactory,
    UnitFactory,
    UserFactory,
    consent_to,
    publish_text,
    reading,
    staff,
)

Read = Callable[[User], str]


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def read(client_of: Callable[[User], Client]) -> Read:
    def page(user: User) -> str:
        client = client_of(user)
        client.cookies["safehome_display"] = "language=en"
        answer = client.get("/my/who-sees/")
        assert answer.status_code == 200
        main = answer.content.decode().partition('<main id="main"')[2]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    return page


@pytest.fixture
def lived_in(
    door_sensor: Assignment, thermometer: Assignment, help_button: Assignment, post_readings: Post, drain: Any
) -> Any:
    """Movement, warmth and a call for help, measured now."""
    post_readings(reading(door_sensor, 1), reading(thermometer, 21, kind="temperature"), reading(help_button, 1))
    drain()


@pytest.fixture
def shared(
    administration: Administration, second_administration: Administration, resident: Resident, foreign_unit: Unit
) -> Consent:
    """Astrid lets the other administration, which takes part in her care, read about her days."""
    CareRelationFactory.create(resident=resident, unit=foreign_unit)
    purpose = PurposeFactory.create(
        administration=administration, code="share", name="Dela", kind=ConsentKind.SECRECY, reading_kinds=[]
    )
    PurposeCategory.objects.create(purpose=purpose, category=Category.ACTIVITY)
    Recipient.objects.create(purpose=purpose, administration=second_administration)
    publish_text(purpose)
    return consent_to(purpose, resident, valid_until=clock.now() + timedelta(days=30))


def seen_by(sees: WhoSees, unit: Unit) -> set[str]:
    return set(next(row.categories for row in sees.units if row.name == unit.name))


def label(category: Category) -> str:
    return str(category.label)


# --- Staff -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived_in", "her_carer", "alarm_operator", "case_officer")
def test_each_unit_is_told_with_what_its_roles_open(
    resident: Resident, home_care: Unit, alarm_centre: Unit, case_office: Unit, night_patrol: Unit
) -> None:
    sees = who_sees(resident)
    assert label(Category.CLIMATE) in seen_by(sees, home_care)
    assert label(Category.CLIMATE) not in seen_by(sees, alarm_centre)
    assert label(Category.ALARMS) in seen_by(sees, alarm_centre)
    assert seen_by(sees, case_office) == {label(Category.DEVICES), label(Category.CONTACT)}
    assert seen_by(sees, night_patrol) == set()  # nobody works there today


@pytest.mark.usefixtures("lived_in", "shared")
@pytest.mark.parametrize("withdrawn", [False, True])
def test_the_page_says_the_same_as_the_gate(
    resident: Resident,
    resident_user: User,
    her_carer: User,
    alarm_operator: User,
    case_officer: User,
    night_carer: User,
    foreign_carer: User,
    withdrawn: bool,
) -> None:
    """Whatever the page says that a unit sees of readings and devices, its staff find in lists; and nothing else."""
    if withdrawn:
        for consent in Consent.objects.given():
            actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident_user))
    sees = who_sees(resident)
    assert Reading.objects.exists()
    for user in (her_carer, alarm_operator, case_officer, night_carer, foreign_carer):
        unit = user.memberships.get().unit
        told = seen_by(sees, unit)
        readings = device_policies.readings_visible_to(user).filter(assignment__resident=resident)
        for category in (Category.ACTIVITY, Category.CLIMATE):
            found = readings.filter(kind__in=kinds_of(category)).exists()
            assert (label(category) in told) is found, (user.name, category)
        devices = device_policies.assignments_visible_to(user).filter(resident=resident)
        assert (label(Category.DEVICES) in told) is devices.exists(), user.name


@pytest.mark.usefixtures("alarm")
def test_who_sees_alarms_is_told_so(resident: Resident, her_carer: User, nurse: User) -> None:
    assert Alarm.objects.exists()
    for user in (her_carer, nurse):
        assert alarm_policies.visible_to(user).exists()
        assert label(Category.ALARMS) in seen_by(who_sees(resident), user.memberships.get().unit)


def test_without_devices_there_is_nothing_measured_to_see(resident: Resident, her_carer: User, home_care: Unit) -> None:
    assert seen_by(who_sees(resident), home_care) == {label(Category.CONTACT)}


def test_which_help_she_has_is_seen_where_it_was_granted(
    resident: Resident, her_carer: User, home_care: Unit, administration: Administration
) -> None:
    Effort.objects.create(resident=resident, administration=administration, regime="sol", name="Trygghetslarm")
    assert label(Category.EFFORTS) in seen_by(who_sees(resident), home_care)


@pytest.mark.usefixtures("help_button", "her_carer")
def test_units_outside_the_care_that_get_alarms_or_mend_are_told(
    resident: Resident, alarm_centre: Unit, technical_unit: Unit
) -> None:
    resident.care_relations.filter(unit=alarm_centre).delete()
    sees = who_sees(resident)
    assert sees.alarms_go_to == [alarm_centre.name]
    assert sees.mended_by == [technical_unit.name]


# --- Other administrations ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived_in")
def test_another_administration_sees_nothing_of_hers_by_itself(
    resident: Resident, resident_user: User, foreign_unit: Unit, foreign_carer: User, read: Read
) -> None:
    CareRelationFactory.create(resident=resident, unit=foreign_unit)
    assert seen_by(who_sees(resident), foreign_unit) == {label(Category.CONTACT)}
    assert "No other administration may read anything." in read(resident_user)


@pytest.mark.usefixtures("lived_in")
def test_a_yes_to_share_shows_exactly_what_it_names_and_how_to_change_it(
    resident: Resident,
    resident_user: User,
    shared: Consent,
    foreign_unit: Unit,
    foreign_carer: User,
    administration: Administration,
    client_of: Callable[[User], Client],
    read: Read,
) -> None:
    assert seen_by(who_sees(resident), foreign_unit) == {label(Category.ACTIVITY), label(Category.CONTACT)}
    page = read(resident_user)
    assert f"Socialförvaltningen May read this at {administration.name}" in page
    assert f"/my/self/{shared.purpose_id}/" in client_of(resident_user).get("/my/who-sees/").content.decode()


@pytest.mark.usefixtures("lived_in", "foreign_carer")
def test_the_no_takes_it_off_the_page(
    resident: Resident, resident_user: User, shared: Consent, foreign_unit: Unit, read: Read
) -> None:
    actions.answer(shared.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident_user))
    assert seen_by(who_sees(resident), foreign_unit) == {label(Category.CONTACT)}
    assert "No other administration may read anything." in read(resident_user)


@pytest.mark.usefixtures("lived_in", "foreign_carer")
def test_a_yes_that_has_run_out_shares_nothing(resident: Resident, shared: Consent, foreign_unit: Unit) -> None:
    Consent.objects.filter(pk=shared.pk).update(valid_until=clock.now() - timedelta(seconds=1))
    sees = who_sees(resident)
    assert sees.shared == []
    assert seen_by(sees, foreign_unit) == {label(Category.CONTACT)}


# --- Relatives, representatives, partners ------------------------------------------------------------------------


def test_relatives_and_representatives_are_named(
    resident: Resident, resident_user: User, relative: User, representative: User, read: Read
) -> None:
    relatives.let_in(Contact.objects.get(user=relative), [Category.CLIMATE], by=resident_user)
    page = read(resident_user)
    assert "Ronja Lindqvist dotter May see: Warmth and air in the home" in page
    assert "Gunnar Grahn" in page
    assert "Sees the same as you see." in page


def test_a_relative_who_has_been_shut_out_is_gone(
    resident: Resident, resident_user: User, relative: User, read: Read
) -> None:
    view = relatives.let_in(Contact.objects.get(user=relative), [Category.CLIMATE], by=resident_user)
    relatives.end(view.pk, by=resident_user)
    assert "Ronja" not in read(resident_user)


def test_a_company_is_told_only_while_there_is_a_yes(
    resident: Resident, resident_user: User, administration: Administration, read: Read
) -> None:
    purpose = PurposeFactory.create(administration=administration, name="Larmknapp")
    Recipient.objects.create(purpose=purpose, partner="Nordlarm AB", role="processor")
    assert "Nordlarm" not in read(resident_user)
    consent = consent_to(purpose, resident)
    assert "Nordlarm AB Because of the yes to “Larmknapp”. They do it for the municipality" in read(resident_user)
    Consent.objects.filter(pk=consent.pk).update(state="ended", ended_at=clock.now())
    assert "Nordlarm" not in read(resident_user)


def test_an_emergency_is_told_while_it_lasts(
    resident: Resident, resident_user: User, her_carer: User, read: Read
) -> None:
    assert "emergency" not in read(resident_user)
    actions.declare_emergency(resident.pk, by=her_carer, reason="Svarar inte, dörren är låst.")
    assert "There is an emergency." in read(resident_user)


# --- Who reads this page -----------------------------------------------------------------------------------------


def test_a_representative_reads_it_and_the_log_knows(resident: Resident, representative: User, read: Read) -> None:
    assert "About Astrid" in read(representative)
    assert AccessEntry.objects.get(resource="who may see").resident == resident.pk


@pytest.mark.parametrize("name", ["relative", "relative_not_let_in", "stranger", "her_carer", "superuser"])
def test_nobody_else_reads_it(request: pytest.FixtureRequest, resident: Resident, name: str, read: Read) -> None:
    user = request.getfixturevalue(name)
    page = read(user)
    assert "Hemtjänst" not in page
    assert not AccessEntry.objects.filter(resource="who may see").exists()


def test_who_lives_there_does_not_read_it(resident: Resident, read: Read) -> None:
    partner = UserFactory.create()
    CohabitantFactory.create(home=resident.home, user=partner)
    assert "Hemtjänst" not in read(partner)


@pytest.mark.usefixtures("shared")
def test_more_units_and_devices_cost_no_more(
    resident: Resident,
    administration: Administration,
    place_device: Any,
    home_care: Unit,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(8):
        unit = UnitFactory.create(administration=administration, name=f"Grupp {number}")
        CareRelationFactory.create(resident=resident, unit=unit)
        staff(f"Anställd {number}", Role.CARE_STAFF, unit)
        place_device(f"motion-{number}", ["motion"], label=f"rum {number}")
    assert Purpose.objects.exists()
    with django_assert_max_num_queries(26):
        who_sees(resident)
