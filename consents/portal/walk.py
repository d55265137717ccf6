"""The way through the questions: which there are for this seat, what has been chosen so far, and what comes next.

A choice that is not confirmed yet is kept with the question (`actions.note_draft`), so that the person can leave and
come back, and with the browser's session, which also keeps what a representative has written. What somebody else has
chosen at the same question, and not confirmed, is never shown.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consents import actions, assisted, policies, proof
from consents.kinds import Answer, Variant
from consents.models import Consent, ConsentText, Purpose, Speech, Translation
from consents.policies import MayNotDecide
from consents.portal.seat import FLOW, Seat
from consents.states import OPEN, State

VARIANT = "text_variant"
RIGHT_TO_LEFT = {"ar", "fa", "he", "ku", "ps", "ur", "yi"}


@dataclass(frozen=True)
class Draft:
    """An answer on its way, and what a representative has said of the person's own view."""

    said: Answer
    view: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """One question as this seat meets it. `refusal`: why this seat can't answer it."""

    seat: Seat
    purpose: Purpose
    text: ConsentText
    shown: Translation
    consent: Consent | None
    draft: Draft | None
    refusal: str = ""

    @cached_property
    def said_yes(self) -> bool:
        """This guardian's yes is there, and waits for the other's."""
        return self.waiting and _last_word(self.seat, self.consent) == Answer.YES

    @property
    def waiting(self) -> bool:
        return self.consent is not None and self.consent.state == State.WAITING

    @property
    def to_answer(self) -> bool:
        """Somebody has asked, and waits for this seat's answer."""
        asked = self.consent is not None and self.consent.state in OPEN
        return asked and not self.refusal and not self.said_yes

    @property
    def given(self) -> bool:
        return self.consent is not None and self.consent.state == State.GIVEN

    @property
    def stands(self) -> bool:
        """A yes would change nothing."""
        return self.given or self.said_yes

    @property
    def state_words(self) -> str:
        if self.draft:
            return _("You have chosen. You have not sent it.")
        if self.consent is None:
            return _("Nobody has asked you yet")
        if self.waiting:
            return _WAITING[self.said_yes]()
        return str(self.consent.get_state_display())

    @property
    def said_words(self) -> str:
        return str(self.draft.said.label) if self.draft else ""

    @property
    def view_words(self) -> str:
        return view_choices(self.seat).get(self.draft.view, "") if self.draft else ""

    @property
    def answers_before(self) -> int:
        """How often this seat has answered this question: a press that comes twice sees that it does."""
        return own_decisions(self.seat, self.consent).count() if self.consent else 0


_WAITING = {
    True: lambda: _("You have said yes. We wait for the other guardian."),
    False: lambda: _("The other guardian has said yes. We need your answer too."),
}


def view_choices(seat: Seat) -> dict[str, str]:
    """What a resident may think of it, with the name."""
    name = {"name": seat.about}
    return {
        "agrees": _("%(name)s wants this") % name,
        "against": _("%(name)s does not want this") % name,
        "cannot_say": _("%(name)s can't say what they want") % name,
    }


def own_decisions(seat: Seat, consent: Consent) -> Any:
    return consent.decisions.filter(given_by=seat.giver.by, representative=seat.giver.representative)


def _last_word(seat: Seat, consent: Consent | None) -> str:
    if consent is None:
        return ""
    return own_decisions(seat, consent).order_by("-at", "-registered_at").values_list("answer", flat=True).first() or ""


# --- Questions ---------------------------------------------------------------------------------------------------


def items(request: HttpRequest, seat: Seat) -> list[Item]:
    """Every question that this seat can be asked."""
    purposes = policies.purposes_for(seat.giver).select_related("administration").order_by("name", "pk")
    return [item for purpose in purposes if (item := item_of(request, seat, purpose))]


def item_of(request: HttpRequest, seat: Seat, purpose: Purpose) -> Item | None:
    text = purpose.published
    shown = translation_for(request, text) if text else None
    if text is None or shown is None:
        return None
    consent = actions.current(seat.giver, purpose)
    draft = draft_of(request, seat, consent) if consent else None
    return Item(seat, purpose, text, shown, consent, draft, refusal_of(seat, purpose))


def refusal_of(seat: Seat, purpose: Purpose) -> str:
    """Why this seat can't answer, in plain words; empty when it can."""
    try:
        policies.require_may_decide(seat.giver, purpose)
    except MayNotDecide as refusal:
        return str(refusal)
    return ""


def open_question(seat: Seat, purpose: Purpose) -> Consent:
    """The row to answer on. Two pages opened at once meet in the database; the second takes what the first made."""
    try:
        with transaction.atomic():
            return actions.answerable(seat.giver, purpose)
    except IntegrityError:
        return actions.answerable(seat.giver, purpose)


def next_to_answer(found: Iterable[Item]) -> Item | None:
    return next((item for item in found if item.to_answer and not item.draft), None)


# --- How it is read ----------------------------------------------------------------------------------------------


def language_of(request: HttpRequest) -> str:
    """The language that the text is read in: the pages' own, or one that only the text has."""
    return str(request.session.get(assisted.LANGUAGE) or get_language() or settings.LANGUAGE_CODE)


def variant_of(request: HttpRequest) -> str:
    return str(request.session.get(VARIANT, Variant.STANDARD))


def translation_for(request: HttpRequest, text: ConsentText) -> Translation | None:
    """The nearest to what the reader wants: their language before their variant, then Swedish."""
    wanted = (language_of(request), variant_of(request))

    def distance(row: Translation) -> tuple[bool, bool, bool]:
        return (row.language != wanted[0], row.language != settings.LANGUAGE_CODE, row.variant != wanted[1])

    return min(text.translations.all(), key=distance, default=None)


def direction(language: str) -> str:
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def speech_of(shown: Translation) -> Speech | None:
    """The newest voice for exactly these words."""
    voices = Speech.objects.filter(text_digest=proof.translation_digest(shown)).defer("audio")
    return voices.order_by("-made_at").first()


# --- Answers on their way ----------------------------------------------------------------------------------------


def seat_data(request: HttpRequest, seat: Seat) -> dict[str, Any]:
    """What the session keeps for this seat. Whoever changes it says so."""
    data: dict[str, Any] = request.session.setdefault(FLOW, {}).setdefault(seat.giver.slug, {})
    return data


def draft_of(request: HttpRequest, seat: Seat, consent: Consent) -> Draft | None:
    """What this seat has chosen and not confirmed; a question that has been decided since has none."""
    kept = seat_data(request, seat).get("drafts", {}).get(str(consent.pk))
    if kept is None and consent.draft and _is_mine(seat, consent):
        kept = {"said": consent.draft}
    if kept is None or consent.state not in (*OPEN, State.GIVEN):
        return None
    draft = Draft(Answer(kept["said"]), kept.get("view", ""), kept.get("note", ""))
    return None if consent.state == State.GIVEN and draft.said is Answer.YES else draft


def _is_mine(seat: Seat, consent: Consent) -> bool:
    return actions.served_by(consent) == (seat.by.pk if seat.by else None)


def clear_of_others(seat: Seat, consent: Consent) -> None:
    """What another guardian has chosen and not confirmed is not this one's to see."""
    if consent.draft and not _is_mine(seat, consent):
        actions.note_draft(consent, "")


def keep_draft(request: HttpRequest, seat: Seat, consent: Consent, draft: Draft) -> None:
    seat_data(request, seat).setdefault("drafts", {})[str(consent.pk)] = asdict(draft)
    request.session.modified = True
    actions.note_draft(consent, draft.said)


def forget_draft(request: HttpRequest, seat: Seat, consent: Consent) -> None:
    seat_data(request, seat).get("drafts", {}).pop(str(consent.pk), None)
    request.session.modified = True
