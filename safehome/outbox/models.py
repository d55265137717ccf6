"""What must leave the process: one row a message and recipient, claimed by lease, sent at least once."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Delivery(models.Model):
    """Written in the transaction of the event that causes it; marked sent only after the provider has answered.

    `key` names the delivery to the provider and forbids a second row for the same event and recipient.
    `subject` is an opaque id (an alarm's), so that deliveries can be cancelled by what they are about; `rests_on` is
    that of the consent or the relative's view by which the recipient may be told, and cancels it when it ends.
    """

    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(_("channel"), max_length=30)
    recipient = models.CharField(_("recipient"), max_length=200)
    subject = models.UUIDField(_("about"), db_index=True)
    rests_on = models.UUIDField(_("rests on"), null=True, blank=True, db_index=True)
    payload = models.JSONField(_("content"), default=dict)
    state = models.CharField(_("state"), max_length=12, choices=DeliveryState, default=DeliveryState.WAITING)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=DeliveryState.WAITING), name="delivery_waiting_due")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True)),
                name="delivery_sent_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.key
