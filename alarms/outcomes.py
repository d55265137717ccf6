"""How an alarm ended, in codes that can be counted."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alarms.states import Category


class Outcome(models.TextChoices):
    HELP_GIVEN = "help_given", _("Help given")
    TALKED = "talked", _("Solved by talking")
    TO_HOSPITAL = "to_hospital", _("Ambulance or hospital")
    RESCUE_SERVICE = "rescue_service", _("Rescue service")
    RELATIVE = "relative", _("A relative sees to it")
    NO_HELP_NEEDED = "no_help_needed", _("Was there, no help needed")
    FALSE_ALARM = "false_alarm", _("False alarm")
    MENDED = "mended", _("Mended")
    REPLACED = "replaced", _("Replaced")
    PASSED_TO_SUPPLIER = "passed_to_supplier", _("Passed on to the supplier")
    WORKS_AGAIN = "works_again", _("Works again by itself")
    NOTED = "noted", _("Noted")
    CONSENT_ENDED = "consent_ended", _("The consent has been ended")


_HELP = (
    Outcome.HELP_GIVEN,
    Outcome.TALKED,
    Outcome.TO_HOSPITAL,
    Outcome.RESCUE_SERVICE,
    Outcome.RELATIVE,
    Outcome.NO_HELP_NEEDED,
    Outcome.FALSE_ALARM,
)
BY_CATEGORY: dict[Category, tuple[Outcome, ...]] = {
    Category.HELP: _HELP,
    Category.INFORMATION: (Outcome.NOTED, *_HELP),
    Category.TECHNICAL: (
        Outcome.MENDED,
        Outcome.REPLACED,
        Outcome.PASSED_TO_SUPPLIER,
        Outcome.WORKS_AGAIN,
        Outcome.FALSE_ALARM,
    ),
}
NEEDS_REASON = {Outcome.FALSE_ALARM}


def choices(category: str) -> list[tuple[str, str | Promise]]:
    """The outcomes to choose from, for a form."""
    return [(outcome.value, outcome.label) for outcome in BY_CATEGORY[Category(category)]]


class OutcomeRefused(ValueError):
    """The outcome does not fit the alarm, or lacks the reason it needs. The text is shown to the person."""


def check(category: str, outcome: str, note: str) -> None:
    """Raises OutcomeRefused."""
    if outcome not in {choice.value for choice in BY_CATEGORY[Category(category)]}:
        raise OutcomeRefused(str(_("Choose how it ended.")))
    if Outcome(outcome) in NEEDS_REASON and not note.strip():
        raise OutcomeRefused(str(_("Write why it was a false alarm.")))
