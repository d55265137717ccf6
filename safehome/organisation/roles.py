"""Who does what: the roles of care, and the rights each carries inside its own units.

The table is the main rule of access (docs/reference/permission-matrix.md is generated from it and from
`policies`). Exceptions that concern one person and one object live in django-guardian, see `exceptions.py`.
"""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CARE_STAFF = "care_staff", _("Care staff")
    NURSE = "nurse", _("Nurse")
    UNIT_MANAGER = "unit_manager", _("Unit manager")
    ALARM_OPERATOR = "alarm_operator", _("Alarm operator")
    TECHNICIAN = "technician", _("Technician")
    CASE_OFFICER = "case_officer", _("Case officer")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    LOG_REVIEWER = "log_reviewer", _("Log reviewer")


class Right(Enum):
    """One thing a role may do with what belongs to the units where it is held."""

    ALARM_VIEW = "alarm.view"
    ALARM_HANDLE = "alarm.handle"
    RESIDENT_VIEW = "resident.view"
    RESIDENT_CHANGE = "resident.change"
    READING_VIEW = "reading.view"
    DEVICE_VIEW = "device.view"
    DEVICE_MANAGE = "device.manage"
    ASSIGNMENT_MANAGE = "assignment.manage"
    RULE_MANAGE = "rule.manage"
    CONSENT_ASK = "consent.ask"
    CONSENT_WRITE = "consent.write"
    LOG_VIEW = "log.view"
    ADMIN = "admin"


_ON_SHIFT = frozenset({Right.ALARM_VIEW, Right.ALARM_HANDLE, Right.RESIDENT_VIEW, Right.DEVICE_VIEW})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CARE_STAFF: _ON_SHIFT | {Right.READING_VIEW, Right.CONSENT_ASK},
    Role.NURSE: _ON_SHIFT | {Right.READING_VIEW, Right.CONSENT_ASK},
    Role.UNIT_MANAGER: _ON_SHIFT
    | {
        Right.READING_VIEW,
        Right.RESIDENT_CHANGE,
        Right.ASSIGNMENT_MANAGE,
        Right.RULE_MANAGE,
        Right.CONSENT_ASK,
        Right.CONSENT_WRITE,
    },
    Role.ALARM_OPERATOR: _ON_SHIFT,
    # A technician mends devices: sees which alarm a device gave, never the readings of a person's life.
    Role.TECHNICIAN: frozenset({Right.DEVICE_VIEW, Right.DEVICE_MANAGE}),
    Role.CASE_OFFICER: frozenset(
        {
            Right.RESIDENT_VIEW,
            Right.RESIDENT_CHANGE,
            Right.DEVICE_VIEW,
            Right.ASSIGNMENT_MANAGE,
            Right.CONSENT_ASK,
            Right.CONSENT_WRITE,
        }
    ),
    Role.SYSTEM_ADMINISTRATOR: frozenset({Right.ADMIN}),
    Role.LOG_REVIEWER: frozenset({Right.LOG_VIEW}),
}


def roles_with(right: Right) -> list[str]:
    """The roles that carry a right, as stored in the database."""
    return [role.value for role, rights in RIGHTS.items() if right in rights]
