"""Forms of Django admin for residents and those who take part in their care."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from safehome.adminbase import InlineFormSet, ModelForm
from safehome.organisation import exceptions
from safehome.organisation.models import Membership, User
from safehome.organisation.roles import Right
from safehome.residents import identity
from safehome.residents.models import Resident
from safehome.residents.policies import NAMED, RELATIVE


class NewResidentForm(ModelForm):
    class Meta:
        model = Resident
        fields = "__all__"
        widgets = {"identity_number": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean_identity_number(self) -> str:
        """What is wrong with the number is said beside it."""
        number = self.cleaned_data["identity_number"]
        return identity.normalise(number) if number else ""


class MaskedResidentForm(NewResidentForm):
    """For an administrator who isn't named for the protected identity. `viewer` is that administrator: nobody names
    themselves."""

    viewer: ClassVar[User]
    EXCEPTIONS: ClassVar[dict[str, str]] = {"named_staff": NAMED}

    named_staff = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Staff named for the protected identity"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only they are shown name, number and address. You can't name yourself."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        candidates = {"relatives": relatives_of, "named_staff": staff_around}
        for name in self.EXCEPTIONS:
            field = self._field(name)
            field.queryset = candidates[name](self.instance).exclude(pk=self.viewer.pk).order_by("name")
            field.initial = self._holders(name)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _holders(self, name: str) -> set[UUID]:
        return {user.pk for user in exceptions.holders(self.EXCEPTIONS[name], self.instance)}

    def save_exceptions(self) -> list[str]:
        """Grant and revoke what has been ticked and unticked; returns what was done, in words for the log."""
        return [done for name in self.EXCEPTIONS for done in self._save_one(name)]

    def _save_one(self, name: str) -> Iterable[str]:
        codename, before = self.EXCEPTIONS[name], self._holders(name)
        for user in self._field(name).queryset:
            if user in self.cleaned_data[name] and user.pk not in before:
                exceptions.grant(user, codename, self.instance)
                yield f"{codename} granted to {user.pk}"
            elif user not in self.cleaned_data[name] and user.pk in before:
                exceptions.revoke(user, codename, self.instance)
                yield f"{codename} revoked from {user.pk}"


class ResidentForm(MaskedResidentForm):
    """All of it, with the exceptions about this one person: which relatives may look, and who is named."""

    EXCEPTIONS = {"relatives": RELATIVE, "named_staff": NAMED}

    relatives = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Relatives who may look"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Contacts who have an account. They see what the resident lets a relative see."),
    )


def relatives_of(resident: Resident) -> QuerySet[User]:
    """Contacts who can sign in; and whoever has been let in before, so that it can be taken back."""
    let_in = [user.pk for user in exceptions.holders(RELATIVE, resident)]
    return User.objects.filter(Q(contact_of__resident=resident) | Q(pk__in=let_in), is_active=True).distinct()


def staff_around(resident: Resident) -> QuerySet[User]:
    """Who sees the resident at work, administrators, and whoever is named already."""
    working = Membership.objects.in_force()
    here = working.carrying(Right.RESIDENT_VIEW).filter(unit__care_relations__resident=resident)
    administrators = working.carrying(Right.ADMIN).filter(user__is_staff=True)
    named = [user.pk for user in exceptions.holders(NAMED, resident)]
    chosen = Q(pk__in=here.values("user")) | Q(pk__in=administrators.values("user")) | Q(pk__in=named)
    return User.objects.filter(chosen, is_active=True)


class CareRelationFormSet(InlineFormSet):
    """A unit takes part once at a time."""

    def clean(self) -> None:
        super().clean()
        units = [form.cleaned_data["unit"] for form in self.forms if _is_open(form)]
        for unit in units:
            if units.count(unit) > 1:
                raise ValidationError(_("%(unit)s takes part already. End that first."), params={"unit": unit})


def _is_open(form: Any) -> bool:
    answers = getattr(form, "cleaned_data", {})
    return bool(answers.get("unit")) and not answers.get("valid_to") and not answers.get("DELETE")
