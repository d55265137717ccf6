"""Every error of the API as problem details (RFC 9457).

What a user may not see and what does not exist are told in the same words, and every refusal is in the access log.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.log import log_response
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from safehome.audit import denials
from safehome.organisation.models import User

MEDIA_TYPE = "application/problem+json"


class FieldErrorSerializer(serializers.Serializer[Any]):
    """`field` is empty when the fault is in the whole, and has dots where it is inside something."""

    field = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). `errors` says which fields were not accepted, when that is why."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class Conflict(exceptions.APIException):
    """What is asked does not fit the present state; `members` say more about that state."""

    status_code = HTTPStatus.CONFLICT

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


def as_problem(exc: Exception, context: dict[str, Any]) -> Response:
    """The exception handler of all API views."""
    request: Request = context["request"]
    if isinstance(exc, denials.Refused | PermissionDenied | exceptions.PermissionDenied):
        denials.record(exc, request.user if isinstance(request.user, User) else None, path=request.path)
    answer = exception_handler(_plain(exc), context) or _failed(exc, request)
    answer.data = _body(exc, answer)
    answer.content_type = MEDIA_TYPE
    return answer


def _plain(exc: Exception) -> Exception:
    """Django's refusals without their own words: a hidden object is told as one that does not exist."""
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    return exceptions.PermissionDenied() if isinstance(exc, PermissionDenied) else exc


def _failed(exc: Exception, request: Request) -> Response:
    """Our own fault: told to whoever watches for it, and without its insides to the caller."""
    answer = Response({"detail": exceptions.APIException.default_detail}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    got_request_exception.send(sender=as_problem, request=request._request)
    log_response("%s: %s", exc, request.path, response=answer, request=request._request, exception=exc)
    return answer


def _body(exc: Exception, answer: Response) -> dict[str, Any]:
    title = HTTPStatus(answer.status_code).phrase
    body = {"type": "about:blank", "title": title, "status": answer.status_code}
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_field_errors(exc.detail))
        return {**body, "detail": " ".join(error["reason"] for error in errors), "errors": errors}
    return {**body, "detail": str(answer.data["detail"]), **getattr(exc, "members", {})}


def _field_errors(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _field_errors(inner, field if name in _WHOLE else _within(field, name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from _field_errors(inner, _within(field, index) if isinstance(inner, dict) else field)
    else:
        yield {"field": field, "reason": str(detail)}


_WHOLE = {"non_field_errors", "__all__"}
"""What a serializer and a model call a fault that is in no single field."""


def _within(field: str, name: object) -> str:
    return f"{field}.{name}" if field else str(name)
