"""Where a device hangs, as far as it matters to whether somebody is at home. Pure, so that rules can use it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Placement(models.TextChoices):
    """What happens at the home's outer door may mean that somebody leaves or comes."""

    INTERIOR = "interior", _("Inside the home")
    EXIT = "exit", _("At the home's outer door")
    OUTDOOR = "outdoor", _("Outdoors or carried")
