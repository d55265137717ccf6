"""From what a gateway sends to readings that the inbox can keep, or a reason why not.

The format is docs/reference/readings.md; this module is pure.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from devices.ids import normalise_id
from devices.kinds import KINDS, BadValue, normalise_value

FUTURE_TOLERANCE = timedelta(minutes=2)
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No sensor is older; an earlier time is a clock that has lost its battery."""


_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Message(msgspec.Struct, frozen=True):
    """A reading that is well-formed. `id` is the sender's own, unique per gateway, or empty."""

    device: str
    kind: str
    value: float | None
    measured_at: datetime
    id: str = ""
    clock_skewed: bool = False
    sent_at: str = ""

    @property
    def urgent(self) -> bool:
        return KINDS[self.kind].urgent


@dataclass(frozen=True)
class BadReading:
    """What cannot be kept. `device` is known when the fault lies elsewhere, so that its unit can be told."""

    index: int
    field: str
    reason: str
    device: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Batch:
    good: list[tuple[int, Message]]
    bad: list[BadReading]

    @property
    def devices(self) -> set[str]:
        """Every device that is named, also in readings that can't be kept."""
        return {message.device for _, message in self.good} | {fault.device for fault in self.bad}


class Unreadable(ValueError):
    """The body as a whole is no JSON reading, list of readings or NDJSON."""


def parse(body: bytes, now: datetime, *, at_most: int) -> Batch:
    """Read a request body. Raises Unreadable when there is no reading in it, or more than `at_most`."""
    items = _items(body)
    if not items:
        raise Unreadable("the body is empty; send one reading, a list of readings or NDJSON")
    if len(items) > at_most:
        raise Unreadable(f"{len(items)} readings in one request; at most {at_most} are taken")
    good: list[tuple[int, Message]] = []
    bad: list[BadReading] = []
    for index, item in enumerate(items):
        result = _read(index, item, now)
        if isinstance(result, BadReading):
            bad.append(result)
        else:
            good.append((index, result))
    return Batch(good, bad)


def _items(body: bytes) -> list[Any]:
    try:
        whole = msgspec.json.decode(body)
    except _NOT_JSON as fault:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2:
            raise Unreadable(f"the body is not JSON: {fault}") from None
        return [_line(line) for line in lines]
    return whole if isinstance(whole, list) else [whole]


def _line(line: bytes) -> Any:
    """One line of NDJSON; a broken line is one bad reading, not a bad request."""
    try:
        return msgspec.json.decode(line)
    except _NOT_JSON as fault:
        return BadReading(0, "", f"the line is not JSON: {fault}")


def _read(index: int, item: Any, now: datetime) -> Message | BadReading:
    if isinstance(item, BadReading):
        return BadReading(index, item.field, item.reason)
    if not isinstance(item, dict):
        return BadReading(index, "", f"a reading is an object, not {type(item).__name__}")
    device, kind = item.get("device"), item.get("kind")
    try:
        name = _text(item, "device", 100)
        code = _text(item, "kind", 20).lower()
        if code not in KINDS:
            raise _Fault("kind", f"kind {code!r} is not in the registry: {', '.join(KINDS)}")
        measured_at, sent_at, skewed = _measured(item, now)
        return Message(
            normalise_id(name), code, _value(code, item.get("value")), measured_at, _id(item), skewed, sent_at
        )
    except _Fault as fault:
        return BadReading(index, fault.field, fault.reason, normalise_id(_said(device)), _said(kind).lower()[:20])


def _said(raw: object) -> str:
    """What a bad reading says of its device or kind, if the inbox can hold it."""
    return raw.strip()[:100] if isinstance(raw, str) and "\x00" not in raw else ""


class _Fault(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def _text(item: dict[str, Any], field: str, longest: int) -> str:
    text = item.get(field)
    if not isinstance(text, str) or not text.strip() or "\x00" in text:
        raise _Fault(field, f"{field} is missing" if field not in item else f"{field} must be a text that is not empty")
    if len(text.strip()) > longest:
        raise _Fault(field, f"{field} is longer than {longest} characters")
    return text.strip()


def _id(item: dict[str, Any]) -> str:
    raw = item.get("id")
    if raw is None:
        return ""
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else _text(item, "id", 200)


def _value(code: str, raw: object) -> float | None:
    try:
        return normalise_value(KINDS[code], raw)
    except BadValue as fault:
        raise _Fault("value", str(fault)) from None


def _measured(item: dict[str, Any], now: datetime) -> tuple[datetime, str, bool]:
    """Measured time, the time as sent, and whether the sender's clock was wrong (then the time of arrival stands)."""
    raw = item.get("at")
    if raw is None and _id(item):
        return now, "", False
    if not isinstance(raw, str):
        raise _Fault("at", "at is missing; give the time of measuring (RFC 3339), or an id")
    try:
        at = msgspec.convert(raw.strip(), datetime)
    except msgspec.ValidationError:
        raise _Fault("at", f"at {raw[:40]!r} is not an RFC 3339 time") from None
    if at.tzinfo is None:
        raise _Fault("at", f"at {raw[:40]!r} has no offset; write Z or +02:00")
    wrong = not OLDEST <= at <= now + FUTURE_TOLERANCE
    if wrong:
        return now, at.isoformat(), True
    at = at.astimezone(UTC)
    return min(at, now), at.isoformat(), False


def key_by_id(gateway: UUID, message: Message) -> UUID:
    """What tells a copy from news when the sender numbers its messages."""
    return key_of(str(gateway), "id", message.id, message.device, message.kind)


def key_by_content(gateway: UUID, message: Message) -> UUID:
    """The same for senders that don't, by what was measured and when."""
    at = message.sent_at or message.measured_at.isoformat()
    return key_of(str(gateway), "at", message.device, message.kind, at, str(message.value))


def key_of(*parts: str) -> UUID:
    return UUID(bytes=hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest())
