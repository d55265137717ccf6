"""E-mail to a unit's mailbox, that an alarm waits, or to a relative, that there is news. No personal data, so it may be
read on any screen.

To add a channel, copy this file: a function that takes a delivery and returns only once the provider has answered,
raising Undeliverable for what can never arrive; then name it in OUTBOX_CHANNELS.
"""

from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from alarms import notices
from safehome.outbox.actions import Undeliverable
from safehome.outbox.models import Delivery


def send(delivery: Delivery) -> None:
    """Raises Undeliverable for what may not leave any more, or can never arrive."""
    notices.require_in_force(delivery)
    with override(settings.LANGUAGE_CODE):
        subject, body = _to_relative() if delivery.rests_on else _to_unit(delivery)
    headers = {"Message-ID": f"<{delivery.key}@safehome>"}
    message = EmailMessage(subject=subject, body=body, to=[delivery.recipient], headers=headers)
    try:
        message.send()
    except SMTPRecipientsRefused as refusal:
        raise Undeliverable(str(refusal)) from refusal


def _to_unit(delivery: Delivery) -> tuple[str, str]:
    link = settings.SAFEHOME_BASE_URL + reverse("alarms:detail", args=[delivery.subject])
    body = _("An alarm waits for %(unit)s. Open it here: %(link)s")
    return _("An alarm waits in Safehome"), body % {"unit": delivery.payload["unit"], "link": link}


def _to_relative() -> tuple[str, str]:
    return _("There is news in Safehome"), notices.news()
