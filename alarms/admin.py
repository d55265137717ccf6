"""Django admin for rules, and alarms to read: they are handled on the board, by those whose work it is."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from alarms import rules
from alarms.models import Alarm, AlarmEvent, EventKind, RuleSetting, RuleState
from alarms.outcomes import Outcome
from alarms.rule_forms import NewRuleForm, differences, form_for, setting_names
from devices.models import Assignment
from safehome import clock
from safehome.adminbase import Ledger, Page, RowsToRead, attach
from safehome.residents.admin import is_masked
from safehome.residents.models import Resident


def _label_of(code: str) -> Any:
    kind = rules.KINDS.get(code)
    return kind.label if kind else code


def _own_settings(setting: RuleSetting) -> str:
    """The settings that differ from the rule's defaults."""
    return "; ".join(map(str, differences(setting.code, setting.settings))) or str(_("Defaults"))


class KindFilter(admin.SimpleListFilter):
    """By the words of the catalogue rather than its codes."""

    title = _("kind")
    parameter_name = "code"
    catalogue = rules.KINDS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, kind.label) for code, kind in self.catalogue.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() else queryset


class RuleFilter(KindFilter):
    title = _("rule")
    catalogue = dict(rules.RULES)


# --- Rules --------------------------------------------------------------------------------------------------------


class RuleRows(RowsToRead):
    """The rules that have settings of their own here; for all others the defaults stand."""

    model = RuleSetting
    fields = ["rule", "enabled", "own_settings"]
    verbose_name_plural = _("rules with settings of their own")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleSetting]:
        about = ("assignment__resident", "assignment__place", "resident")
        return super().get_queryset(request).select_related(*about)

    @admin.display(description=_("rule"))
    def rule(self, setting: RuleSetting) -> Any:
        return _label_of(setting.code)

    @admin.display(description=_("settings"))
    def own_settings(self, setting: RuleSetting) -> str:
        return _own_settings(setting)


attach(Assignment, RuleRows)
attach(Resident, RuleRows)


@admin.register(RuleSetting)
class RuleAdmin(Page):
    """First which rule and about what; the next page has the rule's own settings. Removing one brings the defaults
    back."""

    of_people = True
    list_display = ["rule", "about", "enabled", "own_settings"]
    list_filter = [RuleFilter, "enabled"]
    list_select_related = ["assignment__resident", "assignment__place", "resident"]
    search_fields = ["assignment__label", "assignment__device__external_id"]
    autocomplete_fields = ["assignment", "resident"]
    fields = ["code", "assignment", "resident"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = form_for(rules.RULES[obj.code]) if obj else NewRuleForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        rule = rules.RULES[obj.code]
        about = (None, {"fields": ["rule", "about", "enabled"], "description": rule.meaning})
        names = setting_names(rule)
        return [about, (_("Settings"), {"fields": names})] if names else [about]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["rule", "about"] if obj else []

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """On to the settings."""
        return self.back_to(obj)

    def save_model(self, request: HttpRequest, obj: RuleSetting, form: Any, change: bool) -> None:
        """The rule is asked again at once: with the new settings its time may have come already."""
        super().save_model(request, obj, form, change)
        about = RuleState.objects.filter(code=obj.code, assignment=obj.assignment, resident=obj.resident)
        about.filter(wake_at__isnull=False).update(wake_at=clock.now())

    @admin.display(description=_("rule"), ordering="code")
    def rule(self, setting: RuleSetting) -> Any:
        return _label_of(setting.code)

    @admin.display(description=_("about"))
    def about(self, setting: RuleSetting) -> str:
        return str(setting.assignment or setting.resident)

    @admin.display(description=_("settings"))
    def own_settings(self, setting: RuleSetting) -> str:
        return _own_settings(setting)


# --- Alarms -------------------------------------------------------------------------------------------------------


class EventRows(RowsToRead):
    """The timeline."""

    model = AlarmEvent
    fields = ["at", "what", "by", "unit", "note"]
    show_change_link = False
    verbose_name_plural = _("what has happened")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Notes name people, so they are not shown about whoever is masked."""
        masked = obj is not None and obj.resident is not None and is_masked(request.user, obj.resident)
        return [name for name in self.fields if name != "note" or not masked]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlarmEvent]:
        return super().get_queryset(request).select_related("by", "unit")

    @admin.display(description=_("event"))
    def what(self, event: AlarmEvent) -> Any:
        return EventKind(event.kind).label


@admin.register(Alarm)
class AlarmAdmin(Ledger):
    of_people = True
    list_display = ["raised_at", "kind", "priority", "handling", "condition", "who", "unit", "late", "test"]
    list_filter = ["handling", "category", "priority", KindFilter, "unit", "condition", "late", "test"]
    list_select_related = ["resident", "place", "unit"]
    search_fields = ["unit__name", "assignment__label", "assignment__device__external_id"]
    search_help_text = _("Unit, name in the home, or device id.")
    date_hierarchy = "raised_at"
    inlines = [EventRows]
    people = [("accepted_by", "accepted_at"), ("arrived_by", "arrived_at"), ("closed_by", "closed_at")]
    fieldsets = [
        (None, {"fields": ["kind", "sentence", "category", "priority", "handling", "condition", "late", "test"]}),
        (_("Where"), {"fields": ["who", "assignment", "unit"]}),
        (_("When"), {"fields": ["occurred_at", "raised_at", "repeat_count", "last_repeat_at"]}),
        (_("Who has seen to it"), {"fields": [*people, "ending"]}),
    ]
    readonly_fields = ["kind", "sentence", "who", "ending"]

    @admin.display(description=_("kind"), ordering="code")
    def kind(self, alarm: Alarm) -> Any:
        return _label_of(alarm.code)

    @admin.display(description=_("what"))
    def sentence(self, alarm: Alarm) -> Any:
        return alarm.sentence

    @admin.display(description=_("who"))
    def who(self, alarm: Alarm) -> str:
        return str(alarm.resident or alarm.place or "")

    @admin.display(description=_("outcome"))
    def ending(self, alarm: Alarm) -> Any:
        return Outcome(alarm.outcome).label if alarm.outcome else ""
