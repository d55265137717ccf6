"""The pattern page, the accessibility statement, and the reader's display choices."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from safehome.organisation.policies import staff_required
from safehome.ui import samples
from safehome.ui.preferences import Preferences


@require_safe
@staff_required
def patterns(request: HttpRequest) -> HttpResponse:
    """Every component with made-up content, to build from and to check."""
    return render(request, "ui/patterns.html", samples.everything())


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement that the law on public digital service asks for."""
    return render(request, "ui/accessibility.html", {"contact_email": settings.SAFEHOME_CONTACT_EMAIL})


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the reader's display choices and go back to where she was."""
    response = HttpResponseRedirect(safe_return(request))
    Preferences.of(request).changed(request.POST.dict()).save(response)
    return response


def safe_return(request: HttpRequest) -> str:
    """The page named in the form when it is one of ours; a form must not send anybody elsewhere."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/"
