"""Forms for letting relatives in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consents.kinds import Category
from consents.relatives import FOR_RELATIVES
from safehome.organisation import telephone
from safehome.residents.models import Contact


class CategoriesForm(forms.Form):
    """What somebody may see; staff also say that they heard it from the resident."""

    categories = forms.MultipleChoiceField(
        label=_("May see"),
        choices=[(category.value, category.label) for category in FOR_RELATIVES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing to show.")},
    )

    def __init__(self, *args: Any, at_desk: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = [(row.value, Category(row).label) for row in FOR_RELATIVES]  # type: ignore[attr-defined]
        if at_desk:
            self.fields["on_word"] = forms.BooleanField(
                label=_("I have heard the resident say this."),
                error_messages={"required": _("Only the resident decides this. Ask first.")},
            )


class ReachableForm(CategoriesForm):
    """With a way to reach the person, so that they can sign in."""

    phone = forms.CharField(
        label=_("Telephone"),
        max_length=30,
        required=False,
        help_text=_("Telephone or e-mail is needed. With it the person can sign in."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not telephone.international(phone):
            raise ValidationError(_("This is no telephone number."))
        return phone

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        given = facts.get("phone") or facts.get("email")
        if not given and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", _("Write a telephone number or an e-mail address."))
        return facts


class NewRelativeForm(ReachableForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    relation = forms.CharField(label=_("Relation"), max_length=60, help_text=_("Daughter, neighbour, friend."))

    field_order = ["name", "relation", "phone", "email", "categories", "on_word"]


class LetInForm(ReachableForm):
    """Of a contact; telephone and e-mail are asked for only when the person has no account."""

    field_order = ["phone", "email", "categories", "on_word"]

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        initial = kwargs.pop("initial", {}) | {"phone": contact.phone, "email": contact.email}
        super().__init__(*args, initial=initial, **kwargs)
        self.has_account = contact.user_id is not None
        if self.has_account:
            del self.fields["phone"], self.fields["email"]

    def clean(self) -> dict[str, Any]:
        if self.has_account:
            return forms.Form.clean(self) or {}
        return super().clean()
