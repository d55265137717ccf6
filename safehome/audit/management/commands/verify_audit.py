"""`manage.py verify_audit`: prove that nobody has changed or removed anything in the access log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from safehome.audit import chain
from safehome.audit.models import ChainLink


class Command(BaseCommand):
    help = "Walks the access log's hash chain. Exit code 0: whole; 1: broken, with each break named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", help="SEQUENCE:DIGEST noted earlier, which must still be in the chain")

    def handle(self, *args: Any, head: str | None = None, **options: Any) -> None:
        while chain.link_new():
            pass
        breaks = list(chain.verify())
        if head and not self._holds(head):
            breaks.append(chain.Break(int(head.split(":")[0]), "the head noted earlier is not in the chain"))
        for found in breaks:
            self.stderr.write(f"link {found.sequence}: {found.reason}")
        if breaks:
            raise CommandError(f"The access log is broken in {len(breaks)} place(s).")
        sequence, digest = chain.head()
        self.stdout.write(f"The access log is whole: {sequence} entries. Head {sequence}:{digest}")

    def _holds(self, noted: str) -> bool:
        sequence, _, digest = noted.partition(":")
        return ChainLink.objects.filter(sequence=int(sequence), digest=digest).exists()
