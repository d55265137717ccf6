"""Forms of Django admin for the catalogue, gateways and assignments."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consents import words
from consents.gate import Verdict
from devices.actions import verdict_on
from devices.kinds import KINDS
from devices.models import Assignment, DeviceModel, GatewayToken
from safehome.adminbase import ModelForm, VerbForm

if TYPE_CHECKING:
    _ModelMultipleChoiceField = forms.ModelMultipleChoiceField[GatewayToken]
else:
    _ModelMultipleChoiceField = forms.ModelMultipleChoiceField


class DeviceModelForm(ModelForm):
    """What the device measures is ticked, kind by kind, from the registry."""

    kinds = forms.MultipleChoiceField(
        label=_("Measures"),
        choices=[(kind.code, kind.label) for kind in KINDS.values()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = DeviceModel
        fields = "__all__"


class TokensField(_ModelMultipleChoiceField):
    """Nobody can read a token, so they go by when they were issued."""

    def label_from_instance(self, obj: Any) -> str:
        return date_format(localtime(obj.created_at), "SHORT_DATETIME_FORMAT")


class RevokeTokensForm(VerbForm):
    tokens = TokensField(GatewayToken.objects.none(), label=_("Tokens issued"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, thing: Any) -> None:
        super().__init__(data, thing=thing)
        field = self.fields["tokens"]
        assert isinstance(field, TokensField)
        field.queryset = thing.tokens.filter(revoked_at=None)


class StartForm(VerbForm):
    """Collecting starts when every consent that it rests on stands; else the question says which one does not."""

    def clean(self) -> dict[str, Any]:
        verdict = verdict_on(self.thing)
        if not verdict.allowed:
            raise forms.ValidationError(why_not(self.thing, verdict))
        return super().clean() or {}


def why_not(assignment: Assignment, verdict: Verdict) -> str:
    """Who has not agreed to what. Nobody protected is named here."""
    found = words.reasons(verdict, assignment.resident)
    return " ".join([gettext("Collecting can't start."), *(reason.text for reason in found)])
