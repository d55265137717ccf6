"""Where a person begins."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from safehome.organisation.policies import has_right, is_administrator, signed_in
from safehome.organisation.roles import Right


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """The page that the signed-in person's work begins with; who works nowhere has a page of their own."""
    user = signed_in(request)
    if has_right(user, Right.ALARM_VIEW) or has_right(user, Right.DEVICE_MANAGE):
        return redirect("alarms:board")
    if has_right(user, Right.RESIDENT_VIEW):
        return redirect("residents:list")
    if is_administrator(user):
        return redirect("admin:index")
    return redirect("my:start")
