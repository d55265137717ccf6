"""Questions about consents, texts and tasks, with time."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

from consents.states import OPEN, State
from safehome import clock

if TYPE_CHECKING:
    from consents.models import Consent, ConsentText, RelativeView, Task  # noqa: F401


class TextQuerySet(QuerySet["ConsentText"]):
    def published(self) -> Self:
        return self.filter(state="published")


class ConsentQuerySet(QuerySet["Consent"]):
    def open(self) -> Self:
        """Asked and not decided."""
        return self.filter(state__in=OPEN)

    def given(self, at: datetime | None = None) -> Self:
        """Lawful grounds at a moment (default now); says the same as `Consent.lawful_at`."""
        moment = at or clock.now()
        not_over = Q(valid_until__isnull=True) | Q(valid_until__gt=moment)
        not_ended = Q(ended_at__isnull=True) | Q(ended_at__gt=moment)
        return self.exclude(state=State.ANNULLED).filter(not_over, not_ended, given_at__lte=moment)


class RelativeViewQuerySet(QuerySet["RelativeView"]):
    def in_force(self) -> Self:
        return self.filter(ended_at__isnull=True)


class TaskQuerySet(QuerySet["Task"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)
