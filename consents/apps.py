from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class ConsentsConfig(AppConfig):
    name = "consents"
    verbose_name = _("Consents")

    def ready(self) -> None:
        from consents import receivers
        from safehome.residents.models import Cohabitant, Representative, Resident

        post_save.connect(receivers.household_changed, sender=Cohabitant)
        post_delete.connect(receivers.household_changed, sender=Cohabitant)
        post_save.connect(receivers.mandate_changed, sender=Representative)
        post_save.connect(receivers.resident_changed, sender=Resident)
