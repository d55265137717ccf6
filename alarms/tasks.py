"""Celery's way in; each task calls one action."""

from celery import shared_task

from alarms import pipeline
from devices.intake.nudge import DRAIN_TASK
from devices.models import Lane


@shared_task(name=DRAIN_TASK)
def drain_inbox(lane: int) -> None:
    pipeline.drain(Lane(lane))
