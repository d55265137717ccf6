"""Devices, assignments and readings as the API tells of them."""

import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consents.gate import Why
from consents.words import reasons
from devices import policies
from devices.actions import verdict_on
from devices.models import Assignment, Device, DeviceModel, Reading
from safehome import clock
from safehome.api.fields import NamedSerializer, OneOf
from safehome.api.problems import ProblemSerializer
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Resident, Room
from safehome.residents.presentation import Reader

KIND = "From the registry at `/api/v1/reading-kinds/`."


class DeviceModelSerializer(serializers.ModelSerializer[DeviceModel]):
    """A row of the catalogue."""

    kinds = serializers.ListField(child=serializers.CharField(), help_text=KIND)

    class Meta:
        model = DeviceModel
        fields = ["manufacturer", "name", "kinds", "is_medical_device"]


class DeviceSerializer(serializers.ModelSerializer[Device]):
    model = DeviceModelSerializer()
    gateway = NamedSerializer()
    last_seen_at = serializers.DateTimeField(
        source="heard_at", allow_null=True, help_text="Told of your own administration's devices."
    )
    assignment = serializers.UUIDField(
        source="assignment_now", allow_null=True, help_text="The assignment in force, when you may see it."
    )

    class Meta:
        model = Device
        fields = [
            "id",
            "external_id",
            "serial_number",
            "model",
            "gateway",
            "state",
            "last_seen_at",
            "battery",
            "assignment",
        ]


class HolderSerializer(serializers.Serializer[Resident]):
    """The resident who has the device; the name is masked when the identity is protected and you are not named."""

    id = serializers.UUIDField(source="pk")
    name = serializers.SerializerMethodField()

    def get_name(self, resident: Resident) -> str:
        reader: Reader = self.context["reader"]
        return reader.see(resident).name


class AssignmentRoomSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ["id", "name"]


class AssignedDeviceSerializer(serializers.ModelSerializer[Device]):
    kinds = serializers.ListField(source="model.kinds", child=serializers.CharField(), help_text=KIND)

    class Meta:
        model = Device
        fields = ["id", "external_id", "kinds"]


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """A device with a resident, or at a place, for a time. One of `resident` and `place` is null."""

    device = AssignedDeviceSerializer()
    resident = HolderSerializer(allow_null=True)
    place = NamedSerializer(allow_null=True)
    unit = NamedSerializer(help_text="Gets the alarms.")
    room = AssignmentRoomSerializer(allow_null=True)

    class Meta:
        model = Assignment
        fields = [
            "id",
            "device",
            "resident",
            "place",
            "unit",
            "room",
            "label",
            "placement",
            "given_as",
            "collecting",
            "collecting_since",
            "valid_from",
            "valid_to",
        ]


class LackSerializer(serializers.Serializer[Any]):
    """One thing that is missing before a device may collect."""

    code = serializers.ChoiceField(choices=[why.value for why in Why])
    text = serializers.CharField(help_text="In words, as the pages say it.")


class AssignmentDetailSerializer(AssignmentSerializer):
    """One assignment, with what its collecting rests on."""

    collecting_until = serializers.DateTimeField(
        allow_null=True, help_text="Then the grounds must be looked at anew: a consent or a mandate ends."
    )
    lacks = serializers.SerializerMethodField(
        help_text="What is missing before it may collect; null when you have no part in consents of that resident."
    )

    class Meta(AssignmentSerializer.Meta):
        fields = [*AssignmentSerializer.Meta.fields, "collecting_until", "lacks"]

    @extend_schema_field(LackSerializer(many=True, allow_null=True))
    def get_lacks(self, assignment: Assignment) -> Any:
        if not policies.may_know_consents(self.context["request"].user, assignment):
            return None
        lacks = reasons(verdict_on(assignment), assignment.resident, self.context["reader"])
        return LackSerializer(lacks, many=True).data


class NotLawfulSerializer(ProblemSerializer):
    """Why collecting did not start."""

    lacks = LackSerializer(many=True)


class CheckedSerializer(serializers.ModelSerializer[Assignment]):
    """Checked as the model itself checks, and then by the database's constraints, which say the same less kindly."""

    room = OneOf(
        lambda user: policies.rooms_with(user, Right.ASSIGNMENT_MANAGE),
        pk_field=serializers.IntegerField(),
        required=False,
        allow_null=True,
    )
    unit = OneOf(policies.units_to_answer, help_text="Gets the alarms.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        candidate = copy.copy(self.instance) if self.instance else Assignment()
        for name, value in attrs.items():
            setattr(candidate, name, value)
        try:
            candidate.full_clean(validate_constraints=False)
            candidate.validate_constraints()
        except ValidationError as fault:
            raise serializers.ValidationError(serializers.as_serializer_error(fault)) from fault
        return attrs


class NewAssignmentSerializer(CheckedSerializer):
    """Give either `resident` or `place`. Nothing is collected until collecting is started, which is another step."""

    device = OneOf(policies.devices_visible_to)
    resident = OneOf(lambda user: residents.visible_to(user, Right.ASSIGNMENT_MANAGE), required=False, allow_null=True)
    place = OneOf(lambda user: policies.places_with(user, Right.ASSIGNMENT_MANAGE), required=False, allow_null=True)

    class Meta:
        model = Assignment
        fields = [
            "device",
            "resident",
            "place",
            "unit",
            "room",
            "label",
            "placement",
            "given_as",
            "valid_from",
            "valid_to",
        ]


class AssignmentChangeSerializer(CheckedSerializer):
    """`valid_to` ends it. Whose it is can't be changed: a device that moves gets a new assignment."""

    class Meta:
        model = Assignment
        fields = ["unit", "room", "label", "placement", "valid_to"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        assert self.instance is not None
        if self.instance.valid_to and self.instance.valid_to <= clock.now():
            raise serializers.ValidationError({"valid_to": [_("The assignment has ended. Make a new one.")]})
        return super().validate(attrs)


class ReadingSerializer(serializers.ModelSerializer[Reading]):
    """`measured_at` is when, by the device; `received_at` when it came. The unit of `value` is the kind's."""

    kind = serializers.CharField(help_text=KIND)

    class Meta:
        model = Reading
        fields = ["kind", "value", "measured_at", "received_at", "clock_skewed"]


class ReadingKindSerializer(serializers.Serializer[Any]):
    """What a device may say. `low` and `high` bound the value, both counted in."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    measures = serializers.CharField()
    unit = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    whole = serializers.BooleanField(help_text="Only whole numbers.")
    words = serializers.DictField(child=serializers.FloatField(), help_text="Words that may stand for a value.")
    needs_value = serializers.BooleanField(help_text="false: the message itself is the news.")
    urgent = serializers.BooleanField(help_text="Goes before others, on a way of its own.")
