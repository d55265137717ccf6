"""What an API token may be used for. A token never reaches further than its user; its scopes only narrow that."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    ALARMS_READ = "alarms:read", _("See alarms and what has happened to them")
    ALARMS_WRITE = "alarms:write", _("Accept alarms, arrive and close")
    RESIDENTS_READ = "residents:read", _("See and search residents")
    RESIDENTS_WRITE = "residents:write", _("Change what is good to know about a resident")
    DEVICES_READ = "devices:read", _("See devices")
    ASSIGNMENTS_READ = "assignments:read", _("See which device is with whom")
    ASSIGNMENTS_WRITE = "assignments:write", _("Assign devices and end assignments")
    READINGS_READ = "readings:read", _("See what devices have measured")
