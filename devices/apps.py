from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("Devices")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from devices import models

        for model in (models.DeviceModel, models.Assignment):
            auditlog.register(model)
        auditlog.register(models.Gateway, exclude_fields=["last_seen_at"])
        auditlog.register(models.Device, exclude_fields=["last_seen_at", "battery"])
        auditlog.register(models.GatewayToken, exclude_fields=["digest"])
