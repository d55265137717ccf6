"""Signed in, and, with a token, within its scopes. Which objects are visible is each app's policy."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from safehome.organisation.models import ApiToken, User

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module, by the settings


class SignedIn(BasePermission):
    """By session or with any good token: for what tells a user only about themselves."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.user, User)


class ScopedAccess(SignedIn):
    """A view names its `scope` (`alarms`); reading needs `alarms:read`, anything else `alarms:write`.

    A view without a scope refuses tokens: what is undeclared is denied.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        needed = needed_scope(request.method or "GET", view)
        self.message = _("The token lacks the scope %(scope)s.") % {"scope": needed}
        return needed in request.auth.scopes


def needed_scope(method: str, view: "APIView") -> str:
    scope = getattr(view, "scope", "undeclared")
    return f"{scope}:{'read' if method in SAFE_METHODS else 'write'}"
