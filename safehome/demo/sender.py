"""Sending readings the way a gateway does: by `POST /api/v1/readings/`, again until they are stored."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

import httpx

PATH = "/api/v1/readings/"
BATCH = 500
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0

Reading = dict[str, Any]
Post = Callable[[list[Reading]], httpx.Response]
Pause = Callable[[float], bool]
"""Waits so many seconds; True when it is time to stop instead."""
T = TypeVar("T")


class Stopped(Exception):
    """Told to stop while something was left to send."""


class NotTaken(Exception):
    """The intake refuses the sender as a whole: a wrong token, or an address that is no Safehome."""


@dataclass
class Account:
    """What the intake has answered, summed up."""

    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, answer: dict[str, Any]) -> None:
        self.accepted += answer["accepted"]
        self.duplicates += answer["duplicates"]
        for error in answer.get("errors", ()):
            self.refused += 1
            self.reasons[error["reason"]] = self.reasons.get(error["reason"], 0) + 1


class Sender:
    """Sends batches, one after another. Nothing is lost: what the intake could not store is sent again."""

    def __init__(self, post: Post, pause: Pause) -> None:
        self.account = Account()
        self._post = post
        self._pause = pause

    def send(self, readings: list[Reading]) -> None:
        """Returns when the intake has them. Raises Stopped or NotTaken."""
        wait_s = FIRST_PAUSE_S
        while (answer := self._try(readings)) is None or answer.status_code in (429, 503):
            if self._pause(_asked_to_wait(answer) or wait_s):
                raise Stopped
            wait_s = min(wait_s * 2, LONGEST_PAUSE_S)
        if not _counts(answer):
            raise NotTaken(f"{answer.status_code}: {answer.text[:300]}")
        self.account.add(answer.json())

    def _try(self, readings: list[Reading]) -> httpx.Response | None:
        """The answer, or None when there was none: then nobody knows whether they arrived, and they go again."""
        try:
            return self._post(readings)
        except httpx.TransportError:
            return None


def _asked_to_wait(answer: httpx.Response | None) -> float:
    return float(answer.headers.get("retry-after", 0)) if answer is not None else 0.0


def _counts(answer: httpx.Response) -> bool:
    """A receipt, or a problem that tells reading by reading what became of them."""
    return answer.status_code == 202 or (answer.status_code in (400, 403) and "errors" in answer.json())


def over_http(url: str, token: str) -> Post:
    """Post to a server at `url`, over connections that are kept."""
    client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)
    return lambda readings: client.post(PATH, json=readings)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
