"""The Celery application. Three queues: `urgent` (help and fire), `readings` (all other readings), `default`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safehome.settings")

app = Celery("safehome")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery closes the database connection after every task unless this is set on the app object itself;
# reconnecting costs about 8 ms of an alarm's way.
app.conf["CELERY_DB_REUSE_MAX"] = 10_000
