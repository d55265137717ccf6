"""The pages for signing in with a one-time code: ask for it, then write it. They answer alike whoever is meant."""

from ipaddress import ip_network
from uuid import UUID

from django import forms
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.ipv6 import is_valid_ipv6_address
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from safehome.organisation.models import CodeWay, User
from safehome.residents import sign_in
from safehome.residents.sign_in import Given

ASKED = "sign_in_asked"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class NumberField(forms.CharField):
    """A personal identity number or a telephone number."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: str) -> Given:
        return Given.read(super().clean(value))


class AskForm(forms.Form):
    number = NumberField(
        max_length=40,
        label=gettext_lazy("Personal identity number or telephone number"),
        help_text=gettext_lazy(
            "Residents write their personal identity number. Relatives and others write their telephone number."
        ),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How do you want the code?"),
        widget=forms.RadioSelect,
        initial=CodeWay.SMS,
        choices=[
            (CodeWay.SMS.value, gettext_lazy("SMS to your telephone")),
            (CodeWay.LETTER.value, gettext_lazy("Letter to your home (for residents)")),
        ],
    )


class SmsForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Six digits."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class LetterForm(forms.Form):
    number = NumberField(
        max_length=40, label=gettext_lazy("Personal identity number"), help_text=gettext_lazy("As 19410517-1234.")
    )
    code = forms.CharField(
        max_length=20,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Eight letters and digits. They stand in the letter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


@never_cache
@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Who are you, and how should the code come?"""
    if isinstance(request.user, User):
        return redirect("start")
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _may(sign_in.may_ask_from(_address(request)), form):
        way = CodeWay(form.cleaned_data["way"])
        asked = sign_in.ask(form.cleaned_data["number"], way)
        if way == CodeWay.LETTER:
            request.session.pop(ASKED, None)
            return redirect("residents:code-letter-sent")
        request.session[ASKED] = str(asked or request.session.get(ASKED) or sign_in.NOBODY)
        return redirect("residents:code-enter")
    return render(request, "sign_in/ask.html", {"form": form})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_sms(request: HttpRequest) -> HttpResponse:
    """If we know the number, an SMS is on its way: write the code here."""
    asked = request.session.get(ASKED)
    if isinstance(request.user, User) or not asked:
        return redirect("start" if isinstance(request.user, User) else "residents:code")
    form = SmsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _may(sign_in.may_try_from(_address(request)), form):
        user = sign_in.try_sms(UUID(asked), form.cleaned_data["code"])
        if user:
            return _enter(request, user)
        _refuse(form)
    return render(request, "sign_in/sms.html", {"form": form})


@never_cache
@sensitive_post_parameters("number", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_letter(request: HttpRequest, *, sent: bool = False) -> HttpResponse:
    """The letter has come, some day: write the code here. `sent` says that it was asked for just now."""
    if isinstance(request.user, User):
        return redirect("start")
    form = LetterForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _may(sign_in.may_try_from(_address(request)), form):
        user = sign_in.try_letter(form.cleaned_data["number"], form.cleaned_data["code"])
        if user:
            return _enter(request, user)
        _refuse(form)
    return render(request, "sign_in/letter.html", {"form": form, "sent": sent})


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Signed in, with a session of its own (the log has it by Django's signal)."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    return redirect("start")


def _may(allowed: bool, form: forms.Form) -> bool:
    if not allowed:
        form.add_error(None, ValidationError(_("There have been too many tries from here. Wait an hour. Or call us.")))
    return allowed


def _refuse(form: forms.Form) -> None:
    """One sentence for every reason."""
    form.add_error("code", _("That code does not work. Is it the newest one? You can ask for a new code."))


def _address(request: HttpRequest) -> str:
    """Where the reader comes from, for the limits: an IPv4 address, or the IPv6 network of one household, which has
    addresses beyond number. The proxy in front tells the server, which believes nobody else (docs/operations.md)."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return str(ip_network(f"{address}/64", strict=False)) if is_valid_ipv6_address(address) else address
