"""A tablet that has been handed over opens the questions to one person, and nothing else of the site."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from consents import assisted

OPEN = (
    f"/my/{assisted.SEAT}/",
    "/my/leave/",
    "/my/left/",
    "/my/receipts/",
    "/my/pictures/",
    "/my/speech/",
    "/static/",
    "/preferences/",
    "/accessibility/",
    "/healthz/",
)


class TabletMiddleware:
    """Leads every other address back to the questions; when the time has passed, to the sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not assisted.is_bound(request):
            return self.get_response(request)
        if assisted.current(request) is None:
            request.session.flush()
            return redirect("account_login")
        if not request.path.startswith(OPEN):
            return redirect("my:questions", assisted.SEAT)
        return self.get_response(request)
