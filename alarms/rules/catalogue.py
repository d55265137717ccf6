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


class StoppedDeviceCalled(AlarmKind):
    """Whoever presses asks for help, whatever they have said about data (GDPR 6.1 d, 9.2 c). The press itself is not
    stored.
    """

    code = "stopped_device_called"
    priority = Priority.HIGH
    label = _("A stopped help button has been pressed")
    meaning = _("Somebody has pressed a help button that has been stopped. It watches nobody any more.")
    action = _("Call the resident. Go there if there is no answer. Then fetch the button.")
    sentence = _("The stopped help button {device} was pressed at {pressed_at}.")


class StoppedDeviceLeft(AlarmKind):
    code = "stopped_device_left"
    category = Category.TECHNICAL
    priority = Priority.MEDIUM
    label = _("A help button left behind has been pressed")
    meaning = _("The person who had the button has died. Somebody has pressed it.")
    action = _("Find out who has the button, and fetch it.")
    sentence = _("The help button {device} was pressed at {pressed_at}. The person who had it has died.")


class NotComeHome(AlarmKind):
    """Nobody is swallowed by being away: the inactivity rule raises this when an absence has grown long."""

    code = "not_come_home"
    category = Category.INFORMATION
    priority = Priority.LOW
    label = _("Has not come home")
    meaning = _("The resident went out and has not come home since.")
    action = _("Check whether the absence is planned. If it is not, call the resident.")
    sentence = _("Has not come home since {left_at}.")
