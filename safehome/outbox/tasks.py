from celery import shared_task

from safehome.outbox import actions


@shared_task(name="outbox.send_due", queue="default")
def send_due() -> None:
    actions.send_due()
