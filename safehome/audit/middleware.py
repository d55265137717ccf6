"""Every request has an actor and a system in the log, and every refusal becomes an entry."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from safehome.audit import access, changes, denials
from safehome.organisation.models import User


class AuditMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        system = access.current_system.set("api" if request.path.startswith("/api/") else "web")
        try:
            with changes.acting_as(_user(request)):
                return self.get_response(request)
        finally:
            access.current_system.reset(system)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, denials.Refused | PermissionDenied):
            denials.record(exception, _user(request), path=request.path)


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
