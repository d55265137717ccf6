"""The proof of one consent, rebuilt from what is stored: the exact text as it was shown, in which language, with which
drawings and voice, who asked, who answered and how, and every event with its place in the chain.

Nothing here asks what is true today. A purpose that has been renamed, a text that has been replaced, a mandate that has
run out: the proof says what stood then, and `breaks` says where it no longer can.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from consents import proof, verify
from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    EventKind,
    PaperForm,
    Speech,
    StoredPicture,
    Translation,
)
from consents.proof import Break
from safehome.organisation.models import User


@dataclass(frozen=True)
class Picture:
    code: str
    digest: str
    svg: bytes


@dataclass(frozen=True)
class Sound:
    digest: str
    mime: str
    voice: str
    human: bool
    audio: bytes


@dataclass(frozen=True)
class Scan:
    """A signed form, with the bytes of its file."""

    code: str
    digest: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Shown:
    """A text as somebody had it before their eyes: every word, the drawings beside them, the voice that read them."""

    at: datetime
    text: str
    version: str
    language: str
    variant: str
    digest: str
    words: dict[str, str]
    pictures: tuple[Picture, ...]
    sound: Sound | None


@dataclass(frozen=True)
class Said:
    """One person's answer and its circumstances; `facts` is the decision's whole row as its event keeps it."""

    sequence: int
    decision: str
    answer: str
    at: datetime
    name: str
    after: str
    registered_by: str
    facts: dict[str, str]
    processing: dict[str, Any]
    shown: Shown | None

    def fact(self, name: str) -> str:
        return self.facts.get(f"decision_{name}", "")


@dataclass(frozen=True)
class Happening:
    """An event with what it takes to reckon its link anew by hand."""

    sequence: int
    kind: str
    at: datetime
    by: UUID | None
    by_name: str
    content: dict[str, Any]
    salt: str
    digest: str
    link: str
    previous: str


@dataclass(frozen=True)
class Rebuilt:
    consent: UUID
    resident: UUID
    giver: str
    state: str
    asked_at: datetime | None
    asked_by: str
    answers: tuple[Said, ...]
    shown: tuple[Shown, ...]
    scans: tuple[Scan, ...]
    events: tuple[Happening, ...]
    head: tuple[int, str]
    breaks: tuple[Break, ...]

    @property
    def last(self) -> Said | None:
        """The answer that stands."""
        return self.answers[-1] if self.answers else None


def rebuild(consent: Consent) -> Rebuilt:
    """Everything that proves a consent, from the chain and the stored rows alone."""
    work = _Work(consent)
    asked = next((event for event in work.events if event.kind == EventKind.ASKED), None)
    shown = {event.sequence: work.shown(event) for event in work.events if event.kind == EventKind.SERVED}
    return Rebuilt(
        consent=consent.pk,
        resident=consent.resident_id,
        giver=str(consent.giver_id),
        state=consent.state,
        asked_at=asked.at if asked else None,
        asked_by=str(asked.content.get("asked_by", "")) if asked else "",
        answers=tuple(work.said(event, shown) for event in work.events if event.kind == EventKind.ANSWERED),
        shown=tuple(row for row in shown.values() if row),
        scans=tuple(work.scans()),
        events=tuple(work.happenings()),
        head=proof.head(),
        breaks=tuple(work.breaks()),
    )


class _Work:
    """One consent's rebuilding: its events, and the breaks found on the way."""

    def __init__(self, consent: Consent) -> None:
        self.consent = consent
        self.events = list(ConsentEvent.objects.filter(subject=consent.pk).order_by("sequence"))
        self._found: list[Break] = []

    def shown(self, event: ConsentEvent) -> Shown | None:
        said = event.content
        row = self._translation(said)
        if row is None:
            self._found.append(Break(f"event {event.sequence}", "the text that was shown is gone or changed"))
            return None
        return Shown(
            at=event.at,
            text=said["text"],
            version=said["version"],
            language=said["language"],
            variant=said["variant"],
            digest=said["translation"],
            words=row.shown,
            pictures=tuple(self._pictures(said.get("pictures", {}))),
            sound=self._sound(said.get("speech", "")),
        )

    def _translation(self, said: dict[str, Any]) -> Translation | None:
        rows = Translation.objects.filter(text=said["text"], language=said["language"], variant=said["variant"])
        return next((row for row in rows if proof.translation_digest(row) == said["translation"]), None)

    def _pictures(self, digests: dict[str, str]) -> Iterable[Picture]:
        stored = StoredPicture.objects.in_bulk(list(digests.values()))
        for code, digest in digests.items():
            if digest in stored and proof.picture_digest(stored[digest].svg) == digest:
                yield Picture(code, digest, stored[digest].svg.encode())
            else:
                self._found.append(Break(f"drawing {code} {digest[:12]}…", "it is gone or changed"))

    def _sound(self, name: str) -> Sound | None:
        """`name` is the SHA-256 of the sound, or its id."""
        if not name:
            return None
        row = Speech.objects.filter(Q(digest=name) if len(name) == 64 else Q(pk=name)).first()
        if row is None or hashlib.sha256(bytes(row.audio)).hexdigest() != row.digest:
            self._found.append(Break(f"voice {name[:36]}", "it is gone or changed"))
            return None
        return Sound(row.digest, row.mime, row.voice, row.human, bytes(row.audio))

    def said(self, event: ConsentEvent, shown: dict[int, Shown | None]) -> Said:
        """What was before the person's eyes is what had last been shown, if the answer says that it was."""
        told = event.content
        seen = [row for sequence, row in shown.items() if sequence < event.sequence and row]
        read = [row for row in seen if row.digest == told["decision_text_digest"]]
        self._published(told)
        return Said(
            sequence=event.sequence,
            decision=told["decision"],
            answer=told["answer"],
            at=event.at,
            name=told["name"],
            after=told["after"],
            registered_by=told.get("registered_by", ""),
            facts={name: value for name, value in told.items() if name.startswith("decision_")},
            processing=told.get("processing", {}),
            shown=read[-1] if read else None,
        )

    def _published(self, told: dict[str, Any]) -> None:
        """The whole version, all its languages, is what its hash said when it was answered to."""
        if not told["text"]:
            return
        text = ConsentText.objects.filter(pk=told["text"]).first()
        if text is None or not proof.text_digest(text) == text.digest == told["text_hash"]:
            self._found.append(Break(f"text {told['text']}", "it is not what was answered to"))

    def scans(self) -> Iterable[Scan]:
        wanted = {event.content["decision_scan_digest"] for event in self.events if event.kind == EventKind.ANSWERED}
        for form in PaperForm.objects.filter(consent=self.consent, scan_digest__in=wanted - {""}):
            content = verify.scan_bytes(form)
            if content is None or hashlib.sha256(content).hexdigest() != form.scan_digest:
                self._found.append(Break(f"paper form {form.code}", "the scan's file is gone or changed"))
            else:
                yield Scan(form.code, form.scan_digest, str(form.scan.name).rpartition("/")[2], content)

    def happenings(self) -> Iterable[Happening]:
        before = [event.sequence - 1 for event in self.events]
        links = dict(ConsentEvent.objects.filter(sequence__in=before).values_list("sequence", "link"))
        names = dict(User.objects.filter(pk__in={event.by for event in self.events}).values_list("pk", "name"))
        for event in self.events:
            previous = links.get(event.sequence - 1, proof.GENESIS)
            self._check(event, previous)
            yield Happening(
                sequence=event.sequence,
                kind=event.kind,
                at=event.at,
                by=event.by,
                by_name=names.get(event.by, "") if event.by else "",
                content=event.content,
                salt=event.salt,
                digest=event.digest,
                link=event.link,
                previous=previous,
            )

    def _check(self, event: ConsentEvent, previous: str) -> None:
        if proof.content_digest(event) != event.digest or proof.link_digest(previous, event) != event.link:
            self._found.append(Break(f"event {event.sequence}", "it has been changed"))

    def breaks(self) -> list[Break]:
        """Those found on the way, and whether the row says what its last event says."""
        told = [row for event in self.events if (row := _own_row(event))]
        if not told:
            self._found.append(Break(f"consent {self.consent.pk}", "no event tells of it"))
        elif told[-1] != proof.row_facts("consent", self.consent.pk):
            self._found.append(Break(f"consent {self.consent.pk}", "its row is not what its last event says"))
        self._found.extend(verify.decisions_of(self.consent, self.events))
        return list(dict.fromkeys(self._found))


def _own_row(event: ConsentEvent) -> Any:
    return event.content.get("row") if proof.table_of(event.kind) == "consent" else None
