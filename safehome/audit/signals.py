"""Sign-ins and failed tries belong in the access log (HSLF-FS 2016:40 ch. 4 § 9)."""

from typing import Any

from safehome.audit import access
from safehome.audit.models import Action, Outcome, Purpose
from safehome.organisation.models import User


def signed_in(sender: Any, user: User, **kwargs: Any) -> None:
    access.record(Action.SIGN_IN, "account", by=user, purpose=Purpose.ADMINISTRATION)


def sign_in_failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The address that was tried is not kept: it may be a password typed in the wrong field."""
    access.record(Action.SIGN_IN, "account", by=None, outcome=Outcome.DENIED, purpose=Purpose.ADMINISTRATION)
