"""Forms of Django admin for rules: first which rule and about what, then a form made from the rule's own settings."""

from collections.abc import Mapping
from datetime import time
from typing import Any, ClassVar

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from alarms import rules
from alarms.models import RuleSetting
from safehome.adminbase import ModelForm, Text

PREFIX = "setting_"


class NewRuleForm(ModelForm):
    """Checks that the rule has something to do with what it is put on."""

    code = forms.ChoiceField(label=_("Rule"), choices=lambda: _by_scope())

    class Meta:
        model = RuleSetting
        fields = ("code", "assignment", "resident")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        rule = rules.RULES.get(answers.get("code", ""))
        if rule is None:
            return answers
        wanted, other = _subject_fields(rule)
        if not answers.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, _("This rule needs one."))
        if answers.get(other):
            self.add_error(other, _("Leave this empty: the rule is about the other."))
        self._check_device(rule, answers.get("assignment"))
        return answers

    def _check_device(self, rule: rules.Rule[Any, Any], assignment: Any) -> None:
        if assignment and not rule.applies_to(assignment.device.model.kinds, assignment.placement):
            self.add_error(
                "assignment", _("The rule has nothing to go by: this device doesn't measure it, or not here.")
            )


def _by_scope() -> list[tuple[Text, list[tuple[str, Text]]]]:
    names = {rules.Scope.ASSIGNMENT: _("About one assignment"), rules.Scope.RESIDENT: _("About a resident")}
    return [
        (name, [(rule.code, rule.label) for rule in rules.RULES.values() if rule.scope == scope])
        for scope, name in names.items()
    ]


def _subject_fields(rule: rules.Rule[Any, Any]) -> tuple[str, str]:
    """The field that the rule wants filled, and the one it wants empty."""
    return ("resident", "assignment") if rule.scope == rules.Scope.RESIDENT else ("assignment", "resident")


class RuleForm(ModelForm):
    """The rule's settings, one field each; what is stored has been through the rule itself."""

    rule: ClassVar[rules.Rule[Any, Any]]

    class Meta:
        model = RuleSetting
        fields = ("enabled",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_force = self.rule.settings(self.instance.settings)
        for field in rules.setting_fields(self.rule.Settings):
            self.initial[PREFIX + field.name] = getattr(in_force, field.name)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        chosen = {name.removeprefix(PREFIX): value for name, value in answers.items() if name.startswith(PREFIX)}
        try:
            self.instance.settings = rules.stored(self.rule.settings(msgspec.to_builtins(chosen)))
        except msgspec.ValidationError as fault:
            if not self.errors:
                raise ValidationError(_("The rule can't use these settings: %(why)s"), params={"why": fault}) from fault
        return answers


def form_for(rule: rules.Rule[Any, Any]) -> type[RuleForm]:
    """The form of one rule."""
    fields = {PREFIX + field.name: _form_field(field) for field in rules.setting_fields(rule.Settings)}
    return type("RuleForm", (RuleForm,), {**fields, "rule": rule, "Meta": RuleForm.Meta})


def setting_names(rule: rules.Rule[Any, Any]) -> list[str]:
    return [PREFIX + field.name for field in rules.setting_fields(rule.Settings)]


def _form_field(field: rules.SettingField) -> forms.Field:
    words = field.words
    named: dict[str, Any] = {
        "label": format_lazy("{} ({})", words.label, words.unit) if words.unit else words.label,
        "help_text": _help(field),
    }
    if field.type is bool:
        return forms.BooleanField(required=False, **named)
    if field.type is time:
        return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **named)
    bounds: dict[str, Any] = {"min_value": field.minimum, "max_value": field.maximum}
    return forms.IntegerField(**bounds, **named) if field.type is int else forms.FloatField(**bounds, **named)


def _help(field: rules.SettingField) -> Text:
    texts: list[Text] = [field.words.help_text] if field.words.help_text else []
    if field.minimum is not None and field.maximum is not None:
        texts.append(format_lazy(_("From {low} to {high}."), low=f"{field.minimum:g}", high=f"{field.maximum:g}"))
    texts.append(format_lazy(_("Default: {value}."), value=in_words(field.default)))
    return format_lazy(" ".join(["{}"] * len(texts)), *texts)


def in_words(value: Any) -> Text:
    """A setting's value as a person writes it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:%H:%M}" if isinstance(value, time) else f"{value:g}"


def differences(code: str, settings: Mapping[str, Any]) -> list[Text]:
    """What has been set to something else than the rule's defaults, each as a label and a value."""
    rule = rules.RULES[code]
    in_force = rule.settings(settings)
    return [
        format_lazy("{}: {} {}", field.words.label, in_words(getattr(in_force, field.name)), field.words.unit)
        for field in rules.setting_fields(rule.Settings)
        if getattr(in_force, field.name) != field.default
    ]
