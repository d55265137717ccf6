"""`manage.py consent_proof CONSENT --out DIR`: everything that proves one consent, in a folder to hand over."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.translation import override

from consents.models import Consent
from consents.portal.receipt import render_pdf
from consents.rebuild import Rebuilt, rebuild
from consents.receipts import fhir, kantara
from consents.receipts.document import document_of
from safehome.audit import access
from safehome.audit.models import Action, Purpose


class Command(BaseCommand):
    help = "Writes the proof of a consent: events, the text as shown, drawings, voice, scans, receipt, SHA256SUMS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("consent", type=UUID)
        parser.add_argument("--out", required=True, type=Path, help="A folder that does not exist, or is empty")
        parser.add_argument("--language", default="sv", help="Of the receipt and of the page around the text")

    def handle(self, *args: Any, **options: Any) -> None:
        told = Consent.objects.select_related("resident__home", "purpose__administration__municipality")
        consent = told.filter(pk=options["consent"]).first()
        if consent is None:
            raise CommandError("There is no such consent.")
        folder = Path(options["out"])
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty.")
        with override(options["language"]):
            rebuilt = rebuild(consent)
            write(folder, _files(consent, rebuilt))
        detail = "proof"
        access.record(Action.EXPORT, "consent", by=None, of=consent, purpose=Purpose.DOCUMENTATION, detail=detail)
        for found in rebuilt.breaks:
            self.stderr.write(f"{found.where}: {found.reason}")
        if rebuilt.breaks:
            raise CommandError("The proof was written, and is broken where it says.")
        self.stdout.write(f"{len(rebuilt.events)} events. Head {rebuilt.head[0]}:{rebuilt.head[1]}")


def _files(consent: Consent, rebuilt: Rebuilt) -> dict[str, bytes]:
    """Name → content."""
    files = {
        "proof.json": _json(_facts(rebuilt)),
        "text.html": render_to_string("consents/portal/receipt_proof.html", {"proof": rebuilt}).encode(),
        "receipt.pdf": render_pdf(document_of(consent, own=False)),
        "receipt.json": _json(kantara.receipt(consent)),
        "consent.fhir.json": _json(fhir.export(consent)),
    }
    for shown in rebuilt.shown:
        files |= {f"pictures/{row.code}-{row.digest[:12]}.svg": row.svg for row in shown.pictures}
        if shown.sound:
            kind = shown.sound.mime.rpartition("/")[2].replace("mpeg", "mp3")
            files[f"audio/{shown.sound.digest[:12]}.{kind}"] = shown.sound.audio
    return files | {f"scans/{row.code}-{row.name}": row.content for row in rebuilt.scans}


def _facts(rebuilt: Rebuilt) -> dict[str, Any]:
    """All but the bytes, which lie beside it under their digests."""
    facts = asdict(rebuilt)
    for shown in [*facts["shown"], *(said["shown"] for said in facts["answers"] if said["shown"])]:
        for picture in shown["pictures"]:
            del picture["svg"]
        if shown["sound"]:
            del shown["sound"]["audio"]
    for scan in facts["scans"]:
        del scan["content"]
    return {"about": ABOUT, **facts}


ABOUT = [
    "digest = SHA-256(salt + content)",
    "link = SHA-256(previous + {at, by, digest, kind, resident, sequence, subject})",
    "JSON as UTF-8 with sorted keys, no spaces; ids and times as text, times in UTC with six decimals; nobody is None",
]


def _json(facts: Any) -> bytes:
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode() + b"\n"


def write(folder: Path, files: dict[str, bytes]) -> None:
    """The files, and SHA256SUMS that `sha256sum -c` reads."""
    sums = []
    for name, content in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums))
