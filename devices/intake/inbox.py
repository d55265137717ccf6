"""Keeping readings before anybody is told that they have arrived.

`keep` writes what several requests brought in one transaction: a commit costs the same for one reading as for a
thousand, so requests that come together share it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from devices.intake.messages import BadReading, Batch, Message, key_by_content, key_by_id, key_of
from devices.models import Device, Gateway, GatewayToken, InboxReading, Lane
from safehome import clock

SAME_MESSAGE = timedelta(minutes=10)
"""An id that comes back for the same device and kind with a time this near is the same message sent again. Farther
off the gateway has lost count (a new battery, a reset), and the reading is news: a second press is never swallowed."""


SEEN_WITHIN = timedelta(seconds=5)
"""How old a gateway's sign of life may be before it is written anew. Each writing locks the gateway's row until the
commit, so that two web processes with readings of one gateway would wait for each other."""


@dataclass(frozen=True)
class Request:
    """One request's readings and the digest of the token that it showed."""

    token_digest: str
    batch: Batch


@dataclass
class Receipt:
    """What became of a request. `gateway` is None when the token is no good."""

    gateway: UUID | None
    accepted: int = 0
    duplicates: int = 0
    bad: list[BadReading] = field(default_factory=list)
    foreign: int = 0
    reused_ids: list[str] = field(default_factory=list)
    rows: list[InboxReading] = field(default_factory=list)

    @property
    def lanes(self) -> set[Lane]:
        return {Lane(row.lane) for row in self.rows}


@transaction.atomic
def keep(requests: list[Request]) -> list[Receipt]:
    """Write the readings of several requests in one commit; a receipt for each, in order."""
    now = clock.now()
    gateways = _gateways({request.token_digest for request in requests}, now)
    owners = _owners({name for request in requests for name in request.batch.devices})
    sent = [(gateways.get(request.token_digest), request.batch) for request in requests]
    seen = _seen(_key(gateway, message) for gateway, batch in sent if gateway for _, message in batch.good)
    receipts = [_receive(gateway, batch, owners, seen, now) if gateway else Receipt(None) for gateway, batch in sent]
    rows = [row for receipt in receipts for row in receipt.rows]
    InboxReading.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)
    return receipts


def _gateways(digests: set[str], now: datetime) -> dict[str, UUID]:
    """Digest → gateway, for tokens that are good; the gateways have been heard now."""
    live = GatewayToken.objects.filter(digest__in=digests, revoked_at=None, gateway__is_active=True)
    rows = live.order_by().values_list("digest", "gateway", "gateway__last_seen_at")
    silent = {gateway for _, gateway, seen_at in rows if seen_at is None or now - seen_at > SEEN_WITHIN}
    Gateway.objects.filter(pk__in=silent).update(last_seen_at=now)
    return {digest: gateway for digest, gateway, _ in rows}


def _owners(devices: set[str]) -> dict[str, UUID]:
    return dict(Device.objects.filter(external_id__in=devices).order_by().values_list("external_id", "gateway"))


def _receive(
    gateway: UUID, batch: Batch, owners: dict[str, UUID], seen: dict[UUID, datetime], now: datetime
) -> Receipt:
    receipt = Receipt(gateway, bad=list(batch.bad))
    own: list[Message] = []
    for index, message in batch.good:
        if owners.get(message.device, gateway) == gateway:
            own.append(message)
        else:
            receipt.foreign += 1
            receipt.bad.append(BadReading(index, "device", f"device {message.device} belongs to another gateway"))
    receipt.rows = _news(gateway, own, seen, now, receipt)
    receipt.rows += [_unreadable(gateway, fault, now) for fault in batch.bad if owners.get(fault.device) == gateway]
    receipt.bad.sort(key=lambda fault: fault.index)
    return receipt


def _news(
    gateway: UUID, messages: list[Message], seen: dict[UUID, datetime], now: datetime, receipt: Receipt
) -> list[InboxReading]:
    """Rows for the messages that have not come before, whether in this commit or an earlier one."""
    rows: list[InboxReading] = []
    for message in messages:
        key = _key(gateway, message)
        if message.id and key in seen and abs(seen[key] - message.measured_at) > SAME_MESSAGE:
            receipt.reused_ids.append(message.id)
            key = key_by_content(gateway, message)
            seen |= _seen([key])
        if key in seen:
            receipt.duplicates += 1
        else:
            seen[key] = message.measured_at
            rows.append(_row(gateway, key, message, now))
            receipt.accepted += 1
    return rows


def _key(gateway: UUID, message: Message) -> UUID:
    return key_by_id(gateway, message) if message.id else key_by_content(gateway, message)


def _seen(keys: Iterable[UUID]) -> dict[UUID, datetime]:
    return dict(InboxReading.objects.filter(key__in=list(keys)).order_by().values_list("key", "measured_at"))


def _row(gateway: UUID, key: UUID, message: Message, now: datetime) -> InboxReading:
    return InboxReading(
        key=key,
        gateway_id=gateway,
        lane=Lane.URGENT if message.urgent else Lane.READINGS,
        device_id_sent=message.device,
        kind=message.kind,
        value=message.value,
        measured_at=message.measured_at,
        received_at=now,
        clock_skewed=message.clock_skewed,
    )


def _unreadable(gateway: UUID, fault: BadReading, now: datetime) -> InboxReading:
    """A known device that says what we don't understand may be calling for help: its unit is told, once an hour."""
    hour = now.strftime("%Y-%m-%dT%H")
    return InboxReading(
        key=key_of(str(gateway), "unreadable", fault.device, fault.kind, fault.field, hour),
        gateway_id=gateway,
        lane=Lane.URGENT,
        device_id_sent=fault.device,
        kind=fault.kind,
        measured_at=now,
        received_at=now,
        problem=fault.reason[:200],
    )
