"""A resident known to two administrations: the second one sees exactly what the resident lets it see, until it ends.

Astrid's sensors are her home care group's. Fatima works in a housing unit of another administration that takes part in
Astrid's care too. Each category is a consent of its own here, so that a leak between categories shows.
"""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from alarms import policies as alarms
from alarms.models import Alarm
from consents import actions, sharing
from consents.kinds import Answer, Category, ConsentKind, GivenBy
from consents.models import Consent, Purpose, PurposeCategory, Recipient
from consents.policies import Giver
from devices import panels
from devices import policies as devices
from devices.models import Assignment, Reading
from safehome.organisation.models import Administration, Regime, Unit, User
from safehome.residents import policies as residents
from safehome.residents.models import Effort, Resident
from tests.conftest import Post
from tests.factories import CareRelationFactory, PurposeFactory, consent_to, publish_text, reading

SignIn = Callable[[User], Client]


@pytest.fixture
def shared_care(resident: Resident, foreign_unit: Unit) -> None:
    CareRelationFactory.create(resident=resident, unit=foreign_unit)


Share = Callable[..., Consent]


@pytest.fixture
def share(administration: Administration, second_administration: Administration, resident: Resident) -> Share:
    """`share(Category.CLIMATE)`: Astrid lets the second administration see it."""

    def let(*categories: Category) -> Consent:
        purpose = PurposeFactory.create(administration=administration, kind=ConsentKind.SECRECY, reading_kinds=[])
        PurposeCategory.objects.bulk_create(PurposeCategory(purpose=purpose, category=row) for row in categories)
        Recipient.objects.create(purpose=purpose, administration=second_administration)
        publish_text(purpose)
        return consent_to(purpose, resident)

    return let


@pytest.fixture
def measured(
    alarm: Alarm,
    thermometer: Assignment,
    motion_sensor: Assignment,
    resident: Resident,
    administration: Administration,
    post_readings: Post,
    drain: Callable[[], int],
) -> None:
    """One thing of each category."""
    Effort.objects.create(resident=resident, administration=administration, regime=Regime.SOL, name="Hemtjänst dag")
    post_readings(reading(thermometer, 21.5), reading(motion_sensor, 1), reading(thermometer, 80, kind="battery"))
    drain()


def seen(user: User, resident: Resident) -> set[Category]:
    """The categories in which the user sees anything of what the first administration knows."""
    found: set[Category] = set()
    for kind, category in (
        ("temperature", Category.CLIMATE),
        ("motion", Category.ACTIVITY),
        ("battery", Category.DEVICES),
        ("button", Category.ALARMS),
    ):
        if devices.readings_visible_to(user).filter(kind=kind).exists():
            found.add(category)
    panel = panels.for_staff(user, resident)
    assert bool(panel["devices"]) is (Category.DEVICES in found)
    assert bool(panel.get("actogram")) is (Category.ACTIVITY in found)
    assert bool(panel.get("temperature")) is (Category.CLIMATE in found)
    assert alarms.visible_to(user).exists() is (Category.ALARMS in found)
    if Effort.objects.filter(residents.efforts_seen_by(user, owner="administration")).exists():
        found.add(Category.EFFORTS)
    return found


EVERYTHING = {Category.CLIMATE, Category.ACTIVITY, Category.DEVICES, Category.ALARMS, Category.EFFORTS}


def test_the_own_administration_sees_all_without_a_sharing_consent(
    measured: None, resident: Resident, her_carer: User
) -> None:
    assert seen(her_carer, resident) == EVERYTHING


def test_the_second_sees_nothing_of_it_by_taking_part_in_the_care(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User
) -> None:
    assert residents.visible_to(foreign_carer).contains(resident)
    assert seen(foreign_carer, resident) == set()


@pytest.mark.parametrize("category", sorted(EVERYTHING))
def test_the_second_sees_exactly_the_categories_named(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User, share: Share, category: Category
) -> None:
    share(category)
    assert seen(foreign_carer, resident) == {category}


def test_without_part_in_the_care_a_sharing_consent_shows_nothing(
    measured: None, resident: Resident, foreign_carer: User, share: Share
) -> None:
    share(*EVERYTHING)
    assert not devices.readings_visible_to(foreign_carer).exists()
    assert not alarms.visible_to(foreign_carer).exists()


def test_it_ends_with_the_consent(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User, share: Share
) -> None:
    consent = share(*EVERYTHING)
    assert seen(foreign_carer, resident) == EVERYTHING
    actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))
    assert seen(foreign_carer, resident) == set()


def test_what_rests_on_a_consent_taken_back_is_shown_to_neither(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User, her_carer: User, share: Share
) -> None:
    share(*EVERYTHING)
    consent = Consent.objects.exclude(purpose__kind=ConsentKind.SECRECY).get()
    actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))
    assert Reading.objects.exists()
    for user in (foreign_carer, her_carer):
        assert not devices.readings_visible_to(user).exists()
        panel = panels.for_staff(user, resident)
        assert not panel.get("actogram")
        assert not panel.get("temperature")
        assert [device["latest"] for device in panel["devices"]] == [""] * 3
        assert [device["latest_at"] for device in panel["devices"]] == [None] * 3
    assert not alarms.visible_to(foreign_carer).exists()


def test_an_open_call_for_help_stays_with_those_it_was_sent_to(
    alarm: Alarm, shared_care: None, resident: Resident, foreign_carer: User, foreign_unit: Unit, her_carer: User
) -> None:
    alarm.targets.create(unit=foreign_unit, since=alarm.raised_at)
    consent = Consent.objects.get()
    actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))
    for user in (foreign_carer, her_carer):
        assert alarms.visible_to(user).open().contains(alarm)
        assert alarms.on_board(user).contains(alarm)


def test_a_shared_alarm_is_seen_and_not_handled(
    alarm: Alarm, shared_care: None, foreign_carer: User, share: Share
) -> None:
    share(Category.ALARMS)
    assert alarms.visible_to(foreign_carer).contains(alarm)
    assert not alarms.may_handle(foreign_carer).contains(alarm)
    assert not alarms.on_board(foreign_carer).contains(alarm)
    assert alarms.device_of(foreign_carer, alarm) is None


def test_the_resident_page_tells_of_units_as_of_efforts(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User, share: Share, client_of: SignIn
) -> None:
    def page() -> str:
        return client_of(foreign_carer).get(reverse("residents:detail", args=[resident.pk])).content.decode()

    assert "Hemtjänst Norr" not in page()
    assert "Stödboendet" in page()
    share(Category.EFFORTS)
    assert "Hemtjänst Norr" in page()


def test_a_consent_to_another_receiver_shows_nothing(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User, administration: Administration
) -> None:
    purpose = PurposeFactory.create(administration=administration, kind=ConsentKind.SECRECY, reading_kinds=[])
    PurposeCategory.objects.create(purpose=purpose, category=Category.CLIMATE)
    Recipient.objects.create(purpose=purpose, partner="Larmbolaget")
    consent_to(purpose, resident)
    assert seen(foreign_carer, resident) == set()


def test_a_consent_of_another_kind_lifts_no_secrecy(
    measured: None, shared_care: None, resident: Resident, foreign_carer: User, second_administration: Administration
) -> None:
    purpose = Purpose.objects.get()
    PurposeCategory.objects.create(purpose=purpose, category=Category.CLIMATE)
    Recipient.objects.create(purpose=purpose, administration=second_administration)
    assert seen(foreign_carer, resident) == set()
    assert sharing.administrations_shown(resident, second_administration, Category.CLIMATE) == {
        second_administration.pk
    }


def test_when_a_sensor_was_last_heard_is_not_told_with_its_name(
    measured: None, shared_care: None, foreign_carer: User, her_carer: User, share: Share
) -> None:
    share(Category.DEVICES)
    told = {user: devices.devices_told_to(user).get(external_id="motion-1") for user in (foreign_carer, her_carer)}
    assert vars(told[foreign_carer])["heard_at"] is None
    assert vars(told[her_carer])["heard_at"] is not None
