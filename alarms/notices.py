"""Notices to relatives whom the resident lets be told of alarms: that there is news, and nothing more.

Each rests on the relative's view (`rests_on`), is cancelled with it, and is weighed once more when it leaves.
"""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from alarms.models import Alarm
from alarms.states import Category
from consents import relatives
from consents.kinds import Category as Shared
from consents.models import RelativeView
from devices.models import Assignment
from safehome.organisation import telephone
from safehome.outbox import actions as outbox
from safehome.outbox.actions import Undeliverable
from safehome.outbox.channels import Sms
from safehome.outbox.models import Delivery, DeliveryState


def tell_relatives(alarm: Alarm) -> None:
    """A call for help has been raised: queue a notice to each relative who may know of it and wants to."""
    if alarm.category != Category.HELP or alarm.resident is None or alarm.test:
        return
    for view in relatives.to_tell(alarm.resident, Shared.ALARMS):
        if way := _way_to(view):
            _queue(alarm, view, *way)


def _way_to(view: RelativeView) -> tuple[str, str] | None:
    """Channel and recipient: e-mail where there is one, else SMS."""
    account = view.contact.user
    if email := view.contact.email or (account.email if account else ""):
        return "email", email
    phone = telephone.international(view.contact.phone)
    return ("sms", phone) if phone else None


def _queue(alarm: Alarm, view: RelativeView, channel: str, recipient: str) -> None:
    outbox.queue(
        key=f"{alarm.pk}:{view.pk}:relative",
        channel=channel,
        recipient=recipient,
        subject=alarm.pk,
        payload={"writer": "relative_notice"},
        rests_on=view.pk,
    )


def take_back(stopped: QuerySet[Assignment]) -> None:
    """The data behind them may not be used any more: notices that wait go, but for those about calls for help."""
    about = Alarm.objects.filter(assignment__in=stopped).exclude(category=Category.HELP)
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, rests_on__isnull=False)
    waiting.filter(subject__in=about.values("pk")).update(state=DeliveryState.CANCELLED)


def require_in_force(delivery: Delivery) -> None:
    """Weigh once more what a notice rests on. Raises Undeliverable when the relative may not be told any more."""
    if delivery.rests_on is None:
        return
    view = RelativeView.objects.in_force().filter(pk=delivery.rests_on, muted=False).first()
    if view is None or Shared.ALARMS not in view.categories:
        raise Undeliverable("the relative may not be told any more")


def write(delivery: Delivery) -> Sms:
    """The writer of notices by SMS (settings.OUTBOX_WRITERS)."""
    require_in_force(delivery)
    with override(settings.LANGUAGE_CODE):
        return Sms(delivery.recipient, news())


def news() -> str:
    """Read on locked screens: no name, no kind, not even that it is an alarm."""
    return _("There is news. Sign in to read it: %(link)s") % {"link": settings.SAFEHOME_BASE_URL + reverse("start")}
