"""*My consents*: what somebody has said to each question, in plain words, from the seat where they answer.

A seat is asked about a handful of purposes; all that is told of them is fetched at once, however many there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consents import policies
from consents.kinds import Answer, GivenBy, Variant
from consents.models import Consent, ConsentText, Decision, Purpose, Translation
from consents.policies import Giver, MayNotDecide
from consents.states import OPEN, State, Verb
from safehome import clock

DECIDED_NO = (State.REFUSED, State.ENDED)


@dataclass(frozen=True)
class Earlier:
    """An answer that has been given up for another, or has ended."""

    consent: Consent
    words: str


@dataclass(frozen=True)
class Card:
    """One question as its card tells it. `put` when somebody has asked it or something in the home rests on it; `tone`
    is that of the notice; `rests` are the devices that need the yes."""

    purpose: Purpose
    title: str
    picture: str
    lines: list[str]
    tone: str
    answered: bool
    waits: bool
    receipt: UUID | None
    rests: list[dict[str, Any]]
    earlier: list[Earlier]
    why_not: str = ""
    asked: bool = True
    office: str = ""
    put: bool = True

    @property
    def may_answer(self) -> bool:
        return self.asked and not self.why_not


def cards_of(giver: Giver) -> list[Card]:
    """Every question that this seat can be asked, or has answered, by name. With two administrations in the care each
    card says whose it is."""
    rows = _consents(giver)
    purposes = list(policies.purposes_for(giver).select_related("administration"))
    askable = {purpose.pk for purpose in purposes}
    purposes += [row.purpose for row in rows if row.purpose_id not in askable]
    unique = sorted({purpose.pk: purpose for purpose in purposes}.values(), key=lambda purpose: purpose.name)
    texts = _texts(unique)
    rests = import_string(settings.RESTS_ON)(giver.resident, [purpose.pk for purpose in unique])
    put = {row.purpose_id for row in rows} | {pk for pk, devices in rests.items() if devices}
    several = len({purpose.administration_id for purpose in unique}) > 1
    return [
        _card(
            giver,
            purpose,
            texts.get(purpose.pk),
            [row for row in rows if row.purpose_id == purpose.pk],
            rests.get(purpose.pk, []),
            asked=purpose.pk in askable,
            office=purpose.administration.name if several else "",
            put=purpose.pk in put,
        )
        for purpose in unique
    ]


def waiting(cards: Iterable[Card]) -> int:
    """How many questions wait for this seat's answer."""
    return sum(card.waits and card.may_answer for card in cards)


def _consents(giver: Giver) -> list[Consent]:
    decisions = Decision.objects.select_related("representative").order_by("at", "registered_at")
    own = Consent.objects.filter(resident=giver.resident, cohabitant=giver.cohabitant)
    told = own.select_related("purpose__administration", "resident").prefetch_related(Prefetch("decisions", decisions))
    return list(told.order_by("asked_at"))


def _texts(purposes: list[Purpose]) -> dict[UUID, ConsentText]:
    found = ConsentText.objects.published().filter(purpose__in=purposes).prefetch_related("translations")
    return {text.purpose_id: text for text in found}


def _card(
    giver: Giver,
    purpose: Purpose,
    text: ConsentText | None,
    rows: list[Consent],
    rests: list[dict[str, Any]],
    *,
    asked: bool,
    office: str,
    put: bool,
) -> Card:
    story = Story(giver, rows, clock.now())
    lines, tone = story.told()
    shown = story.shown
    return Card(
        purpose=purpose,
        title=_title(text) or purpose.name,
        picture=_picture(text),
        lines=lines,
        tone=tone,
        answered=story.answered,
        waits=story.waits,
        receipt=shown.pk if shown and list(shown.decisions.all()) else None,
        rests=rests,
        earlier=[Earlier(row, story.earlier_words(row)) for row in story.earlier],
        why_not=_why_not(giver, purpose),
        asked=asked,
        office=office,
        put=put,
    )


def _title(text: ConsentText | None) -> str:
    """In the reader's language, else in the installation's own."""
    if text is None:
        return ""
    wanted = get_language() or settings.LANGUAGE_CODE

    def distance(row: Translation) -> tuple[bool, bool, bool]:
        return row.language != wanted, row.language != settings.LANGUAGE_CODE, row.variant != Variant.STANDARD

    nearest = min(text.translations.all(), key=distance, default=None)
    return nearest.title if nearest else ""


def _picture(text: ConsentText | None) -> str:
    """The digest of the text's first drawing."""
    codes = text.pictures if text else []
    return next((text.picture_digests[code] for code in codes if text and code in text.picture_digests), "")


def _why_not(giver: Giver, purpose: Purpose) -> str:
    try:
        policies.require_may_decide(giver, purpose)
    except MayNotDecide as refusal:
        return str(refusal)
    return ""


# --- The words ---------------------------------------------------------------------------------------------------


@dataclass
class Story:
    """What has become of one question to one person, from the oldest row to the newest."""

    giver: Giver
    rows: list[Consent]
    now: datetime
    held: Consent | None = field(init=False)
    open: Consent | None = field(init=False)
    over: Consent | None = field(init=False)

    def __post_init__(self) -> None:
        self.held = _last(row for row in self.rows if row.state == State.GIVEN and row.lawful_at(self.now))
        self.open = _last(row for row in self.rows if row.state in OPEN)
        past = [row for row in self.rows if row not in (self.held, self.open) and row.state != State.REPLACED]
        self.over = _last(past)

    @property
    def shown(self) -> Consent | None:
        """The row that the card tells of."""
        told = self.open if self.open and self.open.state in (State.TALK, State.WAITING) else None
        return self.held or told or self.over or self.open

    @property
    def answered(self) -> bool:
        return bool(self.held or self.over or (self.open and self._mine(self.open)))

    @property
    def waits(self) -> bool:
        """Somebody has asked, and this seat has not answered. A question that one has opened oneself does not wait."""
        if self.open is None or self.open.state == State.TALK:
            return False
        if self.open.state == State.WAITING:
            return not self._mine(self.open)
        opened_oneself = self.open.asked_by_id is not None and self.open.asked_by_id == self._me
        return not (opened_oneself and (self.held or self.over))

    @property
    def earlier(self) -> list[Consent]:
        return [row for row in reversed(self.rows) if row not in (self.shown, self.open)]

    @property
    def _me(self) -> UUID | None:
        return self.giver.user.pk if self.giver.user else None

    def told(self) -> tuple[list[str], str]:
        """The state in sentences, and the tone of it."""
        if self.held:
            return [*self._yes(self.held), *self._asked_again(), *self._talk(self.held)], "success"
        if self.open and self.open.state == State.TALK:
            return [*self._wants_to_talk(), *self._still_no()], "info"
        if self.open and self.open.state == State.WAITING:
            return self._waits_for_another(self.open), "warning"
        if self.over:
            return [*self._ended(self.over), *self._asked_again()], "info"
        return [self._unanswered()], "warning" if self.waits else "info"

    def _yes(self, row: Consent) -> list[str]:
        lines = [self._who_said(row, Answer.YES)]
        if row.given_at:
            lines.append(_("Since %(day)s.") % {"day": _day(row.given_at)})
        if row.valid_until:
            last = {"day": _day(row.valid_until - timedelta(microseconds=1))}
            if row.until_verb == Verb.LAPSE:
                lines.append(_("We will do this in a new way. The yes counts until %(day)s. Then we ask anew.") % last)
            else:
                lines.append(_("It counts until %(day)s.") % last)
        return lines

    def _asked_again(self) -> list[str]:
        return [_("We have asked you again. You have not answered that.")] if self.waits else []

    def _talk(self, row: Consent) -> list[str]:
        said = [decision.answer for decision in row.decisions.all()]
        return self._wants_to_talk() if said and said[-1] == Answer.TALK else []

    def _wants_to_talk(self) -> list[str]:
        if self._speaks_for_oneself:
            return [_("You wanted to talk first."), _("Somebody will phone you.")]
        return [_("Somebody wanted to talk first."), _("Staff will phone.")]

    def _still_no(self) -> list[str]:
        return [_("Until then the no counts.")] if self.over and self.over.state in DECIDED_NO else []

    def _waits_for_another(self, row: Consent) -> list[str]:
        if self.giver.by is not GivenBy.REPRESENTATIVE:
            return [_("One of your guardians has said yes."), _("We wait for the other one.")]
        if self._mine(row):
            return [_("You have said yes."), _("The other guardian has not answered yet.")]
        return [_("The other guardian has said yes."), _("We wait for your answer.")]

    def _ended(self, row: Consent) -> list[str]:
        words = {"day": _day(row.answered_at or row.asked_at)}
        if row.state == State.REFUSED:
            return [self._who_said(row, Answer.NO), _("Since %(day)s.") % words, *self._just_as_good()]
        if row.state == State.ENDED and _withdrawn(row):
            taken = [_("The yes has been taken back."), _("It stopped counting %(at)s.") % {"at": _moment(row)}]
            return [self._who_said(row, Answer.NO), *taken, *self._just_as_good()]
        if row.state == State.ENDED:
            return [_("It has ended."), _("It stopped counting %(at)s.") % {"at": _moment(row)}]
        if row.state == State.LAPSED or (row.state == State.GIVEN and row.until_verb == Verb.LAPSE):
            return [_("We do this in a new way now."), _("The old yes does not count any more. We ask anew.")]
        if row.state == State.ANNULLED:
            return [_("The answer was written down by mistake."), _("It does not count.")]
        last = row.valid_until or row.ended_at
        day = {"day": _day(last - timedelta(microseconds=1))} if last else words
        return [_("The yes has run out."), _("Its last day was %(day)s.") % day]

    def _unanswered(self) -> str:
        if self._speaks_for_oneself:
            return _("You have not answered yet.")
        return _("There is no answer yet.")

    def _just_as_good(self) -> list[str]:
        if self.giver.by is GivenBy.SELF:
            return [_("You get just as good help.")]
        name = {"name": self.giver.resident.given_name}
        return [_("%(name)s gets just as good help.") % name]

    @property
    def _speaks_for_oneself(self) -> bool:
        return self.giver.by is not GivenBy.REPRESENTATIVE

    def _mine(self, row: Consent) -> bool:
        """Has this seat said something to it? A guardian's seat is that guardian's alone."""
        mine = self.giver.representative
        return any(mine is None or decision.representative_id == mine.pk for decision in row.decisions.all())

    def _who_said(self, row: Consent, said: Answer) -> str:
        decision = _last(each for each in row.decisions.all() if each.answer == said)
        representative = decision.representative if decision else None
        names = {
            "name": self.giver.resident.given_name,
            "by": representative.name if representative else "",
        }
        return _SAID[said][self._voice(representative is not None, representative)]() % names

    def _voice(self, by_another: bool, representative: Any) -> str:
        if self._speaks_for_oneself:
            return "for you" if by_another else "you"
        if not by_another:
            return "they"
        return "you for them" if representative == self.giver.representative else "for them"

    def earlier_words(self, row: Consent) -> str:
        """One line for a list of what has been."""
        words = {
            "answer": str(row.get_state_display()),
            "from": _day(row.given_at or row.answered_at or row.asked_at),
            "to": _day(row.ended_at) if row.ended_at else "",
        }
        if row.given_at and row.state != State.ANNULLED:
            return _("Yes, from %(from)s to %(to)s.") % words if row.ended_at else _("Yes, from %(from)s.") % words
        return _("%(answer)s, %(from)s.") % words


_SAID = {
    Answer.YES: {
        "you": lambda: _("You have said yes."),
        "for you": lambda: _("%(by)s has said yes for you."),
        "they": lambda: _("%(name)s has said yes."),
        "you for them": lambda: _("You have said yes for %(name)s."),
        "for them": lambda: _("%(by)s has said yes for %(name)s."),
    },
    Answer.NO: {
        "you": lambda: _("You have said no."),
        "for you": lambda: _("%(by)s has said no for you."),
        "they": lambda: _("%(name)s has said no."),
        "you for them": lambda: _("You have said no for %(name)s."),
        "for them": lambda: _("%(by)s has said no for %(name)s."),
    },
}


def _withdrawn(row: Consent) -> bool:
    """Ended by a spoken no, here or on a newer question; not by a date or by death."""
    return any(decision.answer == Answer.NO for decision in row.decisions.all())


def _last(rows: Iterable[Any]) -> Any:
    return next(reversed(list(rows)), None)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _moment(row: Consent) -> str:
    return date_format(timezone.localtime(row.ended_at or row.answered_at or row.asked_at), "DATETIME_FORMAT")
