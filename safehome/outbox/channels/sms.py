"""SMS by an HTTP gateway: docs/how-to/sign-in-by-code.md says what it is sent and what its answers mean.

Without a gateway the messages become files in the data folder (embedded mode), so that a demo costs nothing.
"""

import httpx
from django.conf import settings

from safehome.outbox.actions import Undeliverable
from safehome.outbox.channels import Sms, put_in_folder, written
from safehome.outbox.models import Delivery

TIMEOUT = httpx.Timeout(10, connect=5)  # seconds; well within the lease of a delivery
TRY_LATER = {408, 425, 429}
TAKEN_BEFORE = 409


class NotTaken(Exception):
    """The gateway did not take the message now; it may later. Holds neither number nor text."""


def send(delivery: Delivery) -> None:
    """Return once the gateway has taken the message."""
    message = written(delivery, Sms)
    if settings.SAFEHOME_SMS_URL:
        _post(message, delivery.key)
    elif settings.EMBEDDED:
        _write(message, delivery.key)
    else:
        raise NotTaken("SAFEHOME_SMS_URL is not set")


def _post(message: Sms, key: str) -> None:
    body = {"to": message.number, "from": settings.SAFEHOME_SMS_SENDER, "text": message.text, "reference": key}
    headers = {"Idempotency-Key": key}
    if settings.SAFEHOME_SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SAFEHOME_SMS_TOKEN}"
    try:
        answer = httpx.post(settings.SAFEHOME_SMS_URL, json=body, headers=headers, timeout=TIMEOUT)
    except httpx.HTTPError as fault:
        raise NotTaken(f"the SMS gateway did not answer: {type(fault).__name__}") from None
    _judge(answer.status_code)


def _judge(status: int) -> None:
    """Only the status is read: gateways differ in what they say besides."""
    if 200 <= status < 300 or status == TAKEN_BEFORE:
        return
    if 400 <= status < 500 and status not in TRY_LATER:
        raise Undeliverable(f"the SMS gateway refused the message: {status}")
    raise NotTaken(f"the SMS gateway answered {status}")


def _write(message: Sms, key: str) -> None:
    text = f"{message.number}\n{settings.SAFEHOME_SMS_SENDER}\n\n{message.text}\n"
    put_in_folder(settings.SAFEHOME_DATA_DIR / "sms", f"{key}.txt", text.encode())
