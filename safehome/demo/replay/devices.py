"""Whose home it is to be: the resident, the unit, and the devices and assignments that the recording needs."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from consents.grounds import may_collect_for
from devices.actions import NotLawful, issue_gateway_token, purposes_covering, start_collecting
from devices.models import Assignment, Device, DeviceModel, DeviceState, Gateway
from safehome.demo.replay.recording import Recording, Sensor
from safehome.organisation.models import Unit
from safehome.residents.models import CareRelation, Resident

RECORDING = "Recording"
"""The manufacturer of devices that exist only because a recording has them."""


def resident_by(text: str) -> Resident | None:
    """A resident by id or by whole name."""
    for resident in Resident.objects.select_related("home"):
        if text in (str(resident.pk), resident.full_name):
            return resident
    return None


def unit_of(resident: Resident, name: str = "") -> Unit | None:
    """The named unit, or the first that takes part in the resident's care."""
    if name:
        return Unit.objects.select_related("administration").filter(name=name).first()
    relation = CareRelation.objects.in_force().filter(resident=resident).select_related("unit__administration").first()
    return relation.unit if relation else None


def agreed_since(recording: Recording, resident: Resident, unit: Unit) -> datetime | None:
    """From when everybody has agreed to what these sensors say. Raises NotLawful."""
    kinds = {kind for sensor in recording.sensors.values() for kind in sensor.kinds}
    verdict = may_collect_for(resident, purposes_covering(kinds, unit.administration_id, personal=True))
    if not verdict.allowed:
        raise NotLawful(verdict)
    return verdict.since


class Hung(NamedTuple):
    """A sensor's assignment, and whether it was made for the recording just now."""

    device_id: str
    sensor: Sensor
    assignment: Assignment
    made: bool


@transaction.atomic
def hang(recording: Recording, resident: Resident, unit: Unit, gateway: Gateway) -> list[Hung]:
    """Give the resident the devices that the recording needs and that are nobody's yet, collecting since its first
    event. What hangs already stays as it is: an assignment that does not collect is not made to."""
    known = Assignment.objects.filter(device__external_id__in=recording.sensors).select_related("device__model")
    there = {assignment.device.external_id: assignment for assignment in known}
    hung = []
    for device_id, sensor in recording.sensors.items():
        assignment = there.get(device_id) or _hang_one(device_id, sensor, resident, unit, gateway)
        if assignment.device.model.manufacturer == RECORDING:
            _collect_since(assignment, recording.first_at)
        hung.append(Hung(device_id, sensor, assignment, made=device_id not in there))
    return hung


def _hang_one(device_id: str, sensor: Sensor, resident: Resident, unit: Unit, gateway: Gateway) -> Assignment:
    model, _ = DeviceModel.objects.get_or_create(
        manufacturer=RECORDING, name=", ".join(sensor.kinds)[:100], defaults={"kinds": list(sensor.kinds)}
    )
    device, _ = Device.objects.get_or_create(
        external_id=device_id, defaults={"model": model, "gateway": gateway, "state": DeviceState.IN_USE}
    )
    return Assignment.objects.create(
        device=device, resident=resident, unit=unit, label=sensor.name[:80], placement=sensor.placement
    )


def _collect_since(assignment: Assignment, first: datetime) -> None:
    """From the recording's first event on, however long ago that is."""
    if assignment.collecting_since is None or first < assignment.collecting_since:
        assignment.valid_from = min(first, assignment.valid_from)
        assignment.save(update_fields=["valid_from"])
        start_collecting(assignment, since=first)


def gateway_for(recording: Recording, unit: Unit, name: str = "") -> Gateway:
    """The gateway that the recording's devices already speak through; else the named one, made if need be."""
    if not name:
        device = Device.objects.filter(external_id__in=recording.sensors).select_related("gateway").first()
        if device:
            return device.gateway
    made = {"administration": unit.administration, "unit": unit}
    return Gateway.objects.get_or_create(name=name or f"Recordings, {unit.administration}"[:100], defaults=made)[0]


class Token:
    """A token for one run: issued on entering, revoked on leaving."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __enter__(self) -> str:
        before = set(self._gateway.tokens.values_list("pk", flat=True))
        plain = issue_gateway_token(self._gateway)
        self._row = self._gateway.tokens.exclude(pk__in=before).get()
        return plain

    def __exit__(self, *exception: object) -> None:
        self._row.revoked_at = timezone.now()
        self._row.save(update_fields=["revoked_at"])
