"""Staff must have two factors (strong authentication over open networks, HSLF-FS 2016:40 ch. 3 § 15)."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from safehome.organisation.models import User
from safehome.organisation.policies import is_staff_member


class TwoFactorMiddleware:
    """Sends staff without a second factor to set one up; nothing else opens until they have."""

    OPEN = ("/accounts/", "/static/", "/healthz/", "/preferences/", "/accessibility/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SAFEHOME_REQUIRE_MFA or request.path.startswith(self.OPEN) or not missing_factor(request.user):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse(
                {"type": "about:blank", "title": "Two factors are required", "status": 403},
                status=403,
                content_type="application/problem+json",
            )
        messages.warning(request, _("You need a second factor before you can go on. Set it up here."))
        return redirect("mfa_index")


def missing_factor(user: object) -> bool:
    """Staff (or an administrator) without a second factor."""
    if not isinstance(user, User):
        return False
    return (user.is_staff or is_staff_member(user)) and not is_mfa_enabled(user)
