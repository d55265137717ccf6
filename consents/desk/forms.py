"""What staff fill in: whom they ask and how, and answers that came on paper or by word of mouth."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from consents.actions import Circumstances
from consents.desk import scans
from consents.desk.people import called
from consents.kinds import Answer, How, ResidentView, Understanding, Variant
from consents.models import Consent, Purpose, Translation
from consents.models import PaperForm as Sheet
from consents.policies import Giver, MayNotDecide, require_may_decide
from safehome import clock
from safehome.organisation.models import User

ROWS = {"rows": 3}
UNDERSTANDING = [
    (Understanding.UNDERSTOOD.value, Understanding.UNDERSTOOD.label),
    (Understanding.EXPLAINED.value, Understanding.EXPLAINED.label),
    (Understanding.UNSURE.value, Understanding.UNSURE.label),
]
ON_THE_DESK = [
    (How.STAFF_TABLET.value, gettext_lazy("On this tablet, now: you hand it over")),
    (How.PAPER.value, gettext_lazy("On paper: print a form")),
    (How.ORAL.value, gettext_lazy("By word of mouth, with a witness: the answer has been said")),
    (How.OWN_DEVICE.value, gettext_lazy("By themselves, on an own device")),
]


def _language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


def text_name(row: Translation | Sheet) -> str:
    """A language and length to choose from: "Svenska, easy text"."""
    return f"{_language_name(row.language)}, {Variant(row.variant).label.lower()}"


class AskForm(forms.Form):
    """Which purposes, who, and how."""

    purposes = forms.ModelMultipleChoiceField(
        Purpose.objects.none(), label=gettext_lazy("About what?"), widget=forms.CheckboxSelectMultiple
    )
    who = forms.ChoiceField(label=gettext_lazy("Who is asked?"), widget=forms.RadioSelect)
    how = forms.ChoiceField(label=gettext_lazy("How?"), widget=forms.RadioSelect, choices=ON_THE_DESK)

    def __init__(self, *args: Any, purposes: Any, givers: list[Giver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.givers = {giver.slug: giver for giver in givers}
        _field(self, "purposes", forms.ModelMultipleChoiceField).queryset = purposes
        _field(self, "who", forms.ChoiceField).choices = [(giver.slug, called(giver)) for giver in givers]
        self.initial.setdefault("who", givers[0].slug)
        self.initial.setdefault("how", How.STAFF_TABLET.value)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        giver = self.givers.get(data.get("who", ""))
        if giver is None:
            return data
        for purpose in data.get("purposes", ()):
            try:
                require_may_decide(giver, purpose)
            except MayNotDecide as refusal:
                self.add_error("who", f"{purpose}: {refusal}")
        if giver.representative and data.get("how") == How.STAFF_TABLET:
            self.add_error("how", _("The tablet is for those who live there. A representative answers in another way."))
        return data | {"giver": giver}


def _field(form: forms.Form, name: str, kind: Any) -> Any:
    field = form.fields[name]
    assert isinstance(field, kind)
    return field


class CircumstancesForm(forms.Form):
    """Who helped, and with what."""

    helped_by = forms.CharField(
        label=gettext_lazy("Who helped the person to answer?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Name and in what capacity: daughter, occupational therapist."),
    )
    interpreter = forms.CharField(
        label=gettext_lazy("Interpreter"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Name or number, and the language."),
    )
    aids = forms.CharField(
        label=gettext_lazy("Aids"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Picture support, hearing loop, large text, an object to hold."),
    )


class HandOverForm(CircumstancesForm):
    """The tablet leaves the staff member's hands."""

    who = forms.ChoiceField(label=gettext_lazy("Who gets the tablet?"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=gettext_lazy("Language"), widget=forms.RadioSelect)
    presence = forms.CharField(
        label=gettext_lazy("Who is in the room?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Everybody but the person who answers, yourself too."),
    )
    field_order = ("who", "language", "presence", "helped_by", "aids", "interpreter")

    def __init__(self, *args: Any, givers: list[Giver], languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.givers = {giver.slug: giver for giver in givers}
        _field(self, "who", forms.ChoiceField).choices = [(giver.slug, called(giver)) for giver in givers]
        _field(self, "language", forms.ChoiceField).choices = [(code, _language_name(code)) for code in languages]
        self.initial.setdefault("who", givers[0].slug)
        self.initial.setdefault("language", languages[0])


class WhichText(forms.Form):
    """One of the published text's languages and lengths."""

    text = forms.ChoiceField(label=gettext_lazy("Which text?"), widget=forms.RadioSelect)

    def offer(self, translations: list[Translation]) -> None:
        self.translations = {f"{row.language}-{row.variant}": row for row in translations}
        _field(self, "text", forms.ChoiceField).choices = [
            (key, text_name(row)) for key, row in self.translations.items()
        ]
        if self.translations:
            self.initial.setdefault("text", next(iter(self.translations)))


class PaperForm(WhichText):
    """Which questions to print, and in which language. A language is offered when every question has it."""

    consents = forms.ModelMultipleChoiceField(
        Consent.objects.none(), label=gettext_lazy("Which questions?"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ("consents", "text")

    def __init__(self, *args: Any, consents: Any, translations: list[Translation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = _field(self, "consents", forms.ModelMultipleChoiceField)
        field.queryset = consents
        field.label_from_instance = _question
        self.offer(translations)


def _question(row: Consent) -> str:
    return f"{row.purpose} ({row.cohabitant.name})" if row.cohabitant else str(row.purpose)


class ScanForm(forms.Form):
    """The signed form, as the scanner or a telephone gives it."""

    scan = forms.FileField(
        label=gettext_lazy("The signed form"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=gettext_lazy("PDF, JPEG or PNG, all pages in one file."),
    )

    def clean_scan(self) -> "UploadedFile[bytes]":
        upload: UploadedFile[bytes] = self.cleaned_data["scan"]
        try:
            scans.check_size(upload.size or 0)
        except scans.ScanRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return upload


class AnswerForm(CircumstancesForm):
    """What somebody answered, who they are, and when they said or signed it."""

    who = forms.ChoiceField(label=gettext_lazy("Who answered?"), widget=forms.RadioSelect)
    answer = forms.ChoiceField(label=gettext_lazy("The answer"), widget=forms.RadioSelect, choices=Answer.choices)
    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), localize=False
    )
    clock_time = forms.TimeField(
        label=gettext_lazy("Time of day"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        required=False,
    )
    resident_view = forms.ChoiceField(
        label=gettext_lazy("What does the person think of it?"),
        widget=forms.RadioSelect,
        required=False,
        choices=ResidentView.choices,
        help_text=gettext_lazy("When a representative answers."),
    )
    resident_view_note = forms.CharField(
        label=gettext_lazy("In the person's own words, or how you know"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs=ROWS),
    )
    earliest: datetime | None = None

    def __init__(self, *args: Any, consent: Consent, givers: list[Giver], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consent, self.by = consent, by
        self.givers = {giver.slug: giver for giver in givers}
        _field(self, "who", forms.ChoiceField).choices = [(giver.slug, called(giver)) for giver in givers]
        if not any(giver.representative for giver in givers):
            del self.fields["resident_view"], self.fields["resident_view_note"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        giver = self.givers.get(data.get("who", ""))
        if giver is None or not {"answer", "day"} <= set(data):
            return data
        day: date = data["day"]
        data |= {"giver": giver, "at": self._at(data)}
        try:
            require_may_decide(giver, self.consent.purpose, on=day)
        except MayNotDecide as refusal:
            self.add_error("who", str(refusal))
        return data

    def _at(self, data: dict[str, Any]) -> datetime:
        """When it was said. Without a time of day it counts to the person's good: a yes from the day's end, anything
        else from its beginning."""
        now = clock.now()
        day: date = data["day"]
        if day > timezone.localdate(now):
            self.add_error("day", _("The day is in the future."))
        if self.earliest and day < timezone.localdate(self.earliest):
            self.add_error("day", _("The form had not been printed then."))
        told: time = data.get("clock_time") or (time.max if data["answer"] == Answer.YES else time.min)
        moment = timezone.make_aware(datetime.combine(day, told), clock.local_zone())
        if data.get("clock_time") and moment > now:
            self.add_error("clock_time", _("The time is in the future."))
        return min(max(moment, self.earliest), now) if self.earliest else min(moment, now)

    def circumstances(self, how: How, **more: Any) -> Circumstances:
        data = self.cleaned_data
        names = ("helped_by", "interpreter", "aids")
        facts = {name: data.get(name, "") for name in names}
        return Circumstances(how=how, registered_by=self.by, at=data["at"], **facts, **more)


class SignedForm(AnswerForm):
    """What stands on a signed form."""

    witness = forms.CharField(label=gettext_lazy("Witness"), max_length=200, required=False)
    field_order = (
        "answer", "who", "day", "clock_time", "resident_view", "resident_view_note",
        "helped_by", "witness", "interpreter", "aids",
    )  # fmt: skip

    def __init__(self, *args: Any, printed_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest = printed_at
        self.fields["day"].label = pgettext_lazy("paper form", "Day of the signature")
        self.fields["who"].label = gettext_lazy("Who has signed?")


class OralForm(AnswerForm, WhichText):
    """Said aloud, after the text was read out, before a witness."""

    understanding = forms.ChoiceField(
        label=gettext_lazy("Could the person say it back in their own way?"),
        widget=forms.RadioSelect,
        choices=UNDERSTANDING,
        help_text=gettext_lazy("Ask: what happens if you say no? Explain again if it went wrong. It is never a fail."),
    )
    witness = forms.CharField(
        label=gettext_lazy("Witness"),
        max_length=200,
        help_text=gettext_lazy("The name of somebody else than you who heard the question and the answer."),
    )
    presence = forms.CharField(label=gettext_lazy("Who more was there?"), max_length=200, required=False)
    field_order = (
        "text", "understanding", "answer", "who", "day", "clock_time", "witness", "resident_view", "resident_view_note",
        "helped_by", "presence", "interpreter", "aids",
    )  # fmt: skip

    def __init__(self, *args: Any, translations: list[Translation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(translations)
        now = timezone.localtime(clock.now())
        self.fields["text"].label = gettext_lazy("Which text did you read out?")
        self.fields["day"].label = pgettext_lazy("oral answer", "Day when it was said")
        self.fields["clock_time"].required = True
        self.initial = {**self.initial, "day": now.date(), "clock_time": now.time().replace(second=0, microsecond=0)}

    def clean_witness(self) -> str:
        name = " ".join(self.cleaned_data["witness"].split())
        if name.casefold() == " ".join(self.by.name.split()).casefold():
            raise ValidationError(_("You can't be your own witness. Write the name of somebody else who was there."))
        return name


class ReasonForm(forms.Form):
    """Why a consent was entered in error."""

    reason = forms.CharField(
        label=gettext_lazy("What was wrong?"),
        max_length=200,
        widget=forms.Textarea(attrs=ROWS),
        help_text=gettext_lazy("Write so that somebody else understands it in five years."),
    )


class EmergencyForm(forms.Form):
    """A short while without consent, to save somebody who can't answer."""

    reason = forms.CharField(
        label=gettext_lazy("What is at stake, and why can't the person answer?"),
        widget=forms.Textarea(attrs=ROWS),
        min_length=10,
        max_length=2_000,
        help_text=gettext_lazy("Write it yourself. Somebody else reads it afterwards."),
    )
    hours = forms.IntegerField(
        label=gettext_lazy("For how many hours?"),
        min_value=1,
        max_value=72,
        initial=24,
        help_text=gettext_lazy("As few as are needed, at most 72."),
    )


class ReviewForm(forms.Form):
    """Somebody else looks at an emergency."""

    note = forms.CharField(
        label=gettext_lazy("Was it right?"),
        widget=forms.Textarea(attrs=ROWS),
        max_length=2_000,
        help_text=gettext_lazy("Was somebody in danger? Could they not answer? Was it as short as it could be?"),
    )
    end_now = forms.BooleanField(label=gettext_lazy("End it now"), required=False)


class DoneForm(forms.Form):
    """A task is done."""

    note = forms.CharField(max_length=500, required=False)
