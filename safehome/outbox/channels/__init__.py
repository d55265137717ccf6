"""Carriers that anything may be sent by: SMS and letters.

A delivery names who writes it: `payload["writer"]` is a name in settings.OUTBOX_WRITERS, a function that takes the
delivery and returns a message of this module. It is asked when the message leaves, so that neither what it says nor
where it goes is kept in the outbox. It raises Undeliverable when nothing is to leave any more.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from safehome.outbox.models import Delivery


@dataclass(frozen=True)
class Sms:
    """`number` as E.164 (`+46701740605`). The text is read on locked screens: no personal data."""

    number: str
    text: str


@dataclass(frozen=True)
class Letter:
    """A PDF to print, fold and post; the address stands in its window."""

    pdf: bytes


Message = TypeVar("Message", Sms, Letter)


def written(delivery: Delivery, kind: type[Message]) -> Message:
    """The delivery's message, as its writer words it now."""
    message = import_string(settings.OUTBOX_WRITERS[delivery.payload["writer"]])(delivery)
    if not isinstance(message, kind):
        raise TypeError(f"{delivery.payload['writer']} wrote no {kind.__name__}")
    return message


def put_in_folder(folder: Path, name: str, content: bytes) -> None:
    """Write a file that only this installation's own account can read. The same name twice is one file, and nobody
    who watches the folder meets half of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = folder / f".{name}.partial"
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.rename(folder / name)
