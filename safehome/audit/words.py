"""What django-auditlog says on the pages of field changes. It has no Swedish of its own, so its words are marked
here, where they are collected for translation with ours."""

from django.utils.translation import gettext_noop

WORDS = (
    gettext_noop("Audit log"),
    gettext_noop("timestamp"),
    gettext_noop("actor"),
    gettext_noop("create"),
    gettext_noop("update"),
    gettext_noop("delete"),
    gettext_noop("access"),
    gettext_noop("Created {repr:s}"),
    gettext_noop("Updated {repr:s}"),
    gettext_noop("Deleted {repr:s}"),
    gettext_noop("Logged {repr:s}"),
    gettext_noop("Field"),
    gettext_noop("From"),
    gettext_noop("To"),
    gettext_noop("Relationship"),
    gettext_noop("Action"),
    gettext_noop("Objects"),
)
