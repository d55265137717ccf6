"""Django admin for the municipality, its units, accounts, memberships and API tokens."""

from typing import TYPE_CHECKING, Any

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from safehome.adminbase import Ledger, NeverDeleted, Page, Rows, RowsToRead, Verb
from safehome.organisation import actions, telephone
from safehome.organisation.forms import MembershipForm, NewUserForm, TokenForm, UnitForm, UserForm
from safehome.organisation.models import Administration, ApiToken, Duty, Membership, Municipality, Unit, User
from safehome.organisation.scopes import Scope

if TYPE_CHECKING:
    _UserAdmin = auth_admin.UserAdmin[User]
else:
    _UserAdmin = auth_admin.UserAdmin


@admin.register(Municipality)
class MunicipalityAdmin(Page):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]


@admin.register(Administration)
class AdministrationAdmin(Page):
    list_display = ["name", "municipality", "board", "data_protection_email"]
    list_filter = ["municipality"]
    list_select_related = ["municipality"]
    search_fields = ["name", "board"]


class StaffRows(RowsToRead):
    """Who works in the unit. They are changed on their own pages."""

    model = Membership
    fields = ["user", "role", "valid_from", "valid_to"]
    verbose_name_plural = _("staff")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "unit")


@admin.register(Unit)
class UnitAdmin(Page):
    form = UnitForm
    list_display = ["name", "kind", "administration", "phone", "passes_on_to", "accept_within_s", "arrive_within_min"]
    list_filter = ["kind", "administration"]
    list_select_related = ["administration", "passes_on_to"]
    search_fields = ["name"]
    autocomplete_fields = ["passes_on_to"]
    inlines = [StaffRows]
    fieldsets = [
        (None, {"fields": ["administration", "name", "kind", "phone"]}),
        (_("Alarms"), {"fields": ["accept_within_s", "arrive_within_min", "passes_on_to", "notice_email"]}),
    ]


# --- Accounts -----------------------------------------------------------------------------------------------------


class MembershipRows(Rows):
    model = Membership
    form = MembershipForm
    fields = ["unit", "role", "valid_from", "valid_to"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "unit")


class TokenRows(RowsToRead):
    model = ApiToken
    fields = ["name", "created_at", "expires_at", "revoked_at"]


@admin.register(User)
class UserAdmin(NeverDeleted, Page, _UserAdmin):
    """Accounts of staff, residents and relatives. Whoever leaves is made inactive: the log still names them."""

    form = UserForm
    add_form = NewUserForm
    list_display = ["name", "email", "works_as", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "memberships__role", "memberships__unit"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal = []
    readonly_fields = ["last_login", "password_is", "second_factor", "phone_verified_at"]
    inlines = [MembershipRows, TokenRows]
    fieldsets = [
        (None, {"fields": ["email", "password_is", "second_factor", "last_login"]}),
        (_("Person"), {"fields": ["name", "phone", "phone_verified_at"]}),
        (_("Access"), {"fields": ["is_active", "is_staff"]}),
    ]
    add_fieldsets = ((None, {"fields": ["email", "name", "phone", "usable_password", "password1", "password2"]}),)
    verbs = [
        Verb(
            "invite",
            _("Send a link to choose a password"),
            _("The person gets an e-mail with a link to choose a new password."),
            done=_("The link has been sent."),
        ),
        Verb(
            "check_phone",
            _("The number has been checked"),
            _(
                "Call the number. Has the right person answered? Then they can sign in with a code by SMS to it. "
                "A number that is changed must be checked anew."
            ),
            done=_("Codes to sign in can now go to this number."),
        ),
        Verb(
            "issue_token",
            _("Issue an API token"),
            _("A program that has the token acts as this person, within what is ticked."),
            form=TokenForm,
        ),
        Verb(
            "remove_second_factors",
            _("Remove second factors"),
            _("For somebody who has lost the telephone or key. At the next sign-in a new second factor is set up."),
            done=_("The second factors have been removed."),
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        held = Membership.objects.in_force().select_related("unit")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", held, to_attr="held_today"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only who has every right already may give it to somebody."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not getattr(request.user, "is_superuser", False):
            return fieldsets
        return [*fieldsets, (_("Installation"), {"fields": ["is_superuser"]})]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return super().get_inlines(request, obj) if obj else [MembershipRows]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An administrator who set a superuser's password would become one."""
        above = obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False)
        return super().has_change_permission(request, obj) and not above

    def verbs_for(self, request: HttpRequest, thing: User) -> list[Verb]:
        if not thing.is_active or not self.has_change_permission(request, thing):
            return []
        pointless = set()
        if not is_mfa_enabled(thing):
            pointless.add("remove_second_factors")
        if thing.phone_verified_at or not telephone.international(thing.phone):
            pointless.add("check_phone")
        return [verb for verb in self.verbs if verb.name not in pointless]

    @admin.display(description=_("works as"))
    def works_as(self, user: Any) -> str:
        return ", ".join(f"{held.get_role_display()} ({held.unit})" for held in user.held_today)

    @admin.display(description=_("password"))
    def password_is(self, user: User) -> str:
        """Whether there is one, and the way to set another; nothing of its hash."""
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        state = _("There is one.") if user.has_usable_password() else _("There is none.")
        return format_html('{} <a href="{}">{}</a>', state, page, _("Set a password"))

    @admin.display(description=_("second factor"), boolean=True)
    def second_factor(self, user: User) -> bool:
        return bool(is_mfa_enabled(user))

    def invite(self, request: HttpRequest, user: User, answers: dict[str, Any]) -> None:
        form = ResetPasswordForm({"email": user.email})
        if form.is_valid():
            form.save(request)

    def issue_token(self, request: HttpRequest, user: User, answers: dict[str, Any]) -> HttpResponse:
        return self.show_once(request, user, actions.issue_token(user, **answers))

    def check_phone(self, request: HttpRequest, user: User, answers: dict[str, Any]) -> None:
        actions.note_number_checked(user)

    def remove_second_factors(self, request: HttpRequest, user: User, answers: dict[str, Any]) -> None:
        Authenticator.objects.filter(user=user).delete()


@admin.register(Membership)
class MembershipAdmin(Page):
    form = MembershipForm
    list_display = ["user", "role", "unit", "valid_from", "valid_to"]
    list_filter = ["role", "unit"]
    list_select_related = ["user", "unit"]
    search_fields = ["user__name", "user__email", "unit__name"]
    autocomplete_fields = ["user", "unit"]


@admin.register(Duty)
class DutyAdmin(Ledger):
    list_display = ["user", "unit", "started_at", "ended_at", "sound_tested_at"]
    list_filter = ["unit", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "unit"]
    search_fields = ["user__name", "unit__name"]
    date_hierarchy = "started_at"


@admin.register(ApiToken)
class ApiTokenAdmin(Ledger):
    """Issued on the page of the account that they act as; here they are watched and revoked."""

    list_display = ["name", "user", "scopes_in_words", "created_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "user__name", "user__email"]
    date_hierarchy = "created_at"
    fields = ["name", "user", "scopes_in_words", "created_at", "expires_at", "revoked_at"]
    actions = ["revoke_chosen"]
    verbs = [
        Verb(
            "revoke",
            _("Revoke"),
            _("The program that uses the token is shut out at once. This can't be undone."),
            done=_("The token has been revoked."),
        )
    ]

    def verbs_for(self, request: HttpRequest, thing: ApiToken) -> list[Verb]:
        return [] if thing.revoked_at else list(self.verbs)

    @admin.display(description=pgettext_lazy("rights", "may"))
    def scopes_in_words(self, token: ApiToken) -> str:
        return ", ".join(str(Scope(scope).label) if scope in Scope.values else scope for scope in token.scopes)

    @admin.action(description=_("Revoke chosen tokens"))
    def revoke_chosen(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        live = list(chosen.filter(revoked_at=None))
        for token in live:
            self.revoke(request, token, {})
            self.door.changed(request, token, "revoke")
        told = ngettext("%d token has been revoked.", "%d tokens have been revoked.", len(live)) % len(live)
        messages.success(request, told)

    def revoke(self, request: HttpRequest, token: ApiToken, answers: dict[str, Any]) -> None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
