"""The proof: what was served and answered, each event linked to the one before by SHA-256.

The chain covers a salted digest of an event's content, not the content itself, so that a name can be erased one day
and the chain still holds. Its head is printed by `manage.py verify_consents`; kept elsewhere, it proves that nothing
before it has been changed or cut away.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from consents.models import (
    TEXT_FIELDS,
    Consent,
    ConsentEvent,
    ConsentText,
    EmergencyGround,
    EventKind,
    PaperForm,
    Purpose,
    RelativeView,
    Speech,
    Translation,
)

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
    """Add an event in the caller's transaction, after the change that it tells of: it keeps the row that it is about.
    Whoever adds to the chain waits for who is adding to it."""
    _lock_chain()
    sequence, previous = head()
    told: dict[str, Any] = json.loads(json.dumps(content or {}, cls=DjangoJSONEncoder))
    told |= _rows_about(kind, subject, told)
    event = ConsentEvent(
        sequence=sequence + 1,
        kind=kind,
        at=at,
        resident=resident,
        subject=subject,
        by=by,
        content=told,
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
    return hashlib.sha256((event.salt + canonical(event.content)).encode()).hexdigest()


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
    return hashlib.sha256((previous + canonical(facts)).encode()).hexdigest()


def canonical(value: Any) -> str:
    """The one way to write a value down, whatever order a database gives the keys of a JSON object back in."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


# --- Texts -------------------------------------------------------------------------------------------------------


def translation_digest(translation: Translation) -> str:
    """SHA-256 of all that a reader is shown of one language and variant."""
    shown = {"language": translation.language, "variant": translation.variant, "sample": translation.sample}
    shown |= {name: getattr(translation, name) for name in TEXT_FIELDS}
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def text_digest(text: ConsentText) -> str:
    """SHA-256 of a text version: its numbers, its translations and its drawings."""
    facts = {
        "purpose": str(text.purpose_id),
        "processing": text.processing_no,
        "wording": text.wording_no,
        "pictures": text.picture_digests,
        "translations": sorted(translation_digest(row) for row in text.translations.all()),
    }
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def picture_digest(svg: str) -> str:
    return hashlib.sha256(svg.encode()).hexdigest()


# --- Rows, as events keep them -----------------------------------------------------------------------------------

ROWS: dict[str, tuple[type[models.Model], frozenset[str]]] = {
    "consent": (Consent, frozenset({"draft"})),
    "text": (ConsentText, frozenset({"state"})),
    "speech": (Speech, frozenset({"audio"})),
    "paper": (PaperForm, frozenset()),
    "relative": (RelativeView, frozenset({"muted"})),
    "emergency": (EmergencyGround, frozenset({"reviewed_by_id", "reviewed_at", "review_note"})),
}
"""First word of an event's kind → the table of its subject, and the columns that may change without an event."""


def table_of(kind: EventKind | str) -> str:
    """ "consent.given" is about a row of "consent"."""
    return str(kind).partition(".")[0]


def row_facts(table: str, key: UUID | str | None) -> dict[str, str] | None:
    """A row as the database has it now, all columns but those left out; None when there is none. A paper form goes by
    its code, all others by their id."""
    found = ROWS[table][0]._default_manager.filter(**{_key(table): key})
    row = found.values(*_columns(table)).first()
    return {name: plain(value) for name, value in row.items()} if row else None


def every_row(table: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Key and facts of each row of a table."""
    key, names = _key(table), _columns(table)
    rows = ROWS[table][0]._default_manager.order_by("pk").values("id", *names)
    for row in rows.iterator(chunk_size=2_000):
        yield str(row[key]), {name: plain(row[name]) for name in names}


def _key(table: str) -> str:
    return "code" if table == "paper" else "id"


def _columns(table: str) -> list[str]:
    model, left_out = ROWS[table]
    return [field.attname for field in model._meta.concrete_fields if field.attname not in left_out | {"id"}]


def _rows_about(kind: EventKind, subject: UUID | None, told: dict[str, Any]) -> dict[str, Any]:
    """The row that an event is about, asked in the transaction that has just changed it, so that nobody else can before
    it is committed. A published text brings the voices that read it."""
    table = table_of(kind)
    row = row_facts(table, told.get("form") if table == "paper" else subject)
    rows: dict[str, Any] = {"row": row} if row else {}
    if kind == EventKind.TEXT_PUBLISHED:
        texts = [translation_digest(row) for row in Translation.objects.filter(text=subject)]
        voices = Speech.objects.filter(text_digest__in=texts).values_list("pk", flat=True)
        rows["voices"] = {str(pk): row_facts("speech", pk) for pk in voices}
    return rows


def plain(value: Any) -> str:
    """A column's value as an event keeps it: the same from memory and from either database."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, dict | list):
        return canonical(value)
    return "" if value is None else str(value)


def processing_facts(purpose: Purpose) -> dict[str, Any]:
    """What the register of processing (GDPR 30) says about a purpose now. An answer keeps it, since purposes change."""
    return {
        "id": str(purpose.pk),
        "code": purpose.code,
        "name": purpose.name,
        "kind": purpose.kind,
        "regime": purpose.regime,
        "basis": purpose.basis,
        "special_basis": purpose.special_basis,
        "source": purpose.source,
        "necessity": purpose.necessity,
        "alternative": purpose.alternative,
        "retention_days": purpose.retention_days,
        "retention_source": purpose.retention_source,
        "controller": {"id": str(purpose.administration_id), "name": purpose.administration.name},
        "categories": sorted(purpose.categories.values_list("category", flat=True)),
        "recipients": [
            {
                "name": str(row),
                "role": row.role,
                "unit": str(row.unit_id or ""),
                "administration": str(row.administration_id or ""),
            }
            for row in purpose.recipients.select_related("unit", "administration")
        ],
    }


# --- Verifying ---------------------------------------------------------------------------------------------------


def verify_chain(seen: Callable[[ConsentEvent], None] | None = None) -> Iterator[Break]:
    """Walk the chain from its start; yields every break. `seen` is given each event."""
    previous, expected = GENESIS, 1
    for event in ConsentEvent.objects.order_by("sequence").iterator(chunk_size=2_000):
        where = f"event {event.sequence}"
        if event.sequence != expected:
            yield Break(f"event {expected}", f"events {expected}–{event.sequence - 1} are missing")
        if content_digest(event) != event.digest:
            yield Break(where, "its content has been changed")
        if link_digest(previous, event) != event.link:
            yield Break(where, "it or an earlier one has been changed")
        if seen:
            seen(event)
        previous, expected = event.link, event.sequence + 1


def holds(sequence: int, link: str) -> bool:
    """Is a head that was noted earlier still in the chain?"""
    if sequence == 0:
        return link == GENESIS
    return ConsentEvent.objects.filter(sequence=sequence, link=link).exists()
