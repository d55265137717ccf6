"""A fall, as told by a sensor that is made to detect falls."""

from django.utils.translation import gettext_lazy as _

from alarms.states import Priority

from .on_off import OnOffRule


class Fall(OnOffRule):
    """A 0 tells that the person is up again; the condition is then cleared and somebody still goes to see."""

    code = "fall"
    priority = Priority.HIGH
    kinds = frozenset({"fall"})
    label = _("Fall")
    meaning = _("The fall sensor has detected that somebody may have fallen.")
    action = _("Call the resident. Go there if there is no answer.")
    sentence = _("Possible fall at {since}.")
