"""Smoke in the home."""

from django.utils.translation import gettext_lazy as _

from alarms.states import Priority

from .on_off import OnOffRule


class Smoke(OnOffRule):
    code = "smoke"
    priority = Priority.HIGH
    kinds = frozenset({"smoke"})
    label = _("Smoke")
    meaning = _("The smoke alarm has detected smoke.")
    action = _("Call the resident. If there may be a fire, call 112. Go there.")
    sentence = _("Smoke since {since}.")
