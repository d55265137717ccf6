from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationConfig(AppConfig):
    name = "safehome.organisation"
    label = "organisation"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from safehome import checks  # noqa: F401  (registers the system checks)
        from safehome.organisation import models

        for model in (models.Municipality, models.Administration, models.Unit, models.Membership):
            auditlog.register(model)
        auditlog.register(models.User, exclude_fields=["last_login", "password"])
        auditlog.register(models.ApiToken, exclude_fields=["digest"])
