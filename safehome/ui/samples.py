"""Made-up content for the pattern page: nobody in it exists."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import pi, sin
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from safehome import clock
from safehome.ui import charts


@dataclass
class SampleAlarm:
    """An alarm as the board's rows want it."""

    id: UUID
    number: int
    label: str
    sentence: str
    who: str
    where: str
    priority: str
    occurred_at: datetime
    action: str = ""
    category: str = "help"
    handling: str = "raised"
    condition: str = "active"
    ringing: bool = False
    late: bool = False
    test: bool = False
    repeat_count: int = 1
    version: int = 1
    accepted_by_name: str = ""
    accepted_at: datetime | None = None
    arrived_by_name: str = ""
    arrived_at: datetime | None = None
    may: frozenset[str] = field(default_factory=frozenset)


@dataclass
class SampleEvent:
    """A line of a timeline."""

    at: datetime
    text: str
    by: str = ""
    note: str = ""


class SampleForm(forms.Form):
    """One field of each kind, one of them with an error."""

    name = forms.CharField(label=gettext_lazy("Name"))
    born = forms.DateField(label=gettext_lazy("Date of birth"), help_text=gettext_lazy("As 1941-05-17."))
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("helped", gettext_lazy("Got help")), ("false", gettext_lazy("False alarm"))],
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        choices=[
            ("yes", gettext_lazy("Yes")),
            ("no", gettext_lazy("No")),
            ("talk", gettext_lazy("I want to talk to somebody first")),
        ],
    )
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    told = forms.BooleanField(label=gettext_lazy("The person has been told"), required=False)


def everything() -> dict[str, Any]:
    """The context of the pattern page."""
    now = clock.now()
    return {
        "alarms": list(alarms(now)),
        "form": SampleForm({"name": "Astrid Ek", "born": "17/5 1941", "outcome": "helped", "answer": "talk"}),
        "facts": [(_("Address"), "Björkvägen 4, 123 45 Granby"), (_("Telephone"), "070-174 06 05")],
        "contacts": [
            {"name": "Maj Ek", "relation": _("Daughter"), "phone": "070-174 06 12"},
            {"name": "Bo Lind", "relation": _("Neighbour"), "phone": "070-174 06 33"},
        ],
        "timeline": [
            SampleEvent(now - timedelta(minutes=9), _("The help button was pressed.")),
            SampleEvent(now - timedelta(minutes=8), _("Accepted"), "Eva Berg"),
            SampleEvent(now - timedelta(minutes=1), _("On site"), "Eva Berg", _("Sat on the floor, unhurt.")),
        ],
        "devices": [
            (_("Motion sensor"), _("Kitchen"), now - timedelta(minutes=4)),
            (_("Door sensor"), _("Hall"), now - timedelta(hours=3, minutes=20)),
        ],
        "page": Paginator(range(60), 20).page(2),
        "actogram": sample_actogram(now),
        "temperature": sample_temperature(now),
    }


def alarms(now: datetime) -> Iterator[SampleAlarm]:
    """One alarm of each priority, each at its own step."""
    yield SampleAlarm(
        id=UUID(int=1),
        number=101,
        label=_("Help button"),
        sentence=_("Astrid Ek pressed her help button."),
        who="Astrid Ek",
        where="Björkvägen 4, Granby, " + _("Bedroom"),
        action=_("Call her. Go there if she does not answer."),
        priority="high",
        occurred_at=now - timedelta(minutes=2),
        ringing=True,
        repeat_count=2,
        may=frozenset({"accept", "arrive"}),
    )
    yield SampleAlarm(
        id=UUID(int=2),
        number=102,
        label=_("Door opened at night"),
        sentence=_("The outer door was opened and nobody has come back in."),
        who="Karl Nyström",
        where="Storgatan 12 B, Granby, " + _("Hall"),
        action=_("Call him. Go there if he does not answer."),
        priority="medium",
        handling="accepted",
        accepted_by_name="Eva Berg",
        accepted_at=now - timedelta(minutes=6),
        occurred_at=now - timedelta(minutes=8),
        late=True,
        may=frozenset({"arrive", "close"}),
    )
    yield SampleAlarm(
        id=UUID(int=3),
        number=103,
        label=_("Low battery"),
        sentence=_("The battery is at 8 percent."),
        who=_("Motion sensor"),
        where="Åsvägen 7, Granby, " + _("Kitchen"),
        category="technical",
        condition="cleared",
        priority="low",
        handling="on_site",
        arrived_by_name="Ali Demir",
        arrived_at=now - timedelta(minutes=30),
        occurred_at=now - timedelta(hours=5),
        may=frozenset({"close"}),
    )


def sample_actogram(now: datetime) -> charts.Actogram:
    """Four weeks of somebody who gets up at seven, rests after lunch and is away for three days."""
    zone = clock.local_zone()
    today = now.astimezone(zone).date()
    away = (now - timedelta(days=12), now - timedelta(days=9))
    times = ((step, now - timedelta(minutes=5 * step)) for step in range(28 * 24 * 12))
    stirs = [
        moment
        for step, moment in times
        if not away[0] < moment < away[1] and step * 61 % 97 < liveliness(moment.astimezone(zone).hour)
    ]
    return charts.actogram(stirs, last_day=today, zone=zone, absences=[away])


def liveliness(hour: int) -> int:
    """In how many of a hundred five-minute stretches of that hour something stirs."""
    if hour < 6 or hour > 22:
        return 2
    return 12 if hour in (13, 14) else 45


def sample_temperature(now: datetime) -> charts.LineChart:
    """Ten days of a room that grew cold one night."""
    points = [
        (now - timedelta(hours=hours), 20.5 + 1.5 * sin(hours * pi / 12) - (5 if 60 < hours < 72 else 0))
        for hours in range(240)
        if not 150 < hours < 160
    ]
    return charts.line(points, title=_("Temperature in the bedroom"), low=17, high=27, zone=clock.local_zone())
