"""`POST /api/v1/readings/`: the one way in for readings, a bare ASGI application.

It stands before Django's handler because a reading needs none of what a page needs; the request waits for one thing
only, that the readings are durably stored. It never talks to the broker.
"""

import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import uuid4

import msgspec
from django.conf import settings

from devices.intake.inbox import Receipt, Request
from devices.intake.limits import Limits
from devices.intake.messages import Batch, Unreadable, parse
from devices.intake.nudge import Nudger
from devices.intake.writer import StoreDown, Writer
from safehome import clock
from safehome.organisation.actions import token_digest

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/api/v1/readings/"


class Problem(Exception):
    """An answer other than 202, as problem details (RFC 9457)."""

    def __init__(self, status: int, title: str, *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(title)
        self.status = status
        self.headers = headers or {}
        self.body = {"type": "about:blank", "title": title, "status": status, **members}


class ReadingsApp:
    def __init__(self) -> None:
        self._writer = Writer(Nudger())
        self._requests = Limits(settings.INTAKE_REQUESTS_PER_MINUTE)
        self._readings = Limits(settings.INTAKE_READINGS_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body, headers = 202, await self._take(scope, receive), {}
            kind = b"application/json"
        except Problem as problem:
            status, body, headers = problem.status, problem.body, problem.headers
            kind = b"application/problem+json"
        content = msgspec.json.encode(body)
        pairs = [(b"content-type", kind), (b"content-length", b"%d" % len(content)), (b"cache-control", b"no-store")]
        pairs += [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    async def _take(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        if scope["method"] != "POST":
            raise Problem(405, "Readings are sent with POST", headers={"allow": "POST"})
        digest = token_digest(_bearer(scope))
        self._limit(self._requests, digest, 1)
        body = await _body(scope, receive)
        try:
            batch = parse(body, clock.now(), at_most=settings.INTAKE_MAX_READINGS)
        except Unreadable as fault:
            raise Problem(400, "No reading could be read", detail=str(fault), accepted=0) from None
        self._limit(self._readings, digest, len(batch.good) + len(batch.bad))
        try:
            return _answer(batch, await self._writer.submit(Request(digest, batch)))
        except StoreDown:
            raise Problem(503, "The readings are not stored; send them again", headers={"retry-after": "5"}) from None

    def _limit(self, limits: Limits, digest: str, amount: int) -> None:
        if wait := limits.wait(digest, amount):
            seconds = str(math.ceil(wait))
            raise Problem(429, "Too much at once; send it again later", headers={"retry-after": seconds})


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _bearer(scope: Scope) -> str:
    scheme, _, token = _header(scope, b"authorization").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorised("Send the gateway's token: Authorization: Bearer TOKEN")
    return token.strip()


def _unauthorised(title: str) -> Problem:
    return Problem(401, title, headers={"www-authenticate": "Bearer"})


async def _body(scope: Scope, receive: Receive) -> bytes:
    limit: int = settings.INTAKE_MAX_BYTES
    declared = _header(scope, b"content-length")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "The connection ended before the readings had come")
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return bytes(body)


def _too_large(limit: int) -> Problem:
    return Problem(413, f"At most {limit} bytes in one request", limit=limit)


def _answer(batch: Batch, receipt: Receipt) -> dict[str, Any]:
    """The receipt, or the problem: which readings are kept and which are not, and why."""
    if receipt.gateway is None:
        raise _unauthorised("The token is unknown or revoked")
    kept: dict[str, Any] = {
        "receipt": str(uuid4()),
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "reused_ids": receipt.reused_ids,
    }
    if not receipt.bad:
        return kept
    errors = [{"index": bad.index, "field": bad.field, "reason": bad.reason} for bad in receipt.bad]
    refused = {bad.index for bad in receipt.bad}
    kept |= {"stored": [index for index, _ in batch.good if index not in refused], "errors": errors}
    if receipt.foreign and receipt.foreign == len(receipt.bad) and not kept["stored"]:
        raise Problem(403, "The token does not speak for these devices", **kept)
    raise Problem(400, "Some readings were not kept", **kept)
