"""The interface as a Django app: template tags, form templates and the pages about the product itself."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Holds no models; every other app may use it."""

    name = "safehome.ui"
    label = "ui"
    verbose_name = _("Interface")
