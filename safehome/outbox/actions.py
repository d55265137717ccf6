"""Queue, claim, send: a delivery is leased to one sender at a time and sent only once its provider has answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from safehome.outbox.models import Delivery, DeliveryState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
BACKOFF_S = (5, 15, 60, 300, 900)
GIVE_UP_AFTER = 20


class Undeliverable(Exception):
    """The provider has said that this can never be delivered; trying again is useless."""


def queue(
    *,
    key: str,
    channel: str,
    recipient: str,
    subject: UUID,
    payload: dict[str, Any],
    rests_on: UUID | None = None,
) -> None:
    """Write a delivery in the caller's transaction; the same key twice is one delivery."""
    row = Delivery(key=key, channel=channel, recipient=recipient, subject=subject, payload=payload, rests_on=rests_on)
    Delivery.objects.bulk_create([row], ignore_conflicts=True)


def cancel(subject: UUID) -> int:
    """Nothing more leaves about this subject."""
    return Delivery.objects.filter(subject=subject, state=DeliveryState.WAITING).update(state=DeliveryState.CANCELLED)


def cancel_resting_on(ground: UUID) -> int:
    """Nothing more leaves to those who might be told because of this consent."""
    return Delivery.objects.filter(rests_on=ground, state=DeliveryState.WAITING).update(state=DeliveryState.CANCELLED)


def send_due(limit: int = 50) -> int:
    """Send what is due. Safe to run in several processes; returns how many were sent."""
    sent = 0
    for _ in range(limit):
        delivery = _claim()
        if delivery is None:
            break
        sent += _send(delivery)
    return sent


@transaction.atomic
def _claim() -> Delivery | None:
    """The delivery that has been due longest, leased from now: one at a time, so that a provider that answers slowly
    never lets the lease of the next one run out before its turn."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    due = Delivery.objects.filter(free, state=DeliveryState.WAITING, due_at__lte=now).order_by("due_at")
    delivery = due.select_for_update(skip_locked=True).first()
    if delivery is not None:
        delivery.leased_until = now + LEASE
        delivery.save(update_fields=["leased_until"])
    return delivery


def _send(delivery: Delivery) -> bool:
    try:
        _sender(delivery.channel)(delivery)
    except Undeliverable as refusal:
        _settle(delivery, DeliveryState.FAILED, error=str(refusal))
    except Exception as fault:  # a provider may fail in any way; the row stays and is tried again
        log.warning("delivery failed", key=delivery.key, attempts=delivery.attempts + 1, error=str(fault))
        _postpone(delivery, error=str(fault))
    else:
        _settle(delivery, DeliveryState.SENT)
        return True
    return False


def _sender(channel: str) -> Callable[[Delivery], None]:
    sender: Callable[[Delivery], None] = import_string(settings.OUTBOX_CHANNELS[channel])
    return sender


def _settle(delivery: Delivery, state: DeliveryState, *, error: str = "") -> None:
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
        state=state,
        sent_at=timezone.now() if state == DeliveryState.SENT else None,
        attempts=delivery.attempts + 1,
        leased_until=None,
        last_error=error[:300],
    )


def _postpone(delivery: Delivery, *, error: str) -> None:
    attempts = delivery.attempts + 1
    if attempts >= GIVE_UP_AFTER:
        _settle(delivery, DeliveryState.FAILED, error=error)
        return
    pause = BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1]
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
        attempts=attempts,
        due_at=timezone.now() + timedelta(seconds=pause),
        leased_until=None,
        last_error=error[:300],
    )
