"""Alarm kinds that no rule judges: the intake raises them, or a rule beside its own."""

from django.utils.translation import gettext_lazy as _

from alarms.states import Category, Priority

from .base import AlarmKind


class UnknownDevice(AlarmKind):
    """Somebody's button may be behind it, so it is never dropped."""

    code = "unknown_device"
    category = Category.TECHNICAL
    priority = Priority.MEDIUM
    label = _("Unknown device")
    meaning = _("A device that is not registered, or not placed with anybody, has sent a reading.")
    action = _("Find out whose device it is and register it. If it may be a help button, find the person first.")
    sentence = _("A reading came from the unknown device {device}.")


class UnreadableReading(AlarmKind):
    code = "unreadable_reading"
    category = Category.TECHNICAL
    priority = Priority.MEDIUM
    label = _("Unreadable message")
    meaning = _("A device has sent a message that cannot be understood.")
    action = _("Check with the resident that all is well. Then ask a technician to check the device.")
    sentence = _("A message from {device} could not be understood.")


class NotComeHome(AlarmKind):
    """Nobody is swallowed by being away: the inactivity rule raises this when an absence has grown long."""

    code = "not_come_home"
    category = Category.INFORMATION
    priority = Priority.LOW
    label = _("Has not come home")
    meaning = _("The resident went out and has not come home since.")
    action = _("Check whether the absence is planned. If it is not, call the resident.")
    sentence = _("Has not come home since {left_at}.")
