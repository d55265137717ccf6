"""django-guardian, wrapped once: exceptions about one person and one object.

A relative's view of a resident, a named staff member's access to a protected identity. Everything else follows
from memberships. Never through global permissions, never for superusers by default, nothing for the inactive.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from guardian.shortcuts import assign_perm, get_objects_for_user, get_users_with_perms, remove_perm

from safehome.organisation.models import User

M = TypeVar("M", bound=Model)


def grant(user: User, codename: str, to: Model) -> None:
    """Let one user do one named thing with one object."""
    assign_perm(_full(codename, type(to)), user, to)


def revoke(user: User, codename: str, to: Model) -> None:
    remove_perm(_full(codename, type(to)), user, to)


def objects_for(user: Any, codename: str, among: QuerySet[M]) -> QuerySet[M]:
    """The objects about which the user holds the exception."""
    if not isinstance(user, User) or not user.is_active:
        return among.none()
    return get_objects_for_user(
        user,
        _full(codename, among.model),
        klass=among,
        use_groups=False,
        with_superuser=False,
        accept_global_perms=False,
    )


def holders(codename: str, of: Model) -> list[User]:
    """Active users who hold the exception about the object."""
    users: Any = get_users_with_perms(of, only_with_perms_in=[codename], with_group_users=False, with_superusers=False)
    return list(users.filter(is_active=True))


def _full(codename: str, model: type[Model]) -> str:
    return f"{model._meta.app_label}.{codename}"
