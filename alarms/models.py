"""Alarms, what has happened to them, who gets them, and what the rules remember."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alarms import rules
from alarms.querysets import AlarmQuerySet
from alarms.states import Category, Condition, Handling, Priority
from devices.models import Assignment
from safehome import clock
from safehome.organisation.models import Administration, Unit, User
from safehome.residents.models import Place, Resident


class Alarm(models.Model):
    """Something that a person must see to. Open until a person closes it; no machine does.

    `occurred_at` is when it happened, `raised_at` when we learned of it. `version` counts every change, so that a
    page can say which alarm it showed. `plan` is the escalation plan as it was when the alarm was raised;
    `next_action_at` is when the watch loop acts on it next, and every open alarm has one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("kind"), max_length=30)
    category = models.CharField(_("category"), max_length=12, choices=Category)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority)
    condition = models.CharField(_("condition"), max_length=8, choices=Condition, default=Condition.ACTIVE)
    handling = models.CharField(_("handling"), max_length=8, choices=Handling, default=Handling.RAISED)

    administration = models.ForeignKey(
        Administration, models.PROTECT, related_name="alarms", verbose_name=_("administration")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="alarms", verbose_name=_("unit"))
    resident = models.ForeignKey(
        Resident, models.PROTECT, null=True, blank=True, related_name="alarms", verbose_name=_("resident")
    )
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="alarms", verbose_name=_("place")
    )
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="alarms", verbose_name=_("assignment")
    )
    open_key = models.CharField(max_length=160, editable=False)
    detail = models.JSONField(_("facts"), default=dict)

    occurred_at = models.DateTimeField(_("happened"))
    raised_at = models.DateTimeField(_("raised"))
    late = models.BooleanField(_("late"), default=False)
    test = models.BooleanField(_("test"), default=False)
    ringing = models.BooleanField(_("ringing"), default=False)
    repeat_count = models.PositiveIntegerField(_("times"), default=1)
    last_repeat_at = models.DateTimeField(_("last time"))

    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    accepted_at = models.DateTimeField(_("taken"), null=True, blank=True)
    arrived_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("on site")
    )
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=30, blank=True)

    version = models.PositiveIntegerField(default=0)
    plan = models.JSONField(default=dict)
    step = models.PositiveSmallIntegerField(default=0)
    next_action_at = models.DateTimeField(null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_at"]
        indexes = [
            models.Index(fields=["next_action_at"], condition=~Q(handling="closed"), name="alarm_next_action"),
            models.Index(fields=["unit", "raised_at"], condition=~Q(handling="closed"), name="alarm_open_in_unit"),
            models.Index(fields=["resident", "-raised_at"], name="alarm_of_resident"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["open_key"], condition=~Q(handling="closed"), name="alarm_open_once"),
            models.CheckConstraint(
                condition=Q(handling="closed", next_action_at__isnull=True)
                | (~Q(handling="closed") & Q(next_action_at__isnull=False)),
                name="alarm_open_has_next_action",
            ),
            models.CheckConstraint(
                condition=~Q(handling="closed") | Q(closed_by__isnull=False, closed_at__isnull=False, ringing=False),
                name="alarm_closed_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(handling="accepted") | Q(accepted_by__isnull=False, accepted_at__isnull=False),
                name="alarm_accepted_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(handling="on_site") | Q(arrived_by__isnull=False, arrived_at__isnull=False),
                name="alarm_on_site_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind.label} {self.raised_at:%Y-%m-%d %H:%M}"

    @property
    def kind(self) -> rules.AlarmKind:
        return rules.KINDS[self.code]

    @property
    def sentence(self) -> str:
        """What has happened, in one line."""
        return self.kind.describe(self.detail, clock.now().astimezone(clock.local_zone()).date())

    @property
    def handling_now(self) -> Handling:
        return Handling(self.handling)

    @property
    def is_open(self) -> bool:
        return self.handling != Handling.CLOSED


class AlarmTarget(models.Model):
    """A unit that the alarm has been sent to, and since when."""

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="targets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["alarm", "unit"], name="alarm_target_once")]

    def __str__(self) -> str:
        return f"{self.unit}"


class EventKind(models.TextChoices):
    RAISED = "alarm.raised", _("Raised")
    REPEATED = "alarm.repeated", _("Came again")
    PRESSED_AGAIN = "alarm.pressed_again", _("Called for help again")
    CLEARED = "alarm.cleared", _("Back to normal")
    ACCEPTED = "alarm.accepted", _("Taken")
    ARRIVED = "alarm.arrived", _("On site")
    CLOSED = "alarm.closed", _("Closed")
    ESCALATED = "alarm.escalated", _("Passed on")
    RANG_AGAIN = "alarm.rang_again", _("Rang again, nobody had taken it")
    NOT_ARRIVED = "alarm.not_arrived", _("Nobody has arrived in time")
    STILL_OPEN = "alarm.still_open", _("Still not closed")


class AlarmEvent(models.Model):
    """What happened to an alarm: its history, timeline and metric. Only ever added to."""

    id = models.BigAutoField(primary_key=True)
    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="events", verbose_name=_("alarm"))
    kind = models.CharField(_("event"), max_length=30, choices=EventKind)
    at = models.DateTimeField(_("time"), default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("alarm event")
        verbose_name_plural = _("alarm events")
        ordering = ["id"]
        indexes = [models.Index(fields=["alarm", "id"], name="alarm_event_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M:%S}"


class Subject(models.Model):
    """What a rule is about: one assignment, or a resident with all that hangs in the home."""

    code = models.CharField(_("rule"), max_length=30)
    assignment = models.ForeignKey(
        Assignment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("assignment"),
    )
    resident = models.ForeignKey(
        Resident, models.CASCADE, null=True, blank=True, related_name="%(class)ss", verbose_name=_("resident")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(assignment__isnull=False, resident__isnull=True)
                | Q(assignment__isnull=True, resident__isnull=False),
                name="%(class)s_about_one",
            ),
            models.UniqueConstraint(fields=["code", "assignment"], name="%(class)s_once_an_assignment"),
            models.UniqueConstraint(fields=["code", "resident"], name="%(class)s_once_a_resident"),
        ]


class RuleSetting(Subject):
    """A rule's own settings for one assignment or resident; without a row the defaults stand."""

    enabled = models.BooleanField(_("on"), default=True)
    settings = models.JSONField(_("settings"), default=dict)

    class Meta(Subject.Meta):
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["code"]

    def __str__(self) -> str:
        rule = rules.RULES.get(self.code)
        return f"{rule.label if rule else self.code} – {self.assignment or self.resident}"


class RuleState(Subject):
    """What a rule remembers between readings, and when it wants to be asked again without one."""

    state = models.JSONField(default=dict)
    wake_at = models.DateTimeField(null=True)

    class Meta(Subject.Meta):
        indexes = [models.Index(fields=["wake_at"], condition=Q(wake_at__isnull=False), name="rule_state_wakes")]

    def __str__(self) -> str:
        return f"{self.code} {self.assignment_id or self.resident_id}"


class Pulse(models.Model):
    """The last sign of life of a part of the machinery, for the strip of what is not watched."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, at: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": at})
