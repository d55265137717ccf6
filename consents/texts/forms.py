"""Forms of the editor: a purpose, one language of a text, its drawings and dates, a recording."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consents.drawings import DRAWINGS
from consents.kinds import Category, Variant
from consents.models import (
    TEXT_FIELDS,
    ConsentText,
    Purpose,
    PurposeCategory,
    Recipient,
    RecipientRole,
    Translation,
)
from consents.texts import publishing
from safehome.adminbase import ModelForm
from safehome.organisation.models import Administration, Unit

BASES: list[tuple[str, str | Promise]] = [
    ("6.1.e", gettext_lazy("6.1.e – a task in the public interest")),
    ("6.1.c", gettext_lazy("6.1.c – a duty by law")),
    ("6.1.d", gettext_lazy("6.1.d – to protect somebody's life")),
    ("6.1.a", gettext_lazy("6.1.a – consent")),
]
SPECIAL_BASES: list[tuple[str, str | Promise]] = [
    ("", gettext_lazy("No sensitive data")),
    ("9.2.h", gettext_lazy("9.2.h – health care or social care")),
    ("9.2.a", gettext_lazy("9.2.a – express consent")),
    ("9.2.c", gettext_lazy("9.2.c – to protect somebody's life")),
    ("9.2.g", gettext_lazy("9.2.g – an important public interest")),
    ("9.2.j", gettext_lazy("9.2.j – archives, research or statistics")),
]


def reading_kinds() -> list[tuple[str, str]]:
    """What devices can measure, as the app above tells it (setting CONSENT_READING_KINDS)."""
    kinds: Mapping[str, Any] = import_string(getattr(settings, "CONSENT_READING_KINDS", "devices.kinds.KINDS"))
    return [(code, str(kind.label)) for code, kind in kinds.items()]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PurposeForm(ModelForm):
    """What data is used for, on which ground, by whom and how long (GDPR 30)."""

    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Data categories"), choices=Category.choices, widget=forms.CheckboxSelectMultiple
    )
    reading_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What devices may measure for it"),
        choices=reading_kinds,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    recipient_units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Units that see it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    recipient_administrations = forms.ModelMultipleChoiceField(
        Administration.objects.none(),
        label=gettext_lazy("Other administrations that see it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    processors = forms.CharField(
        label=gettext_lazy("Partners that process it for us"),
        help_text=gettext_lazy("One to a line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    partners = forms.CharField(
        label=gettext_lazy("Partners that are controllers of their own"),
        help_text=gettext_lazy("One to a line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Purpose
        fields = [
            "administration",
            "name",
            "code",
            "kind",
            "regime",
            "basis",
            "special_basis",
            "source",
            "necessity",
            "alternative",
            "consent_required",
            "cohabitants",
            "categories",
            "reading_kinds",
            "recipient_units",
            "recipient_administrations",
            "processors",
            "partners",
            "retention_days",
            "retention_source",
            "valid_months",
            "review_months",
            "valid_from",
            "valid_to",
        ]
        widgets = {
            "alternative": forms.Textarea(attrs={"rows": 3}),
            "basis": forms.Select(choices=BASES),
            "special_basis": forms.Select(choices=SPECIAL_BASES),
            "valid_from": DayInput,
            "valid_to": DayInput,
        }
        help_texts = {
            "code": gettext_lazy("A short name that never changes, as home_sensors."),
            "alternative": gettext_lazy("What the person gets instead. Help must be just as good."),
            "retention_days": gettext_lazy("Leave empty when the source says how long in another way."),
        }

    def __init__(self, *args: Any, administrations: Iterable[Administration], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Administration.objects.filter(pk__in=[row.pk for row in administrations])
        self._choose("administration", own)
        towns = own.values("municipality")
        self._choose("recipient_units", Unit.objects.filter(administration__in=own).order_by("name"))
        self._choose(
            "recipient_administrations", Administration.objects.filter(municipality__in=towns).order_by("name")
        )
        if not self.instance._state.adding:
            self.fields["administration"].disabled = True
            self.initial = {**self.initial, **self._told()}
        elif len(own) == 1:
            self.initial.setdefault("administration", own[0])

    def _choose(self, name: str, among: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = among

    def _told(self) -> dict[str, Any]:
        """What stands in rows beside the purpose."""
        rows = list(self.instance.recipients.all())
        outside = {role: "\n".join(r.partner for r in rows if r.partner and r.role == role) for role in RecipientRole}
        return {
            "categories": [row.category for row in self.instance.categories.all()],
            "recipient_units": [row.unit_id for row in rows if row.unit_id],
            "recipient_administrations": [row.administration_id for row in rows if row.administration_id],
            "processors": outside[RecipientRole.PROCESSOR],
            "partners": outside[RecipientRole.OWN_CONTROLLER],
        }

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("kind") == "secrecy" and not (
            answers.get("recipient_units") or answers.get("recipient_administrations")
        ):
            raise ValidationError({"recipient_administrations": _("Say between whom the secrecy is lifted.")})
        return answers

    @transaction.atomic
    def save(self, commit: bool = True) -> Purpose:
        """The purpose with its categories and recipients."""
        purpose: Purpose = super().save()
        purpose.categories.all().delete()
        purpose.recipients.all().delete()
        for category in self.cleaned_data["categories"]:
            PurposeCategory.objects.create(purpose=purpose, category=category)
        for facts in self._recipients():
            Recipient.objects.create(purpose=purpose, **facts)
        return purpose

    def _recipients(self) -> Iterable[dict[str, Any]]:
        yield from ({"unit": unit} for unit in self.cleaned_data["recipient_units"])
        yield from ({"administration": row} for row in self.cleaned_data["recipient_administrations"])
        roles = {"processors": RecipientRole.PROCESSOR, "partners": RecipientRole.OWN_CONTROLLER}
        for name, role in roles.items():
            lines = [line.strip()[:120] for line in self.cleaned_data[name].splitlines() if line.strip()]
            yield from ({"partner": line, "role": role} for line in lines)


class EndForm(ModelForm):
    """People have been told of the purpose: it gets an end, or a new text about other processing."""

    class Meta:
        model = Purpose
        fields = ["valid_to"]
        widgets = {"valid_to": DayInput}


class TranslationForm(ModelForm):
    """All that is read in one language. Every field is needed in the end, and may be saved empty on the way."""

    use_required_attribute = False

    class Meta:
        model = Translation
        fields = [*TEXT_FIELDS, "sample"]
        widgets = {
            name: forms.Textarea(attrs={"rows": 5})
            for name in ("what", "why", "who_sees", "how_long", "if_no", "change_mind", "check_explain")
        }
        help_texts = {
            "what": gettext_lazy("Begin a line with - to make a list."),
            "if_no": gettext_lazy("Say that help is just as good, and what comes instead."),
            "check_question": gettext_lazy("Ask the person to say it in their own words."),
            "sample": gettext_lazy("It may be looked at, never answered, until somebody has approved it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        direction = "rtl" if is_right_to_left(self.instance.language) else "ltr"
        for name in TEXT_FIELDS:
            self.fields[name].widget.attrs |= {"lang": self.instance.language, "dir": direction, "data-measured": name}

    def full_clean(self) -> None:
        for needed in (False, True):
            for name in TEXT_FIELDS:
                self.fields[name].required = needed
            if not needed:
                super().full_clean()

    @property
    def written(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def is_right_to_left(language: str) -> bool:
    return bool(LANG_INFO.get(language.split("-")[0], {}).get("bidi"))


class ArrangeForm(ModelForm):
    """The drawings beside the words, and until when earlier consents stand."""

    pictures = forms.MultipleChoiceField(
        label=gettext_lazy("Drawings"),
        choices=[(drawing.code, drawing.label) for drawing in DRAWINGS.values()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = ConsentText
        fields = ["pictures", "earlier_lapse_on"]
        widgets = {"earlier_lapse_on": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not publishing.processing_changes(self.instance):
            del self.fields["earlier_lapse_on"]


def other_languages() -> list[tuple[str, str]]:
    """Every language that Django knows by name, by that name."""
    plain = [code for code, facts in LANG_INFO.items() if "name" in facts and "-" not in code]
    return sorted(((code, publishing.language_name(code)) for code in plain), key=lambda row: row[1])


class LanguageForm(forms.Form):
    """One more language or variant."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=other_languages)
    variant = forms.ChoiceField(label=gettext_lazy("Variant"), choices=Variant.choices)


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What is to be changed"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class PublishForm(forms.Form):
    hard_words = forms.CharField(
        label=gettext_lazy("Why harder words are needed"),
        help_text=gettext_lazy("Needed when LIX is over 45. Your name stands beside it."),
        max_length=300,
        required=False,
    )


class VoiceForm(forms.Form):
    recording = forms.FileField(
        label=gettext_lazy("Recording"),
        help_text=gettext_lazy("MP3, WAV or Ogg, at most 20 MB."),
        widget=forms.FileInput(attrs={"accept": "audio/mpeg,audio/wav,audio/ogg,.mp3,.wav,.ogg"}),
    )
    voice = forms.CharField(label=gettext_lazy("Who reads"), max_length=100)
