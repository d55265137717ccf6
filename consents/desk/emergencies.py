"""Emergencies seen afterwards: by somebody else than who declared them, in writing."""

from uuid import UUID

from django.db import transaction
from django.http import Http404

from consents import effects, proof, worklist
from consents.models import EmergencyGround, EventKind, TaskKind
from safehome import clock
from safehome.audit import access
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.organisation.roles import Right
from safehome.residents import policies as residents


def get_emergency(user: User, pk: UUID, *, review: bool = False) -> EmergencyGround:
    """For its page; `review` needs somebody who may write about consents and did not declare it.
    Raises NotVisible (404) or NotAllowed (403)."""
    row = EmergencyGround.objects.select_related("resident__home", "started_by", "reviewed_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    if not residents.visible_to(user, Right.CONSENT_ASK).filter(pk=row.resident_id).exists():
        raise NotVisible("emergency", row, Right.CONSENT_ASK.value)
    if review and not may_review(user, row):
        raise NotAllowed("emergency", row, "review")
    return row


def may_review(user: User, row: EmergencyGround) -> bool:
    """Four eyes: nobody reviews their own."""
    in_care = residents.visible_to(user, Right.CONSENT_WRITE).filter(pk=row.resident_id)
    return row.started_by_id != user.pk and in_care.exists()


@transaction.atomic
def review(pk: UUID, *, by: User, note: str, end_now: bool = False) -> EmergencyGround:
    """Write down what somebody else thinks of it; the first review stands. `end_now` ends one that still goes on."""
    row = get_emergency(by, pk, review=True)
    row = EmergencyGround.objects.select_for_update(of=("self",)).select_related("resident").get(pk=row.pk)
    now = clock.now()
    if row.reviewed_at is None:
        row.reviewed_by, row.reviewed_at, row.review_note = by, now, note
        row.save(update_fields=["reviewed_by", "reviewed_at", "review_note"])
        worklist.take_back(TaskKind.REVIEW_EMERGENCY, by=by, about=row.pk)
    if end_now and row.ends_at > now:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        effects.apply([row.resident_id], at=now, by=by)
        content = {"note": note, "ends_at": now.isoformat()}
        proof.append(
            EventKind.EMERGENCY_ENDED, at=now, resident=row.resident_id, subject=row.pk, by=by.pk, content=content
        )
    access.record(Action.WRITE, "emergency", by=by, of=row, detail="reviewed, ended" if end_now else "reviewed")
    return row
