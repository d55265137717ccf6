"""Django admin for the register of purposes; texts, consents and their history to read, and never to delete.

Texts are written in the editor, where somebody else reviews them. Consents are given by people: no administrator
changes one, and what stands in an answer is not an administrator's business.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    Decision,
    EmergencyGround,
    Purpose,
    PurposeCategory,
    Recipient,
    RelativeView,
    Task,
    Translation,
)
from consents.texts import publishing
from safehome.adminbase import Ledger, NeverDeleted, Page, Rows, RowsToRead, attach, hide
from safehome.residents.admin import masked_from
from safehome.residents.models import Resident

# --- Whom it is about: a protected person is met by nobody who isn't named for them -----------------------------------

for _model in (Consent, Task, EmergencyGround, RelativeView):
    hide(_model, lambda request: Q(resident__in=masked_from(request.user)))
hide(Decision, lambda request: Q(consent__resident__in=masked_from(request.user)))


# --- Purposes and texts -------------------------------------------------------------------------------------------


class UntilSettled(Rows):
    """Rows of a purpose; once people have been told of it they stay as they are."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not _settled(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _settled(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _settled(obj)


def _settled(purpose: Any) -> bool:
    return isinstance(purpose, Purpose) and publishing.is_settled(purpose)


class CategoryRows(UntilSettled):
    model = PurposeCategory
    fields = ["category"]


class RecipientRows(UntilSettled):
    model = Recipient
    fields = ["unit", "administration", "partner", "role"]


class TextRows(RowsToRead):
    model = ConsentText
    fields = ["version", "state", "author", "reviewer", "published_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentText]:
        return super().get_queryset(request).select_related("author", "reviewer", "purpose")


@admin.register(Purpose)
class PurposeAdmin(NeverDeleted, Page):
    """A row of the register of processing (GDPR 30). When people have been told of it, only its end can be set."""

    list_display = ["name", "administration", "kind", "regime", "basis", "consent_required", "valid_from", "valid_to"]
    list_filter = ["administration", "kind", "regime", "consent_required"]
    list_select_related = ["administration"]
    search_fields = ["name", "code"]
    inlines = [CategoryRows, RecipientRows, TextRows]
    fieldsets = [
        (None, {"fields": ["administration", "name", "code", "kind", "regime"]}),
        (_("Law"), {"fields": ["basis", "special_basis", "source", "necessity", "alternative"]}),
        (_("Consent"), {"fields": ["consent_required", "cohabitants", "valid_months", "review_months"]}),
        (_("Data"), {"fields": ["reading_kinds", "retention_days", "retention_source"]}),
        (_("When"), {"fields": ["valid_from", "valid_to"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if not _settled(obj):
            return list(self.readonly_fields)
        told = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [name for name in told if name != "valid_to"]


class TranslationRows(RowsToRead):
    model = Translation
    fields = ["language", "variant", "sample", "title", "question"]
    show_change_link = False


@admin.register(ConsentText)
class ConsentTextAdmin(Ledger):
    list_display = ["purpose", "version", "state", "author", "reviewer", "published_at"]
    list_filter = ["state", "purpose__administration"]
    list_select_related = ["purpose", "author", "reviewer"]
    search_fields = ["purpose__name", "purpose__code", "digest"]
    inlines = [TranslationRows]
    fields = [
        "purpose", "version", "state", "author", "reviewer", "hard_words_accepted", "pictures", "earlier_lapse_on",
        "created_at", "approved_at", "published_at", "digest",
    ]  # fmt: skip


# --- Consents and what has happened -------------------------------------------------------------------------------


class DecisionRows(RowsToRead):
    """That somebody answered, and how; what they said beside it is between them and the unit."""

    model = Decision
    fields = ["at", "answer", "given_by", "how", "registered_at"]


class ConsentRows(RowsToRead):
    model = Consent
    fields = ["purpose", "state", "asked_at", "given_at", "valid_until", "ended_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        return super().get_queryset(request).select_related("purpose", "resident")


attach(Resident, ConsentRows)


@admin.register(Consent)
class ConsentAdmin(Ledger):
    of_people = True
    list_display = ["purpose", "resident", "state", "asked_at", "given_at", "valid_until", "ended_at"]
    list_filter = ["state", "purpose__kind", "purpose__administration"]
    list_select_related = ["purpose", "resident"]
    search_fields = ["purpose__name", "=id"]
    date_hierarchy = "asked_at"
    inlines = [DecisionRows]
    fields = [
        "resident", "purpose", "text", "state", "asked_at", "served_language", "served_variant", "served_at",
        "answered_at", "given_at", "valid_until", "review_on", "ended_at",
    ]  # fmt: skip


@admin.register(Decision)
class DecisionAdmin(Ledger):
    of_people = True
    list_display = ["consent", "answer", "at", "given_by", "how", "registered_at"]
    list_filter = ["answer", "given_by", "how"]
    list_select_related = ["consent__purpose"]
    search_fields = ["consent__purpose__name", "=consent__id"]
    date_hierarchy = "at"
    fields = ["consent", "answer", "at", "given_by", "how", "language", "variant", "text_digest", "registered_at"]


@admin.register(ConsentEvent)
class ConsentEventAdmin(Ledger):
    """The chain of proof, without its contents; `manage.py verify_consents` checks it."""

    list_display = ["sequence", "at", "kind", "resident", "subject", "link"]
    list_filter = ["kind"]
    search_fields = ["=resident", "=subject", "=link"]
    search_help_text = _("The id of a resident or of what happened, or a link of the chain.")
    date_hierarchy = "at"
    fields = ["sequence", "at", "kind", "resident", "subject", "by", "digest", "link"]


@admin.register(Task)
class TaskAdmin(Ledger):
    """Work that consents have made; it is done in the units' work list."""

    of_people = True
    list_display = ["kind", "resident", "unit", "due_on", "done_at", "done_by"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter), "unit"]
    list_select_related = ["resident", "unit", "done_by"]
    search_fields = ["unit__name", "=id"]
    fields = ["kind", "resident", "unit", "text", "due_on", "created_at", "done_at", "done_by"]


@admin.register(EmergencyGround)
class EmergencyAdmin(Ledger):
    of_people = True
    list_display = ["resident", "started_at", "ends_at", "started_by", "reviewed_by", "reviewed_at"]
    list_filter = [("reviewed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["resident", "started_by", "reviewed_by"]
    search_fields = ["=id"]
    date_hierarchy = "started_at"
    fields = ["resident", "started_at", "ends_at", "started_by", "reviewed_by", "reviewed_at"]


@admin.register(RelativeView)
class RelativeViewAdmin(Ledger):
    """Whom residents have let in, and to what."""

    of_people = True
    list_display = ["resident", "contact", "categories", "on_word", "started_at", "ended_at"]
    list_filter = ["on_word", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["resident", "contact"]
    search_fields = ["=id"]
    date_hierarchy = "started_at"
    fields = ["resident", "contact", "categories", "on_word", "started_at", "ended_at", "muted"]
