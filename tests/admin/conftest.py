"""The administrator at work, in Swedish as ever."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from alarms.models import Alarm, AlarmEvent, EventKind, RuleSetting
from consents import proof, worklist
from consents.kinds import Answer, Category, GivenBy, How
from consents.models import EmergencyGround, RelativeView, TaskKind
from consents.models import EventKind as ConsentEventKind
from devices.actions import issue_gateway_token
from devices.models import Assignment, Disposal, InboxReading, Lane
from safehome import clock
from safehome.organisation import actions
from safehome.organisation.models import Regime, Unit, User
from safehome.organisation.roles import Role
from safehome.outbox.actions import queue
from safehome.residents.models import Resident
from tests.factories import (
    AssignmentFactory,
    CareRelationFactory,
    CohabitantFactory,
    ContactFactory,
    DeviceFactory,
    DeviceModelFactory,
    GatewayFactory,
    PlaceFactory,
    PurposeFactory,
    RepresentativeFactory,
    ResidentFactory,
    RoomFactory,
    UnitFactory,
    UserFactory,
    consent_to,
    publish_text,
    staff,
)


@pytest.fixture
def enter(client_of: Callable[[User], Client], administrator: User) -> Client:
    """The administrator's browser."""
    return client_of(administrator)


@pytest.fixture
def world(alarm: Alarm, thermometer: Assignment, relative: User, representative: User, gateway_token: str) -> Alarm:
    """Something of everything that has a page."""
    more_of_everything(alarm)
    return alarm


def more_of_everything(alarm: Alarm) -> None:
    """One more of each kind of row, all of them tied to what is there already."""
    resident, unit = alarm.resident, alarm.unit
    assert resident is not None
    assert resident.home is not None
    neighbour = ResidentFactory.create(user=UserFactory.create())
    CareRelationFactory.create(resident=neighbour, unit=unit)
    for person in (resident, neighbour):
        ContactFactory.create(resident=person)
        RepresentativeFactory.create(resident=person)
        person.efforts.create(administration=unit.administration, regime=Regime.SOL, name="Trygghetslarm")
    CohabitantFactory.create(home=resident.home)
    RoomFactory.create(home=resident.home)
    PlaceFactory.create(administration=unit.administration)
    colleague = staff("Kollega", Role.CARE_STAFF, unit, UnitFactory.create(administration=unit.administration))
    actions.issue_token(colleague, name="Tavlan", scopes=["alarms:read"])
    actions.start_shift(colleague, [unit])
    gateway = GatewayFactory.create(unit=unit)
    issue_gateway_token(gateway)
    device = DeviceFactory.create(gateway=gateway, model=DeviceModelFactory.create(kinds=["temperature", "battery"]))
    assignment = AssignmentFactory.create(device=device, resident=resident, unit=unit)
    RuleSetting.objects.create(code="temperature", assignment=assignment, settings={"low": 15.0})
    RuleSetting.objects.create(code="inactivity", resident=neighbour)
    key = uuid4()
    InboxReading.objects.create(
        key=key, gateway=gateway, lane=Lane.READINGS, device_id_sent=device.external_id, kind="temperature",
        value=21.0, measured_at=clock.now(), received_at=clock.now(),
    )  # fmt: skip
    Disposal.objects.create(assignment=assignment, at=clock.now(), measured_before=clock.now(), days=90, count=7)
    consents_of_everything(resident, unit, colleague)
    queue(key=str(key), channel="email", recipient="norr@example.org", subject=alarm.pk, payload={})
    AlarmEvent.objects.create(alarm=alarm, kind=EventKind.REPEATED, unit=unit, by=colleague)
    raised = _again(alarm, assignment)
    AlarmEvent.objects.create(alarm=raised, kind=EventKind.RAISED, unit=unit)


def consents_of_everything(resident: Resident, unit: Unit, colleague: User) -> None:
    """A purpose that has been told of, and what has come of asking about it."""
    purpose = PurposeFactory.create(administration=unit.administration)
    purpose.categories.create(category=Category.ACTIVITY)
    purpose.recipients.create(unit=unit)
    publish_text(purpose)
    consent = consent_to(purpose, resident)
    consent.decisions.create(answer=Answer.YES, given_by=GivenBy.SELF, how=How.ORAL, user=resident.user)
    proof.append(ConsentEventKind.GIVEN, at=clock.now(), resident=resident.pk, subject=consent.pk)
    worklist.make(TaskKind.RENEW, resident, unit, consent=consent)
    RelativeView.objects.create(resident=resident, contact=ContactFactory.create(resident=resident))
    EmergencyGround.objects.create(
        resident=resident, reason="Svarar inte", started_by=colleague, ends_at=clock.now() + timedelta(hours=1)
    )


def _again(alarm: Alarm, assignment: Assignment) -> Alarm:
    """The same alarm as if from another device."""
    other = Alarm.objects.get(pk=alarm.pk)
    other.pk, other.open_key, other.assignment = uuid4(), uuid4().hex, assignment
    other._state.adding = True
    other.save()
    return other
