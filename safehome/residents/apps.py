from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    name = "safehome.residents"
    label = "residents"
    verbose_name = _("Residents")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from safehome.residents import models

        for model in (
            models.Home,
            models.Room,
            models.Place,
            models.Effort,
            models.CareRelation,
            models.Contact,
            models.Representative,
            models.Cohabitant,
        ):
            auditlog.register(model)
        # The number is told as changed, never shown; its index is derived.
        auditlog.register(models.Resident, exclude_fields=["identity_index"], mask_fields=["identity_number"])
