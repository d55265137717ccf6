from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlarmsConfig(AppConfig):
    name = "alarms"
    verbose_name = _("Alarms")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from alarms import models

        auditlog.register(models.RuleSetting)
