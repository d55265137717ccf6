"""Rights that follow from memberships. Other apps derive their own `visible_to` from `units_with`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from safehome.organisation.models import Administration, Membership, Unit, User
from safehome.organisation.roles import RIGHTS, Right, Role

Viewer: TypeAlias = User | AnonymousUser
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def units_with(user: Viewer, right: Right) -> QuerySet[Unit]:
    """The units in which the user holds a role that carries the right, today."""
    if not isinstance(user, User) or not user.is_active:
        return Unit.objects.none()
    held = Membership.objects.in_force().carrying(right).filter(user=user)
    return Unit.objects.filter(pk__in=held.values("unit"))


def administrations_with(user: Viewer, right: Right) -> QuerySet[Administration]:
    """The administrations in some unit of which the user holds the right, today."""
    return Administration.objects.filter(units__in=units_with(user, right)).distinct()


def has_right(user: Viewer, right: Right, unit: Unit | UUID | None = None) -> bool:
    """Does the user hold the right in that unit (or, without a unit, anywhere)?"""
    if not isinstance(user, User) or not user.is_active:
        return False
    held = held_rights(user)
    if unit is None:
        return any(right in rights for rights in held.values())
    return right in held.get(unit if isinstance(unit, UUID) else unit.pk, frozenset())


def held_rights(user: User) -> dict[UUID, frozenset[Right]]:
    """Unit id → rights held there today."""
    held: dict[UUID, frozenset[Right]] = {}
    for unit_id, role in Membership.objects.in_force().filter(user=user).values_list("unit", "role"):
        held[unit_id] = held.get(unit_id, frozenset()) | RIGHTS[Role(role)]
    return held


def is_staff_member(user: Viewer) -> bool:
    """Works in some unit today."""
    return isinstance(user, User) and Membership.objects.in_force().filter(user=user).exists()


def is_administrator(user: Viewer) -> bool:
    """May enter Django admin: the role of system administrator and the flag, or an installer's superuser."""
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return False
    return user.is_superuser or has_right(user, Right.ADMIN)


def require_right(right: Right) -> Callable[[View], View]:
    """View decorator: signed in, and holding the right in at least one unit; else 403."""
    return _guarded(lambda user: has_right(user, right))


def staff_required(view: View) -> View:
    """View decorator: signed in and working in some unit today; else 403."""
    return _guarded(is_staff_member)(view)


def _guarded(allowed: Callable[[Viewer], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorate


def signed_in(request: HttpRequest) -> User:
    """The user of a guarded view."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
