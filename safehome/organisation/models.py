"""The municipality: its administrations (each its own data controller), units, people, roles and duty."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from safehome.organisation import telephone
from safehome.organisation.querysets import DutyQuerySet, MembershipQuerySet, SignInCodeQuerySet
from safehome.organisation.roles import Role


class Regime(models.TextChoices):
    """Which law a record falls under; one resident often has all three."""

    SOL = "sol", _("Social services (SoL)")
    LSS = "lss", _("Support for certain disabled persons (LSS)")
    HSL = "hsl", _("Health care (HSL)")


class Municipality(models.Model):
    name = models.CharField(_("name"), max_length=100)
    code = models.CharField(_("municipality code"), max_length=4, unique=True, help_text=_("Four digits, as 1281."))

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not (len(self.code) == 4 and self.code.isdigit()):
            raise ValidationError({"code": _("A municipality code has four digits.")})


class Administration(models.Model):
    """An authority of its own inside the municipality, and its own data controller (GDPR art. 4.7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="administrations", verbose_name=_("municipality")
    )
    name = models.CharField(_("name"), max_length=120)
    board = models.CharField(_("board"), max_length=120, blank=True, help_text=_("The political board responsible."))
    data_protection_email = models.EmailField(_("e-mail of the data protection officer"), blank=True)

    class Meta:
        verbose_name = _("administration")
        verbose_name_plural = _("administrations")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="administration_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitKind(models.TextChoices):
    HOME_CARE = "home_care", _("Home care")
    NIGHT_PATROL = "night_patrol", _("Night patrol")
    NURSING = "nursing", _("Nursing")
    ALARM_CENTRE = "alarm_centre", _("Alarm centre")
    HOUSING = "housing", _("Supported housing")
    TECHNICAL = "technical", _("Technical support")
    ADMINISTRATIVE = "administrative", _("Administration")


class Unit(models.Model):
    """Where staff work. Alarms go to units; an alarm that nobody takes goes on to `passes_on_to`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    administration = models.ForeignKey(
        Administration, models.PROTECT, related_name="units", verbose_name=_("administration")
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    notice_email = models.EmailField(
        _("e-mail for notices"), blank=True, help_text=_("Told, without personal data, that an alarm waits.")
    )
    passes_on_to = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="receives_from",
        verbose_name=_("passes alarms on to"),
        help_text=_("Gets an alarm that nobody here has taken in time."),
    )
    accept_within_s = models.PositiveIntegerField(_("take within (seconds)"), default=180)
    arrive_within_min = models.PositiveIntegerField(_("arrive within (minutes)"), default=40)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["administration", "name"], name="unit_name_once"),
            models.CheckConstraint(condition=Q(accept_within_s__gte=10), name="unit_accept_at_least_10_s"),
            models.CheckConstraint(condition=Q(arrive_within_min__gte=1), name="unit_arrive_at_least_1_min"),
            models.CheckConstraint(
                condition=Q(passes_on_to__isnull=True) | ~Q(passes_on_to=F("id")), name="unit_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def chain(self) -> list["Unit"]:
        """The unit and those that an untaken alarm goes on to, each once."""
        chain: list[Unit] = []
        following: Unit | None = self
        while following and following not in chain:
            chain.append(following)
            following = following.passes_on_to
        return chain


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Anybody who signs in: staff, residents, relatives, representatives. What they are follows from what points
    at them: memberships, a resident, a contact, a representative."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    phone_verified_at = models.DateTimeField(
        _("telephone checked"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Somebody has called the number and the right person answered. Codes to sign in go to no other."),
    )
    # The number that was checked, as +46701740605: codes are sent to this one, whatever stands in `phone` by then.
    verified_phone = models.CharField(max_length=16, blank=True, default="", db_index=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(
        _("may enter Django admin"),
        default=False,
        help_text=_("Also needs the role of system administrator."),
    )
    date_joined = models.DateTimeField(_("registered"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Another number than the one that was checked has not been checked."""
        self._keep_check_with_its_number()
        if (fields := kwargs.get("update_fields")) and {"phone", "phone_verified_at"} & set(fields):
            kwargs["update_fields"] = {*fields, "phone_verified_at", "verified_phone"}
        super().save(*args, **kwargs)

    def check_phone(self, at: datetime) -> None:
        """Note that the number has been called and that the right person answered. Not saved by this."""
        self.phone_verified_at, self.verified_phone = at, telephone.international(self.phone)

    def _keep_check_with_its_number(self) -> None:
        number = telephone.international(self.phone)
        if not number or self.verified_phone not in ("", number):
            self.phone_verified_at = None
        self.verified_phone = number if self.phone_verified_at else ""

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class Membership(models.Model):
    """A role held in a unit between two dates."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=30, choices=Role)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to and including"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["unit__name", "role"]
        indexes = [models.Index(fields=["user", "role"], name="membership_user_role")]
        constraints = [
            models.UniqueConstraint(fields=["user", "unit", "role", "valid_from"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.unit}"


class Duty(models.Model):
    """Who is on now, in which unit: one row a unit and shift."""

    user = models.ForeignKey(User, models.CASCADE, related_name="duties", verbose_name=_("user"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", verbose_name=_("unit"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    sound_tested_at = models.DateTimeField(_("sound tested"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "unit"], condition=Q(ended_at__isnull=True), name="duty_open_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="duty_times_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.unit}"


class ApiToken(models.Model):
    """A person's or a system's key to the API, with scopes. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CodeWay(models.TextChoices):
    """How a one-time code comes to the one who asked for it."""

    SMS = "sms", _("SMS")
    LETTER = "letter", _("Letter")


class SignInCode(models.Model):
    """A one-time code that somebody has asked for (see safehome.residents.sign_in).

    The code itself is nowhere in the database: it follows from `id` and the installation's SECRET_KEY. `user` is
    empty when nobody was found: the row is written all the same, so that asking takes the same work.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="sign_in_codes", editable=False, verbose_name=_("user")
    )
    way = models.CharField(max_length=6, choices=CodeWay)
    asked_for = models.CharField(max_length=64, db_index=True, help_text=_("Keyed hash of the number that was given."))
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text=_("When a newer code took its place."))

    objects = SignInCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in code")
        verbose_name_plural = _("sign-in codes")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "way"],
                condition=Q(used_at__isnull=True, ended_at__isnull=True),
                name="sign_in_code_open_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SignInCount(models.Model):
    """How often one number, person or address has asked or tried since a time: limits that hold over processes."""

    key = models.CharField(max_length=64, help_text=_("Keyed hash of what is counted."))
    since = models.DateTimeField(db_index=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("sign-in count")
        verbose_name_plural = _("sign-in counts")
        constraints = [models.UniqueConstraint(fields=["key", "since"], name="sign_in_count_once")]

    def __str__(self) -> str:
        return f"{self.key[:12]}: {self.number}"
