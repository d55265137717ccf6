"""The words of consent: its kinds, the categories of data, the ways to ask and to answer. Values are stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ConsentKind(models.TextChoices):
    """Four different consents, four different rows; giving one never ticks another. Emergency is none of them."""

    EFFORT = "effort", _("The effort or technology itself")
    PROCESSING = "processing", _("Processing of personal data")
    SECRECY = "secrecy", _("Lifting secrecy between authorities (OSL 10:1)")
    SHARED_RECORDS = "shared_records", _("Shared records (SVOD)")


class Category(models.TextChoices):
    """What kind of knowledge about a person it is, in words that the person would use."""

    ALARMS = "alarms", _("Alarms, and who came")
    ACTIVITY = "activity", _("When somebody moves, sleeps or goes out")
    CLIMATE = "climate", _("Warmth and air in the home")
    DEVICES = "devices", _("Which devices are in the home")
    POSITION = "position", _("Where somebody is outdoors")
    EFFORTS = "efforts", _("Which help somebody has")
    CONTACT = "contact", _("Telephone and address")


class Necessity(models.TextChoices):
    NECESSARY = "necessary", _("The effort can't be given without it")
    OPTIONAL = "optional", _("The effort is given without it too")


class Answer(models.TextChoices):
    """Three equal answers."""

    YES = "yes", pgettext_lazy("consent", "Yes")
    NO = "no", pgettext_lazy("consent", "No")
    TALK = "talk", _("I want to talk to someone first")


class How(models.TextChoices):
    """How the question was put and answered."""

    OWN_DEVICE = "own_device", _("By oneself, on an own device")
    STAFF_TABLET = "staff_tablet", _("On the staff's tablet")
    PAPER = "paper", _("On paper")
    ORAL = "oral", _("By word of mouth, with a witness")


class GivenBy(models.TextChoices):
    SELF = "self", _("The person")
    REPRESENTATIVE = "representative", _("A representative")
    COHABITANT = "cohabitant", _("Somebody who lives in the home")


class Variant(models.TextChoices):
    STANDARD = "standard", _("Text")
    EASY = "easy", _("Easy text")


class ResidentView(models.TextChoices):
    """What the resident thinks of it, when somebody else answers."""

    AGREES = "agrees", _("Agrees")
    AGAINST = "against", _("Does not want it")
    CANNOT_SAY = "cannot_say", _("Can't say what they want")


class Understanding(models.TextChoices):
    NOT_CHECKED = "", _("Not checked")
    UNDERSTOOD = "understood", _("Could say it in their own way")
    EXPLAINED = "explained", _("Was explained again, then understood")
    UNSURE = "unsure", _("Was explained again, still unsure")
