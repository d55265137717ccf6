"""`manage.py reference_docs`: write the reference pages that are made from the code."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from alarms import reference


class Command(BaseCommand):
    help = "Writes the pages of docs/reference/ that are made from the code; with --check only says which are old."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when a page is old")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        folder = settings.BASE_DIR / "docs" / "reference"
        pages = {folder / name: text for name, text in reference.pages().items()}
        old = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
        if check and old:
            raise CommandError(f"Old: {', '.join(path.name for path in old)}. Run manage.py reference_docs.")
        for path in old:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages[path])
            self.stdout.write(f"Written: {path.name}")
