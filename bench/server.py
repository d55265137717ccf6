"""The measurements in server mode, in one run. Imported once Django is set up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bench import board, intake, load, peer
from bench.client import Audience, Gateway, boards
from bench.presses import PAUSE_S, Press, press_again_and_again
from bench.report import Table
from bench.seed import Seeded

WARM_UP = 10
SHARE_DRAWN = 3
"""One press in so many is also watched in a browser, which takes longer."""
BOARD_PAUSE_S = 0.3
"""Long enough for the browser to have taken the closed alarm off its board."""


class Measuring:
    """What is measured where, and what is sent behind it."""

    def __init__(self, environment: Mapping[str, str], seeded: Seeded, *, presses: int, rate: int) -> None:
        self.port = int(environment["PORT"])
        self.redis = environment["CHANNELS_REDIS_URL"]
        self.seeded = seeded
        self.presses = presses
        self.rates = tuple(dict.fromkeys((0, rate)))

    async def run(self, table: Table, *, browser: bool) -> None:
        bare = await peer.measure(self.redis, len(self.seeded.staff), self.presses)
        table.times("bare Redis publish → the last socket", bare, "what this machine can do")
        async with boards(self.port, self.seeded.sessions) as audience:
            for rate in self.rates:
                await self._to_sockets(table, audience, rate)
            if browser:
                await self._to_browser(table, audience)
        await self._through_intake(table)

    @asynccontextmanager
    async def _presses(
        self, audience: Audience, rate: int, times: int, pause_s: float
    ) -> AsyncIterator[AsyncIterator[Press]]:
        seeded = self.seeded
        with load.behind(self.port, seeded.token, seeded.sensors, rate):
            async with Gateway(self.port, seeded.token) as gateway:
                yield press_again_and_again(
                    gateway, audience, seeded.buttons, WARM_UP + times, by=seeded.staff[0], pause_s=pause_s
                )

    async def _to_sockets(self, table: Table, audience: Audience, rate: int) -> None:
        async with self._presses(audience, rate, self.presses, PAUSE_S) as presses:
            pressed = [press async for press in presses][WARM_UP:]
        table.times(f"POST → 202, {rate} readings/s behind", [press.answered for press in pressed])
        way = f"POST → the last of {len(self.seeded.staff)} sockets, {rate} readings/s behind"
        table.times(way, [press.heard for press in pressed], "p50 ≤ 13, p99 ≤ 28")

    async def _to_browser(self, table: Table, audience: Audience) -> None:
        async with board.browser_page() as page:
            await board.open_board(page, self.port, self.seeded.sessions[0])
            for rate in self.rates:
                async with self._presses(audience, rate, self.presses // SHARE_DRAWN, BOARD_PAUSE_S) as presses:
                    drawn = [await board.drawn(page, press.alarm, press.started) async for press in presses]
                table.times(f"POST → the row in Chromium, {rate} readings/s behind", drawn[WARM_UP:], "max < 1000")

    async def _through_intake(self, table: Table) -> None:
        seeded = self.seeded
        for clients, batch in ((64, 1), (8, 100)):
            rate, took = await intake.accepted(self.port, seeded.token, seeded.sensors, clients=clients, batch=batch)
            way = f"accepted, {batch} a request from {clients} clients"
            table.rate(way, rate, took, f"≥ {self.rates[-1]}/s")
        table.rate("stored and judged", await intake.drained(), limit=f"≥ {self.rates[-1]}/s")
