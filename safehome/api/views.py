"""What all API views have in common: who acts is known, what is read is in the log, nothing is kept by caches."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model
from django.http import Http404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from safehome.api.schema import ApiSchema
from safehome.audit import access, changes
from safehome.audit.models import Action
from safehome.organisation.models import User

ONE_LOOK = timedelta(minutes=15)
"""A program that fetches a list again and again looks at the same object once in this time, for the access log."""


class ApiView(APIView):
    """`scope` is what a token needs (safehome/organisation/scopes.py)."""

    schema = ApiSchema()

    def perform_authentication(self, request: Request) -> None:
        """Field changes from here on name the user, whose token is read later than the request's session."""
        super().perform_authentication(request)
        if isinstance(request.user, User):
            changes.become(request.user)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    @property
    def user(self) -> User:
        """Whom the permission has let in."""
        assert isinstance(self.request.user, User)
        return self.request.user


class LoggedViewSet(ApiView, GenericViewSet[Any]):
    """Lists and shows what an app's policy makes visible, and logs each object that somebody has looked at.

    A view set says which `resource` that is in the log, gets one object by `load`, and may turn objects into what
    its serializers show with `present`.
    """

    resource: ClassVar[str]
    detail_serializer_class: ClassVar[type[BaseSerializer[Any]]]
    lookup_value_converter = "uuid"

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return super().get_serializer_class() if self.action == "list" else self.detail_serializer_class

    def load(self, pk: UUID) -> Model:
        """The object, or NotVisible."""
        raise NotImplementedError

    def present(self, found: list[Any]) -> list[Any]:
        return found

    def list(self, request: Request) -> Response:
        page = list(self.paginate_queryset(self.filter_queryset(self.get_queryset())) or [])
        self.log_looks(page)
        return self.get_paginated_response(self.get_serializer(self.present(page), many=True).data)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        found = self.load(pk)
        self.log(Action.READ, [found])
        return self.show(found)

    def show(self, found: Model, status: int = 200) -> Response:
        serializer = self.detail_serializer_class(self.present([found])[0], context=self.get_serializer_context())
        return Response(serializer.data, status=status)

    def log(self, action: Action, found: Iterable[Model], detail: str = "") -> None:
        access.record(action, self.resource, by=self.user, of=found, detail=detail)

    def log_looks(self, page: Iterable[Model]) -> None:
        by_id = {str(found.pk): found for found in page}
        new = access.not_yet_recorded(self.user, self.resource, by_id, within=ONE_LOOK)
        self.log(Action.READ, [by_id[pk] for pk in by_id if pk in new], detail="list")


class NothingHere(ApiView):
    """An address that the API does not have."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    schema = None  # type: ignore[assignment]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
