"""A home sends 200 readings a second and the resident takes the consent back on the web page: how long until each thing
that must follow has followed. Imported once Django is set up.

The commit is the moment when another connection to the database first sees the answer; it looks a thousand times a
second.
"""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from asgiref.sync import sync_to_async
from django.utils import timezone

from alarms.hub import BEAT_S
from bench import load
from bench.client import HOST, Audience
from bench.report import Table
from bench.seed import Seeded, session_of
from consents import proof
from consents.kinds import Category, ConsentKind, Variant
from consents.models import (
    Consent,
    ConsentText,
    Purpose,
    PurposeCategory,
    Recipient,
    TextState,
    Translation,
)
from consents.states import State
from devices.models import Assignment, CollectingState, InboxOutcome, InboxReading, Reading, RefusedCount
from safehome.organisation.models import Administration, Membership, Regime, Unit, UnitKind, User
from safehome.organisation.roles import Role
from safehome.outbox import actions as outbox
from safehome.outbox.models import Delivery, DeliveryState
from safehome.residents.models import CareRelation, Resident

ROUNDS = 5
READINGS_PER_S = 200
AFTER_S = 2.0
LATEST_S = 15.0
IN_STEP_S = 0.001
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_DIGEST = re.compile(r'name="digest" value="([^"]+)"')
_VERSION = re.compile(r'data-version="([^"]*)"')


@dataclass
class Case:
    """A resident who will say no, and what is waited for. Moments are on the monotonic clock."""

    resident: Resident
    consent: Consent
    session: str
    seen: dict[str, float] = field(default_factory=dict)


# --- Seeding -------------------------------------------------------------------------------------------------------


def cases() -> tuple[list[Case], str]:
    """Residents with accounts, whose consent can be answered, and who are known to a second administration; with the
    session of somebody who works there."""
    purpose = Purpose.objects.get(code="bench")
    reviewer = User.objects.order_by("email").last()
    _publish(purpose, reviewer)
    sharing = _sharing(purpose.administration)
    second = Administration.objects.get(name="Second")
    unit = Unit.objects.create(administration=second, name="Second", kind=UnitKind.HOUSING)
    carer = User.objects.create(email="second@example.org", name="Second")
    Membership.objects.create(user=carer, unit=unit, role=Role.CARE_STAFF)
    return [_case(number, purpose, sharing, unit) for number in range(ROUNDS)], session_of(carer)


def _publish(purpose: Purpose, reviewer: User | None) -> None:
    text = ConsentText.objects.create(purpose=purpose)
    for variant in Variant:
        Translation.objects.create(text=text, language="sv", variant=variant, title="Bench", question="Bench?")
    text.state, text.reviewer, text.digest = TextState.PUBLISHED, reviewer, proof.text_digest(text)
    text.published_at = timezone.now()
    text.save()


def _sharing(administration: Administration) -> Purpose:
    second = Administration.objects.create(municipality=administration.municipality, name="Second")
    purpose = Purpose.objects.create(
        administration=administration,
        code="bench-share",
        name="Bench sharing",
        kind=ConsentKind.SECRECY,
        regime=Regime.SOL,
        basis="6.1.e",
        source="Bench",
        alternative="-",
        valid_from=timezone.localdate() - timedelta(days=3),
    )
    PurposeCategory.objects.bulk_create(PurposeCategory(purpose=purpose, category=row) for row in Category)
    Recipient.objects.create(purpose=purpose, administration=second)
    return purpose


def _case(number: int, purpose: Purpose, sharing: Purpose, unit: Unit) -> Case:
    resident = Resident.objects.get(family_name=str(number))
    resident.user = User.objects.create(email=f"resident{number}@example.org", name=f"Resident {number}")
    resident.save()
    CareRelation.objects.create(resident=resident, unit=unit)
    given = {"state": State.GIVEN, "given_at": timezone.now() - timedelta(days=2)}
    Consent.objects.create(resident=resident, purpose=sharing, **given)
    consent = Consent.objects.get(resident=resident, purpose=purpose)
    outbox.queue(
        key=f"bench-{number}",
        channel="email",
        recipient="bench@example.org",
        subject=resident.pk,
        payload={},
        rests_on=consent.pk,
    )
    Delivery.objects.filter(rests_on=consent.pk).update(due_at=timezone.now() + timedelta(hours=1))
    return Case(resident, consent, session_of(resident.user))


# --- Measuring -----------------------------------------------------------------------------------------------------


async def measure(table: Table, seeded: Seeded, port: int) -> None:
    """One resident after the other says no while all their homes send."""
    found, second = await sync_to_async(cases)()
    names = {f"bench-{kind}-{number}" for kind in load.QUIET for number in range(ROUNDS)}
    sensors = [sensor for sensor in seeded.sensors if sensor[0] in names]
    effects: dict[str, list[float]] = {}
    with load.behind(port, seeded.token, sensors, READINGS_PER_S):
        for case in found:
            for effect, seconds in (await _one(case, port, seeded.sessions[0], second)).items():
                effects.setdefault(effect, []).append(seconds)
    for effect, limit in LIMITS.items():
        table.times(f"commit → {effect}", effects[effect], limit)
    refused = await sync_to_async(lambda: sum(RefusedCount.objects.values_list("count", flat=True)))()
    late = sum(int(seconds) for seconds in effects["stored after"])
    print(f"Stored after the commits: {late} readings (limit 0). Refused and counted: {refused}.")


LIMITS = {
    "the last reading that was stored": "≤ 0",
    "the assignments stopped": "0, the same commit",
    "the queued delivery cancelled": "0, the same commit",
    "the hint at the board's socket": f"< {BEAT_S * 1000:.0f}, the beat",
    "a board fragment that says so": f"< {BEAT_S * 1000:.0f}, the beat",
    "another administration's open page told to look again": f"< {BEAT_S * 1000:.0f}, the beat",
    "the same page fetched anew, without the data": f"< {BEAT_S * 1000:.0f}, the beat",
    "the answer on the resident's screen": "–",
}


async def _one(case: Case, port: int, own: str, second: str) -> dict[str, float]:
    page = f"/residents/{case.resident.pk}/"
    async with _hints(port, own) as hints, _client(port, own) as board, _client(port, second) as reader:
        version = _VERSION.search((await board.get("/board/fragment/")).text)
        before = (await reader.get(f"{page}lives/")).json()["version"]
        if "temperature-heading" not in (await reader.get(page)).text:
            raise RuntimeError("the second administration does not see what it should lose")
        watching = [
            asyncio.create_task(sync_to_async(_watch_database, thread_sensitive=False)(case)),
            asyncio.create_task(_when(case, "hint", hints.hint)),
            asyncio.create_task(_until(case, "fragment", lambda: _fragment_changed(board, version))),
            asyncio.create_task(_until(case, "lives", lambda: _lives_changed(reader, page, before))),
            asyncio.create_task(_until(case, "page", lambda: _page_is_without(reader, page))),
        ]
        await asyncio.sleep(0.5)
        await _say_no(case, port)
        case.seen["answered"] = time.monotonic()
        await asyncio.wait_for(asyncio.gather(*watching), LATEST_S)
    await asyncio.sleep(AFTER_S)
    return await sync_to_async(_reckon)(case)


def _hints(port: int, session: str) -> Audience:
    url, origin = f"ws://{HOST}:{port}/ws/alarms/", f"http://{HOST}:{port}"
    return Audience(url, [f"sessionid={session}"], kind="consent.changed", origin=origin)


def _client(port: int, session: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{HOST}:{port}", cookies={"sessionid": session}, timeout=LATEST_S)


async def _say_no(case: Case, port: int) -> None:
    """As a person does it: the question, No, what happens then, check, and hand in."""
    question = f"/my/self/{case.consent.purpose_id}/"
    async with _client(port, case.session) as browser:
        text = (await browser.get(question)).text
        digest = _DIGEST.search(text)
        await _hand_in(browser, question, text, said="no", digest=digest[1] if digest else "")
        await _hand_in(browser, f"{question}no/", (await browser.get(f"{question}no/")).text)
        await _hand_in(browser, "/my/self/check/", (await browser.get("/my/self/check/")).text)


async def _hand_in(browser: httpx.AsyncClient, url: str, text: str, **fields: str) -> None:
    token = _TOKEN.search(text)
    form = {"csrfmiddlewaretoken": token[1] if token else "", **fields}
    answer = await browser.post(url, data=form, headers={"Referer": str(browser.base_url)})
    if answer.status_code != 302:
        raise RuntimeError(f"{url} answered {answer.status_code}")


def _watch_database(case: Case) -> None:
    """Notes when the answer, the stop and the cancelling are seen from outside."""
    deadline = time.monotonic() + LATEST_S
    while time.monotonic() < deadline and len(case.seen.keys() & {"commit", "stopped", "cancelled"}) < 3:
        now = time.monotonic()
        if "commit" not in case.seen and Consent.objects.filter(pk=case.consent.pk, state=State.ENDED).exists():
            case.seen["commit"] = now
            case.seen["keys"] = Reading.objects.filter(assignment__resident=case.resident).count()
        active = Assignment.objects.filter(resident=case.resident, collecting=CollectingState.ACTIVE)
        if "stopped" not in case.seen and not active.exists():
            case.seen["stopped"] = now
        waiting = Delivery.objects.filter(rests_on=case.consent.pk, state=DeliveryState.WAITING)
        if "cancelled" not in case.seen and not waiting.exists():
            case.seen["cancelled"] = now
        time.sleep(IN_STEP_S)


async def _when(case: Case, effect: str, event: Callable[[], object]) -> None:
    await event()  # type: ignore[misc]
    case.seen[effect] = time.monotonic()


async def _until(case: Case, effect: str, has_come: Callable[[], object]) -> None:
    while not await has_come():  # type: ignore[misc]
        await asyncio.sleep(0.02)
    case.seen[effect] = time.monotonic()


async def _fragment_changed(board: httpx.AsyncClient, before: re.Match[str] | None) -> bool:
    now = _VERSION.search((await board.get("/board/fragment/")).text)
    return bool(now and before and now[1] != before[1])


async def _lives_changed(reader: httpx.AsyncClient, page: str, before: str) -> bool:
    answer = await reader.get(f"{page}lives/")
    return answer.status_code != 200 or answer.json()["version"] != before


async def _page_is_without(reader: httpx.AsyncClient, page: str) -> bool:
    return "temperature-heading" not in (await reader.get(page)).text


def _reckon(case: Case) -> dict[str, float]:
    """Seconds from the commit to each effect."""
    commit = case.seen["commit"]
    mine = Reading.objects.filter(assignment__resident=case.resident)
    return {
        "the last reading that was stored": _last_stored(case) - commit,
        "the assignments stopped": case.seen["stopped"] - commit,
        "the queued delivery cancelled": case.seen["cancelled"] - commit,
        "the hint at the board's socket": case.seen["hint"] - commit,
        "a board fragment that says so": case.seen["fragment"] - commit,
        "another administration's open page told to look again": case.seen["lives"] - commit,
        "the same page fetched anew, without the data": case.seen["page"] - commit,
        "the answer on the resident's screen": case.seen["answered"] - commit,
        "stored after": mine.count() - case.seen["keys"],
    }


def _last_stored(case: Case) -> float:
    """When the last row that was stored was settled, on the monotonic clock."""
    devices = Assignment.objects.filter(resident=case.resident).values("device__external_id")
    rows = InboxReading.objects.filter(device_id_sent__in=devices, outcome=InboxOutcome.STORED)
    last: datetime | None = rows.order_by("-settled_at").values_list("settled_at", flat=True).first()
    assert last is not None
    return last.timestamp() - (time.time() - time.monotonic())
