"""`manage.py api_token EMAIL --name "Operations screen" --scope alarms:read`: a key to the API, shown once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from safehome.organisation.actions import issue_token
from safehome.organisation.models import User
from safehome.organisation.scopes import Scope


class Command(BaseCommand):
    help = "Makes an API token for a user and prints it. It is kept as a hash: it can't be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose rights the token has")
        parser.add_argument("--name", required=True, help="what the token is for, so that it can be told from others")
        parser.add_argument(
            "--scope", action="append", required=True, choices=Scope.values, help="may be given several times"
        )
        parser.add_argument("--days", type=int, help="expires after so many days; without it, when it is revoked")

    def handle(
        self, *args: Any, email: str, name: str, scope: list[str], days: int | None = None, **options: Any
    ) -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"No active user has the address {email}.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        self.stdout.write(issue_token(user, name=name, scopes=sorted(set(scope)), expires_at=expires_at))
