"""The access log: who looked at, searched, changed, exported or was refused what, and its hash chain.

Fields after HSLF-FS 2016:40 ch. 4 § 9 and the national log specification; kept at least five years. Rows hold
pseudonyms (the random ids of people), so that erasing a person and proving the log untouched do not fight.
"""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    READ = "read", _("Read")
    SEARCH = "search", _("Search")
    WRITE = "write", _("Write")
    SIGN = "sign", _("Sign")
    PRINT = "print", _("Print")
    EXPORT = "export", _("Export")
    DELETE = "delete", _("Delete")
    EMERGENCY = "emergency", _("Emergency access")
    PUSH = "push", _("Live push")
    SIGN_IN = "sign_in", _("Sign in")


class Outcome(models.TextChoices):
    GRANTED = "granted", _("Granted")
    DENIED = "denied", _("Denied")


class Purpose(models.TextChoices):
    """The six national values."""

    CARE = "care", _("Care and treatment")
    QUALITY = "quality", _("Quality assurance")
    DOCUMENTATION = "documentation", _("Other documentation required by law")
    STATISTICS = "statistics", _("Statistics")
    ADMINISTRATION = "administration", _("Administration")
    REGISTER = "register", _("Quality register")


class AccessEntry(models.Model):
    """One look or one denial. Nobody changes or removes it; database triggers refuse."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    action = models.CharField(_("action"), max_length=12, choices=Action)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.GRANTED)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose, default=Purpose.CARE)
    user = models.UUIDField(_("user"), null=True, db_index=True)
    role = models.CharField(_("role"), max_length=120, blank=True)
    unit = models.UUIDField(_("the user's unit"), null=True)
    resident = models.UUIDField(_("resident"), null=True, db_index=True)
    owner_unit = models.UUIDField(_("unit that owns the data"), null=True)
    resource = models.CharField(_("resource"), max_length=40)
    resource_id = models.CharField(_("resource id"), max_length=64, blank=True)
    system = models.CharField(_("system"), max_length=20, help_text=_("web, api, socket, intake or command"))
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.resource}"


class ChainLink(models.Model):
    """Ties an entry to all before it: `digest = SHA-256(previous digest + the entry's canonical JSON)`.

    Entries are written without waiting for each other and linked in order by one linker a moment later, so that
    the chain never stands in the way of an alarm.
    """

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(
        AccessEntry, models.DO_NOTHING, related_name="link", db_constraint=False, verbose_name=_("entry")
    )
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("chain link")
        verbose_name_plural = _("chain links")
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.digest[:12]}"
