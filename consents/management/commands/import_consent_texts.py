"""`manage.py import_consent_texts --administration NAME --author EMAIL`: the purposes and texts to start from."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consents.actions import Refused
from consents.starter import StarterFault
from consents.texts.starting import import_starter
from safehome.organisation.models import Administration, User


class Command(BaseCommand):
    help = "Makes an administration's purposes and consent texts where they are missing. What is there is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--administration", required=True, metavar="NAME", help="whose texts they will be")
        parser.add_argument("--author", required=True, metavar="EMAIL", help="who stands as their author")
        parser.add_argument("--reviewer", metavar="EMAIL", help="who answers for publishing them; not the author")
        parser.add_argument("--publish", action="store_true", help="publish them at once; needs --reviewer")
        parser.add_argument("--other-office", metavar="NAME", help="with whom secrecy may be lifted")
        parser.add_argument("--code", action="append", help="only this one; may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        reviewer = options["reviewer"]
        other = options["other_office"]
        try:
            made = import_starter(
                _administration(options["administration"]),
                author=_user(options["author"]),
                reviewer=_user(reviewer) if reviewer else None,
                other_office=_administration(other) if other else None,
                publish=options["publish"],
                codes=options["code"],
            )
        except (Refused, StarterFault) as fault:
            raise CommandError(str(fault)) from fault
        for purpose in made:
            text = purpose.texts.order_by("processing_no", "wording_no").last()
            self.stdout.write(f"{purpose.code}: {text.version} {text.state}" if text else f"{purpose.code}: no text")


def _administration(name: str) -> Administration:
    found = Administration.objects.filter(name__iexact=name)
    if len(found) != 1:
        known = ", ".join(Administration.objects.order_by("name").values_list("name", flat=True)) or "none"
        raise CommandError(f"There are {len(found)} administrations with the name {name!r}. Known: {known}.")
    return found[0]


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"No active user has the address {email}.")
    return user
