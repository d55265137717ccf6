"""What is answered on the pages: one question a form, none answered beforehand."""

import random
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consents import actions
from consents.actions import Refused
from consents.kinds import Answer, ResidentView
from consents.models import Consent, Translation
from consents.portal.seat import Seat
from consents.portal.walk import Draft, view_choices


class AnswerForm(forms.Form):
    """Three equal answers, always in the same order. `digest` is of the text that stood on the page."""

    said = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if seat.represents:
            self.fields["said"].label = _("Your answer for %(name)s") % {"name": seat.about}


class HelpForm(forms.Form):
    """Who helps, and with what: it stands with the answer (`Circumstances`)."""

    helped_by = forms.CharField(
        label=gettext_lazy("Who helps you?"),
        max_length=200,
        help_text=gettext_lazy("A name. You can also write who it is, as “my daughter Eva”."),
        error_messages={"required": gettext_lazy("Write who helps you.")},
    )
    aids = forms.CharField(
        label=gettext_lazy("Do you use anything that helps you read or answer?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as pictures, a magnifier or a talking tablet."),
    )
    interpreter = forms.CharField(label=gettext_lazy("Is there an interpreter? Who?"), max_length=200, required=False)


class ViewForm(forms.Form):
    """What the person thinks of it, when somebody else answers (FB 6:11, 12:7)."""

    view = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": gettext_lazy("Say what the person thinks of it.")}
    )
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, seat: Seat, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seat, self.draft = seat, draft
        name = {"name": seat.about}
        view, note = self.fields["view"], self.fields["note"]
        assert isinstance(view, forms.ChoiceField)
        view.label, view.choices = _("What does %(name)s think?") % name, list(view_choices(seat).items())
        note.label = _("Write what %(name)s says, or how you know") % name
        if seat.guardian:
            note.label = _("What does %(name)s say about it?") % name
            note.help_text = _("Write it in %(name)s's own words.") % name
            note.required = draft.said is Answer.YES
            note.error_messages["required"] = _("Write what the child thinks, in the child's own words.")

    def clean(self) -> dict[str, Any]:
        """A yes must be able to stand beside what the person thinks; the verb itself says why not."""
        data = super().clean() or {}
        view, note = data.get("view", ""), data.get("note", "")
        if view and self.draft.said is Answer.YES and not self.errors:
            try:
                actions.require_view(self.seat.giver, view, note)
            except Refused as refusal:
                self.add_error("note" if self.seat.guardian or view != ResidentView.AGAINST else "view", str(refusal))
        return data


class UnderstandingForm(forms.Form):
    """Three ways to say it back; the values are places, so that the page does not give the right one away."""

    chosen = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": gettext_lazy("Choose the one that you think is right.")}
    )

    def __init__(self, *args: Any, shown: Translation, consent: Consent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [(True, shown.check_right), (False, shown.check_wrong_1), (False, shown.check_wrong_2)]
        random.Random(f"{consent.pk}{shown.pk}").shuffle(options)  # noqa: S311  (an order that stays, not a secret)
        self.right = {str(place): right for place, (right, _words) in enumerate(options)}
        field = self.fields["chosen"]
        assert isinstance(field, forms.ChoiceField)
        field.label = shown.check_question
        field.choices = [(str(place), words) for place, (_right, words) in enumerate(options)]

    @property
    def is_right(self) -> bool:
        return self.right[self.cleaned_data["chosen"]]
