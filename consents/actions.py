"""The verbs of consents: lock, guard, change, let the effects follow, record the event. Everybody calls these.

A decision and what it does to the data flow are one transaction: when `answer` returns and its transaction has been
committed, nothing that the person has said no to is collected or shown any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consents import effects, policies, proof, worklist
from consents.grounds import day_starts
from consents.kinds import Answer, GivenBy, How, ResidentView, Understanding
from consents.models import (
    Consent,
    ConsentEvent,
    Decision,
    EmergencyGround,
    EventKind,
    Purpose,
    Task,
    TaskKind,
    TextState,
    Translation,
    giver_of,
)
from consents.policies import Giver, MayNotDecide
from consents.states import OPEN, State, Verb, after
from safehome import clock
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.organisation.roles import Right
from safehome.outbox import actions as outbox
from safehome.residents import policies as residents
from safehome.residents.models import Cohabitant, Representative, RepresentativeKind, Resident

EMERGENCY_AT_MOST = timedelta(hours=72)
RENEW_AHEAD = timedelta(days=60)
REVIEW_AHEAD = timedelta(days=30)
ASK_AGAIN_AFTER = timedelta(days=14)
BACKDATED = timedelta(minutes=1)


class TextChanged(Exception):
    """The text has been replaced since it was read, or was never read: it must be shown before it is answered."""


class Refused(ValueError):
    """Something is missing or wrong in what was handed in; the message is for the person."""


@dataclass(frozen=True)
class Circumstances:
    """How a question was answered, for the proof. `at` is when the person said it, if that was earlier."""

    how: How = How.OWN_DEVICE
    helped_by: str = ""
    interpreter: str = ""
    aids: str = ""
    presence: str = ""
    witness: str = ""
    registered_by: User | None = None
    scan_digest: str = ""
    at: datetime | None = None


ALONE = Circumstances()


# --- Asking ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    resident: Resident,
    purpose: Purpose,
    *,
    by: User | None,
    cohabitant: Cohabitant | None = None,
    how: How | None = None,
) -> Consent:
    """Put the question; the open question, when it has been put already. Raises Refused without a published text."""
    if not purpose.consent_required or purpose.published is None:
        raise Refused(_("There is no published text to ask with."))
    if cohabitant and not purpose.cohabitants:
        raise Refused(_("This question is not for those who live in the home."))
    own = Consent.objects.open().filter(resident=resident, purpose=purpose, cohabitant=cohabitant)
    if already := own.select_for_update(of=("self",)).first():
        return already
    consent = Consent.objects.create(
        resident=resident, purpose=purpose, cohabitant=cohabitant, asked_by=by, text=purpose.published
    )
    worklist.take_back(TaskKind.ASK, resident=resident, about=purpose.pk)
    _event(consent, EventKind.ASKED, by=by, content={"how": how or "", "asked_by": by.name if by else ""})
    return consent


def current(giver: Giver, purpose: Purpose) -> Consent | None:
    """The row that an answer would change now: the open question, else the consent in force, else the latest."""
    own = Consent.objects.filter(resident=giver.resident, purpose=purpose, cohabitant=giver.cohabitant)
    rows = {row.state: row for row in own.order_by("asked_at")}
    for state in (State.WAITING, State.TALK, State.ASKED, State.GIVEN):
        if state in rows:
            return rows[state]
    return own.order_by("-asked_at").first()


def answerable(giver: Giver, purpose: Purpose) -> Consent:
    """The row to answer on. Who has said no, or whose consent is over, begins a new one by opening the question."""
    row = current(giver, purpose)
    now = clock.now()
    if row and row.state == State.GIVEN and row.valid_until and row.valid_until <= now and _end_one(row.pk, now):
        row = None  # its time was over, and the watch loop had not said so yet
    if row is None or row.state not in (State.ASKED, State.TALK, State.WAITING, State.GIVEN):
        return ask(giver.resident, purpose, by=giver.user, cohabitant=giver.cohabitant)
    return row


@transaction.atomic
def serve(consent: Consent, translation: Translation, *, by: User | None, speech: str = "") -> Consent:
    """The text is before the person's eyes: exactly which one, in which language, with which drawings and voice."""
    digest = proof.translation_digest(translation)
    now = clock.now()
    again = consent.served_digest == digest and consent.served_at and now - consent.served_at < timedelta(hours=1)
    if again and consent.text_id == translation.text_id and served_by(consent) == (by.pk if by else None):
        return consent
    if consent.state != State.GIVEN:  # a consent in force keeps the version that it was given to
        consent.text = translation.text
    consent.served_language, consent.served_variant = translation.language, translation.variant
    consent.served_digest, consent.served_at = digest, now
    consent.save(update_fields=["text", "served_language", "served_variant", "served_digest", "served_at"])
    content = {"version": translation.text.version, "text": str(translation.text_id), "translation": digest}
    content |= {"language": translation.language, "variant": translation.variant, "speech": speech}
    content |= {"pictures": translation.text.picture_digests}
    _event(consent, EventKind.SERVED, by=by, content=content)
    return consent


def served_by(consent: Consent) -> UUID | None:
    """Before whose eyes the text was last: two guardians read it each for themselves."""
    shown = ConsentEvent.objects.filter(subject=consent.pk, kind=EventKind.SERVED).order_by("-sequence")
    return shown.values_list("by", flat=True).first()


@transaction.atomic
def check_understanding(consent: Consent, *, right: bool, by: User | None) -> Consent:
    """How the person said it back. A wrong answer is explained again, and is never a fail."""
    explained = consent.understanding in (Understanding.EXPLAINED, Understanding.UNSURE)
    understood = Understanding.EXPLAINED if explained else Understanding.UNDERSTOOD
    outcome = understood if right else Understanding.UNSURE
    consent.understanding = outcome
    consent.save(update_fields=["understanding"])
    _event(consent, EventKind.CHECKED, by=by, content={"right": right, "outcome": outcome})
    return consent


def note_draft(consent: Consent, draft: Answer | str) -> None:
    """Keep an answer that is not confirmed yet, so that the person can come back to it."""
    Consent.objects.filter(pk=consent.pk).update(draft=draft)
    consent.draft = draft


# --- Answering ---------------------------------------------------------------------------------------------------


@transaction.atomic
def answer(
    consent_id: UUID,
    said: Answer,
    *,
    giver: Giver,
    circumstances: Circumstances = ALONE,
    resident_view: ResidentView | str = "",
    resident_view_note: str = "",
) -> Consent:
    """The person's decision, and in the same transaction all that follows from it.

    Raises MayNotDecide, TextChanged, Refused or TransitionRefused; nothing has changed then.
    """
    consent = _locked(consent_id)
    if _says_the_same(consent, said, giver):
        return consent
    if said is Answer.YES and consent.state == State.GIVEN:
        consent = _anew(consent, giver)
    _guard(consent, said, giver, circumstances, resident_view, resident_view_note)
    now = clock.now()
    at = min(circumstances.at or now, now)
    decision = _decide(consent, said, giver, circumstances, resident_view, resident_view_note, at)
    verb = _verb(consent, said, giver)
    before = State(consent.state)
    consent.state = after(verb, before)
    consent.answered_at, consent.draft = at, ""
    if verb is Verb.YES:
        _give(consent, at)
    elif said is Answer.NO:
        _say_no(consent, before, at)
    consent.save()
    if said is not Answer.TALK:
        effects.apply([consent.resident_id], at=now, by=giver.user or circumstances.registered_by)
        _cancel_deliveries(consent, before)
    _tasks_after(consent, said, before, at, now)
    _record(consent, decision, giver, before)
    return consent


def _locked(pk: UUID) -> Consent:
    return Consent.objects.select_for_update(of=("self",)).select_related("purpose", "resident").get(pk=pk)


def _says_the_same(consent: Consent, said: Answer, giver: Giver) -> bool:
    """The same answer pressed twice."""
    if consent.giver_id != _asked_id(giver) or consent.answered_at is None:
        return False
    if said is Answer.NO:
        return consent.state in (State.REFUSED, State.ENDED)
    just_now = clock.now() - consent.answered_at < timedelta(minutes=1)
    return said is Answer.YES and consent.state == State.GIVEN and just_now


def _anew(given: Consent, giver: Giver) -> Consent:
    """Who says yes once more gives a new consent, to the text as it reads now."""
    consent = _locked(ask(given.resident, given.purpose, by=giver.user, cohabitant=given.cohabitant).pk)
    consent.served_language, consent.served_variant = given.served_language, given.served_variant
    consent.served_digest, consent.served_at = given.served_digest, given.served_at
    consent.understanding = given.understanding
    return consent


def _guard(consent: Consent, said: Answer, giver: Giver, circumstances: Circumstances, view: str, note: str) -> None:
    if consent.resident_id != giver.resident.pk or consent.giver_id != _asked_id(giver):
        raise MayNotDecide(_("This question was put to somebody else."))
    policies.require_may_decide(giver, consent.purpose)
    if circumstances.how is How.ORAL and not circumstances.witness.strip():
        raise Refused(_("Write who the witness was."))
    if circumstances.how is How.PAPER and not circumstances.scan_digest:
        raise Refused(_("Upload the signed form."))
    if circumstances.how is not How.OWN_DEVICE and circumstances.registered_by is None:
        raise Refused(_("Somebody must register the answer."))
    if said is not Answer.YES:
        return
    _require_text(consent)
    if giver.by is GivenBy.REPRESENTATIVE:
        require_view(giver, view, note)


def _asked_id(giver: Giver) -> UUID:
    return giver_of(giver.resident.pk, giver.cohabitant.pk if giver.cohabitant else None)


def _require_text(consent: Consent) -> None:
    """A yes is a yes to the text that stands now, read in a language that somebody has approved."""
    # Locked: a version that is being published waits for this answer, or this answer meets it.
    published = consent.purpose.texts.published().select_for_update(no_key=True).first()
    if published is None or not consent.served_digest:
        raise TextChanged(_("Read the text first, then answer."))
    shown = [
        row
        for row in Translation.objects.filter(text=published)
        if proof.translation_digest(row) == consent.served_digest
    ]
    # The same words can stand for other processing: the number decides, and who has read the old text reads again.
    same = consent.text is None or consent.text.processing_no == published.processing_no
    if not (shown and same):
        raise TextChanged(_("The text has changed. Read it again, then answer."))
    if shown[0].sample:
        raise Refused(_("This translation is only a sample. Choose another language to answer."))
    consent.text = published


def require_view(giver: Giver, view: str, note: str) -> None:
    """A god man answers with the resident's own agreement, a förvaltare never against the resident's will, guardians
    with the child's view noted (FB 6:11, 12:7)."""
    assert giver.representative
    if view not in ResidentView.values:
        raise Refused(_("Say what the person thinks of it."))
    if giver.representative.kind == RepresentativeKind.GUARDIAN:
        if not note.strip():
            raise Refused(_("Write what the child thinks, in the child's own words."))
    elif view == ResidentView.AGAINST:
        raise Refused(_("You can't say yes when the person does not want it."))
    elif view == ResidentView.CANNOT_SAY and not note.strip():
        raise Refused(_("Write how you know that the person can't say what they want."))


def _decide(
    consent: Consent, said: Answer, giver: Giver, how: Circumstances, view: str, note: str, at: datetime
) -> Decision:
    row = giver.representative
    return Decision.objects.create(
        consent=consent,
        answer=said,
        at=at,
        given_by=giver.by,
        user=giver.user,
        representative=row,
        mandate=_mandate(row) if row else {},
        resident_view=view,
        resident_view_note=note,
        understanding=consent.understanding,
        how=how.how,
        helped_by=how.helped_by,
        interpreter=how.interpreter,
        aids=how.aids,
        presence=how.presence,
        witness=how.witness,
        registered_by=how.registered_by,
        scan_digest=how.scan_digest,
        language=consent.served_language,
        variant=consent.served_variant,
        text_digest=consent.served_digest,
    )


def _mandate(row: Representative) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "scope": row.scope,
        "scopes": row.scopes,
        "proof": row.proof,
        "from": row.valid_from.isoformat(),
        "to": row.valid_to.isoformat() if row.valid_to else None,
    }


def _verb(consent: Consent, said: Answer, giver: Giver) -> Verb:
    """A guardian's yes counts once every guardian of the child has said yes to this question."""
    if said is not Answer.YES:
        return Verb.NO if said is Answer.NO else Verb.TALK
    if giver.representative is None or giver.representative.kind != RepresentativeKind.GUARDIAN:
        return Verb.YES
    latest = {row.representative_id: row.answer for row in consent.decisions.order_by("at", "registered_at")}
    everybody = all(latest.get(row.pk) == Answer.YES for row in policies.guardians_of(consent.resident))
    return Verb.YES if everybody else Verb.YES_FIRST


def _give(consent: Consent, at: datetime) -> None:
    """From now on it is a lawful ground; an earlier consent to the same is replaced in the same moment."""
    for older in _others_given(consent):
        end(older, Verb.REPLACE, at, "")
    consent.given_at, consent.ended_at, consent.end_reason = at, None, ""
    consent.valid_until, consent.until_verb = _valid_until(consent)
    review = consent.purpose.review_months
    consent.review_on = _months_later(timezone.localdate(at), review) if review else None


def _say_no(consent: Consent, before: State, at: datetime) -> None:
    """A no ends every consent of this person to this purpose."""
    asked = Consent.objects.open().filter(**_same(consent)).exclude(pk=consent.pk).select_related("purpose")
    # Locked before the first event: whoever is serving one of them holds its row and waits for the chain.
    others = list(asked.select_for_update(of=("self",)))
    if before is State.GIVEN:
        consent.ended_at, consent.end_reason = at, _("The person has said no.")
    for older in _others_given(consent):
        end(older, Verb.NO, at, _("The person has said no."))
    for other in others:
        other.state, other.answered_at, other.draft = after(Verb.NO, other.state), at, ""
        other.save(update_fields=["state", "answered_at", "draft"])
        _event(other, EventKind.REFUSED, by=None, content={"answered": str(consent.pk)}, at=at)


def _same(consent: Consent) -> dict[str, Any]:
    return {"resident": consent.resident_id, "purpose": consent.purpose_id, "cohabitant": consent.cohabitant_id}


def _others_given(consent: Consent) -> list[Consent]:
    given = Consent.objects.filter(**_same(consent), state=State.GIVEN).exclude(pk=consent.pk)
    return list(given.select_for_update(of=("self",)))


def _cancel_deliveries(consent: Consent, before: State) -> None:
    """What is on its way to those whom the consent let be told never leaves."""
    if before is State.GIVEN and consent.state != State.GIVEN:
        outbox.cancel_resting_on(consent.pk)


_EVENT_OF = {
    State.GIVEN: EventKind.GIVEN,
    State.REFUSED: EventKind.REFUSED,
    State.ENDED: EventKind.ENDED,
    State.EXPIRED: EventKind.EXPIRED,
    State.LAPSED: EventKind.LAPSED,
    State.REPLACED: EventKind.REPLACED,
    State.ANNULLED: EventKind.ANNULLED,
}


def end(consent: Consent, verb: Verb, at: datetime, reason: str, by: User | None = None) -> None:
    """One consent, locked by the caller, is over, and so is what was on its way because of it. The caller sees to the
    effects."""
    consent.state = after(verb, consent.state)
    consent.ended_at, consent.end_reason, consent.draft = at, reason, ""
    consent.save(update_fields=["state", "ended_at", "end_reason", "draft"])
    outbox.cancel_resting_on(consent.pk)
    _event(consent, _EVENT_OF[State(consent.state)], by=by, content={"reason": reason}, at=at)


def _tasks_after(consent: Consent, said: Answer, before: State, at: datetime, now: datetime) -> None:
    unit = worklist.unit_for(consent.resident, consent.purpose.administration_id)
    if said is Answer.TALK:
        worklist.make(TaskKind.EXPLAIN, consent.resident, unit, consent=consent)
        return
    worklist.take_back(TaskKind.EXPLAIN, TaskKind.WAITING, TaskKind.RENEW, consent=consent)
    if consent.state == State.WAITING:
        worklist.make(TaskKind.WAITING, consent.resident, unit, consent=consent)
    if before is State.GIVEN and consent.state == State.ENDED and now - at > BACKDATED:
        worklist.make(TaskKind.DECIDE_ERASURE, consent.resident, unit, consent=consent)


def _record(consent: Consent, decision: Decision, giver: Giver, before: State) -> None:
    facts = {
        "decision": str(decision.pk),
        "answer": decision.answer,
        "before": before,
        "after": consent.state,
        "version": consent.text.version if consent.text else "",
        "text": str(consent.text_id or ""),
        "text_hash": consent.text.digest if consent.text else "",
        "name": giver.name,
        "registered_by": decision.registered_by.name if decision.registered_by else "",
        "processing": proof.processing_facts(consent.purpose),
        **decision_facts(decision),
    }
    if consent.valid_until:
        facts["valid_until"] = consent.valid_until.isoformat()
    by = giver.user or decision.registered_by
    _event(consent, EventKind.ANSWERED, by=by, content=facts, at=decision.at)
    access.record(Action.SIGN, "consent", by=by, of=consent, detail=f"{decision.answer}: {consent.state}")


def decision_facts(decision: Decision) -> dict[str, str]:
    """All that a decision's row says, as its event keeps it; `verify_consents` compares the two."""
    names = [field.attname for field in Decision._meta.concrete_fields if field.attname not in ("id", "consent_id")]
    return {f"decision_{name}": proof.plain(getattr(decision, name)) for name in names}


def _event(
    consent: Consent,
    kind: EventKind,
    *,
    by: User | None,
    content: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    about = {"purpose": consent.purpose.code, "kind": consent.purpose.kind, "giver": str(consent.giver_id)}
    proof.append(
        kind,
        at=at or clock.now(),
        resident=consent.resident_id,
        subject=consent.pk,
        by=by.pk if by else None,
        content=about | (content or {}),
    )


# --- How long a consent stands -----------------------------------------------------------------------------------


def _valid_until(consent: Consent) -> tuple[datetime | None, str]:
    """The first of: the purpose's own length, the mandate of who gave it, the last day of a processing that has
    changed. And what the consent does then."""
    assert consent.given_at
    ends = [(end, Verb.LAPSE.value) for end in _lapses(consent)]
    if consent.purpose.valid_months:
        last = _months_later(timezone.localdate(consent.given_at), consent.purpose.valid_months)
        ends.append((day_starts(last), Verb.EXPIRE.value))
    ends += [(end, Verb.EXPIRE.value) for end in _mandate_ends(consent)]
    return min(ends) if ends else (None, Verb.EXPIRE.value)


def _mandate_ends(consent: Consent) -> list[datetime]:
    said_yes = consent.decisions.filter(answer=Answer.YES, representative__valid_to__isnull=False)
    days = said_yes.values_list("representative__valid_to", flat=True)
    return [day_starts(day + timedelta(days=1)) for day in days if day is not None]


def _lapses(consent: Consent) -> Iterable[datetime]:
    """Newer processing, published with a last day for consents to the old."""
    if consent.text is None:
        return []
    newer = consent.purpose.texts.filter(
        processing_no__gt=consent.text.processing_no,
        state__in=[TextState.PUBLISHED, TextState.RETIRED],
        earlier_lapse_on__isnull=False,
    )
    return [day_starts(text.earlier_lapse_on + timedelta(days=1)) for text in newer if text.earlier_lapse_on]


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@transaction.atomic
def limit_anew(consents: Iterable[Consent], *, by: User | None = None) -> None:
    """Reckon the last days anew: a mandate has been changed, or the processing has."""
    touched: set[UUID] = set()
    ids = [row.pk for row in consents]
    rows = Consent.objects.filter(pk__in=ids, state=State.GIVEN).select_related("purpose", "text")
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        until, verb = _valid_until(row)
        if (until, verb) == (row.valid_until, row.until_verb):
            continue
        row.valid_until, row.until_verb = until, verb
        row.save(update_fields=["valid_until", "until_verb"])
        content = {"valid_until": until.isoformat() if until else "", "then": str(verb)}
        _event(row, EventKind.LIMITED, by=by, content=content)
        touched.add(row.resident_id)
    if touched:
        effects.apply(touched, at=clock.now(), by=by)


def mandate_changed(representative: Representative) -> None:
    """A representative's dates have been changed: what they have said yes to stands no longer than the mandate."""
    given = Consent.objects.filter(state=State.GIVEN, decisions__representative=representative)
    limit_anew(given.distinct())


def end_overdue(limit: int = 200) -> int:
    """Consents whose last day has passed. The gate has let nothing through since; this says so and makes the task."""
    now = clock.now()
    due = Consent.objects.filter(state=State.GIVEN, valid_until__lte=now).order_by("valid_until")
    ids = list(due.values_list("pk", flat=True)[:limit])
    return sum(_end_one(pk, now) for pk in ids)


@transaction.atomic
def _end_one(pk: UUID, now: datetime) -> bool:
    """One a transaction: an installation's yearly day of many ends must not hold up its readings."""
    rows = Consent.objects.filter(pk=pk, state=State.GIVEN, valid_until__lte=now).select_related("purpose", "resident")
    row = rows.select_for_update(of=("self",), skip_locked=True).first()
    if row is None or row.valid_until is None:
        return False
    lapsed = row.until_verb == Verb.LAPSE
    reason = _("The processing has changed.") if lapsed else _("Its last day has passed.")
    verb = Verb(row.until_verb)
    row.state = after(verb, row.state)
    row.ended_at, row.end_reason = row.valid_until, reason
    row.save(update_fields=["state", "ended_at", "end_reason"])
    outbox.cancel_resting_on(row.pk)
    effects.apply([row.resident_id], at=now)
    unit = worklist.unit_for(row.resident, row.purpose.administration_id)
    worklist.take_back(TaskKind.RENEW, consent=row)
    worklist.make(TaskKind.RENEW, row.resident, unit, consent=row, text=row.purpose.name, due_on=_today())
    _event(row, _EVENT_OF[State(row.state)], by=None, content={"reason": reason}, at=row.valid_until)
    return True


def remind(limit: int = 500) -> int:
    """Tasks ahead of time: what ends or is to be reviewed soon, and questions that nobody has answered."""
    now, today = clock.now(), _today()
    with_task = Task.objects.open().exclude(consent=None).values("consent")
    told = Consent.objects.select_related("resident", "purpose").exclude(pk__in=with_task)
    ends = Q(valid_until__lte=now + RENEW_AHEAD) | Q(review_on__lte=today + REVIEW_AHEAD)
    made = 0
    for row in told.filter(ends, state=State.GIVEN)[:limit]:
        due = min(filter(None, (row.review_on, timezone.localdate(row.valid_until) if row.valid_until else None)))
        made += _remind(row, TaskKind.RENEW, due)
    for row in told.filter(state=State.ASKED, asked_at__lte=now - ASK_AGAIN_AFTER)[:limit]:
        made += _remind(row, TaskKind.ASK, today)
    return made


def _remind(row: Consent, kind: TaskKind, due: date) -> bool:
    unit = worklist.unit_for(row.resident, row.purpose.administration_id)
    task = worklist.make(kind, row.resident, unit, consent=row, text=row.purpose.name, due_on=due)
    return task is not None


def _today() -> date:
    return timezone.localdate(clock.now())


# --- Staff and the course of life --------------------------------------------------------------------------------


@transaction.atomic
def annul(consent_id: UUID, *, by: User, reason: str) -> Consent:
    """It was entered in error, and was never a lawful ground. What was stored on it waits for a person's decision."""
    if not reason.strip():
        raise Refused(_("Write what was wrong."))
    consent = _locked(policies.get_consent(by, consent_id, for_=Right.CONSENT_WRITE).pk)
    was_given = consent.given_at is not None
    consent.state = after(Verb.ANNUL, consent.state)
    consent.ended_at, consent.end_reason, consent.draft = consent.ended_at or clock.now(), reason, ""
    consent.save(update_fields=["state", "ended_at", "end_reason", "draft"])
    outbox.cancel_resting_on(consent.pk)
    effects.apply([consent.resident_id], at=clock.now(), by=by)
    if was_given:
        unit = worklist.unit_for(consent.resident, consent.purpose.administration_id)
        worklist.make(TaskKind.DECIDE_ERASURE, consent.resident, unit, consent=consent, text=consent.purpose.name)
    _event(consent, EventKind.ANNULLED, by=by, content={"reason": reason})
    access.record(Action.WRITE, "consent", by=by, of=consent, detail="annulled")
    return consent


@transaction.atomic
def declare_emergency(resident_id: UUID, *, by: User, reason: str, hours: int = 24) -> EmergencyGround:
    """Data may flow for a while to save somebody who can't answer. Never against a spoken no."""
    resident = residents.get_resident(by, resident_id, for_=Right.CONSENT_ASK)
    if len(reason.strip()) < 10:
        raise Refused(_("Write why the person's life or health is at stake and why they can't answer."))
    length = timedelta(hours=hours)
    if not timedelta(0) < length <= EMERGENCY_AT_MOST:
        raise Refused(_("An emergency lasts at most 72 hours."))
    now = clock.now()
    row = EmergencyGround.objects.create(
        resident=resident, reason=reason, started_by=by, started_at=now, ends_at=now + length
    )
    effects.apply([resident.pk], at=now, by=by)
    for administration in {relation.unit.administration_id for relation in _relations(resident)}:
        worklist.make(TaskKind.REVIEW_EMERGENCY, resident, worklist.unit_for(resident, administration), about=row.pk)
        break
    content = {"reason": reason, "ends_at": row.ends_at.isoformat()}
    proof.append(EventKind.EMERGENCY_BEGUN, at=now, resident=resident.pk, subject=row.pk, by=by.pk, content=content)
    access.record(Action.EMERGENCY, "consent", by=by, of=resident, detail=f"emergency {hours} h")
    return row


def _relations(resident: Resident) -> Any:
    return resident.care_relations.in_force().select_related("unit").order_by("pk")


@transaction.atomic
def close_after_death(resident: Resident) -> None:
    """Nothing rests on a consent after death: questions are taken back and consents ended."""
    now = clock.now()
    rows = Consent.objects.filter(resident=resident, state__in=[State.GIVEN, *OPEN])
    for row in rows.select_for_update(of=("self",)).select_related("purpose").order_by("pk"):
        end(row, Verb.END, now, str(DIED))
    effects.apply([resident.pk], at=now)


DIED = gettext_lazy("The person has died.")
