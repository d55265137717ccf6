"""The door to Django admin: who enters, what is written down, and which models are there at all."""

from collections.abc import Sequence
from functools import cached_property, update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from safehome.adminbase import Page
from safehome.audit import access
from safehome.audit.models import Action, Purpose
from safehome.organisation.models import User
from safehome.organisation.policies import has_right, is_administrator
from safehome.organisation.roles import Right


class Visitor:
    """Somebody at the door; every page asks many times, the database is asked once a request."""

    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def is_administrator(self) -> bool:
        return is_administrator(self.user)

    @cached_property
    def reads_logs(self) -> bool:
        return isinstance(self.user, User) and self.user.is_staff and has_right(self.user, Right.LOG_VIEW)


def visitor(request: HttpRequest) -> Visitor:
    found: Visitor = request.__dict__.setdefault("admin_visitor", Visitor(request.user))
    return found


class SafehomeAdminSite(admin.AdminSite):
    site_header = site_title = "Safehome"
    index_title = _("Administration")
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Models that other packages register stay out: groups, e-mail addresses, social accounts, object
        permissions. What is here has a page of ours, which asks this door."""
        if admin_class is not None and issubclass(admin_class, Page):
            super().register(model_or_iterable, admin_class, **options)

    # --- Who enters

    def has_permission(self, request: HttpRequest) -> bool:
        return self.is_administrator(request) or self.reads_logs(request)

    def is_administrator(self, request: HttpRequest) -> bool:
        return visitor(request).is_administrator

    def reads_logs(self, request: HttpRequest) -> bool:
        return visitor(request).reads_logs

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whoever has signed in and may not enter is refused at once; signing in again would not help."""
        guarded: Any = super().admin_view(view, cacheable)

        def at_the_door(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return update_wrapper(at_the_door, guarded)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one way to sign in, with two factors; it is not here."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index"))
        return redirect_to_login(wanted, resolve_url("account_login"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    # --- What is written down

    def searched(self, request: HttpRequest, model: type[Model], found: int) -> None:
        self._record(Action.SEARCH, request, model, None, f"{found} found")

    def looked(self, request: HttpRequest, thing: Model) -> None:
        self._record(Action.READ, request, type(thing), thing)

    def changed(self, request: HttpRequest, thing: Model, detail: str) -> None:
        self._record(Action.WRITE, request, type(thing), thing, detail)

    def deleted(self, request: HttpRequest, things: Sequence[Model]) -> None:
        for thing in things:
            self._record(Action.DELETE, request, type(thing), thing)

    def _record(
        self, action: Action, request: HttpRequest, model: type[Model], thing: Model | None, detail: str = ""
    ) -> None:
        user = request.user
        access.record(
            action,
            model._meta.model_name or "",
            by=user if isinstance(user, User) else None,
            of=thing,
            resident=thing.pk if thing is not None and model._meta.label == "residents.Resident" else None,
            purpose=Purpose.ADMINISTRATION,
            detail=detail,
        )

    # --- Choosing from many

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Choices.as_view(admin_site=self)(request)


class Choices(AutocompleteJsonView):
    """Told as the page of the model tells them: a room goes by its address too, when it is one of many."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        told = getattr(self.model_admin, "told", None)
        return result | {"text": told(obj)} if told else result
