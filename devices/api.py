"""`/api/v1/devices/`, `/assignments/` with their readings, and the registry of reading kinds.

Readings come in by another door: `POST /api/v1/readings/`, devices/intake/http.py.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from consents import words
from devices import actions, policies
from devices.filters import AssignmentFilter, DeviceFilter, ReadingFilter
from devices.kinds import KINDS
from devices.models import Assignment, Device, Reading
from devices.serializers import (
    AssignmentChangeSerializer,
    AssignmentDetailSerializer,
    AssignmentSerializer,
    DeviceSerializer,
    LackSerializer,
    NewAssignmentSerializer,
    NotLawfulSerializer,
    ReadingKindSerializer,
    ReadingSerializer,
)
from safehome.api.problems import Conflict
from safehome.api.views import ApiView, LoggedViewSet
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.policies import has_right
from safehome.organisation.roles import Right
from safehome.residents.presentation import Reader

IN_THE_HALL = OpenApiExample(
    "assign",
    {
        "device": "0b6f0f0e-6f5e-4a63-9d0a-6a1f3c7c2b11",
        "resident": "5f0c7c0a-54f0-4b53-8a41-0b8a5a3f7a20",
        "unit": "c2b1d7de-0d0f-4f44-9b44-2a1d5e0f9c33",
        "label": "hall",
        "placement": "interior",
    },
    request_only=True,
)
ENDED = OpenApiExample("end", {"valid_to": "2026-03-01T12:00:00+01:00"}, request_only=True)


@extend_schema_view(list=extend_schema(summary="List devices"), retrieve=extend_schema(summary="One device"))
class Devices(LoggedViewSet):
    """Devices that you may see the assignment of, that your unit mends, or that you may give out."""

    scope = "devices"
    resource = "device"
    serializer_class = detail_serializer_class = DeviceSerializer
    filterset_class = DeviceFilter
    queryset = Device.objects.none()
    cursor_ordering = ("external_id",)

    def get_queryset(self) -> QuerySet[Device]:
        return policies.devices_told_to(self.user)

    def load(self, pk: UUID) -> Device:
        return policies.get_device(self.user, pk)


@extend_schema_view(
    list=extend_schema(summary="List assignments, newest first"),
    retrieve=extend_schema(summary="One assignment"),
)
class Assignments(LoggedViewSet):
    """Which device is with whom, now and earlier, among the residents and places that you see devices of."""

    scope = "assignments"
    resource = "assignment"
    serializer_class = AssignmentSerializer
    detail_serializer_class = AssignmentDetailSerializer
    filterset_class = AssignmentFilter
    queryset = Assignment.objects.none()
    cursor_ordering = ("-valid_from", "-pk")

    def get_queryset(self) -> QuerySet[Assignment]:
        return policies.assignments_visible_to(self.user).select_related(*policies.TOLD)

    def load(self, pk: UUID) -> Assignment:
        return policies.get_assignment(self.user, pk)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reader": Reader(self.request.user)}

    @extend_schema(
        summary="Assign a device",
        request=NewAssignmentSerializer,
        responses={201: AssignmentDetailSerializer},
        examples=[IN_THE_HALL],
    )
    def create(self, request: Request) -> Response:
        """To a resident or a place, from now or a stated time. Nothing is collected by that alone."""
        if not has_right(self.user, Right.ASSIGNMENT_MANAGE):
            raise PermissionDenied
        new = NewAssignmentSerializer(data=request.data, context=self.get_serializer_context())
        return self.show(self._save(new), status=201)

    @extend_schema(
        summary="Change or end an assignment",
        request=AssignmentChangeSerializer,
        responses=AssignmentDetailSerializer,
        examples=[ENDED],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Set `valid_to` to end it. An assignment that has ended is not changed any more."""
        assignment = policies.get_assignment(self.user, pk, for_=Right.ASSIGNMENT_MANAGE)
        context = self.get_serializer_context()
        change = AssignmentChangeSerializer(assignment, data=request.data, partial=True, context=context)
        return self.show(self._save(change))

    @extend_schema(
        summary="Start collecting",
        request=None,
        responses={200: AssignmentDetailSerializer, 409: NotLawfulSerializer},
        operation_id="assignments_start",
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: UUID) -> Response:
        """From now on its readings are kept. 409 with `lacks` while a consent that it rests on is missing, refused or
        over; nothing has been started then. Twice is harmless."""
        assignment = policies.get_assignment(self.user, pk, for_=Right.ASSIGNMENT_MANAGE)
        try:
            actions.start_if_here(assignment)
        except actions.NotHere as refusal:
            raise Conflict(_("The assignment has ended or has not begun."), lacks=[]) from refusal
        except actions.NotLawful as refusal:
            self.log(Action.WRITE, [assignment], detail="start refused, not lawful")
            raise self._not_lawful(assignment, refusal) from refusal
        self.log(Action.WRITE, [assignment], detail="start collecting")
        return self.show(assignment)

    @extend_schema(
        summary="Stop collecting",
        request=None,
        responses=AssignmentDetailSerializer,
        operation_id="assignments_stop",
    )
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: UUID) -> Response:
        """From now on nothing more is kept, however late it arrives. Twice is harmless."""
        assignment = policies.get_assignment(self.user, pk, for_=Right.ASSIGNMENT_MANAGE)
        actions.stop_if_active(assignment)
        self.log(Action.WRITE, [assignment], detail="stop collecting")
        return self.show(assignment)

    def _not_lawful(self, assignment: Assignment, refusal: actions.NotLawful) -> Conflict:
        lacks = words.reasons(refusal.verdict, assignment.resident, Reader(self.user))
        detail = " ".join([_("Collecting can't start."), *(reason.text for reason in lacks)])
        return Conflict(detail, lacks=LackSerializer(lacks, many=True).data)

    def _save(self, change: NewAssignmentSerializer | AssignmentChangeSerializer) -> Assignment:
        change.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                assignment = change.save()
        except IntegrityError as fault:  # somebody else assigned the device between our look and our write
            raise Conflict(_("The device has just been assigned to somebody else.")) from fault
        self.log(Action.WRITE, [assignment], detail=", ".join(change.validated_data))
        return assignment


class AssignmentReadings(ApiView, ListAPIView[Reading]):
    """Newest first. Only for those who take part in the resident's care with the right to see readings."""

    scope = "readings"
    serializer_class = ReadingSerializer
    filterset_class = ReadingFilter
    queryset = Reading.objects.none()
    cursor_ordering = ("-measured_at", "-pk")

    @extend_schema(summary="What a device has measured", operation_id="assignments_readings_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        assignment = policies.get_assignment(self.user, kwargs["pk"], for_=Right.READING_VIEW)
        self.queryset = policies.readings_visible_to(self.user).filter(assignment=assignment)
        answer = self.list(request)
        access.record(Action.READ, "reading", by=self.user, of=assignment, detail=request.GET.urlencode())
        return answer


class ReadingKinds(ApiView):
    """The registry of reading kinds: what may be sent to `/api/v1/readings/`, in which unit and within which range."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="What devices may say", responses=ReadingKindSerializer(many=True), operation_id="reading_kinds"
    )
    def get(self, request: Request) -> Response:
        return Response(ReadingKindSerializer(KINDS.values(), many=True).data)
