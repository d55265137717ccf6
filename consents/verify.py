"""Beyond the chain: do the rows still say what their events say, and are the texts, drawings, voices and scans the
same bytes as when they were shown? `manage.py verify_consents` and the proof of one consent ask here."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from consents import proof
from consents.actions import decision_facts
from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    Decision,
    EventKind,
    PaperForm,
    Speech,
    StoredPicture,
    TextState,
    Translation,
)
from consents.proof import Break
from safehome.residents.models import Contact

_NAMES = {"consent": "consent", "text": "text", "speech": "voice", "paper": "paper form", "relative": "relative's view"}
_MUST_HAVE_EVENTS = ("consent", "paper", "relative", "emergency")


@dataclass
class Heard:
    """What the chain says, gathered in one walk: the last word about each thing, as a digest where it is long (a
    municipality has a million events; the rows are told apart by 32 bytes each)."""

    events: int = 0
    rows: dict[str, dict[str, tuple[int, bytes]]] = field(default_factory=lambda: {name: {} for name in proof.ROWS})
    decisions: dict[UUID, tuple[int, UUID | None, bytes]] = field(default_factory=dict)
    texts: dict[UUID, str] = field(default_factory=dict)
    translations: dict[UUID, set[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    speeches: set[str] = field(default_factory=set)
    scans: dict[UUID, set[str]] = field(default_factory=dict)

    def hear(self, event: ConsentEvent) -> None:
        self.events += 1
        table = proof.table_of(event.kind)
        if "row" in event.content:
            key = event.content["form"] if table == "paper" else str(event.subject)
            self.rows[table][key] = (event.sequence, _sha(event.content["row"]))
        for key, row in event.content.get("voices", {}).items():
            self.rows["speech"][key] = (event.sequence, _sha(row))
        if event.kind == EventKind.SERVED:
            self._served(event.content)
        elif event.kind == EventKind.ANSWERED:
            self._answered(event)

    def _served(self, said: dict[str, Any]) -> None:
        self.translations.setdefault(UUID(said["text"]), set()).add(said["translation"])
        for code, digest in said.get("pictures", {}).items():
            self.pictures[digest] = code
        if said.get("speech"):
            self.speeches.add(said["speech"])

    def _answered(self, event: ConsentEvent) -> None:
        said = event.content
        facts = {name: value for name, value in said.items() if name.startswith("decision_")}
        self.decisions[UUID(said["decision"])] = (event.sequence, event.subject, _sha(facts))
        if said["text"] and said["text_hash"]:
            self.texts[UUID(said["text"])] = said["text_hash"]
        if said["decision_scan_digest"] and event.subject:
            self.scans.setdefault(event.subject, set()).add(said["decision_scan_digest"])


def _sha(facts: Any) -> bytes:
    return hashlib.sha256(proof.canonical(facts).encode()).digest()


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything inside is read as it stood at one moment, while others go on writing; nothing is written."""
    if connection.in_atomic_block:
        yield
        return
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgresql else "BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def verify() -> tuple[int, list[Break]]:
    """The number of events, and every break in the chain and between it and the rows."""
    heard = Heard()
    broken = _understood(heard)
    for check in (_rows, _decisions, _texts, _pictures, _speeches, _papers):
        broken.extend(check(heard))
    return heard.events, broken


def _understood(heard: Heard) -> list[Break]:
    """The chain's own breaks, and events whose content has been made into something that can't be read."""
    broken: list[Break] = []

    def hear(event: ConsentEvent) -> None:
        try:
            heard.hear(event)
        except (KeyError, TypeError, ValueError, AttributeError):
            broken.append(Break(f"event {event.sequence}", "its content can't be understood"))

    return [*proof.verify_chain(hear), *broken]


# --- What people have said ---------------------------------------------------------------------------------------


def _rows(heard: Heard) -> Iterator[Break]:
    """Each row against the last event about it."""
    for table in proof.ROWS:
        left = dict(heard.rows[table])
        for key, facts in proof.every_row(table):
            where = f"{_NAMES.get(table, table)} {key}"
            if key in left:
                yield from _row(key, facts, *left.pop(key), where)
            elif table in _MUST_HAVE_EVENTS:
                yield Break(where, "no event tells of it")
        for key, (sequence, _digest) in left.items():
            if not (table == "relative" and _contact_is_gone(sequence)):
                yield Break(f"{_NAMES.get(table, table)} {key}", f"its row is gone (event {sequence})")


def _row(key: str, facts: dict[str, str], sequence: int, digest: bytes, where: str) -> Iterator[Break]:
    if _sha(facts) != digest:
        said = _content(sequence)
        yield Break(where, _differs(facts, said.get("voices", {}).get(key) or said.get("row", {}), sequence))


def _contact_is_gone(sequence: int) -> bool:
    """Who takes a contact out of the record takes the contact's view with it; the events say that there was one."""
    contact = str(_content(sequence).get("row", {}).get("contact_id"))
    return contact.isdigit() and not Contact.objects.filter(pk=int(contact)).exists()


def decisions_of(consent: Consent, events: Iterable[ConsentEvent]) -> Iterator[Break]:
    """One consent's answers against its events."""
    heard = Heard()
    for event in events:
        heard.hear(event)
    yield from _decisions(heard, Decision.objects.filter(consent=consent))


def _decisions(heard: Heard, rows: QuerySet[Decision] | None = None) -> Iterator[Break]:
    left = dict(heard.decisions)
    asked = Decision.objects.all() if rows is None else rows
    for row in asked.order_by("pk").iterator(chunk_size=2_000):
        where = f"decision {row.pk}"
        if row.pk not in left:
            yield Break(where, "no event tells of it")
            continue
        sequence, consent, digest = left.pop(row.pk)
        facts = decision_facts(row)
        if _sha(facts) != digest:
            yield Break(where, _differs(facts, _content(sequence), sequence))
        if row.consent_id != consent:
            yield Break(where, f"it belongs to another consent than event {sequence} says")
    for pk, (sequence, _consent, _digest) in left.items():
        yield Break(f"decision {pk}", f"its row is gone (event {sequence})")


def _content(sequence: int) -> dict[str, Any]:
    content: dict[str, Any] = ConsentEvent.objects.get(sequence=sequence).content
    return content


def _differs(facts: dict[str, str], said: dict[str, Any], sequence: int) -> str:
    names = sorted(name.removeprefix("decision_") for name, value in facts.items() if said.get(name) != value)
    return f"{', '.join(names) or 'something'} is not what event {sequence} says"


# --- What they were shown ----------------------------------------------------------------------------------------


def _texts(heard: Heard) -> Iterator[Break]:
    asked_with = set(heard.texts) | set(heard.translations) | {UUID(key) for key in heard.rows["text"]}
    left = set(asked_with)
    for text in ConsentText.objects.order_by("pk").prefetch_related("translations").iterator(chunk_size=200):
        left.discard(text.pk)
        where = f"text {text.pk} ({text.version})"
        out = text.state in (TextState.PUBLISHED, TextState.RETIRED)
        if out and proof.text_digest(text) != text.digest:
            yield Break(where, "its words, numbers or drawings are not what was published")
        if out and str(text.pk) not in heard.rows["text"]:
            yield Break(where, "no event tells that it was published")
        if text.pk in asked_with:
            yield from _as_shown(text, heard, where)
            if not out:
                yield Break(where, "it was published, and is no longer marked so")
    for pk in left:
        yield Break(f"text {pk}", "its row is gone")


def _as_shown(text: ConsentText, heard: Heard, where: str) -> Iterator[Break]:
    if heard.texts.get(text.pk, text.digest) != text.digest:
        yield Break(where, "its hash is not the one that was answered to")
    shown = {proof.translation_digest(row) for row in text.translations.all()}
    for digest in heard.translations.get(text.pk, set()) - shown:
        yield Break(where, f"the translation {digest[:12]}… that was shown is gone or changed")


def _pictures(heard: Heard) -> Iterator[Break]:
    named = dict(heard.pictures)
    for digests in ConsentText.objects.exclude(digest="").values_list("picture_digests", flat=True):
        named |= {digest: code for code, digest in digests.items()}
    for row in StoredPicture.objects.order_by("pk").iterator(chunk_size=200):
        where = f"drawing {row.code} {row.digest[:12]}…"
        if proof.picture_digest(row.svg) != row.digest:
            yield Break(where, "its lines have been changed")
        if named.pop(row.digest, row.code) != row.code:
            yield Break(where, "its name has been changed")
    for digest, code in named.items():
        yield Break(f"drawing {code} {digest[:12]}…", "it is gone")


def _speeches(heard: Heard) -> Iterator[Break]:
    shown = {proof.translation_digest(row) for row in Translation.objects.iterator(chunk_size=500)}
    there: set[str] = set()
    for row in Speech.objects.order_by("pk").iterator(chunk_size=20):
        there |= {row.digest, str(row.pk)}
        if hashlib.sha256(bytes(row.audio)).hexdigest() != row.digest:
            yield Break(f"voice {row.pk}", "its sound has been changed")
        if row.text_digest not in shown:
            yield Break(f"voice {row.pk}", "it reads a text that is not there")
    for name in sorted(heard.speeches - there):
        yield Break(f"voice {name[:36]}", "it was offered, and is gone")


def _papers(heard: Heard) -> Iterator[Break]:
    kept: dict[UUID, set[str]] = {}
    for form in PaperForm.objects.order_by("pk").iterator(chunk_size=200):
        if not form.scan and not form.scan_digest:
            continue
        kept.setdefault(form.consent_id, set()).add(form.scan_digest)
        found = scan_bytes(form)
        if found is None:
            yield Break(f"paper form {form.code}", "the scan's file is gone")
        elif hashlib.sha256(found).hexdigest() != form.scan_digest:
            yield Break(f"paper form {form.code}", "the scan's file has been changed")
    for consent, digests in heard.scans.items():
        for digest in sorted(digests - kept.get(consent, set())):
            yield Break(f"consent {consent}", f"the scan {digest[:12]}… that was signed is gone")


def scan_bytes(form: PaperForm) -> bytes | None:
    """The signed form's file; None when it is gone."""
    try:
        with form.scan.open("rb") as file:
            content: bytes = file.read()
            return content
    except (OSError, ValueError):
        return None
