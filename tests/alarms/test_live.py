"""The live board's socket: hints and beats for those who may have them, and for no longer than they may."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from alarms import actions, consumers, hub, live
from alarms.models import Alarm
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.actions import end_shift
from safehome.organisation.models import Membership, User
from tests.factories import MembershipFactory
from tests.sockets import board

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    """Each test has a loop of its own, so nobody may stay behind in the group of the last one."""
    yield
    channel_layers.backends.clear()
    hub.hub.sockets.clear()


accept: Callable[..., Awaitable[Alarm]] = sync_to_async(actions.accept)


async def test_a_hint_comes_when_something_has_happened(
    alarm: Alarm, her_carer: User, nurse: User, client_of: SignIn
) -> None:
    browser = await sync_to_async(client_of)(nurse)
    async with board(browser) as socket:
        assert await socket.connect()
        await socket.hear("beat")
        await accept(alarm.pk, by=her_carer)
        hint = await socket.hear("hint")
        event = await alarm.events.alatest("id")
    assert hint == {"type": "hint", "alarm": str(alarm.pk), "event": event.pk, "kind": "alarm.accepted"}


async def test_a_beat_tells_the_version_that_the_board_should_show(
    alarm: Alarm, nurse: User, client_of: SignIn
) -> None:
    browser = await sync_to_async(client_of)(nurse)
    async with board(browser) as socket:
        await socket.connect()
        beat = await socket.hear("beat")
    by_unit = await sync_to_async(live.versions)()
    assert beat["version"] == live.board_version([alarm.unit_id], by_unit)
    assert beat["at"]


async def test_a_push_is_in_the_access_log(alarm: Alarm, her_carer: User, nurse: User, client_of: SignIn) -> None:
    browser = await sync_to_async(client_of)(nurse)
    async with board(browser) as socket:
        await socket.connect()
        await socket.hear("beat")
        await accept(alarm.pk, by=her_carer)
        await socket.hear("hint")
        while not await AccessEntry.objects.filter(action=Action.PUSH).aexists():
            await asyncio.sleep(0.05)
    entry = await AccessEntry.objects.aget(action=Action.PUSH)
    assert (entry.user, entry.resource_id, entry.detail, entry.system) == (
        nurse.pk,
        str(alarm.pk),
        "alarm.accepted",
        "socket",
    )


async def test_boards_of_other_units_hear_nothing(
    alarm: Alarm, her_carer: User, nurse: User, carer_elsewhere: User, client_of: SignIn
) -> None:
    theirs, ours = await sync_to_async(client_of)(carer_elsewhere), await sync_to_async(client_of)(nurse)
    async with board(theirs) as far, board(ours) as near:
        for socket in (far, near):
            await socket.connect()
            await socket.hear("beat")
        await accept(alarm.pk, by=her_carer)
        await near.hear("hint")
        assert await far.silent_but_for("beat", for_s=0.2)


@pytest.mark.parametrize(
    "name", ["stranger", "relative", "resident_user", "log_reviewer", "case_officer", "superuser", "inactive_carer"]
)
async def test_who_has_no_board_is_shown_out(request: pytest.FixtureRequest, client_of: SignIn, name: str) -> None:
    user = await sync_to_async(request.getfixturevalue)(name)
    browser = await sync_to_async(client_of)(user)
    async with board(browser) as socket:
        await socket.connect()
        assert await socket.close_code() == consumers.NOT_ALLOWED
    assert not hub.hub.sockets


async def test_who_is_not_signed_in_is_shown_out(db: None) -> None:
    async with board(Client()) as socket:
        await socket.connect()
        assert await socket.close_code() == consumers.NOT_ALLOWED


async def test_a_page_from_elsewhere_is_not_answered(her_carer: User, client_of: SignIn) -> None:
    browser = await sync_to_async(client_of)(her_carer)
    async with board(browser, origin="https://evil.example") as socket:
        assert not await socket.connect()


def change_password(user: User) -> None:
    user.set_password("another-one-altogether")
    user.save()


@pytest.mark.parametrize(
    "way", ["signed out", "session run out", "password changed", "account closed", "membership ended"]
)
async def test_an_open_board_closes_when_the_person_may_no_longer(
    her_carer: User, client_of: SignIn, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.1)
    browser = await sync_to_async(client_of)(her_carer)
    ends = {
        "signed out": lambda: browser.session.flush(),
        "session run out": lambda: Session.objects.update(expire_date=timezone.now()),
        "password changed": lambda: change_password(her_carer),
        "account closed": lambda: User.objects.filter(pk=her_carer.pk).update(is_active=False),
        "membership ended": lambda: Membership.objects.all().delete(),
    }
    async with board(browser) as socket:
        await socket.connect()
        await socket.hear("beat")
        await sync_to_async(ends[way])()
        assert await socket.close_code() == consumers.NOT_ALLOWED
    assert not hub.hub.sockets


async def test_a_board_is_looked_at_again_although_the_store_was_away(
    her_carer: User, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.05)
    browser = await sync_to_async(client_of)(her_carer)
    async with board(browser) as socket:
        await socket.connect()
        await socket.hear("beat")
        await sync_to_async(rename)("django_session", "away")
        await asyncio.sleep(0.5)
        await sync_to_async(rename)("away", "django_session")
        assert hub.hub.sockets
        await sync_to_async(browser.session.flush)()
        assert await socket.close_code() == consumers.NOT_ALLOWED


def rename(table: str, to: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {to}")


async def test_an_open_board_follows_the_shift(
    shift: User, other_home_care: Any, client_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.1)
    await sync_to_async(MembershipFactory.create)(user=shift, unit=other_home_care)
    browser = await sync_to_async(client_of)(shift)
    async with board(browser) as socket:
        await socket.connect()
        await socket.hear("beat")
        [joined] = hub.hub.sockets
        assert len(joined.units) == 1
        await sync_to_async(end_shift)(shift)
        while len(joined.units) == 1:
            await asyncio.sleep(0.05)


async def test_a_board_that_leaves_is_forgotten(her_carer: User, client_of: SignIn) -> None:
    browser = await sync_to_async(client_of)(her_carer)
    async with board(browser) as socket:
        await socket.connect()
        await socket.hear("beat")
        assert len(hub.hub.sockets) == 1
    assert not hub.hub.sockets


async def test_what_a_board_says_is_not_listened_to(her_carer: User, client_of: SignIn) -> None:
    browser = await sync_to_async(client_of)(her_carer)
    async with board(browser) as socket:
        await socket.connect()
        await socket.say("accept everything")
        assert await socket.hear("beat")
