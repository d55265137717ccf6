"""What every page of Django admin stands on.

Django's model permissions are not used. Each page and each row of a page asks the site, which is the door (see
adminsite.py): who enters, and where it is written down. This module knows no app, so that every app can use it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    ModelForm = forms.ModelForm[Any]
    _InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline
    ModelForm, _InlineFormSet = forms.ModelForm, forms.BaseInlineFormSet

Text = str | Promise
Veil = Callable[[HttpRequest], Q]


class Door(Protocol):
    """What pages ask of the site they stand on."""

    def is_administrator(self, request: HttpRequest) -> bool: ...

    def reads_logs(self, request: HttpRequest) -> bool: ...

    def searched(self, request: HttpRequest, model: type[Model], found: int) -> None: ...

    def looked(self, request: HttpRequest, thing: Model) -> None: ...

    def changed(self, request: HttpRequest, thing: Model, detail: str) -> None: ...

    def deleted(self, request: HttpRequest, things: Sequence[Model]) -> None: ...


# --- What an app above adds to the pages of an app below ----------------------------------------------------------

_attached: dict[type[Model], list[type[TabularInline]]] = {}
_veils: dict[type[Model], list[Veil]] = {}


def attach(model: type[Model], rows: type[TabularInline]) -> None:
    """Show these rows on the page of each object of the model."""
    _attached.setdefault(model, []).append(rows)


def hide(model: type[Model], veil: Veil) -> None:
    """Whoever asks sees no objects of the model that the veil covers; not in lists, not in searches, not by address."""
    _veils.setdefault(model, []).append(veil)


# --- Permissions --------------------------------------------------------------------------------------------------


class ForAdministrators:
    """Open to administrators and nobody else, whatever model permissions an account may hold."""

    admin_site: Any

    @property
    def door(self) -> Door:
        return cast(Door, self.admin_site)

    def is_open_to(self, request: HttpRequest) -> bool:
        return self.door.is_administrator(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_open_to(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open_to(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open_to(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open_to(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open_to(request)


class ToRead(ForAdministrators):
    """Looked at, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NeverDeleted:
    """Other records rest on it: it is ended or switched off instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# --- Verbs --------------------------------------------------------------------------------------------------------


class VerbForm(forms.Form):
    """What a verb asks before it is done; most ask nothing but whether it is meant."""

    def __init__(self, data: Any = None, *, thing: Any) -> None:
        super().__init__(data)
        self.thing = thing


@dataclass(frozen=True)
class Verb:
    """Something to do with one object, by a button on its page that leads to a question and is done by POST.

    `name` is the method of the page that does it: it takes the request, the object and the form's answers, and
    returns a response of its own or None.
    """

    name: str
    label: Text
    question: Text
    done: Text = ""
    form: type[VerbForm] = VerbForm


# --- Controls -----------------------------------------------------------------------------------------------------


class DateAndTime(AdminSplitDateTime):
    """Django leaves its two boxes without a name for those who can't see them."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, (gettext_lazy("Date"), gettext_lazy("Time")), strict=True):
            widget.attrs["aria-label"] = name


def without_shortcuts(field: Any, *shortcuts: str) -> Any:
    """Beside a choice Django offers to change or delete what is chosen; that is done on its own page."""
    if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
        for shortcut in shortcuts:
            setattr(field.widget, f"can_{shortcut}_related", False)
    return field


class InlineFormSet(_InlineFormSet):
    """The box that removes a row has a name too."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if forms.formsets.DELETION_FIELD_NAME in form.fields:
            form.fields[forms.formsets.DELETION_FIELD_NAME].widget.attrs["aria-label"] = _("Delete")


# --- Pages --------------------------------------------------------------------------------------------------------


class Page(ForAdministrators, ModelAdmin):
    """The lists and forms of one model. `of_people` means that what stands here is about residents: every look is
    written in the access log, and nothing can be filtered by what the page does not offer."""

    of_people: ClassVar[bool] = False
    verbs: ClassVar[Sequence[Verb]] = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = {DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        for veil in _veils.get(self.model, ()):
            found = found.exclude(veil(request))
        return found

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return without_shortcuts(super().formfield_for_dbfield(db_field, request, **kwargs), "change", "delete")

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """A new object has nothing attached to it yet."""
        return [*super().get_inlines(request, obj), *(_attached.get(self.model, ()) if obj else ())]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Names of protected persons could else be spelled out, letter by letter, in the address."""
        offered = any(f"{lookup}__".startswith(f"{name}__") for name in self._filters(request))
        return (offered or not self.of_people) and super().lookup_allowed(lookup, value, request)

    def _filters(self, request: HttpRequest) -> list[str]:
        declared = [item[0] if isinstance(item, tuple) else item for item in self.get_list_filter(request)]
        names = [name if isinstance(name, str) else getattr(name, "parameter_name", "") for name in declared]
        return [*names, self.date_hierarchy] if self.date_hierarchy else names

    # --- The log: searches, looks, changes

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = self.find(request, queryset, search_term)
        if self.of_people:
            self.door.searched(request, self.model, found.distinct().count() if may_repeat else found.count())
        return found, may_repeat

    def find(self, request: HttpRequest, among: QuerySet[Any], text: str) -> tuple[QuerySet[Any], bool]:
        """What a search finds, and whether it may find something twice."""
        return super().get_search_results(request, among, text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        thing = context.get("original")
        if thing is not None:
            context |= {"verbs": self.verbs_for(request, thing), "has_history": auditlog.contains(self.model)}
            if self.of_people:
                self.door.looked(request, thing)
        return super().render_change_form(request, context, *args, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        self.door.changed(request, obj, "added")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        self.door.changed(request, obj, "changed")

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        self.door.deleted(request, list(queryset))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of an object is in the ledger of field changes."""
        query = {"object_pk": unquote(object_id), "content_type__id__exact": str(_content_type_id(self.model))}
        return HttpResponseRedirect(f"{reverse('admin:auditlog_logentry_changelist')}?{urlencode(query)}")

    # --- Verbs

    def verbs_for(self, request: HttpRequest, thing: Any) -> Sequence[Verb]:
        """The verbs that may be done with the object as it is now."""
        return self.verbs

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_verb"
        view = self.admin_site.admin_view(self.verb_view)
        return [path("<path:object_id>/do/<slug:name>/", view, name=name), *super().get_urls()]

    def verb_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask, and on POST do it and say so."""
        thing = self._thing(request, object_id)
        verb = next((verb for verb in self.verbs_for(request, thing) if verb.name == name), None)
        if verb is None:
            messages.warning(request, _("That can't be done any more. The page shows how it is now."))
            return self.back_to(thing)
        form = verb.form(request.POST if request.method == "POST" else None, thing=thing)
        if not form.is_valid():
            return self._page(request, "admin/verb.html", thing, title=verb.label, verb=verb, form=form)
        response = getattr(self, verb.name)(request, thing, form.cleaned_data)
        self.door.changed(request, thing, verb.name)
        if response is None:
            messages.success(request, str(verb.done))
        return response or self.back_to(thing)

    def show_once(self, request: HttpRequest, thing: Model, token: str) -> HttpResponse:
        """A new token in plain text. It is not kept, so this page is the only one that shows it."""
        return self._page(request, "admin/token_once.html", thing, title=_("The new token"), token=token)

    def _thing(self, request: HttpRequest, object_id: str) -> Any:
        if not self.is_open_to(request):
            raise PermissionDenied
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        return thing

    def back_to(self, thing: Model) -> HttpResponse:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=[thing.pk]))

    def _page(self, request: HttpRequest, template: str, thing: Model, **context: Any) -> HttpResponse:
        context |= {"opts": self.opts, "original": thing} | self.admin_site.each_context(request)
        return TemplateResponse(request, template, context)


def _content_type_id(model: type[Model]) -> int:
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model).pk


class Ledger(ToRead, Page):
    """A list of what has happened."""

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return list(self.inlines)


# --- Rows on a page -----------------------------------------------------------------------------------------------


class Rows(ForAdministrators, TabularInline):
    """Edited together with the object that they belong to."""

    extra = 0
    formset = InlineFormSet

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """In a table the heading of the column is no label of the box below it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs["aria-label"] = field.label
        return without_shortcuts(field, "add", "change", "delete", "view")

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """The choices of a plain list are fetched once a page, not once a row."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name not in self.get_autocomplete_fields(request):
            field.choices = list(cast(Iterable[Any], field.choices))
        return field


class RowsToRead(ToRead, TabularInline):
    """Shown on the page of the object that they belong to."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.fields or ())
