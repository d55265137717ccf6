"""The permission matrix: each of the cast, each right, in the list and one by one.

Astrid's home care group is on duty; she has pressed her button and her thermometer's battery is low.
"""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from alarms import policies as alarms
from alarms.models import Alarm
from alarms.states import Verb
from devices import policies as devices
from devices.models import Assignment, Reading
from safehome.organisation.models import Unit, User
from safehome.organisation.policies import has_right
from safehome.organisation.roles import Right
from tests.conftest import CAST, Post
from tests.factories import reading

ON_SHIFT = {Right.ALARM_VIEW, Right.ALARM_HANDLE, Right.RESIDENT_VIEW, Right.DEVICE_VIEW}
CARE = ON_SHIFT | {Right.READING_VIEW, Right.CONSENT_ASK}
HELD: dict[str, set[Right]] = {
    "her_carer": CARE,
    "second_carer": CARE,
    "nurse": CARE,
    "unit_manager": CARE | {Right.RESIDENT_CHANGE, Right.ASSIGNMENT_MANAGE, Right.RULE_MANAGE, Right.CONSENT_WRITE},
    "technician": {Right.DEVICE_VIEW, Right.DEVICE_MANAGE},
}
"""Rights in Astrid's home care group; who is not named has none there."""

HELP = {"her_carer", "second_carer", "nurse", "unit_manager"}
TECHNICAL = HELP | {"technician"}
READINGS = HELP | {"night_carer"}
DEVICES = READINGS | {"alarm_operator", "case_officer", "technician"}


@pytest.fixture
def battery_alarm(alarm: Alarm, thermometer: Assignment, post_readings: Post, drain: Callable[[], int]) -> Alarm:
    post_readings(reading(thermometer, 8, kind="battery"))
    drain()
    return Alarm.objects.get(code="battery_low")


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("name", CAST)
def test_rights_in_her_home_care_group(
    request: pytest.FixtureRequest, home_care: Unit, resident: object, name: str, right: Right
) -> None:
    assert has_right(request.getfixturevalue(name), right, home_care) is (right in HELD.get(name, set()))


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("category", ["help", "technical"])
def test_alarms(request: pytest.FixtureRequest, alarm: Alarm, battery_alarm: Alarm, name: str, category: str) -> None:
    user = request.getfixturevalue(name)
    one, allowed = {"help": (alarm, HELP), "technical": (battery_alarm, TECHNICAL)}[category]
    assert alarms.visible_to(user).contains(one) is (name in allowed)
    assert alarms.may_handle(user).contains(one) is (name in allowed)
    assert alarms.on_board(user).contains(one) is (name in allowed)
    if name in allowed:
        assert alarms.get_alarm(user, one.pk, for_=Verb.ACCEPT) == one
    else:
        with pytest.raises(Http404):
            alarms.get_alarm(user, one.pk)


@pytest.mark.parametrize("name", CAST)
def test_assignments_and_devices(request: pytest.FixtureRequest, thermometer: Assignment, name: str) -> None:
    user = request.getfixturevalue(name)
    assert devices.assignments_visible_to(user).contains(thermometer) is (name in DEVICES)
    assert devices.devices_visible_to(user).contains(thermometer.device) is (name in DEVICES)
    if name in DEVICES:
        assert devices.get_assignment(user, thermometer.pk) == thermometer
        assert devices.get_device(user, thermometer.device.pk) == thermometer.device
    else:
        for get, thing in ((devices.get_assignment, thermometer), (devices.get_device, thermometer.device)):
            with pytest.raises(Http404):
                get(user, thing.pk)


@pytest.mark.parametrize("name", CAST)
def test_assigning(request: pytest.FixtureRequest, thermometer: Assignment, name: str) -> None:
    user = request.getfixturevalue(name)
    if name in {"unit_manager", "case_officer"}:
        assert devices.get_assignment(user, thermometer.pk, for_=Right.ASSIGNMENT_MANAGE) == thermometer
    else:
        with pytest.raises(PermissionDenied if name in DEVICES else Http404):
            devices.get_assignment(user, thermometer.pk, for_=Right.ASSIGNMENT_MANAGE)


@pytest.mark.parametrize("name", CAST)
def test_readings(
    request: pytest.FixtureRequest,
    thermometer: Assignment,
    post_readings: Post,
    drain: Callable[[], int],
    name: str,
) -> None:
    post_readings(reading(thermometer, 21))
    drain()
    seen = devices.readings_visible_to(request.getfixturevalue(name))
    assert seen.contains(Reading.objects.get()) is (name in READINGS)


def test_an_alarm_that_nobody_took_is_seen_by_those_it_was_passed_on_to(
    alarm: Alarm, night_carer: User, alarm_operator: User, night_patrol: Unit
) -> None:
    alarm.targets.create(unit=night_patrol, since=alarm.raised_at)
    assert alarms.visible_to(night_carer).contains(alarm)
    assert not alarms.visible_to(alarm_operator).contains(alarm)
