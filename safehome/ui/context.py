"""What every page's frame needs: the reader's display choices and the ways onward that she may take."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from safehome.organisation.models import User
from safehome.organisation.policies import held_rights, is_administrator
from safehome.organisation.roles import Right
from safehome.ui.preferences import Preferences, TextSize, Theme


@dataclass(frozen=True)
class Place:
    """A page of the main menu, and the app whose pages count as being there."""

    page: str
    app: str
    label: str | Promise
    icon: str


@dataclass(frozen=True)
class Way:
    """One entry of the main menu as this reader meets it."""

    url: str
    label: str | Promise
    icon: str
    current: bool


ALARMS = Place("alarms:board", "alarms", pgettext_lazy("main menu", "Alarms"), "bell")
RESIDENTS = Place("residents:list", "residents", pgettext_lazy("main menu", "Residents"), "people")
ADMINISTRATION = Place("admin:index", "admin", pgettext_lazy("main menu", "Administration"), "settings")
OWN_HOME = Place("residents:my-home", "residents", _("My home"), "home")


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
    """The pages this person may open; somebody who works nowhere has her own home."""
    if not isinstance(user, User):
        return
    held = held_rights(user)
    rights = frozenset[Right]().union(*held.values())
    if rights & {Right.ALARM_VIEW, Right.DEVICE_MANAGE}:
        yield ALARMS
    if Right.RESIDENT_VIEW in rights:
        yield RESIDENTS
    if is_administrator(user):
        yield ADMINISTRATION
    elif not held:
        yield OWN_HOME


def way(place: Place, request: HttpRequest) -> Way:
    """The place as a link, marked when the reader is there; an error page is nowhere."""
    match = request.resolver_match
    here = match is not None and match.app_name == place.app
    return Way(url=reverse(place.page), label=place.label, icon=place.icon, current=here)
