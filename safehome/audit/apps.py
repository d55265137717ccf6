from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "safehome.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from auditlog.models import LogEntry

        from safehome.audit import changes, signals

        pre_save.connect(changes.name_actor, sender=LogEntry, dispatch_uid="safehome.name_actor")
        user_logged_in.connect(signals.signed_in, dispatch_uid="safehome.signed_in")
        user_login_failed.connect(signals.sign_in_failed, dispatch_uid="safehome.sign_in_failed")
