"""`/api/v1/alarms/`: what the board shows, and the three verbs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from alarms import actions, outcomes, policies, presentation
from alarms.filters import AlarmFilter
from alarms.models import Alarm, AlarmEvent
from alarms.serializers import (
    AlarmSerializer,
    AlarmSummarySerializer,
    ClosingSerializer,
    NoteSerializer,
    RefusalSerializer,
)
from alarms.states import TransitionRefused
from safehome.api.problems import MEDIA_TYPE, Conflict
from safehome.api.views import LoggedViewSet
from safehome.organisation.models import User

ANSWERS = {
    200: AlarmSerializer,
    (409, MEDIA_TYPE): OpenApiResponse(RefusalSerializer, "The alarm is no longer in a state that the verb fits."),
}

ON_MY_WAY = OpenApiExample("note", {"note": "On my way, five minutes."}, request_only=True)
HELPED = OpenApiExample(
    "closing", {"outcome": "help_given", "note": "Helped up, unhurt.", "version": 3}, request_only=True
)


@extend_schema_view(
    list=extend_schema(summary="List alarms, newest first"),
    retrieve=extend_schema(summary="One alarm, with all that has happened to it"),
)
class Alarms(LoggedViewSet):
    """Alarms that have been sent to units where you handle alarms; technical ones also where you mend devices."""

    scope = "alarms"
    resource = "alarm"
    serializer_class = AlarmSummarySerializer
    detail_serializer_class = AlarmSerializer
    filterset_class = AlarmFilter
    queryset = Alarm.objects.none()
    cursor_ordering = ("-raised_at", "-pk")

    def get_queryset(self) -> QuerySet[Alarm]:
        return policies.visible_to(self.user).with_people()

    def load(self, pk: UUID) -> Alarm:
        alarm = policies.get_alarm(self.user, pk)
        prefetch_related_objects([alarm], Prefetch("events", AlarmEvent.objects.select_related("by", "unit")))
        return alarm

    def present(self, found: list[Any]) -> list[Any]:
        return list(presentation.rows(self.user, found))

    @extend_schema(
        summary="Take charge of an alarm",
        request=NoteSerializer,
        responses=ANSWERS,
        examples=[ON_MY_WAY],
        operation_id="alarms_accept",
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: UUID) -> Response:
        """Others stop ringing, and the time to arrive starts. Doing it twice is harmless."""
        said = _read(NoteSerializer, request)
        return self._do(pk, lambda: actions.accept(pk, by=self.user, **said))

    @extend_schema(
        summary="Say that you are there",
        request=NoteSerializer,
        responses=ANSWERS,
        examples=[ON_MY_WAY],
        operation_id="alarms_arrive",
    )
    @action(detail=True, methods=["post"])
    def arrive(self, request: Request, pk: UUID) -> Response:
        """Whoever arrives without having accepted has taken charge by that."""
        said = _read(NoteSerializer, request)
        return self._do(pk, lambda: actions.arrive(pk, by=self.user, **said))

    @extend_schema(
        summary="Close an alarm",
        request=ClosingSerializer,
        responses=ANSWERS,
        examples=[HELPED],
        operation_id="alarms_close",
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: UUID) -> Response:
        """With how it ended. A false alarm needs a note that says why it was one."""
        said = _read(ClosingSerializer, request)
        try:
            return self._do(pk, lambda: actions.close(pk, by=self.user, **said))
        except outcomes.OutcomeRefused as refused:
            field = "note" if said["outcome"] in outcomes.NEEDS_REASON else "outcome"
            raise serializers.ValidationError({field: [str(refused)]}) from refused

    def _do(self, pk: UUID, verb: Callable[[], Alarm]) -> Response:
        try:
            verb()
        except TransitionRefused as refused:
            raise self._conflict(pk, refused) from refused
        return self.show(self.load(pk))

    def _conflict(self, pk: UUID, refused: TransitionRefused) -> Conflict:
        alarm = self.load(pk)
        who, when = _first(alarm)
        return Conflict(
            refused.reason or _("The alarm is closed."),
            handling=alarm.handling,
            version=alarm.version,
            taken_by={"id": str(who.pk), "name": who.name} if who else None,
            taken_at=when,
        )


def _first(alarm: Alarm) -> tuple[User | None, datetime | None]:
    """Who has come farthest with the alarm, and when."""
    if alarm.closed_by:
        return alarm.closed_by, alarm.closed_at
    if alarm.arrived_by:
        return alarm.arrived_by, alarm.arrived_at
    return alarm.accepted_by, alarm.accepted_at


def _read(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
