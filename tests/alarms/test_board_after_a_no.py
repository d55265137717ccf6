"""A board says what it cannot see any more, at once by the hint and with the next beat at the latest."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from alarms import live, not_watched, policies
from alarms.models import Alarm
from consents import actions
from consents.kinds import Answer, GivenBy
from consents.models import Consent
from consents.policies import Giver
from devices.models import Assignment
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident
from tests.conftest import Hints
from tests.factories import consent_to, publish_text

SignIn = Callable[[User], Client]


def version(user: User) -> str:
    units = policies.board_unit_ids(user)
    return live.board_version(units, live.versions(units))


def say_no(resident: Resident) -> None:
    consent = Consent.objects.get(resident=resident)
    actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))


def gaps(user: User, unit: Unit) -> list[str]:
    return [gap.text for gap in not_watched.gaps(user, {unit.pk}) if "kök" in gap.text]


def test_the_strip_says_that_there_is_no_consent(
    motion_sensor: Assignment, resident: Resident, shift: User, home_care: Unit
) -> None:
    assert gaps(shift, home_care) == []
    say_no(resident)
    [told] = gaps(shift, home_care)
    assert told.startswith("kök, Astrid Lindqvist")
    assert told != f"kök, Astrid Lindqvist: {motion_sensor.get_collecting_display().lower()}"


def test_its_version_changes_when_a_device_stops_and_when_it_starts_again(
    motion_sensor: Assignment, resident: Resident, shift: User, carer_elsewhere: User
) -> None:
    seen, elsewhere = [version(shift)], version(carer_elsewhere)
    say_no(resident)
    seen.append(version(shift))
    consent_to(Consent.objects.get().purpose, resident)
    resident.save()  # weighs anew
    seen.append(version(shift))
    assert seen[0] != seen[1] != seen[2]
    assert version(carer_elsewhere) == elsewhere


def test_boards_get_a_hint_that_rings_nowhere(
    motion_sensor: Assignment, resident: Resident, shift: User, home_care: Unit, hints: Hints
) -> None:
    with hints() as sent:
        say_no(resident)
    told = [hint for hint in sent if hint["kind"] == "consent.changed"]
    assert all(hint["alarm"] == "" for hint in told)
    assert any(str(home_care.pk) in hint["units"] for hint in told)
    assert not AccessEntry.objects.filter(action=Action.PUSH).exists()


def test_an_open_call_for_help_stays_on_the_board(alarm: Alarm, resident: Resident, shift: User) -> None:
    say_no(resident)
    assert policies.on_board(shift).contains(alarm)


def test_the_page_of_the_resident_is_told_to_look_again(
    motion_sensor: Assignment, resident: Resident, her_carer: User, foreign_carer: User, client_of: SignIn
) -> None:
    asked = reverse("residents:lives", args=[resident.pk])
    browser = client_of(her_carer)
    before = browser.get(asked).json()["version"]
    assert browser.get(asked).json()["version"] == before
    publish_text(Consent.objects.get().purpose)
    say_no(resident)
    assert browser.get(asked).json()["version"] != before
    assert client_of(foreign_carer).get(asked).status_code == 404
