"""An alarm as a given reader sees it: a row on the board, the page of one alarm, an answer of the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from alarms import policies
from alarms.models import Alarm, AlarmEvent
from alarms.outcomes import Outcome
from alarms.states import Category, Verb
from devices.placement import Placement
from safehome.organisation.models import User
from safehome.residents import policies as residents
from safehome.residents.presentation import Reader, lives_of


@dataclass(frozen=True)
class Row:
    """What is shown of an alarm; the rest is read straight from it."""

    alarm: Alarm
    who: str
    where: str
    may: list[Verb]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.alarm, name)

    @property
    def number(self) -> str:
        """A short name to say over the telephone."""
        return self.alarm.pk.hex[:6].upper()

    @property
    def label(self) -> str | Promise:
        return self.alarm.kind.label

    @property
    def action(self) -> str | Promise:
        return self.alarm.kind.action if self.alarm.is_open else ""

    @property
    def accepted_by_name(self) -> str:
        return self.alarm.accepted_by.name if self.alarm.accepted_by else ""

    @property
    def arrived_by_name(self) -> str:
        return self.alarm.arrived_by.name if self.alarm.arrived_by else ""


def rows(user: User, alarms: Iterable[Alarm]) -> list[Row]:
    """Alarms as rows, in their order. Give it `with_people()`; it asks the database twice, however many there are."""
    found = list(alarms)
    handled = set(policies.may_handle(user).filter(pk__in=[a.pk for a in found]).values_list("pk", flat=True))
    reader = Reader(user)
    return [_row(user, alarm, reader, handled) for alarm in found]


def _row(user: User, alarm: Alarm, reader: Reader, handled: set[UUID]) -> Row:
    may = policies.may(user, alarm, handles=alarm.pk in handled)
    return Row(alarm, who(alarm, reader), where(alarm, reader), may)


def who(alarm: Alarm, reader: Reader) -> str:
    if alarm.resident:
        return reader.see(alarm.resident).name
    return alarm.place.name if alarm.place else _("Not known")


def where(alarm: Alarm, reader: Reader) -> str:
    """Address and room, in words."""
    address = ""
    if alarm.resident:
        address = reader.see(alarm.resident).address
    elif alarm.place:
        address = alarm.place.where
    return ", ".join(filter(None, (address, _spot(alarm)))) or str(alarm.unit)


def _spot(alarm: Alarm) -> str:
    """Where in the home; a rule about the whole home has no spot, nor has what is worn."""
    if alarm.assignment is None or alarm.code in _WHOLE_HOME or alarm.assignment.placement == Placement.OUTDOOR:
        return ""
    return alarm.assignment.room.name if alarm.assignment.room else alarm.assignment.label


_WHOLE_HOME = {"inactivity", "not_come_home"}


def split(found: list[Row]) -> tuple[list[Row], list[Row]]:
    """Help (with information, which is also about a person) and technical apart."""
    technical = [row for row in found if row.alarm.category == Category.TECHNICAL]
    return [row for row in found if row.alarm.category != Category.TECHNICAL], technical


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    text: str
    by: str
    note: str


def timeline(alarm: Alarm) -> list[Moment]:
    events = alarm.events.select_related("by", "unit")
    return [Moment(event.at, _said(event), event.by.name if event.by else "", event.note) for event in events]


def _said(event: AlarmEvent) -> str:
    text = str(event.get_kind_display())
    if event.unit:
        text = f"{text}: {event.unit}"
    if outcome := event.data.get("outcome"):
        text = f"{text}: {Outcome(outcome).label}"
    return text


def lives(user: User, alarm: Alarm) -> dict[str, str] | None:
    """So that the open page loses what may no longer be shown. Whoever got the alarm without taking part in the care
    keeps it: there is nothing to wait for."""
    resident = alarm.resident
    return lives_of(resident) if resident and residents.visible_to(user).contains(resident) else None


def person(user: User, alarm: Alarm) -> dict[str, Any]:
    """Whom it is about, how to get in and whom to call, as far as the reader may know."""
    if alarm.resident is None:
        return {"resident": None, "contacts": [], "directions": {}}
    shown = Reader(user).see(alarm.resident)
    home = shown.home
    return {
        "resident": alarm.resident if residents.visible_to(user).contains(alarm.resident) else None,
        "contacts": list(alarm.resident.contacts.all()) if shown.known else [],
        "directions": {"address": shown.address, "way_in": home.way_in if home else ""},
        "good_to_know": alarm.resident.good_to_know if shown.known else "",
    }
