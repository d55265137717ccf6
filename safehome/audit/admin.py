"""The ledgers, to read: field changes for administrators, the access log for those who review it."""

from typing import Any, cast

from auditlog.models import LogEntry
from auditlog.render import get_field_verbose_name, render_logentry_changes_html
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from safehome.adminbase import Ledger
from safehome.audit import access
from safehome.audit.models import AccessEntry, Action, Purpose
from safehome.organisation.models import Unit, User
from safehome.organisation.policies import units_with
from safehome.organisation.roles import Right


@admin.register(AccessEntry)
class AccessEntryAdmin(Ledger):
    """For log reviewers, about their own administration; administrators are among those whom it is about."""

    list_display = [
        "at", "user_name", "role", "action", "outcome", "resource", "resident", "purpose", "system", "detail",
    ]  # fmt: skip
    list_filter = ["action", "outcome", "purpose", "resource", "system"]
    search_fields = ["=user", "=resident", "=resource_id"]
    search_help_text = _("The id of a user, a resident or a resource.")
    date_hierarchy = "at"
    fields = [
        "at", "user_name", "role", "unit_name", "action", "outcome", "purpose",
        "resident", "owner_unit_name", "resource", "resource_id", "system", "detail",
    ]  # fmt: skip

    def is_open_to(self, request: HttpRequest) -> bool:
        return self.door.reads_logs(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessEntry]:
        user = request.user
        if not isinstance(user, User):
            return AccessEntry.objects.none()
        names = {"named_user": _name(User, "user"), "named_unit": _name(Unit, "unit")}
        found = super().get_queryset(request).filter(_of_own_administration(user))
        return cast(QuerySet[AccessEntry], found.annotate(**names, named_owner=_name(Unit, "owner_unit")))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Reading the log is itself in the log."""
        user = request.user
        if isinstance(user, User) and self.is_open_to(request):
            access.record(Action.READ, "access_log", by=user, purpose=Purpose.QUALITY, detail=request.GET.urlencode())
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("user"))
    def user_name(self, entry: Any) -> str:
        return entry.named_user or entry.user or ""

    @admin.display(description=_("the user's unit"))
    def unit_name(self, entry: Any) -> str:
        return entry.named_unit or entry.unit or ""

    @admin.display(description=_("unit that owns the data"))
    def owner_unit_name(self, entry: Any) -> str:
        return entry.named_owner or entry.owner_unit or ""


def _of_own_administration(user: User) -> Q:
    """By a unit of the reviewer's administration or about its data; and what belongs to no unit, as failed
    sign-ins do."""
    administrations = units_with(user, Right.LOG_VIEW).values("administration")
    own = Unit.objects.filter(administration__in=administrations).values("pk")
    return Q(unit__in=own) | Q(owner_unit__in=own) | Q(unit=None, owner_unit=None)


def _name(model: type[User] | type[Unit], of: str) -> Subquery:
    return Subquery(model._default_manager.filter(pk=OuterRef(of)).values("name")[:1])


@admin.register(LogEntry)
class FieldChangeAdmin(Ledger):
    """Who changed which field. About residents and people's accounts the page says which fields, never what stood
    in them: a name changed long ago may belong to somebody whose identity is protected today."""

    list_display = ["timestamp", "actor", "action", "content_type", "thing", "fields_changed"]
    list_filter = ["action", "content_type"]
    list_select_related = ["actor", "content_type"]
    search_fields = ["actor__name", "actor__email", "=object_pk"]
    date_hierarchy = "timestamp"
    fields = ["timestamp", "actor", "action", "content_type", "thing", "fields_changed", "values"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        return super().get_queryset(request).order_by("-timestamp", "-pk")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LogEntry | None:
        """The page's title names the entry by its object, so the object is masked in the entry itself."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.object_repr = self.thing(entry)
        return entry

    @admin.display(description=_("object"))
    def thing(self, entry: LogEntry) -> str:
        return str(entry.object_pk if _is_personal(entry) else entry.object_repr)

    @admin.display(description=_("fields"))
    def fields_changed(self, entry: LogEntry) -> str:
        return ", ".join(capfirst(str(get_field_verbose_name(entry, name))) for name in entry.changes_dict)

    @admin.display(description=_("values"))
    def values(self, entry: LogEntry) -> str:
        if _is_personal(entry):
            return str(_("Not shown: they are about a person."))
        return str(render_logentry_changes_html(entry))


def _is_personal(entry: LogEntry) -> bool:
    kind = entry.content_type
    return kind.app_label == "residents" or (kind.app_label, kind.model) in _PERSONAL


_PERSONAL = {("organisation", "user"), ("consents", "relativeview")}
