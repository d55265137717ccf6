"""The catalogue of alarm kinds and the rules that judge readings, one file a rule.

To add a rule, copy the file nearest to it: every class in this package that has a code is found by itself.
"""

from collections.abc import Collection, Iterator
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from typing import Any

from alarms.states import Category, Priority

from .base import AlarmKind, Alert, Decision, Observation, Rule, Scope, SettingField, setting_fields, stored

__all__ = [
    "KINDS",
    "RULES",
    "AlarmKind",
    "Alert",
    "Category",
    "Decision",
    "Observation",
    "Priority",
    "Rule",
    "Scope",
    "SettingField",
    "rules_for",
    "setting_fields",
    "stored",
]


def _discovered() -> Iterator[AlarmKind]:
    for module in iter_modules(__path__, prefix=f"{__name__}."):
        for found in vars(import_module(module.name)).values():
            own = isinstance(found, type) and found.__module__ == module.name
            if own and issubclass(found, AlarmKind) and found.code and not isabstract(found):
                yield found()


KINDS: dict[str, AlarmKind] = {kind.code: kind for kind in _discovered()}
"""Every kind of alarm there is, by code: whoever shows an alarm finds its words here."""

RULES: dict[str, Rule[Any, Any]] = {code: kind for code, kind in KINDS.items() if isinstance(kind, Rule)}
"""The kinds that are judged from readings."""


def rules_for(kinds: Collection[str], placement: str, scope: str) -> list[Rule[Any, Any]]:
    """The rules of a scope that weigh a device of these reading kinds, hanging there."""
    return [rule for rule in RULES.values() if rule.scope == scope and rule.applies_to(kinds, placement)]
