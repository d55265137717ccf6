"""Water where there should be none."""

from django.utils.translation import gettext_lazy as _

from .on_off import OnOffRule


class Water(OnOffRule):
    code = "water"
    kinds = frozenset({"water"})
    label = _("Water leak")
    meaning = _("The leak sensor has detected water.")
    action = _("Call the resident and ask if a tap is running. Go there if there is no answer.")
    sentence = _("Water on the floor since {since}.")
