"""The states of a consent and the one table of what may follow what; docs/reference/consent-lifecycle.md is drawn
from it. *Ended* (withdrawn) and *annulled* (entered in error) are different facts; neither deletes anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    ASKED = "asked", pgettext_lazy("consent", "Asked, not answered")
    TALK = "talk", _("Wants to talk first")
    WAITING = "waiting", _("Waits for the other guardian")
    GIVEN = "given", pgettext_lazy("consent", "Yes")
    REFUSED = "refused", pgettext_lazy("consent", "No")
    ENDED = "ended", pgettext_lazy("consent", "Ended")
    EXPIRED = "expired", _("Expired")
    LAPSED = "lapsed", _("Lapsed, the processing has changed")
    REPLACED = "replaced", _("Replaced by a newer answer")
    ANNULLED = "annulled", _("Annulled, entered in error")


class Verb(models.TextChoices):
    YES = "yes", _("Say yes")
    YES_FIRST = "yes_first", _("First of two guardians says yes")
    NO = "no", _("Say no, or withdraw")
    TALK = "talk", _("Ask to talk first")
    END = "end", _("End for another reason")
    EXPIRE = "expire", _("Reach its last day")
    LAPSE = "lapse", _("Reach the last day of the old processing")
    REPLACE = "replace", _("Be answered anew")
    ANNUL = "annul", _("Annul")


OPEN = (State.ASKED, State.TALK, State.WAITING)
"""Nobody has decided yet."""

TRANSITIONS: Mapping[Verb, Mapping[State, State]] = {
    Verb.YES: dict.fromkeys(OPEN, State.GIVEN),
    Verb.YES_FIRST: dict.fromkeys(OPEN, State.WAITING),
    Verb.NO: {**dict.fromkeys(OPEN, State.REFUSED), State.GIVEN: State.ENDED},
    # Who has said yes and now wants to talk has not taken the yes back.
    Verb.TALK: {**dict.fromkeys(OPEN, State.TALK), State.GIVEN: State.GIVEN},
    Verb.END: {**dict.fromkeys(OPEN, State.ENDED), State.GIVEN: State.ENDED},
    Verb.EXPIRE: {State.GIVEN: State.EXPIRED},
    Verb.LAPSE: {State.GIVEN: State.LAPSED},
    Verb.REPLACE: {State.GIVEN: State.REPLACED},
    Verb.ANNUL: dict.fromkeys(
        (State.TALK, State.WAITING, State.GIVEN, State.REFUSED, State.ENDED, State.EXPIRED), State.ANNULLED
    ),
}


@dataclass
class TransitionRefused(Exception):
    """The verb does not fit the consent's present state (HTTP 409)."""

    verb: Verb
    state: State

    def __str__(self) -> str:
        return f"{self.verb} is refused in state {self.state}"


def after(verb: Verb, state: State | str) -> State:
    """The state that a verb leads to. Raises TransitionRefused."""
    try:
        return TRANSITIONS[verb][State(state)]
    except KeyError:
        raise TransitionRefused(verb, State(state)) from None
