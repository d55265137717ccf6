from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("Devices")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from devices import models, receivers

        auditlog.register(models.DeviceModel)
        auditlog.register(models.Assignment, m2m_fields={"purposes"})
        auditlog.register(models.Gateway, exclude_fields=["last_seen_at"])
        auditlog.register(models.Device, exclude_fields=["last_seen_at", "battery"])
        auditlog.register(models.GatewayToken, exclude_fields=["digest"])
        post_save.connect(receivers.assignment_saved, sender=models.Assignment)
