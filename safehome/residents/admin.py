"""Django admin for residents, homes and places.

A protected identity is masked here too. An administrator who isn't named for it by a colleague sees "Protected
person", may mend care relations and name staff, and meets neither name, number, address, account nor relatives:
not in a list, a search, a form, a choice or a history. Superusers are no exception.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Case, F, Prefetch, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from safehome.adminbase import Page, Rows, hide
from safehome.organisation import exceptions
from safehome.organisation.models import Regime, Unit, User
from safehome.residents.forms import CareRelationFormSet, MaskedResidentForm, NewResidentForm, ResidentForm
from safehome.residents.models import (
    CareRelation,
    Cohabitant,
    Contact,
    Effort,
    Home,
    Place,
    ProtectedIdentity,
    Representative,
    Resident,
    Room,
)
from safehome.residents.policies import NAMED

_NOT_PROTECTED = Q(protected_identity=ProtectedIdentity.NONE)


def masked_from(user: Any) -> QuerySet[Resident]:
    """Protected residents for whom the user isn't named. An administrator needs no care relation to be named."""
    named = exceptions.objects_for(user, NAMED, Resident.objects.all())
    return Resident.objects.exclude(_NOT_PROTECTED).exclude(pk__in=named.values("pk"))


def is_masked(user: Any, resident: Resident) -> bool:
    return resident.is_protected and masked_from(user).contains(resident)


hide(Home, lambda request: Q(residents__in=masked_from(request.user)))
hide(Room, lambda request: Q(home__residents__in=masked_from(request.user)))
hide(User, lambda request: Q(resident__in=masked_from(request.user)))


# --- Residents ----------------------------------------------------------------------------------------------------


class ContactRows(Rows):
    model = Contact
    fields = ["call_order", "name", "relation", "phone", "email", "has_key", "user"]
    autocomplete_fields = ["user"]


class RepresentativeRows(Rows):
    model = Representative
    fields = ["name", "kind", "scope", "proof", "phone", "user", "valid_from", "valid_to"]
    autocomplete_fields = ["user"]


class EffortRows(Rows):
    model = Effort
    fields = ["name", "regime", "administration", "valid_from", "valid_to"]


class CareRelationRows(Rows):
    model = CareRelation
    formset = CareRelationFormSet
    fields = ["unit", "valid_from", "valid_to"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CareRelation]:
        return super().get_queryset(request).select_related("resident", "unit")


_BY_NAME = [Case(When(_NOT_PROTECTED, then=F(name)), default=Value("")) for name in ("family_name", "given_name")]
"""A protected person's place in the list would tell the first letters of the name."""


class CareUnitFilter(admin.SimpleListFilter):
    """By subquery: Django's own filters over a relation say DISTINCT, which PostgreSQL refuses beside our order."""

    title = _("unit")
    parameter_name = "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(unit.pk), unit.name) for unit in Unit.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Resident]) -> QuerySet[Resident]:
        chosen = [UUID(unit) for unit, _name in self.lookup_choices if unit == self.value()]
        if not chosen:
            return queryset
        return queryset.filter(pk__in=CareRelation.objects.filter(unit__in=chosen).values("resident"))


class RegimeFilter(admin.SimpleListFilter):
    title = _("regime")
    parameter_name = "regime"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Regime.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Resident]) -> QuerySet[Resident]:
        if self.value() is None:
            return queryset
        return queryset.filter(pk__in=Effort.objects.filter(regime=self.value()).values("resident"))


@admin.register(Resident)
class ResidentAdmin(Page):
    of_people = True
    list_display = ["name", "address", "units", "language", "protected_identity"]
    list_filter = ["protected_identity", CareUnitFilter, RegimeFilter, "language"]
    list_select_related = ["home"]
    search_fields = ["family_name", "given_name"]
    search_help_text = _("Words of the name, or a whole personal identity number.")
    autocomplete_fields = ["home", "user"]
    fieldsets = [
        (None, {"fields": ["given_name", "family_name", "identity_number", "phone", "language", "user"]}),
        (_("At home"), {"fields": ["home", "good_to_know"]}),
        (_("Protected identity"), {"fields": ["protected_identity"]}),
    ]
    exceptions_fieldsets = [(_("Exceptions"), {"fields": ["relatives", "named_staff"], "classes": ["collapse"]})]
    masked_fieldsets = [(_("Protected identity"), {"fields": ["protected_identity", "named_staff"]})]
    inlines = [ContactRows, RepresentativeRows, EffortRows, CareRelationRows]
    masked_inlines = [EffortRows, CareRelationRows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Resident]:
        in_care = Prefetch("care_relations", CareRelation.objects.in_force().select_related("unit"), to_attr="in_care")
        masked = Q(pk__in=masked_from(request.user).values("pk"))
        known = Case(When(masked, then=Value(False)), default=Value(True))
        found: QuerySet[Resident] = super().get_queryset(request)
        return found.annotate(known=known).prefetch_related(in_care)

    def get_ordering(self, request: HttpRequest) -> Any:
        return _BY_NAME

    def find(self, request: HttpRequest, among: Any, text: str) -> tuple[QuerySet[Any], bool]:
        """A hit would tell that the person is here, so a search finds no masked person."""
        return (among.matching(text).filter(known=True) if text else among), False

    # --- In the list

    @admin.display(description=_("name"), ordering=_BY_NAME[0])
    def name(self, resident: Any) -> str:
        return resident.full_name if resident.known else str(resident)

    @admin.display(description=_("address"))
    def address(self, resident: Any) -> str:
        return str(resident.home or "") if resident.known else ""

    @admin.display(description=_("units"))
    def units(self, resident: Any) -> str:
        return ", ".join(relation.unit.name for relation in resident.in_care)

    # --- On the page

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = self._form_for(request, obj)
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.viewer = request.user
        return form

    def _form_for(self, request: HttpRequest, resident: Resident | None) -> type[NewResidentForm]:
        if resident is None:
            return NewResidentForm
        return MaskedResidentForm if is_masked(request.user, resident) else ResidentForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fieldsets
        return self.masked_fieldsets if is_masked(request.user, obj) else self.fieldsets + self.exceptions_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Whoever could take the protection off would see what it hides."""
        return ["protected_identity"] if obj and is_masked(request.user, obj) else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        shown = super().get_inlines(request, obj)
        if obj and is_masked(request.user, obj):
            return [rows for rows in shown if rows not in self.inlines or rows in self.masked_inlines]
        return shown

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and is_masked(request.user, obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if isinstance(form, MaskedResidentForm):
            for done in form.save_exceptions():
                self.door.changed(request, form.instance, done)


# --- Homes and places ---------------------------------------------------------------------------------------------


class RoomRows(Rows):
    model = Room
    fields = ["name", "kind"]


class CohabitantRows(Rows):
    model = Cohabitant
    fields = ["name", "relation", "phone", "user", "valid_from", "valid_to"]
    autocomplete_fields = ["user"]


@admin.register(Home)
class HomeAdmin(Page):
    of_people = True
    list_display = ["street", "postal_code", "city", "floor"]
    list_filter = ["city"]
    search_fields = ["street", "postal_code", "city"]
    inlines = [RoomRows, CohabitantRows]


@admin.register(Room)
class RoomAdmin(Page):
    """Rooms are edited with their home; this page only answers when one is chosen."""

    of_people = True
    search_fields = ["name", "home__street"]
    list_select_related = ["home"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).select_related("home")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def told(self, room: Room) -> str:
        return f"{room.name} – {room.home.street}"


@admin.register(Place)
class PlaceAdmin(Page):
    list_display = ["name", "where", "administration"]
    list_filter = ["administration"]
    list_select_related = ["administration"]
    search_fields = ["name", "where"]
