"""Django admin for what leaves the process: what waits, what went, what failed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from safehome.adminbase import Ledger, Verb
from safehome.outbox.models import Delivery, DeliveryState


@admin.register(Delivery)
class DeliveryAdmin(Ledger):
    list_display = ["created_at", "channel", "recipient", "state", "due_at", "attempts", "sent_at", "last_error"]
    list_filter = ["state", "channel"]
    search_fields = ["recipient", "=subject", "last_error"]
    date_hierarchy = "created_at"
    fields = [
        "created_at", "channel", "recipient", "subject", "state", "due_at", "attempts", "sent_at", "last_error",
    ]  # fmt: skip
    actions = ["try_chosen_again"]
    verbs = [
        Verb(
            "try_again",
            _("Try again"),
            _("The message is sent anew, as if it had never been tried."),
            done=_("It will be tried again in a moment."),
        )
    ]

    def verbs_for(self, request: HttpRequest, thing: Delivery) -> list[Verb]:
        return list(self.verbs) if thing.state == DeliveryState.FAILED else []

    @admin.action(description=_("Try chosen failed deliveries again"))
    def try_chosen_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        number = _queue_again(chosen)
        told = ngettext("%d delivery will be tried again.", "%d deliveries will be tried again.", number) % number
        messages.success(request, told)

    def try_again(self, request: HttpRequest, delivery: Delivery, answers: dict[str, Any]) -> None:
        _queue_again(Delivery.objects.filter(pk=delivery.pk))


def _queue_again(deliveries: QuerySet[Delivery]) -> int:
    """Only what has failed: what waits is on its way, and what was cancelled must not leave."""
    return deliveries.filter(state=DeliveryState.FAILED).update(
        state=DeliveryState.WAITING, due_at=timezone.now(), attempts=0, leased_until=None, last_error=""
    )
