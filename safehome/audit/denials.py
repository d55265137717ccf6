"""Refusals, as exceptions that know what was refused. They are logged where the request ends, outside the
transaction that they roll back."""

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404

from safehome.audit import access
from safehome.audit.models import Action, Outcome
from safehome.organisation.models import User


class Refused(Exception):
    """What somebody reached for and did not get."""

    def __init__(self, resource: str, thing: models.Model, wanted: str) -> None:
        super().__init__(f"{wanted} {resource} refused")
        self.resource = resource
        self.thing = thing
        self.wanted = wanted


class NotVisible(Refused, Http404):
    """The object exists but not for this user: 404, so that its existence is not told."""


class NotAllowed(Refused, PermissionDenied):
    """The user sees the object but may not do this with it: 403."""


def record(refusal: Exception, by: User | None, *, path: str = "") -> None:
    """Write a denial to the access log."""
    if isinstance(refusal, Refused):
        access.record(
            Action.READ,
            refusal.resource,
            by=by,
            of=refusal.thing,
            outcome=Outcome.DENIED,
            detail=refusal.wanted,
        )
    else:
        access.record(Action.READ, "page", by=by, outcome=Outcome.DENIED, detail=path)
