"""A consent's story: what has happened with it, told from its events in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from consents.kinds import Answer, GivenBy, How, Understanding, Variant
from consents.models import Consent, ConsentEvent, EventKind
from safehome.organisation.models import User


@dataclass(frozen=True)
class Event:
    """One line of a timeline (components/timeline.html)."""

    at: datetime
    text: str
    by: str = ""
    note: str = ""


def story(consent: Consent) -> list[Event]:
    """Every event of a consent, oldest first. An answer and the state that it gave are one line."""
    events = list(ConsentEvent.objects.filter(subject=consent.pk).order_by("sequence"))
    users = {row.pk: row.name for row in User.objects.filter(pk__in={event.by for event in events if event.by})}
    return [_told(event, users) for event in events]


def _told(event: ConsentEvent, users: dict[UUID, str]) -> Event:
    by = users.get(event.by, "") if event.by else ""
    text = _TELLS.get(event.kind, _plain)(event)
    return Event(event.at, text, by, _note(event.content))


def _plain(event: ConsentEvent) -> str:
    return str(event.get_kind_display())


def _served(event: ConsentEvent) -> str:
    facts = event.content
    words = {"version": facts.get("version", ""), "language": facts.get("language", ""), "variant": ""}
    words["variant"] = str(dict(Variant.choices).get(facts.get("variant", ""), "")).lower()
    return _("The text was shown: version %(version)s, %(language)s, %(variant)s.") % words


def _checked(event: ConsentEvent) -> str:
    outcome = dict(Understanding.choices).get(event.content.get("outcome", ""), "")
    return _("Understanding was checked: %(outcome)s.") % {"outcome": str(outcome).lower()}


def _answered(event: ConsentEvent) -> str:
    facts = event.content
    words = {
        "name": facts.get("name", ""),
        "answer": dict(Answer.choices).get(facts.get("answer", ""), ""),
        "how": str(dict(How.choices).get(facts.get("decision_how", ""), "")).lower(),
    }
    return _("%(name)s answered “%(answer)s”, %(how)s.") % words


def _limited(event: ConsentEvent) -> str:
    until = parse_datetime(event.content.get("valid_until") or "")
    if until is None:
        return _("The consent has no last day any more.")
    return _("The consent got another last day: until %(until)s.") % {
        "until": date_format(localtime(until), "SHORT_DATETIME_FORMAT")
    }


def _printed(event: ConsentEvent) -> str:
    return _("A paper form was printed, code %(code)s.") % {"code": event.content.get("form", "")}


def _scanned(event: ConsentEvent) -> str:
    return _("A signed form was uploaded, code %(code)s.") % {"code": event.content.get("form", "")}


_TELLS = {
    EventKind.SERVED.value: _served,
    EventKind.CHECKED.value: _checked,
    EventKind.ANSWERED.value: _answered,
    EventKind.LIMITED.value: _limited,
    EventKind.PAPER_PRINTED.value: _printed,
    EventKind.PAPER_SCANNED.value: _scanned,
}


def _note(facts: dict[str, Any]) -> str:
    """Reasons, help and witnesses, as they were written."""
    told = [
        (_("Reason"), facts.get("reason")),
        (_("For the person"), _capacity(facts)),
        (_("Helped by"), facts.get("decision_helped_by")),
        (_("Witness"), facts.get("decision_witness")),
        (_("Interpreter"), facts.get("decision_interpreter")),
        (_("What the person thinks"), facts.get("decision_resident_view_note")),
    ]
    return "\n".join(f"{name}: {said}" for name, said in told if said)


def _capacity(facts: dict[str, Any]) -> str:
    by = facts.get("decision_given_by", "")
    return "" if by in ("", GivenBy.SELF) else str(dict(GivenBy.choices).get(by, ""))
