from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save, pre_save
from django.utils.translation import gettext_lazy as _


class ConsentsConfig(AppConfig):
    name = "consents"
    verbose_name = _("Consents")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from consents import models, receivers
        from safehome.residents.models import Cohabitant, Representative, Resident

        told = (models.Purpose, models.PurposeCategory, models.Recipient, models.ConsentText, models.Translation)
        for model in told:
            auditlog.register(model)
        # Whether a relative is told is their own choice, and in the access log.
        auditlog.register(models.RelativeView, exclude_fields=["muted"])
        post_save.connect(receivers.household_changed, sender=Cohabitant)
        post_delete.connect(receivers.household_changed, sender=Cohabitant)
        post_save.connect(receivers.mandate_changed, sender=Representative)
        pre_save.connect(receivers.resident_moves, sender=Resident)
        post_save.connect(receivers.resident_changed, sender=Resident)
