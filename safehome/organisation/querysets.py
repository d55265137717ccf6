"""Questions about memberships and duty, with time."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet
from django.utils import timezone

from safehome.organisation.roles import Right, roles_with

if TYPE_CHECKING:
    from safehome.organisation.models import Duty, Membership, SignInCode, User  # noqa: F401


class MembershipQuerySet(QuerySet["Membership"]):
    def in_force(self, on: date | None = None) -> Self:
        """Memberships valid on a local date (default today) of a user who is active."""
        day = on or timezone.localdate()
        ends = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        return self.filter(ends, valid_from__lte=day, user__is_active=True)

    def carrying(self, right: Right) -> Self:
        return self.filter(role__in=roles_with(right))


class DutyQuerySet(QuerySet["Duty"]):
    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def of(self, user: "User") -> Self:
        return self.filter(user=user)


class SignInCodeQuerySet(QuerySet["SignInCode"]):
    def live(self, at: datetime, tries: int) -> Self:
        """Codes that may still be tried: not used, not replaced, not too old, not tried that many times."""
        return self.filter(used_at__isnull=True, ended_at__isnull=True, expires_at__gt=at, tries__lt=tries)
