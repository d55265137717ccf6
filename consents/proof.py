"""The proof: what was served and answered, each event linked to the one before by SHA-256.

The chain covers a salted digest of an event's content, not the content itself, so that a name can be erased one day
and the chain still holds. Its head is printed by `manage.py verify_consents`; kept elsewhere, it proves that nothing
before it has been changed or cut away.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from consents.models import TEXT_FIELDS, ConsentEvent, ConsentText, EventKind, Translation

GENESIS = hashlib.sha256(b"safehome consents").hexdigest()
_CHAIN_LOCK = 0x5AFE_C095


@dataclass(frozen=True)
class Break:
    """A place where the proof does not hold, and why."""

    where: str
    reason: str


def append(
    kind: EventKind,
    *,
    at: datetime,
    resident: UUID | None = None,
    subject: UUID | None = None,
    by: UUID | None = None,
    content: dict[str, Any] | None = None,
) -> ConsentEvent:
    """Add an event in the caller's transaction. Whoever adds to the chain waits for who is adding to it."""
    _lock_chain()
    sequence, previous = head()
    plain: dict[str, Any] = json.loads(json.dumps(content or {}, cls=DjangoJSONEncoder))
    event = ConsentEvent(
        sequence=sequence + 1,
        kind=kind,
        at=at,
        resident=resident,
        subject=subject,
        by=by,
        content=plain,
        salt=secrets.token_hex(16),
    )
    event.digest = content_digest(event)
    event.link = link_digest(previous, event)
    event.save(force_insert=True)
    return event


def _lock_chain() -> None:
    """SQLite's transactions are alone as it is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def head() -> tuple[int, str]:
    """Sequence and digest of the newest link."""
    last = ConsentEvent.objects.order_by("-sequence").values_list("sequence", "link").first()
    return last or (0, GENESIS)


def content_digest(event: ConsentEvent) -> str:
    return hashlib.sha256((event.salt + _canonical(event.content)).encode()).hexdigest()


def link_digest(previous: str, event: ConsentEvent) -> str:
    """SHA-256 over the previous link and the event's facts in canonical JSON."""
    facts = {
        "sequence": event.sequence,
        "kind": str(event.kind),
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "resident": str(event.resident),
        "subject": str(event.subject),
        "by": str(event.by),
        "digest": event.digest,
    }
    return hashlib.sha256((previous + _canonical(facts)).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


# --- Texts -------------------------------------------------------------------------------------------------------


def translation_digest(translation: Translation) -> str:
    """SHA-256 of all that a reader is shown of one language and variant."""
    shown = {"language": translation.language, "variant": translation.variant, "sample": translation.sample}
    shown |= {name: getattr(translation, name) for name in TEXT_FIELDS}
    return hashlib.sha256(_canonical(shown).encode()).hexdigest()


def text_digest(text: ConsentText) -> str:
    """SHA-256 of a text version: its numbers, its translations and its drawings."""
    facts = {
        "purpose": str(text.purpose_id),
        "processing": text.processing_no,
        "wording": text.wording_no,
        "pictures": text.picture_digests,
        "translations": sorted(translation_digest(row) for row in text.translations.all()),
    }
    return hashlib.sha256(_canonical(facts).encode()).hexdigest()


def picture_digest(svg: str) -> str:
    return hashlib.sha256(svg.encode()).hexdigest()


# --- Verifying ---------------------------------------------------------------------------------------------------


def verify_chain() -> Iterator[Break]:
    """Walk the chain from its start; yields every break."""
    previous, expected = GENESIS, 1
    for event in ConsentEvent.objects.order_by("sequence").iterator(chunk_size=2_000):
        where = f"event {event.sequence}"
        if event.sequence != expected:
            yield Break(f"event {expected}", f"events {expected}–{event.sequence - 1} are missing")
        if content_digest(event) != event.digest:
            yield Break(where, "its content has been changed")
        if link_digest(previous, event) != event.link:
            yield Break(where, "it or an earlier one has been changed")
        previous, expected = event.link, event.sequence + 1
