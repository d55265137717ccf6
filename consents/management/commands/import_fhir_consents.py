"""`manage.py import_fhir_consents FILE…`: consents from other systems, held or refused with reasons."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from consents.receipts import fhir_import
from consents.receipts.fhir_import import Imported, Refusal
from safehome.audit.denials import NotVisible
from safehome.organisation.models import Administration, User


class Command(BaseCommand):
    help = "Reads FHIR R4 Consents (JSON). Says of each what it would be; with --by it is held. Never makes residents."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--administration", required=True, help="Whose register of purposes they are about")
        parser.add_argument("--by", help="E-mail of the staff member who registers them; without it nothing is written")

    def handle(self, *args: Any, **options: Any) -> None:
        administration = _one(Administration, name=options["administration"])
        by = _one(User, email=options["by"], is_active=True) if options["by"] else None
        refused = sum(not self._file(path, administration, by) for path in options["files"])
        if refused:
            raise CommandError(f"{refused} of {len(options['files'])} file(s) refused.")

    def _file(self, path: Path, administration: Administration, by: User | None) -> bool:
        try:
            found = fhir_import.read(path.read_bytes(), administration)
        except OSError as fault:
            raise CommandError(f"{path} can't be opened: {fault.strerror}") from fault
        if isinstance(found, Imported):
            found = self._hold(path, found, by)
        if isinstance(found, Refusal):
            self.stdout.write(f"{path.name}: refused")
            for reason in found.reasons:
                self.stdout.write(f"  - {reason}")
        return isinstance(found, Imported)

    def _hold(self, path: Path, found: Imported, by: User | None) -> Imported | Refusal:
        if found.present:
            note = "the same" if found.same else "Safehome's own has gone on since, and stands"
            self.stdout.write(f"{path.name}: there already as {found.present.pk} ({note})")
            return found
        if by is None:
            self.stdout.write(f"{path.name}: can be held as {found.answer} to {found.purpose.name} (say --by to do so)")
            return found
        try:
            with transaction.atomic():
                consent = fhir_import.register(found, by=by)
        except NotVisible:
            return Refusal((f"{by.email} does not take part in the patient's care.",))
        except fhir_import.FAULTS as fault:
            return Refusal((str(fault),))
        self.stdout.write(f"{path.name}: held as {consent.pk}")
        return found


def _one(model: Any, **wanted: Any) -> Any:
    try:
        return model.objects.get(**wanted)
    except (model.DoesNotExist, model.MultipleObjectsReturned):
        raise CommandError(
            f"There is not exactly one {model._meta.verbose_name} {next(iter(wanted.values()))}."
        ) from None
