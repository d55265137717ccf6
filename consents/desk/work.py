"""The work list: what consents ask of a unit's people, and a note of what was done."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consents import worklist
from consents.actions import Refused
from consents.models import Task, TaskKind
from consents.policies import tasks_visible_to
from consents.querysets import TaskQuerySet
from safehome import clock
from safehome.audit import access
from safehome.audit.denials import NotVisible
from safehome.audit.models import Action
from safehome.organisation.models import Unit, User
from safehome.organisation.policies import units_with
from safehome.organisation.roles import Right
from safehome.residents import policies as residents
from safehome.residents.presentation import Reader

OF_DEVICES = (TaskKind.FETCH_DEVICE, TaskKind.START_DEVICE)
"""All that somebody needs to know who only sees to devices."""

NEEDS_NOTE = (TaskKind.SAFE_COVER, TaskKind.DECIDE_ERASURE)
"""What was arranged, and what was decided and why, must be found again."""


@dataclass(frozen=True)
class Row:
    """A task as its reader may see it. `url` leads to where it is done, when the reader may go there."""

    task: Task
    who: str
    where: str
    overdue: bool
    url: str
    may_finish: bool
    needs_note: bool


def visible_to(user: User) -> TaskQuerySet:
    """Tasks of the units where the user works with consents; elsewhere in the user's units those about devices."""
    asks = units_with(user, Right.CONSENT_ASK)
    own = Task.objects.filter(pk__in=tasks_visible_to(user).values("pk"))
    return own.filter(Q(unit__in=asks.values("pk")) | Q(kind__in=OF_DEVICES))


def open_for(user: User) -> int:
    """How many tasks wait, for the main menu (settings.NAVIGATION_COUNTS)."""
    return visible_to(user).open().count()


def units_of(user: User) -> QuerySet[Unit]:
    found = units_with(user, Right.CONSENT_ASK) | units_with(user, Right.DEVICE_MANAGE)
    return found.distinct().order_by("name")


def chosen(user: User, *, kind: str = "", unit: str = "") -> TaskQuerySet:
    """Open tasks, the most urgent first; an unknown kind or unit chooses nothing out."""
    found = visible_to(user).open().select_related("resident__home", "unit", "consent__purpose")
    if kind in TaskKind.values:
        found = found.filter(kind=kind)
    if _is_uuid(unit):
        found = found.filter(unit=UUID(unit))
    return found.order_by("due_on", "created_at", "pk")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def rows(user: User, tasks: list[Task]) -> list[Row]:
    reader, today = Reader(user), timezone.localdate(clock.now())
    people = {task.resident_id for task in tasks}
    open_to = set(residents.visible_to(user, Right.CONSENT_ASK).filter(pk__in=people).values_list("pk", flat=True))
    return [_row(task, reader, open_to, today) for task in tasks]


def _row(task: Task, reader: Reader, open_to: set[UUID], today: date) -> Row:
    shown = reader.see(task.resident)
    return Row(
        task=task,
        who=shown.name,
        where=shown.address,
        overdue=task.due_on < today,
        url=_way(task) if task.resident_id in open_to else "",
        may_finish=task.kind != TaskKind.REVIEW_EMERGENCY,
        needs_note=task.kind in NEEDS_NOTE,
    )


def _way(task: Task) -> str:
    if task.kind == TaskKind.REVIEW_EMERGENCY and task.about:
        return reverse("desk:review-emergency", args=[task.about])
    return reverse("desk:resident", args=[task.resident_id])


@transaction.atomic
def finish(pk: UUID, *, by: User, note: str) -> Task:
    """Somebody has seen to it. Twice is harmless: the first note stays. Raises Refused, NotVisible or Http404."""
    task = visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if task is None:
        hidden = Task.objects.filter(pk=pk).first()
        raise NotVisible("consent task", hidden, Right.CONSENT_ASK.value) if hidden else Http404
    if task.done_at:
        return task
    if task.kind == TaskKind.REVIEW_EMERGENCY:
        raise Refused(_("An emergency is reviewed on its own page."))
    if task.kind in NEEDS_NOTE and not note.strip():
        raise Refused(_("Write what was arranged or decided, and why."))
    worklist.finish(task, by=by, note=note.strip())
    access.record(Action.WRITE, "consent task", by=by, of=task, detail=f"{task.kind} done")
    return task


def kinds_for(user: User) -> list[tuple[str, Any]]:
    """The kinds that the user can meet."""
    works = units_with(user, Right.CONSENT_ASK).exists()
    return [(value, label) for value, label in TaskKind.choices if works or value in OF_DEVICES]
