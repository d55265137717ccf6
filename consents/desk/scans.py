"""Signed forms that come in as files: what they are is seen from their content, and nothing else is believed.

A file's name, its type by the browser's word and what its metadata say are not used. It is looked at by the
installation's virus scanner (SAFEHOME_SCAN_COMMAND), stored outside every web root under a name that can't be
guessed, and handed out by one view (consents/desk/views.py) as something to save, never to run.
"""

import hashlib
import secrets
import shlex
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from typing import Final

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.formats import localize
from django.utils.translation import gettext as _

from consents import proof
from consents.models import Decision, EventKind, PaperForm
from safehome import clock
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import User

log = structlog.get_logger(__name__)

MIME: Final = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
MOST_PIXELS: Final = 120_000_000
"""A sheet of A4 at 600 dpi is 35 million; a picture that claims far more is made to harm whoever opens it."""

_ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/Encrypt", b"/XFA")


class ScanRefused(ValueError):
    """The file can't be taken; the message says why, to who uploads it."""


class Changed(Exception):
    """The stored file is not the one that was uploaded."""


def check_size(size: int) -> None:
    """Raises ScanRefused for what is empty or larger than SAFEHOME_SCAN_MAX_BYTES."""
    most = settings.SAFEHOME_SCAN_MAX_BYTES
    if size == 0:
        raise ScanRefused(_("The file is empty."))
    if size > most:
        raise ScanRefused(_("The file is larger than %(mb)s MB.") % {"mb": localize(round(most / 1_000_000, 1))})


def kind_of(data: bytes) -> str:
    """pdf, jpg or png, by content. Raises ScanRefused."""
    for kind, is_it in _KINDS.items():
        if is_it(data):
            return kind
    raise ScanRefused(_("This is not a whole PDF, JPEG or PNG file. Scan the form again."))


def _is_pdf(data: bytes) -> bool:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-1024:]:
        return False
    if any(word in data for word in _ACTIVE):
        raise ScanRefused(_("This PDF is locked or holds a program. Scan the form again, as a picture."))
    return True


def _is_png(data: bytes) -> bool:
    """Every chunk whole, by its own checksum; nothing after the last."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return False
    at, first = 8, True
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != struct.unpack(">I", data[end - 4 : end])[0]:
            return False
        if first:
            if name != b"IHDR" or length != 13:
                return False
            _check_pixels(*struct.unpack(">II", data[at + 8 : at + 16]))
        if name == b"IEND":
            return bool(end == len(data))
        at, first = end, False
    return False


def _is_jpeg(data: bytes) -> bool:
    """From its start marker through its segments to the picture's size; ends with its end marker."""
    if not data.startswith(b"\xff\xd8\xff") or not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return False
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            _check_pixels(width, height)
            return True
        if marker == 0xDA or length < 2:
            return False
        at += 2 + length
    return False


def _check_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise ScanRefused(_("The picture is too large. Scan the form again, at 300 dots per inch."))


_KINDS: dict[str, Callable[[bytes], bool]] = {"pdf": _is_pdf, "jpg": _is_jpeg, "png": _is_png}


# --- Viruses -----------------------------------------------------------------------------------------------------


def check_for_viruses(data: bytes) -> None:
    """Ask the scanner of SAFEHOME_SCAN_COMMAND, which gets the path of the file last: 0 is clean, 1 is infected.
    Everything else, and no answer in time, is no word that it is clean. Raises ScanRefused."""
    command = shlex.split(settings.SAFEHOME_SCAN_COMMAND)
    if not command:
        return
    folder = settings.SAFEHOME_DATA_DIR / "private" / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder) as file:  # nobody else can read it
        file.write(data)
        file.flush()
        code = _run([*command, file.name])
    if code == 1:
        log.warning("an uploaded form was infected")
        raise ScanRefused(_("The virus scanner has found something in the file. It was not kept."))
    if code != 0:
        raise ScanRefused(_("The file could not be checked for viruses. It was not kept. Try again later."))


def _run(command: list[str]) -> int | None:
    """The exit status; None without one."""
    try:
        done = subprocess.run(  # noqa: S603 (no shell; the command is the installation's own setting)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=settings.SAFEHOME_SCAN_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        log.error("the virus scanner gave no answer", error=type(fault).__name__)
        return None
    return done.returncode


# --- Keeping -----------------------------------------------------------------------------------------------------


def keep(form: PaperForm, upload: "UploadedFile[bytes]", *, by: User) -> PaperForm:
    """Check a file and keep it with its form; another file replaces it until somebody has registered the answer.

    Raises ScanRefused; nothing is kept then.
    """
    check_size(upload.size or 0)
    data = upload.read()
    check_size(len(data))
    kind = kind_of(data)
    check_for_viruses(data)
    name = ""
    try:
        with transaction.atomic():
            row = PaperForm.objects.select_for_update(of=("self",)).select_related("consent__purpose").get(pk=form.pk)
            if is_answered(row):
                raise ScanRefused(_("The answer on this form has been registered already."))
            earlier = row.scan.name
            row.scan.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(data), save=False)
            name = row.scan.name or ""
            _note(row, hashlib.sha256(data).hexdigest(), by)
            if earlier:
                transaction.on_commit(lambda: row.scan.storage.delete(earlier))
    except BaseException:
        if name:
            form.scan.storage.delete(name)
        raise
    return row


def _note(row: PaperForm, digest: str, by: User) -> None:
    now = clock.now()
    row.scan_digest, row.scanned_by, row.scanned_at = digest, by, now
    row.save(update_fields=["scan", "scan_digest", "scanned_by", "scanned_at"])
    content = {"form": row.code, "scan": digest, "version_digest": row.text_digest, "language": row.language}
    proof.append(
        EventKind.PAPER_SCANNED,
        at=now,
        resident=row.consent.resident_id,
        subject=row.consent_id,
        by=by.pk,
        content=content,
    )
    access.record(Action.WRITE, "consent scan", by=by, of=row.consent, detail=f"form {row.code}")


def is_answered(form: PaperForm) -> bool:
    """Has the answer on this form been registered?"""
    said = Decision.objects.filter(consent=form.consent_id, scan_digest=form.scan_digest)
    return bool(form.scan_digest) and said.exists()


def fetch(form: PaperForm) -> tuple[bytes, str]:
    """The file and its kind. Raises Changed when its bytes are not those that were uploaded."""
    with form.scan.open("rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != form.scan_digest:
        raise Changed
    return data, str(form.scan.name).rsplit(".", 1)[-1]
