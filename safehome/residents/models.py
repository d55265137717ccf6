"""The person who gets support, where they live, who is close to them, and which units take part in their care."""

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from guardian.models import UserObjectPermissionBase

from safehome.organisation.models import Administration, Regime, Unit, User
from safehome.residents import identity
from safehome.residents.querysets import InForceQuerySet, ResidentQuerySet


class DatedModel(models.Model):
    """Something in force between two dates, both counted in."""

    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to and including"), null=True, blank=True)

    objects = InForceQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The end can't come before the start.")})


class Home(models.Model):
    """Where somebody lives; two residents can share one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    street = models.CharField(_("street address"), max_length=150)
    postal_code = models.CharField(_("postal code"), max_length=6)
    city = models.CharField(_("town"), max_length=80)
    floor = models.CharField(_("floor and door"), max_length=60, blank=True)
    way_in = models.TextField(_("way in"), blank=True, help_text=_("Key, code, dog, where to park."))

    class Meta:
        verbose_name = _("home")
        verbose_name_plural = _("homes")
        ordering = ["city", "street"]

    def __str__(self) -> str:
        return f"{self.street}, {self.postal_code} {self.city}"

    def clean(self) -> None:
        digits = self.postal_code.replace(" ", "")
        if not (len(digits) == 5 and digits.isdigit()):
            raise ValidationError({"postal_code": _("A postal code has five digits.")})
        self.postal_code = f"{digits[:3]} {digits[3:]}"


class RoomKind(models.TextChoices):
    HALL = "hall", _("Hall")
    KITCHEN = "kitchen", _("Kitchen")
    LIVING_ROOM = "living_room", _("Living room")
    BEDROOM = "bedroom", _("Bedroom")
    BATHROOM = "bathroom", _("Bathroom")
    OTHER = "other", _("Other room")


class Room(models.Model):
    home = models.ForeignKey(Home, models.CASCADE, related_name="rooms", verbose_name=_("home"))
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=20, choices=RoomKind, default=RoomKind.OTHER)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["home", "name"], name="room_name_once")]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A public place (a square, a schoolyard) where a device can hang without belonging to anybody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    administration = models.ForeignKey(
        Administration, models.PROTECT, related_name="places", verbose_name=_("administration")
    )
    name = models.CharField(_("name"), max_length=120)
    where = models.CharField(_("where"), max_length=200, help_text=_("An address or directions, in words."))

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProtectedIdentity(models.TextChoices):
    NONE = "none", pgettext_lazy("protected identity", "None")
    MARKED = "marked", _("Confidentiality marking")
    REGISTRATION = "registration", _("Protected population registration")
    ASSUMED = "assumed", _("Assumed identity")


class Resident(models.Model):
    """Never called patient except under the HSL regime."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="resident", verbose_name=_("own account")
    )
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    identity_number = identity.EncryptedTextField(
        _("personal identity number"), blank=True, default="", help_text=_("Coordination numbers too.")
    )
    # NULL, not "", for those without a number: they are many, and the index is unique.
    identity_index = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    protected_identity = models.CharField(
        _("protected identity"), max_length=12, choices=ProtectedIdentity, default=ProtectedIdentity.NONE
    )
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=35, default="sv")
    died_on = models.DateField(
        _("died"), null=True, blank=True, help_text=_("Everything that rests on consent stops from this day.")
    )
    home = models.ForeignKey(
        Home, models.SET_NULL, null=True, blank=True, related_name="residents", verbose_name=_("home")
    )
    good_to_know = models.TextField(
        _("good to know"), blank=True, help_text=_("What somebody who comes in a hurry must know.")
    )

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        ordering = ["family_name", "given_name"]
        permissions = [
            ("view_as_relative", _("Sees what the resident lets a relative see")),
            ("view_protected", _("Named for this protected identity")),
        ]

    def __str__(self) -> str:
        """Masked when the identity is protected, so that no list, log line or admin title tells it by accident."""
        return str(_("Protected person")) if self.is_protected else self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.identity_index = identity.index(self.identity_number) if self.identity_number else None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("residents:detail", args=[self.pk])

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_protected(self) -> bool:
        return self.protected_identity != ProtectedIdentity.NONE

    @property
    def birth_date(self) -> date | None:
        return identity.birth_date(self.identity_number) if self.identity_number else None

    def clean(self) -> None:
        super().clean()
        if self.identity_number:
            self.identity_number = identity.normalise(self.identity_number)
            taken = Resident.objects.filter(identity_index=identity.index(self.identity_number)).exclude(pk=self.pk)
            if taken.exists():
                raise ValidationError({"identity_number": _("This number is already registered.")})


class ResidentException(UserObjectPermissionBase):
    """django-guardian's exceptions about residents, by direct foreign key: indexed, and gone with the resident."""

    content_object = models.ForeignKey(Resident, models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")


class Effort(DatedModel):
    """What an administration has granted a resident, and the law it rests on."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="efforts", verbose_name=_("resident"))
    administration = models.ForeignKey(
        Administration, models.PROTECT, related_name="efforts", verbose_name=_("administration")
    )
    regime = models.CharField(_("regime"), max_length=3, choices=Regime)
    name = models.CharField(_("effort"), max_length=120)

    class Meta:
        verbose_name = _("effort")
        verbose_name_plural = _("efforts")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CareRelation(DatedModel):
    """A unit takes part in a resident's care; its staff see the resident while this is in force."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="care_relations", verbose_name=_("resident"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="care_relations", verbose_name=_("unit"))

    class Meta:
        verbose_name = _("care relation")
        verbose_name_plural = _("care relations")
        ordering = ["unit__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "unit"],
                condition=Q(valid_to__isnull=True),
                name="care_relation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="care_relation_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} – {self.unit}"


class Contact(models.Model):
    """A relative or neighbour: may be told things, may not decide."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="contacts", verbose_name=_("resident"))
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="contact_of", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=120)
    relation = models.CharField(_("relation"), max_length=60, help_text=_("Daughter, neighbour, friend."))
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    call_order = models.PositiveSmallIntegerField(_("call as number"), default=1)
    has_key = models.BooleanField(_("has a key"), default=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["call_order", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.relation})"


class RepresentativeKind(models.TextChoices):
    GOD_MAN = "god_man", _("God man")
    FORVALTARE = "forvaltare", _("Förvaltare")
    FUTURE_POWER = "future_power", _("Holder of a future power of attorney")
    GUARDIAN = "guardian", _("Guardian of a child")


class Mandate(models.TextChoices):
    """The parts of a mandate, as a court or a power of attorney gives them (FB 11 kap.)."""

    RIGHTS = "rights", _("Guard rights")
    PROPERTY = "property", _("Manage property")
    PERSON = "person", _("Care for the person")


class Representative(DatedModel):
    """May decide for the resident, within kind, scope, dates and proof."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="representatives", verbose_name=_("resident"))
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="represents", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=RepresentativeKind)
    scope = models.CharField(_("scope"), max_length=200, help_text=_("As the decision says: guard rights, care for."))
    scopes = models.JSONField(
        _("parts of the mandate"), default=list, blank=True, help_text=_("Only who cares for the person may consent.")
    )
    proof = models.CharField(_("proof"), max_length=200, help_text=_("Court and case number, or document reference."))
    phone = models.CharField(_("telephone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"


class Cohabitant(DatedModel):
    """Lives in the home; gives a consent of their own before a sensor there becomes active."""

    home = models.ForeignKey(Home, models.CASCADE, related_name="cohabitants", verbose_name=_("home"))
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="cohabits", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=120)
    relation = models.CharField(_("relation"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("cohabitant")
        verbose_name_plural = _("cohabitants")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
