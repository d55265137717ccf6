"""Django admin for the catalogue, gateways, devices, assignments, and the inbox to read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices import actions
from devices.forms import DeviceModelForm, RevokeTokensForm, StartForm, why_not
from devices.kinds import KINDS
from devices.models import (
    Assignment,
    CollectingState,
    Device,
    DeviceModel,
    Disposal,
    Gateway,
    GatewayToken,
    InboxReading,
)
from safehome.adminbase import Ledger, NeverDeleted, Page, RowsToRead, Verb, attach
from safehome.residents.admin import masked_from
from safehome.residents.models import Place, Resident


class AssignmentRows(RowsToRead):
    """Which devices are with a resident or on a place, now and before."""

    model = Assignment
    fields = ["device", "collecting", "unit", "valid_from", "valid_to"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        found = super().get_queryset(request).select_related("device", "unit", "resident", "place")
        return found.order_by("-valid_from")


attach(Resident, AssignmentRows)
attach(Place, AssignmentRows)


@admin.register(DeviceModel)
class DeviceModelAdmin(Page):
    form = DeviceModelForm
    list_display = ["name", "manufacturer", "measures", "is_medical_device"]
    list_filter = ["manufacturer", "is_medical_device"]
    search_fields = ["name", "manufacturer"]
    fieldsets = [
        (None, {"fields": ["manufacturer", "name", "kinds"]}),
        (_("Medical device (MDR)"), {"fields": ["is_medical_device", "medical_class", "intended_purpose"]}),
    ]

    @admin.display(description=_("measures"))
    def measures(self, model: DeviceModel) -> str:
        return ", ".join(str(KINDS[code].label) for code in model.kinds if code in KINDS)


class TokenRows(RowsToRead):
    model = GatewayToken
    fields = ["created_at", "revoked_at"]
    show_change_link = False


@admin.register(Gateway)
class GatewayAdmin(NeverDeleted, Page):
    """A gateway that is done with is made inactive; readings in the inbox still point at it."""

    list_display = ["name", "unit", "administration", "is_active", "last_seen_at"]
    list_filter = ["is_active", "administration", "unit"]
    list_select_related = ["unit", "administration"]
    search_fields = ["name"]
    autocomplete_fields = ["unit"]
    fields = ["name", "administration", "unit", "is_active", "last_seen_at"]
    readonly_fields = ["last_seen_at"]
    inlines = [TokenRows]
    verbs = [
        Verb(
            "issue_token",
            _("Issue a new token"),
            _("The gateway sends its readings with the token. Tokens issued before stay valid until they are revoked."),
        ),
        Verb(
            "revoke_tokens",
            _("Revoke tokens"),
            _("Readings sent with a revoked token are refused at once. This can't be undone."),
            done=_("The tokens have been revoked."),
            form=RevokeTokensForm,
        ),
    ]

    def issue_token(self, request: HttpRequest, gateway: Gateway, answers: dict[str, Any]) -> HttpResponse:
        return self.show_once(request, gateway, actions.issue_gateway_token(gateway))

    def revoke_tokens(self, request: HttpRequest, gateway: Gateway, answers: dict[str, Any]) -> None:
        for token in answers["tokens"]:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])


@admin.register(Device)
class DeviceAdmin(Page):
    list_display = ["external_id", "model", "state", "where_now", "gateway", "battery", "last_seen_at"]
    list_filter = ["state", "model", "gateway"]
    list_select_related = ["model", "gateway"]
    search_fields = ["external_id", "serial_number", "model__name"]
    autocomplete_fields = ["model", "gateway"]
    fields = ["external_id", "model", "gateway", "serial_number", "state", "battery", "last_seen_at"]
    readonly_fields = ["battery", "last_seen_at"]
    inlines = [AssignmentRows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Device]:
        now = Assignment.objects.in_force().select_related("resident", "place")
        return super().get_queryset(request).prefetch_related(Prefetch("assignments", now, to_attr="assigned_now"))

    @admin.display(description=_("where now"))
    def where_now(self, device: Any) -> str:
        return ", ".join(str(assignment) for assignment in device.assigned_now)


@admin.register(Assignment)
class AssignmentAdmin(NeverDeleted, Page):
    """Readings rest on it, so it is ended and never deleted, and goes to nobody else: somebody else's is a new one.
    Collecting starts and stops by its own buttons."""

    of_people = True
    list_display = ["label", "device", "holder", "unit", "placement", "collecting", "valid_from", "valid_to"]
    list_filter = ["collecting", "placement", "given_as", "unit", ("valid_to", admin.EmptyFieldListFilter)]
    list_select_related = ["device", "resident", "place", "unit"]
    search_fields = ["label", "device__external_id", "place__name"]
    search_help_text = _("Name in the home, device id, place, or the resident's name.")
    autocomplete_fields = ["device", "resident", "place", "unit", "room"]
    date_hierarchy = "valid_from"
    fieldsets = [
        (_("What and with whom"), {"fields": ["device", "resident", "place", "given_as"]}),
        (_("Where"), {"fields": ["label", "room", "placement", "unit"]}),
        (_("When"), {"fields": ["valid_from", "valid_to"]}),
        (_("Collecting"), {"fields": ["collecting", "collecting_since"]}),
    ]
    holders_fields = ["device", "resident", "place"]
    readonly_fields = ["collecting", "collecting_since"]
    verbs = [
        Verb(
            "start_collecting",
            _("Start collecting"),
            _("From now on the readings of this device are kept and its rules watch. What it measured before is not."),
            done=_("Readings are now kept."),
            form=StartForm,
        ),
        Verb(
            "stop_collecting",
            _("Stop collecting"),
            _("From now on nothing more is kept from this device, and no alarm comes from it."),
            done=_("Nothing more is kept from this device."),
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields, *(self.holders_fields if obj else ())]

    def find(self, request: HttpRequest, among: QuerySet[Any], text: str) -> tuple[QuerySet[Any], bool]:
        """By the resident's name too, when the resident isn't masked."""
        found, may_repeat = super().find(request, among, text)
        if not text:
            return found, may_repeat
        residents = Resident.objects.matching(text).exclude(pk__in=masked_from(request.user))
        return found | among.filter(resident__in=residents.values("pk")), may_repeat

    def verbs_for(self, request: HttpRequest, thing: Assignment) -> list[Verb]:
        collects = thing.collecting == CollectingState.ACTIVE
        return [verb for verb in self.verbs if (verb.name == "stop_collecting") == collects]

    @admin.display(description=_("with"))
    def holder(self, assignment: Assignment) -> str:
        return str(assignment.resident or assignment.place)

    def start_collecting(
        self, request: HttpRequest, assignment: Assignment, answers: dict[str, Any]
    ) -> HttpResponse | None:
        """Between the question and the answer a consent may have been taken back."""
        try:
            actions.start_collecting(assignment)
        except actions.NotLawful as refusal:
            messages.error(request, why_not(assignment, refusal.verdict))
            return self.back_to(assignment)
        return None

    def stop_collecting(self, request: HttpRequest, assignment: Assignment, answers: dict[str, Any]) -> None:
        actions.stop_collecting(assignment)


@admin.register(Disposal)
class DisposalAdmin(Ledger):
    """What has been erased because its time was over."""

    list_display = ["at", "assignment", "days", "count", "measured_before"]
    list_select_related = ["assignment__resident", "assignment__place"]
    list_filter = ["days"]
    fields = ["at", "assignment", "days", "count", "measured_before"]


@admin.register(InboxReading)
class InboxAdmin(Ledger):
    """Whether readings come in and are taken care of. What they measured is not an administrator's business."""

    list_display = [
        "received_at", "device_id_sent", "kind", "lane", "gateway", "outcome", "settled_at", "attempts", "problem",
    ]  # fmt: skip
    list_filter = [("settled_at", admin.EmptyFieldListFilter), "outcome", "lane", "clock_skewed", "gateway"]
    list_select_related = ["gateway"]
    search_fields = ["device_id_sent"]
    ordering = ["-id"]
    fields = [
        "gateway", "device_id_sent", "kind", "lane", "measured_at", "received_at", "clock_skewed",
        "outcome", "settled_at", "attempts", "problem",
    ]  # fmt: skip
