"""Safehome: residents, consents, devices and alarms of a care administration."""

from safehome.celery import app as celery_app

__all__ = ["celery_app"]
