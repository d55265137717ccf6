"""What the OpenAPI description says beyond what can be read from the view sets."""

from http import HTTPStatus
from typing import Any

from django.utils.module_loading import import_string
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import AllowAny

from safehome.api.permissions import ScopedAccess, needed_scope
from safehome.api.problems import MEDIA_TYPE, ProblemSerializer
from safehome.organisation.scopes import Scope

INTAKE = "devices.intake.openapi.describe"
"""Named, not imported: this module stands below the devices."""

REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The request is not valid; `errors` says which fields and why.",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is unknown, revoked or has expired.",
    HTTPStatus.FORBIDDEN: "The token lacks the scope, or its user may see this but not do it.",
    HTTPStatus.NOT_FOUND: "It does not exist, or the user may not know that it does.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; `Retry-After` says for how many seconds to wait.",
}
Described = dict[str, Any]


class ApiSchema(AutoSchema):
    """Every operation says which scope a token needs for it, and what its refusals look like."""

    def get_description(self) -> str:  # type: ignore[override]
        return "\n\n".join(filter(None, (super().get_description(), self._scope_in_words())))

    def get_extensions(self) -> Described:
        return {"x-scope": self._scope()} if self._scope() else {}

    def _scope(self) -> str:
        scoped = any(isinstance(permission, ScopedAccess) for permission in self.view.get_permissions())
        return needed_scope(self.method, self.view) if scoped else ""

    def _scope_in_words(self) -> str:
        return f"A token needs the scope `{self._scope()}`." if self._scope() else ""

    def _get_response_bodies(self, direction: Any = "response") -> Described:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            bodies.setdefault(str(status.value), self._problem(REFUSALS[status]))
        return {**dict(sorted(bodies.items())), "default": self._problem("Any other error.")}

    def _refusals(self) -> set[HTTPStatus]:
        public = any(isinstance(permission, AllowAny) for permission in self.view.get_permissions())
        if public:
            return {HTTPStatus.TOO_MANY_REQUESTS}
        reads_one = self.method == "GET" and not self._is_list_view()
        return set(REFUSALS) - ({HTTPStatus.BAD_REQUEST} if reads_one else set())

    def _problem(self, description: str) -> Described:
        shape = self.resolve_serializer(ProblemSerializer, "response").ref
        return {"description": description, "content": {MEDIA_TYPE: {"schema": shape}}}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "safehome.organisation.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> Described:
        scopes = "\n".join(f"- `{scope.value}`: {scope.label}" for scope in Scope)
        words = "A user's API token (`manage.py api_token`). It reaches what its user may see, within its scopes:"
        described = f"{words}\n\n{scopes}"
        return {"type": "http", "scheme": "bearer", "x-title": "A user's token", "description": described}


def add_intake(result: Described, generator: Any, request: Any, public: bool) -> Described:
    """The intake is no Django view, so it describes itself."""
    intake = import_string(INTAKE)()
    result["paths"] |= intake["paths"]
    for part, described in intake["components"].items():
        result["components"].setdefault(part, {}).update(described)
    return result
