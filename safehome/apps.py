"""Django admin as Safehome has it: one site, with its own door (safehome/adminsite.py)."""

from django.contrib.admin.apps import AdminConfig


class SafehomeAdminConfig(AdminConfig):
    default_site = "safehome.adminsite.SafehomeAdminSite"
