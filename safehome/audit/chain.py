"""The hash chain over the access log: linking, and proving."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from safehome.audit.models import AccessEntry, ChainLink

GENESIS = hashlib.sha256(b"safehome access log").hexdigest()
UNLINKED_FOR_TOO_LONG = timedelta(minutes=5)
_FIELDS = [
    "id",
    "action",
    "outcome",
    "purpose",
    "user",
    "role",
    "unit",
    "resident",
    "owner_unit",
    "resource",
    "resource_id",
    "system",
    "detail",
]


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold, and why."""

    sequence: int
    reason: str


def digest(previous: str, entry: AccessEntry) -> str:
    """SHA-256 over the previous digest and the entry in canonical JSON."""
    facts = {name: str(getattr(entry, name)) for name in _FIELDS}
    facts["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256((previous + json.dumps(facts, sort_keys=True)).encode()).hexdigest()


@transaction.atomic
def link_new(limit: int = 1_000) -> int:
    """Link entries that are not in the chain yet, oldest first. The link before the first is the linkers' lock:
    of two at once, one links and the other goes away empty-handed."""
    ChainLink.objects.get_or_create(sequence=0, defaults={"entry_id": UUID(int=0), "digest": GENESIS})
    if not ChainLink.objects.select_for_update(skip_locked=True).filter(sequence=0).exists():
        return 0
    sequence, previous = head()
    links = []
    for entry in AccessEntry.objects.filter(link__isnull=True).order_by("at", "id")[:limit]:
        sequence, previous = sequence + 1, digest(previous, entry)
        links.append(ChainLink(sequence=sequence, entry=entry, digest=previous))
    ChainLink.objects.bulk_create(links)
    return len(links)


def verify() -> Iterator[Break]:
    """Walk the chain from its start; yields every break: changed, removed or never linked entries."""
    previous, expected = GENESIS, 1
    for link in ChainLink.objects.filter(sequence__gt=0).order_by("sequence").iterator(chunk_size=2_000):
        if link.sequence != expected:
            yield Break(expected, f"links {expected}–{link.sequence - 1} are missing")
        entry = AccessEntry.objects.filter(pk=link.entry_id).first()
        if entry is None:
            yield Break(link.sequence, "its entry has been removed")
        elif digest(previous, entry) != link.digest:
            yield Break(link.sequence, "its entry or an earlier one has been changed")
        previous, expected = link.digest, link.sequence + 1
    yield from _never_linked(expected)


def _never_linked(sequence: int) -> Iterator[Break]:
    old = AccessEntry.objects.filter(link__isnull=True, at__lt=timezone.now() - UNLINKED_FOR_TOO_LONG).count()
    if old:
        yield Break(sequence, f"{old} entries older than 5 minutes are not linked; is the watch loop running?")


def head() -> tuple[int, str]:
    """Sequence and digest of the last link; print it elsewhere to prove later that nothing before it changed."""
    last = ChainLink.objects.order_by("-sequence").first()
    return (last.sequence, last.digest) if last else (0, GENESIS)
