"""The intake without a server: the same application, called in this process."""

import asyncio

import httpx

from alarms import pipeline
from devices.intake.http import ReadingsApp
from devices.models import Lane
from safehome.demo.sender import PATH, Post, Reading


def poster(token: str) -> Post:
    """Post to the intake in this process, where no server runs, and settle what it has kept. The same code."""
    intake = httpx.ASGITransport(app=ReadingsApp())
    headers = {"Authorization": f"Bearer {token}"}
    runner = asyncio.Runner()

    async def send(readings: list[Reading]) -> httpx.Response:
        async with httpx.AsyncClient(transport=intake, base_url="http://in-process", headers=headers) as client:
            return await client.post(PATH, json=readings)

    def post(readings: list[Reading]) -> httpx.Response:
        answer = runner.run(send(readings))
        for lane in Lane:
            pipeline.drain(lane)
        return answer

    return post
