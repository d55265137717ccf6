"""The catalogue, the devices, where they hang, the inbox that readings are kept in first, and the readings."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consents.gate import Collecting, Grounds
from consents.models import Purpose
from devices.ids import normalise_id
from devices.kinds import KINDS
from devices.placement import Placement
from devices.querysets import AssignmentQuerySet, ReadingQuerySet
from safehome.organisation.models import Administration, Unit
from safehome.residents.models import Place, Resident, Room


def check_kinds(value: list[str]) -> None:
    """A catalogue row names only kinds that the registry knows, and at least one."""
    unknown = [code for code in value if code not in KINDS]
    if unknown or not value:
        raise ValidationError(_("Choose kinds from the registry: %(kinds)s."), params={"kinds": ", ".join(KINDS)})


class DeviceModel(models.Model):
    """A row of the catalogue. Whether it is a medical device (MDR) is a fact about the model, not the use."""

    manufacturer = models.CharField(_("manufacturer"), max_length=100)
    name = models.CharField(_("model"), max_length=100)
    kinds = models.JSONField(_("reading kinds"), default=list, validators=[check_kinds])
    is_medical_device = models.BooleanField(_("medical device"), default=False)
    medical_class = models.CharField(_("class"), max_length=10, blank=True, help_text=_("I, IIa, IIb or III."))
    intended_purpose = models.CharField(_("intended purpose"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("device model")
        verbose_name_plural = _("device models")
        ordering = ["manufacturer", "name"]
        constraints = [models.UniqueConstraint(fields=["manufacturer", "name"], name="device_model_once")]

    def __str__(self) -> str:
        return f"{self.manufacturer} {self.name}"

    def clean(self) -> None:
        if self.is_medical_device and not (self.medical_class and self.intended_purpose):
            raise ValidationError(_("A medical device has a class and an intended purpose."))


class Gateway(models.Model):
    """A source of readings: a gateway in a home, or a municipality's platform. It speaks only for its own devices."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    administration = models.ForeignKey(
        Administration, models.PROTECT, related_name="gateways", verbose_name=_("administration")
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="gateways",
        verbose_name=_("responsible unit"),
        help_text=_("Gets technical alarms that belong to no assignment."),
    )
    name = models.CharField(_("name"), max_length=100, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GatewayToken(models.Model):
    """A gateway's key to the intake. Only its hash is kept; several can be valid while one replaces another."""

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="tokens", verbose_name=_("gateway"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("gateway token")
        verbose_name_plural = _("gateway tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.gateway} {self.created_at:%Y-%m-%d}"


class DeviceState(models.TextChoices):
    IN_STORE = "in_store", _("In store")
    IN_USE = "in_use", _("In use")
    SERVICE = "service", _("In service")
    RETIRED = "retired", _("Retired")


class Device(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.ForeignKey(DeviceModel, models.PROTECT, related_name="devices", verbose_name=_("model"))
    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="devices", verbose_name=_("gateway"))
    external_id = models.CharField(
        _("device id"),
        max_length=100,
        unique=True,
        help_text=_("As the gateway sends it; case and separators are ignored."),
    )
    serial_number = models.CharField(_("serial number"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=DeviceState, default=DeviceState.IN_STORE)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)
    battery = models.FloatField(
        _("battery (%)"),
        null=True,
        blank=True,
        editable=False,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["external_id"]

    def __str__(self) -> str:
        return self.external_id

    def clean(self) -> None:
        self.external_id = normalise_id(self.external_id)


class GivenAs(models.TextChoices):
    WELFARE_TECHNOLOGY = "welfare_technology", _("Welfare technology")
    ASSISTIVE_DEVICE = "assistive_device", _("Assistive device")
    HOME_ADAPTATION = "home_adaptation", _("Home adaptation")
    PRIVATE = "private", _("Private")


class CollectingState(models.TextChoices):
    PLANNED = Collecting.PLANNED.value, _("Planned, collects nothing yet")
    ACTIVE = Collecting.ACTIVE.value, _("Collects")
    STOPPED = Collecting.STOPPED.value, _("Stopped, collects nothing")


class StoppedFor(models.TextChoices):
    """Why an assignment has stopped: the gate starts again only what it has stopped itself."""

    STAFF = "staff", _("Stopped by staff")
    CONSENT = "consent", _("No consent")


class Assignment(models.Model):
    """A device given to a resident or hung on a place, for a time. What it collects, the consent gate decides.

    `purposes` are what the collecting rests on; `collecting_until` is when the gate must be asked anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="assignments", verbose_name=_("device"))
    resident = models.ForeignKey(
        Resident,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("resident"),
    )
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("place")
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="assignments",
        verbose_name=_("unit"),
        help_text=_("Gets the alarms."),
    )
    room = models.ForeignKey(
        Room, models.SET_NULL, null=True, blank=True, related_name="assignments", verbose_name=_("room")
    )
    label = models.CharField(_("name in the home"), max_length=80, help_text=_("As the resident says: hall, bed."))
    placement = models.CharField(_("placement"), max_length=10, choices=Placement, default=Placement.INTERIOR)
    given_as = models.CharField(_("given as"), max_length=20, choices=GivenAs, default=GivenAs.WELFARE_TECHNOLOGY)
    collecting = models.CharField(
        _("collecting"), max_length=10, choices=CollectingState, default=CollectingState.PLANNED
    )
    collecting_since = models.DateTimeField(_("collects since"), null=True, blank=True)
    collecting_until = models.DateTimeField(_("ground lasts until"), null=True, blank=True, editable=False)
    stopped_for = models.CharField(_("stopped because"), max_length=10, choices=StoppedFor, blank=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True, editable=False)
    purposes = models.ManyToManyField(Purpose, blank=True, related_name="assignments", verbose_name=_("purposes"))
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_to = models.DateTimeField(_("to"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["label"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resident__isnull=False, place__isnull=True) | Q(resident__isnull=True, place__isnull=False),
                name="assignment_to_resident_or_place",
            ),
            models.UniqueConstraint(
                fields=["device"], condition=Q(valid_to__isnull=True), name="assignment_open_once_a_device"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="assignment_times_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(collecting=Collecting.ACTIVE.value) | Q(collecting_since__isnull=False),
                name="assignment_collecting_has_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["collecting_until"], condition=Q(collecting=Collecting.ACTIVE.value), name="assignment_until"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} – {self.resident or self.place}"

    def clean(self) -> None:
        """Refuses two holders of one device at a time, and a room in somebody else's home."""
        if bool(self.resident_id) == bool(self.place_id):
            raise ValidationError(_("Choose a resident or a place, one of the two."))
        if self.valid_to and self.valid_to <= self.valid_from:
            raise ValidationError({"valid_to": _("The end can't come before the start.")})
        if self.room and self.resident and self.room.home_id != self.resident.home_id:
            raise ValidationError({"room": _("The room is in another home.")})
        others = Assignment.objects.filter(device_id=self.device_id).exclude(pk=self.pk)
        if others.overlapping(self.valid_from, self.valid_to).exists():
            raise ValidationError({"device": _("The device is assigned to somebody else at that time.")})

    @property
    def grounds(self) -> Grounds:
        """What the consent gate asks about."""
        return Grounds(Collecting(self.collecting), self.collecting_since, self.collecting_until)


class Lane(models.IntegerChoices):
    """Urgent readings have a queue and a worker of their own, so that nothing stands before a call for help."""

    URGENT = 0, _("Urgent")
    READINGS = 1, _("Readings")


class InboxOutcome(models.TextChoices):
    STORED = "stored", _("Stored")
    DUPLICATE = "duplicate", _("Had already been stored")
    REFUSED = "refused", _("Refused by the gate")
    UNASSIGNED = "unassigned", _("Device not assigned at the time")
    UNKNOWN_DEVICE = "unknown_device", _("Unknown device")
    UNREADABLE = "unreadable", _("Not understood")
    FAILED = "failed", _("Could not be judged")


class InboxReading(models.Model):
    """A reading as received, kept before its sender gets an answer, until it has been stored and judged.

    `key` tells copies apart from news. Once settled, `value` is emptied: what may be kept is then in `Reading`.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True)
    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="+")
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane)
    device_id_sent = models.CharField(_("device id"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20)
    value = models.FloatField(_("value"), null=True)
    measured_at = models.DateTimeField(_("measured"))
    received_at = models.DateTimeField(_("received"))
    clock_skewed = models.BooleanField(_("clock wrong"), default=False)
    problem = models.CharField(_("not understood because"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=InboxOutcome, blank=True)

    class Meta:
        verbose_name = _("inbox reading")
        verbose_name_plural = _("inbox")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["lane", "id"], condition=Q(settled_at__isnull=True), name="inbox_waiting"),
            models.Index(fields=["settled_at"], name="inbox_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id_sent} {self.kind}"


class Reading(models.Model):
    """One measurement that the gate let in. The same message twice is one row (`key`, `measured_at`)."""

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField()
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="readings", verbose_name=_("assignment"))
    kind = models.CharField(_("kind"), max_length=20)
    value = models.FloatField(_("value"), null=True)
    measured_at = models.DateTimeField(_("measured"))
    received_at = models.DateTimeField(_("received"))
    clock_skewed = models.BooleanField(_("clock wrong"), default=False)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["-measured_at"]
        indexes = [models.Index(fields=["assignment", "kind", "-measured_at"], name="reading_latest")]
        constraints = [models.UniqueConstraint(fields=["key", "measured_at"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class RefusedCount(models.Model):
    """How many readings the gate turned away, a day and reason; the readings themselves are not kept."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="refused", verbose_name=_("assignment"))
    day = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=20)
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("refused readings")
        verbose_name_plural = _("refused readings")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["assignment", "day", "reason"], name="refused_count_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}: {self.count}"


class Disposal(models.Model):
    """The receipt of readings that have been erased because their purpose's time was over (gallring)."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="disposals", verbose_name=_("assignment"))
    at = models.DateTimeField(_("erased"))
    measured_before = models.DateTimeField(_("measured before"))
    days = models.PositiveIntegerField(_("kept (days)"))
    count = models.PositiveIntegerField(_("readings"))

    class Meta:
        verbose_name = _("disposal")
        verbose_name_plural = _("disposals")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.count}"
