"""What every page's frame needs: the reader's display choices and the ways onward that she may take."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from safehome.organisation.models import User
from safehome.organisation.policies import held_rights, is_administrator
from safehome.organisation.roles import Right
from safehome.ui.preferences import Preferences, TextSize, Theme


@dataclass(frozen=True)
class Place:
    """A page of the main menu, and the app whose pages count as being there; with `pages`, those pages alone."""

    page: str
    app: str
    label: str | Promise
    icon: str
    pages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Way:
    """One entry of the main menu as this reader meets it."""

    url: str
    label: str | Promise
    icon: str
    current: bool
    count: int = 0


ALARMS = Place("alarms:board", "alarms", pgettext_lazy("main menu", "Alarms"), "bell")
RESIDENTS = Place("residents:list", "residents", pgettext_lazy("main menu", "Residents"), "people")
CONSENTS = Place("desk:work", "desk", pgettext_lazy("main menu", "Consents"), "clipboard")
ADMINISTRATION = Place("admin:index", "admin", pgettext_lazy("main menu", "Administration"), "settings")
OWN_START = Place("my:start", "my", pgettext_lazy("main menu", "Start"), "person", frozenset({"my:start"}))
OWN_CONSENTS = Place(
    "my:consents",
    "my",
    _("My consents"),
    "check",
    frozenset({"my:consents", "my:questions", "my:question", "my:check", "my:receipt"}),
)
OWN_HOME = Place("residents:my-home", "residents", _("My home"), "home")
OWN_SHARING = Place(
    "my:who-sees",
    "my",
    _("Who may see"),
    "people",
    frozenset({"my:who-sees", "my:relatives", "my:relative-new", "my:relative-change"}),
)


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the frame around every page. The menu asks the database only when it is drawn: the
    board's fragment, fetched again and again, has no frame."""
    return {
        "preferences": Preferences.of(request),
        "text_sizes": TextSize.choices,
        "themes": Theme.choices,
        "navigation": SimpleLazyObject(lambda: navigation(request)),
    }


def navigation(request: HttpRequest) -> list[Way]:
    """The main menu as this reader meets it."""
    return [way(place, request) for place in places(getattr(request, "user", None))]


def places(user: object) -> Iterator[Place]:
    """The pages this person may open; somebody who works nowhere has pages of her own."""
    if not isinstance(user, User):
        return
    held = held_rights(user)
    rights = frozenset[Right]().union(*held.values())
    if rights & {Right.ALARM_VIEW, Right.DEVICE_MANAGE}:
        yield ALARMS
    if Right.RESIDENT_VIEW in rights:
        yield RESIDENTS
    if rights & {Right.CONSENT_ASK, Right.DEVICE_MANAGE}:
        yield CONSENTS
    if is_administrator(user):
        yield ADMINISTRATION
    elif not held:
        yield from (OWN_START, OWN_CONSENTS, OWN_HOME, OWN_SHARING)


def way(place: Place, request: HttpRequest) -> Way:
    """The place as a link, marked when the reader is there; an error page is nowhere."""
    match = request.resolver_match
    here = match is not None and (match.view_name in place.pages if place.pages else match.app_name == place.app)
    count = _waiting(place, request.user) if isinstance(request.user, User) else 0
    return Way(url=reverse(place.page), label=place.label, icon=place.icon, current=here, count=count)


def _waiting(place: Place, user: User) -> int:
    """How much waits for this person on a page, as the app that knows it says (settings.NAVIGATION_COUNTS)."""
    path = settings.NAVIGATION_COUNTS.get(place.page)
    return import_string(path)(user) if path else 0
