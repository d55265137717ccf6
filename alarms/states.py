"""The two axes of an alarm and the one table of what may follow what.

The *condition* is the sensor's; the *handling* is people's. A sensor back to normal never closes the human task.
docs/reference/alarm-lifecycle.md is drawn from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Category(models.TextChoices):
    """Help and technical alarms are never mixed."""

    HELP = "help", _("Help")
    TECHNICAL = "technical", _("Technical")
    INFORMATION = "information", _("Information")


class Priority(models.TextChoices):
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


PRIORITY_ORDER = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}


class Condition(models.TextChoices):
    ACTIVE = "active", _("Going on")
    CLEARED = "cleared", _("Back to normal")


class Handling(models.TextChoices):
    RAISED = "raised", _("Not taken")
    ACCEPTED = "accepted", _("Taken")
    ON_SITE = "on_site", _("On site")
    CLOSED = "closed", _("Closed")


class Verb(models.TextChoices):
    ACCEPT = "accept", _("Accept")
    ARRIVE = "arrive", _("I am there")
    CLOSE = "close", pgettext_lazy("alarm", "Close")


OPEN = (Handling.RAISED, Handling.ACCEPTED, Handling.ON_SITE)

# A person may take over an alarm that somebody else has taken, and take again one that has rung anew, so `accept`
# leads from ACCEPTED to ACCEPTED. An alarm is closed from anywhere but closed: the case officer who answers the
# telephone at 02:10 may have solved it without going anywhere.
TRANSITIONS: Mapping[Verb, Mapping[Handling, Handling]] = {
    Verb.ACCEPT: {
        Handling.RAISED: Handling.ACCEPTED,
        Handling.ACCEPTED: Handling.ACCEPTED,
        Handling.ON_SITE: Handling.ON_SITE,
    },
    Verb.ARRIVE: {Handling.RAISED: Handling.ON_SITE, Handling.ACCEPTED: Handling.ON_SITE},
    Verb.CLOSE: {
        Handling.RAISED: Handling.CLOSED,
        Handling.ACCEPTED: Handling.CLOSED,
        Handling.ON_SITE: Handling.CLOSED,
    },
}


@dataclass
class TransitionRefused(Exception):
    """The verb does not fit the alarm's present state (HTTP 409). `reason` is shown to the person."""

    verb: Verb
    handling: Handling
    reason: str = ""

    def __str__(self) -> str:
        return self.reason or f"{self.verb} is refused in state {self.handling}"


def after(verb: Verb, handling: Handling) -> Handling:
    """The handling that a verb leads to. Raises TransitionRefused."""
    try:
        return TRANSITIONS[verb][handling]
    except KeyError:
        raise TransitionRefused(verb, handling) from None


def verbs_from(handling: Handling) -> list[Verb]:
    """The verbs that may be offered in a state."""
    return [verb for verb, moves in TRANSITIONS.items() if handling in moves]
