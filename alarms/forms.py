from django import forms
from django.utils.translation import gettext_lazy as _

from alarms import outcomes
from alarms.models import Alarm


class CloseForm(forms.Form):
    """How an alarm ended. A false alarm needs a reason."""

    outcome = forms.ChoiceField(label=_("How did it end?"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you saw and did. A false alarm needs a reason."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, alarm: Alarm, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.alarm = alarm
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = outcomes.choices(alarm.category)
        self.initial.setdefault("version", alarm.version)

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if "outcome" in data:
            try:
                outcomes.check(self.alarm.category, data["outcome"], data.get("note", ""))
            except outcomes.OutcomeRefused as refusal:
                self.add_error("note", str(refusal))
        return data
