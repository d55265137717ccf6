"""E-mail to a unit's mailbox: an alarm waits. No personal data, so it may be read on any screen.

To add a channel, copy this file: a function that takes a delivery and returns only once the provider has answered,
raising Undeliverable for what can never arrive; then name it in OUTBOX_CHANNELS.
"""

from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from safehome.outbox.actions import Undeliverable
from safehome.outbox.models import Delivery


def send(delivery: Delivery) -> None:
    with override(settings.LANGUAGE_CODE):
        link = settings.SAFEHOME_BASE_URL + reverse("alarms:detail", args=[delivery.subject])
        message = EmailMessage(
            subject=_("An alarm waits in Safehome"),
            body=_("An alarm waits for %(unit)s. Open it here: %(link)s")
            % {"unit": delivery.payload["unit"], "link": link},
            to=[delivery.recipient],
            headers={"Message-ID": f"<{delivery.key}@safehome>"},
        )
    try:
        message.send()
    except SMTPRecipientsRefused as refusal:
        raise Undeliverable(str(refusal)) from refusal
