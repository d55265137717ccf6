"""Forms of Django admin for units, accounts and memberships."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from safehome.adminbase import ModelForm, VerbForm
from safehome.organisation.models import Membership, Unit, User
from safehome.organisation.scopes import Scope

if TYPE_CHECKING:
    _AdminUserCreationForm = AdminUserCreationForm[User]
    _UserChangeForm = UserChangeForm[User]
else:
    _AdminUserCreationForm, _UserChangeForm = AdminUserCreationForm, UserChangeForm


class UnitForm(ModelForm):
    """Says in words what the database would refuse."""

    SHORTEST = {"accept_within_s": 10, "arrive_within_min": 1}

    class Meta:
        model = Unit
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.SHORTEST.keys() & self.fields.keys():
            self.fields[name].validators.append(MinValueValidator(self.SHORTEST[name]))
            self.fields[name].widget.attrs["min"] = self.SHORTEST[name]

    def clean_passes_on_to(self) -> Unit | None:
        """An alarm that goes in a ring would never reach anybody new."""
        chosen: Unit | None = self.cleaned_data["passes_on_to"]
        seen, unit = {self.instance.pk}, chosen
        while unit is not None:
            if unit.pk in seen:
                raise ValidationError(_("Alarms would come back to this unit. Choose another."))
            seen.add(unit.pk)
            unit = unit.passes_on_to
        return chosen


class MembershipForm(ModelForm):
    class Meta:
        model = Membership
        fields = ("user", "unit", "role", "valid_from", "valid_to")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        begins, ends = answers.get("valid_from"), answers.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", _("The end can't come before the start."))
        return answers


class NewUserForm(_AdminUserCreationForm):
    """An account for somebody: with a password told by hand, or with none and a link to choose one."""

    usable_password = forms.ChoiceField(
        label=_("Password"),
        initial="false",
        choices={"false": _("The person chooses one"), "true": _("Set one now")},
        widget=forms.RadioSelect(attrs={"class": "radiolist inline"}),
        help_text=_("When the account is there, a button on its page sends the link to choose a password."),
    )

    class Meta:
        model = User
        fields = ("email", "name", "phone")

    def clean_email(self) -> str:
        return unused_email(self.cleaned_data["email"], self.instance)


class UserForm(_UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return unused_email(self.cleaned_data["email"], self.instance)


def unused_email(email: str, owner: User) -> str:
    """Addresses are one and the same in any case."""
    email = email.lower()
    if User.objects.filter(email=email).exclude(pk=owner.pk).exists():
        raise ValidationError(_("There is already an account with this e-mail."))
    return email


class TokenForm(VerbForm):
    """What a new API token is for."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What uses it, as “Duty list on the wall”."))
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("rights", "May"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Without a time it is valid until it is revoked."),
    )

    def clean_expires_at(self) -> Any:
        moment = self.cleaned_data["expires_at"]
        if moment and moment <= timezone.now():
            raise ValidationError(_("Choose a time that has not passed."))
        return moment
