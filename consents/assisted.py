"""A tablet in the resident's hands: the staff member hands it over, is signed out, and gets it back when it is done.

The browser keeps a session of its own that holds the id of an `AssistedSession` and nothing else. It opens the
questions to this one person (`consents.middleware`), for at most four hours.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from consents.models import AssistedSession
from safehome.audit import access
from safehome.audit.denials import NotAllowed
from safehome.audit.models import Action
from safehome.organisation.policies import signed_in
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.models import Cohabitant, Resident
from safehome.ui.preferences import Preferences

KEY = "assisted_session"
LANGUAGE = "text_language"
SEAT = "tablet"
LASTS = timedelta(hours=4)


def begin(
    request: HttpRequest,
    *,
    resident: Resident,
    cohabitant: Cohabitant | None = None,
    language: str = "sv",
    presence: str = "",
    helped_by: str = "",
    aids: str = "",
    interpreter: str = "",
) -> HttpResponse:
    """Hand the tablet over: the staff member is signed out, and the questions to the person open.

    Raises NotVisible or NotAllowed when the staff member may not ask this resident; the pages say a protected
    person's name, so that only who is named for it can open them.
    """
    staff = signed_in(request)
    resident = residents.get_resident(staff, resident.pk, for_=Right.CONSENT_ASK)
    if not residents.may_know_identity(staff, resident):
        raise NotAllowed("resident", resident, "hand over the tablet")
    now = timezone.now()  # a session keeps to the wall clock
    session = AssistedSession.objects.create(
        staff=staff,
        resident=resident,
        cohabitant=cohabitant,
        presence=presence,
        helped_by=helped_by,
        aids=aids,
        interpreter=interpreter,
        language=language,
        started_at=now,
        expires_at=now + LASTS,
    )
    access.record(Action.WRITE, "assisted session", by=staff, of=session, detail="the tablet was handed over")
    logout(request)
    request.session[KEY] = str(session.pk)
    request.session.set_expiry(int(LASTS.total_seconds()))
    response = redirect("my:questions", SEAT)
    if language in dict(settings.LANGUAGES):
        Preferences.of(request).changed({"language": language}).save(response)
    else:
        request.session[LANGUAGE] = language
    return response


def is_bound(request: HttpRequest) -> bool:
    """Is this browser a tablet that was handed over, even when its time has passed?"""
    return KEY in request.session


def current(request: HttpRequest) -> AssistedSession | None:
    """The session that this browser is bound to, while it lasts. It ends with the time, and with the staff member's
    account."""
    key = request.session.get(KEY)
    if not key:
        return None
    told = AssistedSession.objects.select_related("staff", "resident__home", "cohabitant")
    return told.filter(
        pk=UUID(key), ended_at=None, expires_at__gt=timezone.now(), staff__is_active=True, resident__died_on=None
    ).first()


def end(request: HttpRequest) -> AssistedSession | None:
    """The tablet has been given back. Nothing of the person is left in the browser."""
    session = current(request)
    if session:
        session.ended_at = timezone.now()
        session.save(update_fields=["ended_at"])
    request.session.flush()
    return session
