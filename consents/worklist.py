"""Tasks that consents give to staff: made once, finished by people, taken back when no longer needed."""

from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from consents.models import Consent, Task, TaskKind
from safehome import clock
from safehome.organisation.models import Administration, Unit, UnitKind, User
from safehome.residents.models import CareRelation, Resident

_DAYS = {
    TaskKind.SAFE_COVER: 0,
    TaskKind.DECIDE_ERASURE: 7,
    TaskKind.REVIEW_EMERGENCY: 3,
    TaskKind.FETCH_DEVICE: 14,
    TaskKind.START_DEVICE: 7,
    TaskKind.EXPLAIN: 3,
    TaskKind.WAITING: 14,
    TaskKind.ASK: 14,
    TaskKind.RENEW: 30,
}


def make(
    kind: TaskKind,
    resident: Resident,
    unit: Unit | None,
    *,
    consent: Consent | None = None,
    about: UUID | None = None,
    text: str = "",
    due_on: date | None = None,
) -> Task | None:
    """An open task of the same kind about the same thing stays as it is. None when no unit takes part in the care."""
    if unit is None:
        return None
    key = f"{kind}:{resident.pk}:{consent.pk if consent else ''}:{about or ''}"
    due = due_on or timezone.localdate(clock.now()) + timedelta(days=_DAYS[kind])
    facts = {"kind": kind, "resident": resident, "unit": unit, "consent": consent, "about": about, "text": text}
    task, _new = Task.objects.get_or_create(key=key, done_at=None, defaults={**facts, "due_on": due})
    return task


def finish(task: Task, *, by: User | None, note: str = "") -> None:
    task.done_at, task.done_by, task.note = clock.now(), by, note
    task.save(update_fields=["done_at", "done_by", "note"])


def take_back(*kinds: TaskKind, by: User | None = None, **about: object) -> None:
    """Open tasks that are no longer needed are done with."""
    Task.objects.open().filter(kind__in=kinds, **about).update(done_at=clock.now(), done_by=by)


def unit_for(resident: Resident, administration: Administration | UUID) -> Unit | None:
    """The unit that sees to a resident's consents: the case office, else any unit of the administration that takes
    part in the care, else any that does."""
    relations = CareRelation.objects.in_force().filter(resident=resident).select_related("unit").order_by("pk")
    pk = administration if isinstance(administration, UUID) else administration.pk
    units = [relation.unit for relation in relations]
    own = [unit for unit in units if unit.administration_id == pk]
    office = [unit for unit in own if unit.kind == UnitKind.ADMINISTRATIVE]
    return next(iter([*office, *own, *units]), None)
