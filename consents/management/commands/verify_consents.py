"""`manage.py verify_consents`: prove that nobody has changed or removed anything in what people were shown and said."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consents import proof, verify


class Command(BaseCommand):
    help = "Walks the chain of consents and compares it with the rows. Exit code 0: whole; 1: broken, each break named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", help="SEQUENCE:LINK noted earlier, which must still be in the chain")

    def handle(self, *args: Any, head: str | None = None, **options: Any) -> None:
        noted = _parsed(head) if head else None
        with verify.one_moment():
            count, broken = verify.verify()
            if noted and not proof.holds(*noted):
                broken.append(proof.Break(f"event {noted[0]}", "the head noted earlier is not in the chain"))
            sequence, link = proof.head()
        for found in broken:
            self.stderr.write(f"{found.where}: {found.reason}")
        if broken:
            raise CommandError(f"The proof of consents is broken in {len(broken)} place(s).")
        self.stdout.write(f"The proof of consents is whole: {count} events. Head {sequence}:{link}")


def _parsed(head: str) -> tuple[int, str]:
    sequence, _, link = head.partition(":")
    if not sequence.isdigit() or len(link) != 64:
        raise CommandError("A head is written SEQUENCE:LINK, as an earlier run printed it.")
    return int(sequence), link
