"""Presses of a help button: until the gateway has its answer, and until every board has the hint."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle, islice
from uuid import UUID

from alarms import actions
from alarms.models import Alarm
from alarms.outcomes import Outcome
from bench.client import Audience, Gateway, reading
from safehome.organisation.models import User

PAUSE_S = 0.1


@dataclass(frozen=True)
class Press:
    """`started` on the monotonic clock; the rest in seconds from then."""

    alarm: str
    started: float
    answered: float
    heard: float


async def press_again_and_again(
    gateway: Gateway, audience: Audience, buttons: list[str], times: int, by: User, *, pause_s: float = PAUSE_S
) -> AsyncIterator[Press]:
    """Press one button after the other; each alarm is closed before the next press, off the clock."""
    for button in islice(cycle(buttons), times):
        press = await _press(gateway, audience, button)
        yield press
        await asyncio.to_thread(_close, press.alarm, by)
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # in step with nothing else that repeats itself


async def _press(gateway: Gateway, audience: Audience, button: str) -> Press:
    started = time.monotonic()
    answered = await gateway.post(reading(button, "button", 1))
    hint = await audience.hint()
    while not await asyncio.to_thread(_is_about, hint.alarm, button):
        hint = await audience.hint()
    return Press(hint.alarm, started, answered, max(hint.heard) - started)


def _is_about(alarm: str, button: str) -> bool:
    """Whether it is the alarm of this press, and stored; something else may have been raised just now."""
    return Alarm.objects.filter(pk=alarm, assignment__device__external_id=button).exists()


def _close(alarm: str, by: User) -> None:
    actions.close(UUID(alarm), by=by, outcome=Outcome.NO_HELP_NEEDED)
