"""Relatives: let in by the resident, or by staff on the resident's word; told what the resident allows, category by
category; nothing more in the second it is ended. None of them decides."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from consents import effects, proof
from consents.actions import Refused
from consents.gate import Facts, Ground, Need, weigh
from consents.kinds import Category
from consents.models import EventKind, RelativeView
from safehome import clock
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation import exceptions
from safehome.organisation.models import User
from safehome.outbox import actions as outbox
from safehome.residents.models import Contact, Resident
from safehome.residents.policies import RELATIVE

FOR_RELATIVES = (Category.ALARMS, Category.ACTIVITY, Category.CLIMATE, Category.DEVICES, Category.EFFORTS)
"""What a resident can let a relative see; position is for the moment of an alarm alone."""


@transaction.atomic
def let_in(contact: Contact, categories: Iterable[str], *, by: User, on_word: bool = False) -> RelativeView:
    """Let a relative see these categories; who is in already sees exactly these from now on."""
    wanted = sorted(set(categories))
    if not wanted:
        raise Refused(_("Choose at least one thing to show."))
    if set(wanted) - set(FOR_RELATIVES):
        raise Refused(_("This can't be shown to a relative."))
    if contact.resident.is_protected:
        raise Refused(_("The identity is protected. Nobody can be let in here."))
    view = RelativeView.objects.in_force().filter(contact=contact).select_for_update(of=("self",)).first()
    kind = EventKind.RELATIVE_CHANGED if view else EventKind.RELATIVE_LET_IN
    if view is None:
        view = RelativeView(resident=contact.resident, contact=contact, let_in_by=by, on_word=on_word)
    view.categories = wanted
    view.save()
    if contact.user:
        exceptions.grant(contact.user, RELATIVE, contact.resident)
    effects.apply([contact.resident_id], at=clock.now(), by=by)
    _event(kind, view, by, {"categories": wanted, "on_word": on_word, "name": contact.name})
    return view


@transaction.atomic
def end(view_id: UUID, *, by: User | None) -> None:
    """The relative sees nothing from this second; what is on its way to them is cancelled."""
    told = RelativeView.objects.select_for_update(of=("self",)).select_related("contact__user", "resident")
    view = told.get(pk=view_id)
    if view.ended_at:
        return
    view.ended_at = clock.now()
    view.save(update_fields=["ended_at"])
    if view.contact.user:
        exceptions.revoke(view.contact.user, RELATIVE, view.resident)
    outbox.cancel_resting_on(view.pk)
    effects.apply([view.resident_id], at=view.ended_at, by=by)
    _event(EventKind.RELATIVE_ENDED, view, by, {"name": view.contact.name})


def mute(view: RelativeView, *, muted: bool, by: User) -> None:
    """The relative's own choice: still let in, not told of each event."""
    RelativeView.objects.filter(pk=view.pk).update(muted=muted)
    access.record(Action.WRITE, "relative view", by=by, of=view, detail="muted" if muted else "told again")


def views_of(user: User) -> Any:
    """What a signed-in relative has been let in to."""
    return RelativeView.objects.in_force().filter(contact__user=user).select_related("resident__home", "contact")


def categories_for(user: User, resident: Resident) -> frozenset[Category]:
    """What this relative may see of this resident now. The gate weighs it like everything else."""
    at = clock.now()
    rows = RelativeView.objects.filter(contact__user=user, resident=resident)
    return frozenset(category for category in Category if weigh(_facts(resident, category, rows), at).allowed)


def _facts(resident: Resident, category: Category, rows: Iterable[RelativeView]) -> Facts:
    purpose = UUID(int=list(Category).index(category) + 1)
    grounds = tuple(
        Ground(resident.pk, purpose, row.started_at, row.ended_at) for row in rows if category in row.categories
    )
    return Facts((Need(resident.pk, purpose),), grounds)


def to_tell(resident: Resident, category: Category) -> list[RelativeView]:
    """Relatives who want to be told of news in a category."""
    rows = RelativeView.objects.in_force().filter(resident=resident, muted=False).select_related("contact__user")
    return [row for row in rows if category in row.categories]


def _event(kind: EventKind, view: RelativeView, by: User | None, content: dict[str, Any]) -> None:
    proof.append(
        kind,
        at=clock.now(),
        resident=view.resident_id,
        subject=view.pk,
        by=by.pk if by else None,
        content=content | {"contact": view.contact_id},
    )
    access.record(Action.WRITE, "relative view", by=by, of=view, detail=kind.value)
