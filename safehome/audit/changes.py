"""Field changes (django-auditlog): who acts. One receiver for good, in place of auditlog's own `set_actor`, whose
nested blocks lose the outer actor and leak receivers between threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from safehome.organisation.models import User

_acting: ContextVar[User | None] = ContextVar("acting", default=None)


@contextmanager
def acting_as(user: User | None) -> Iterator[None]:
    """Field changes inside are by `user`; when the block ends, the outer actor is back."""
    token = _acting.set(user)
    try:
        yield
    finally:
        _acting.reset(token)


def become(user: User) -> None:
    """Change the actor of the running `acting_as` block (an API request learns late who its token belongs to)."""
    _acting.set(user)


def name_actor(sender: Any, instance: Any, **kwargs: Any) -> None:
    """`pre_save` of auditlog's LogEntry."""
    user = _acting.get()
    if instance.actor_id is None and user is not None:
        instance.actor = user
        instance.actor_email = user.email
