"""`/api/v1/residents/`: those whose care the user takes part in."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from safehome.api.views import LoggedViewSet
from safehome.audit import access
from safehome.audit.denials import NotAllowed
from safehome.audit.models import Action
from safehome.organisation.roles import Right
from safehome.residents import policies
from safehome.residents.filters import ResidentFilter
from safehome.residents.models import Resident
from safehome.residents.presentation import Reader
from safehome.residents.serializers import (
    ResidentChangeSerializer,
    ResidentSerializer,
    ResidentSummarySerializer,
    in_full,
)


@extend_schema_view(
    list=extend_schema(summary="List or search residents"),
    retrieve=extend_schema(summary="One resident, with home, contacts and units"),
)
class Residents(LoggedViewSet):
    """Residents with a care relation today to a unit in which you may see residents."""

    scope = "residents"
    resource = "resident"
    serializer_class = ResidentSummarySerializer
    detail_serializer_class = ResidentSerializer
    filterset_class = ResidentFilter
    queryset = Resident.objects.none()
    # Never by name: neither the order nor the cursor may tell the name of a protected person.
    cursor_ordering = ("pk",)

    def get_queryset(self) -> QuerySet[Resident]:
        return policies.visible_to(self.user).select_related("home")

    def load(self, pk: UUID) -> Resident:
        return policies.get_resident(self.user, pk)

    def present(self, found: list[Any]) -> list[Any]:
        shown = Reader(self.user).see_all(found)
        return list(shown) if self.action == "list" else [in_full(one, self.user) for one in shown]

    def list(self, request: Request) -> Response:
        answer = super().list(request)
        if request.query_params.get("search"):
            found = len(answer.data["results"])
            access.record(Action.SEARCH, self.resource, by=self.user, detail=f"{found} on the page")
        return answer

    @extend_schema(
        summary="Change what is good to know",
        request=ResidentChangeSerializer,
        responses=ResidentSerializer,
        examples=[OpenApiExample("change", {"good_to_know": "Hears badly. Ring twice."}, request_only=True)],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """For roles that may change residents. Who is not named for a protected person changes nothing about them."""
        resident = policies.get_resident(self.user, pk, for_=Right.RESIDENT_CHANGE)
        if not policies.may_know_identity(self.user, resident):
            raise NotAllowed("resident", resident, Right.RESIDENT_CHANGE.value)
        change = ResidentChangeSerializer(resident, data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        self.log(Action.WRITE, [change.save()], detail=", ".join(change.validated_data))
        return self.show(resident)

    def log(self, action: Action, found: Iterable[Model], detail: str = "") -> None:
        """An entry about a resident is about that person."""
        residents = list(found)
        for resident in residents:
            vars(resident)["resident_id"] = resident.pk
        super().log(action, residents, detail)
