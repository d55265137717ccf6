"""Where staff write what people are asked: the register of purposes, the editor, the preview, the review, statistics.

Everybody here holds the right to write consents in some unit, and meets the texts of those administrations only.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consents import drawings, plain_language, policies, proof
from consents.actions import Refused
from consents.models import TEXT_FIELDS, ConsentText, Purpose, Speech, TextState, Translation
from consents.texts import publishing, statistics
from consents.texts.forms import (
    ArrangeForm,
    EndForm,
    LanguageForm,
    NoteForm,
    PublishForm,
    PurposeForm,
    TranslationForm,
    VoiceForm,
    is_right_to_left,
)
from safehome import clock
from safehome.audit import access
from safehome.audit.models import Action
from safehome.audit.models import Purpose as Why
from safehome.organisation.models import User
from safehome.organisation.policies import administrations_with, require_right, signed_in
from safehome.organisation.roles import Right

writes = require_right(Right.CONSENT_WRITE)
LONGEST_MEASURED = 20_000


# --- Purposes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A row of the list."""

    purpose: Purpose
    published: ConsentText | None
    unfinished: ConsentText | None
    yes: str
    no: str


@require_GET
@never_cache
@writes
def texts(request: HttpRequest) -> HttpResponse:
    """What people are asked, and how many have said what."""
    user = signed_in(request)
    purposes = publishing.purposes_visible_to(user).select_related("administration").prefetch_related("texts")
    offices: dict[str, list[Listed]] = {}
    for purpose in purposes.order_by("administration__name", "name", "valid_from"):
        offices.setdefault(purpose.administration.name, []).append(_listed(purpose))
    access.record(Action.READ, "consent statistics", by=user, purpose=Why.STATISTICS, detail="answers now")
    return render(request, "consents/texts/list.html", {"offices": offices})


def _listed(purpose: Purpose) -> Listed:
    by_state = {text.state: text for text in purpose.texts.all()}
    now = statistics.answers_now(purpose)
    return Listed(
        purpose=purpose,
        published=by_state.get(TextState.PUBLISHED),
        unfinished=by_state.get(TextState.DRAFT) or by_state.get(TextState.IN_REVIEW),
        yes=statistics.in_words(now["yes"]),
        no=statistics.in_words(now["no"]),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@writes
def new_purpose(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    offices = administrations_with(user, Right.CONSENT_WRITE)
    form = PurposeForm(request.POST if request.method == "POST" else None, administrations=offices)
    if form.is_valid():
        return _saved(form.save())
    return render(request, "consents/texts/purpose.html", {"form": form, "purpose": None})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@writes
def purpose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A purpose with its texts. Once people have been told of it, only its end can be set."""
    user = signed_in(request)
    found = publishing.get_purpose(user, pk)
    settled = publishing.is_settled(found)
    data = request.POST if request.method == "POST" else None
    form: PurposeForm | EndForm
    if settled:
        form = EndForm(data, instance=found)
    else:
        form = PurposeForm(data, instance=found, administrations=[found.administration])
    if form.is_valid():
        messages.success(request, _("The purpose has been saved."))
        return _saved(form.save())
    found = publishing.get_purpose(user, pk)
    context: dict[str, Any] = {"form": form, "purpose": found, "settled": settled, "facts": _facts(found)}
    context |= {"versions": found.texts.select_related("author", "reviewer")}
    context |= {"unfinished": publishing.unfinished(found)}
    return render(request, "consents/texts/purpose.html", context)


def _saved(purpose: Purpose) -> HttpResponse:
    return redirect("texts:purpose", purpose.pk)


def _facts(purpose: Purpose) -> list[tuple[str, str]]:
    kept = _("%(days)d days") % {"days": purpose.retention_days} if purpose.retention_days else ""
    rows = [
        (_("Controller"), purpose.administration),
        (_("Kind of consent"), purpose.get_kind_display()),
        (_("Regime"), purpose.get_regime_display()),
        (_("Legal basis"), " · ".join(filter(None, (purpose.basis, purpose.special_basis)))),
        (_("Legal source"), purpose.source),
        (_("Necessity"), purpose.get_necessity_display()),
        (_("When saying no"), purpose.alternative),
        (_("Data categories"), ", ".join(str(row) for row in purpose.categories.all())),
        (_("Recipients"), ", ".join(str(row) for row in purpose.recipients.all())),
        (_("Kept"), " · ".join(filter(None, (kept, purpose.retention_source)))),
    ]
    return [(label, str(value)) for label, value in rows if value]


@require_POST
@writes
def new_version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a new text: other words, or other processing."""
    user = signed_in(request)
    found = publishing.get_purpose(user, pk)
    change: publishing.Change = "processing" if request.POST.get("change") == "processing" else "wording"
    try:
        return redirect("texts:edit", publishing.new_version(found, by=user, change=change).pk)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return _saved(found)


# --- The editor --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tab:
    name: str
    language: str
    variant: str
    current: bool
    sample: bool


def _tabs(text: ConsentText, current: Translation | None) -> list[Tab]:
    return [
        Tab(
            publishing.which_name(row.language, row.variant),
            row.language,
            row.variant,
            current is not None and row.pk == current.pk,
            row.sample,
        )
        for row in publishing.in_order(text)
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@writes
def edit(request: HttpRequest, pk: UUID, language: str = "", variant: str = "") -> HttpResponse:
    """One language and variant of a draft, with figures beside each field."""
    user = signed_in(request)
    text = policies.get_text(user, pk)
    if not _may_write(user, text):
        return redirect("texts:review", text.pk)
    row = _translation(text, language, variant)
    form = TranslationForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        publishing.write(text, user, language=row.language, variant=row.variant, **form.written)
        messages.success(request, _("The text has been saved."))
        return redirect("texts:edit-one", text.pk, row.language, row.variant)
    context = _editor(text, row) | {"form": form, "fields": _fields(form), "figures": _figures(form, row)}
    return render(request, "consents/texts/edit.html", context)


def _may_write(user: User, text: ConsentText) -> bool:
    return text.state == TextState.DRAFT and text.author_id == user.pk


def _translation(text: ConsentText, language: str, variant: str) -> Translation:
    if language:
        return get_object_or_404(text.translations, language=language, variant=variant)
    ordered = publishing.in_order(text)
    if not ordered:
        raise Http404
    return ordered[0]


def _editor(text: ConsentText, row: Translation | None) -> dict[str, Any]:
    return {
        "text": text,
        "row": row,
        "tabs": _tabs(text, row),
        "language_form": LanguageForm(),
        "notes": publishing.notes(text),
    }


def _fields(form: TranslationForm) -> list[tuple[Any, dict[str, Any]]]:
    """Each field with its figures."""
    row = form.instance
    return [(form[name], _figure(str(form[name].value() or ""), row.language)) for name in TEXT_FIELDS]


def _figure(told: str, language: str) -> dict[str, Any]:
    measured = plain_language.measure(told[:LONGEST_MEASURED], language)
    return {"measure": measured, "advice": plain_language.advice(measured) if measured.words else []}


def _figures(form: TranslationForm, row: Translation) -> dict[str, Any]:
    return _figure(plain_language.whole(str(form[name].value() or "") for name in TEXT_FIELDS), row.language)


@require_POST
@never_cache
@writes
def measure(request: HttpRequest) -> HttpResponse:
    """Figures of what stands in the editor just now, as the blocks of the page that the script puts in place."""
    language = request.POST.get("language", "sv")[:10]
    told = {name: request.POST.get(name, "")[:LONGEST_MEASURED] for name in TEXT_FIELDS}
    figures = {name: _figure(value, language) for name, value in told.items()}
    whole = _figure(plain_language.whole(told.values()), language)
    return render(request, "consents/texts/_measured.html", {"figures": figures, "whole": whole})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@writes
def arrange(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The drawings and dates of a draft."""
    user = signed_in(request)
    text = policies.get_text(user, pk)
    if not _may_write(user, text):
        return redirect("texts:review", text.pk)
    form = ArrangeForm(request.POST if request.method == "POST" else None, instance=text)
    if form.is_valid():
        publishing.arrange(text, user, **form.cleaned_data)
        messages.success(request, _("The drawings and dates have been saved."))
        return redirect("texts:arrange", text.pk)
    context = _editor(text, None) | {"form": form, "drawings": _choices(form)}
    return render(request, "consents/texts/arrange.html", context)


def _choices(form: ArrangeForm) -> list[tuple[drawings.Drawing, bool]]:
    chosen = form["pictures"].value() or []
    return [(drawing, drawing.code in chosen) for drawing in drawings.DRAWINGS.values()]


@require_POST
@writes
def add_language(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One more language; a sample until somebody says that it is approved."""
    user = signed_in(request)
    text = policies.get_text(user, pk)
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return redirect("texts:edit", text.pk)
    language, variant = form.cleaned_data["language"], form.cleaned_data["variant"]
    if not text.translations.filter(language=language, variant=variant).exists():
        publishing.write(text, user, language=language, variant=variant, sample=True)
    return redirect("texts:edit-one", text.pk, language, variant)


# --- Preview -----------------------------------------------------------------------------------------------------


@require_GET
@never_cache
@writes
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """As on a telephone, and as on paper."""
    text = policies.get_text(signed_in(request), pk)
    row = _translation(text, request.GET.get("language", ""), request.GET.get("variant", ""))
    pictures = [(code, text.picture_digests.get(code, "")) for code in text.pictures if code in drawings.DRAWINGS]
    context = _editor(text, row) | {
        "on_paper": request.GET.get("on") == "paper",
        "pictures": pictures,
        "item": {"shown": row},
        "direction": "rtl" if is_right_to_left(row.language) else "ltr",
        "speech": publishing.newest_speech(row),
    }
    return render(request, "consents/texts/preview.html", context)


@require_GET
@cache_control(private=True, max_age=3600)
@writes
def drawing(request: HttpRequest, code: str) -> HttpResponse:
    """A drawing of ours, which says nothing of anybody."""
    try:
        return HttpResponse(drawings.svg(code), content_type="image/svg+xml")
    except KeyError:
        raise Http404 from None


# --- Review ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    label: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Compared:
    """One language and variant against the published one."""

    name: str
    sample: bool
    row: Translation
    differences: list[Difference]
    is_new: bool
    figures: dict[str, Any]
    digest: str


@never_cache
@require_GET
@writes
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What has changed since the published text, field by field, and what must be put right."""
    user = signed_in(request)
    text = policies.get_text(user, pk)
    return _review_page(request, user, text, PublishForm(), NoteForm())


def _review_page(
    request: HttpRequest,
    user: User,
    text: ConsentText,
    publish_form: PublishForm,
    note_form: NoteForm,
    status: int = 200,
) -> HttpResponse:
    waits = text.state == TextState.IN_REVIEW
    earlier = text.purpose.published if text.state != TextState.PUBLISHED else _before(text)
    context = {
        "text": text,
        "earlier": earlier,
        "compared": list(_compared(text, earlier)),
        "pictures": _picture_changes(text, earlier),
        "problems": publishing.problems(text) if text.state in (TextState.DRAFT, TextState.IN_REVIEW) else [],
        "hard": [one.name for one in publishing.measured(text) if one.hard],
        "digest": text.digest or _digest_now(text),
        "unspoken": publishing.unspoken(text) if text.state == TextState.PUBLISHED else [],
        "may_edit": _may_write(user, text),
        "may_publish": waits and text.author_id != user.pk,
        "may_discard": text.state == TextState.DRAFT,
        "waits": waits,
        "processing_changes": publishing.processing_changes(text),
        "publish_form": publish_form,
        "note_form": note_form,
        "notes": publishing.notes(text),
    }
    return render(request, "consents/texts/review.html", context, status=status)


def _before(text: ConsentText) -> ConsentText | None:
    """The version that this one replaced."""
    earlier = text.purpose.texts.filter(published_at__lt=text.published_at, state=TextState.RETIRED)
    return earlier.order_by("-published_at").first()


def _digest_now(text: ConsentText) -> str:
    """What the digest would be, were it published as it stands."""
    known = [code for code in text.pictures if code in drawings.DRAWINGS]
    text.picture_digests = {code: proof.picture_digest(drawings.svg(code).decode()) for code in known}
    return proof.text_digest(text)


def _compared(text: ConsentText, earlier: ConsentText | None) -> Iterator[Compared]:
    before = {(row.language, row.variant): row for row in earlier.translations.all()} if earlier else {}
    for one in publishing.measured(text):
        old = before.get((one.row.language, one.row.variant))
        yield Compared(
            name=one.name,
            sample=one.row.sample,
            row=one.row,
            differences=list(_differences(old, one.row)),
            is_new=old is None,
            figures={"measure": one.measure, "advice": plain_language.advice(one.measure)},
            digest=proof.translation_digest(one.row),
        )


def _differences(old: Translation | None, new: Translation) -> Iterator[Difference]:
    for name in TEXT_FIELDS:
        before, after = getattr(old, name) if old else "", getattr(new, name)
        if before != after:
            yield Difference(capfirst(publishing.field_label(name)), word_differences(before, after))


def word_differences(before: str, after: str) -> list[Piece]:
    """What has gone and what is new, word by word."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for kind, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[old_from:old_to])))
            continue
        pieces.append(Piece("gone", "".join(old[old_from:old_to])))
        pieces.append(Piece("new", "".join(new[new_from:new_to])))
    return [piece for piece in pieces if piece.text]


def _words(told: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", told)


def _picture_changes(text: ConsentText, earlier: ConsentText | None) -> list[tuple[drawings.Drawing, str]]:
    before = earlier.pictures if earlier else []
    codes = dict.fromkeys([*text.pictures, *before])
    kinds = {code: "same" if code in text.pictures and code in before else "new" for code in codes}
    kinds |= {code: "gone" for code in codes if code not in text.pictures}
    return [(drawings.DRAWINGS[code], kind) for code, kind in kinds.items() if code in drawings.DRAWINGS]


@require_POST
@writes
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    text = policies.get_text(user, pk)
    try:
        publishing.submit(text, user)
        messages.success(request, _("The text waits for somebody else to review it."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("texts:review", text.pk)


@require_POST
@writes
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    text = policies.get_text(user, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _review_page(request, user, text, PublishForm(), form, status=422)
    try:
        publishing.send_back(text, user, form.cleaned_data["note"])
        messages.success(request, _("The text is back with its author."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("texts:review", text.pk)


@require_POST
@writes
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reviewer answers for the text, and it is what people are asked with from now on."""
    user = signed_in(request)
    text = policies.get_text(user, pk)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _review_page(request, user, text, form, NoteForm(), status=422)
    try:
        published = publishing.publish(text, user, hard_words=form.cleaned_data["hard_words"])
    except publishing.NotReady as refusal:
        form.add_error(None, refusal.reasons)
        return _review_page(request, user, text, form, NoteForm(), status=422)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("texts:review", text.pk)
    _say_published(request, published)
    return redirect("texts:review", text.pk)


def _say_published(request: HttpRequest, text: ConsentText) -> None:
    messages.success(request, _("Version %(version)s is published.") % {"version": text.version})
    if silent := publishing.unspoken(text):
        told = _("There is no sound for: %(which)s. Record a voice and upload it.")
        messages.warning(request, told % {"which": "; ".join(silent)})


@require_POST
@writes
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    text = policies.get_text(user, pk)
    try:
        publishing.discard(text, user)
        messages.success(request, _("The draft has been thrown away."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return _saved(text.purpose)


# --- Voices ------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@writes
def voices(request: HttpRequest, pk: UUID, language: str = "", variant: str = "") -> HttpResponse:
    """Listen to the text, and let a person read it instead of the machine."""
    user = signed_in(request)
    text = policies.get_text(user, pk)
    form = VoiceForm(request.POST, request.FILES) if request.method == "POST" else None
    row = get_object_or_404(text.translations, language=language, variant=variant) if language else None
    if form and row and form.is_valid():
        try:
            publishing.add_voice(row, form.cleaned_data["recording"], user, voice=form.cleaned_data["voice"])
            messages.success(request, _("The voice is added. It is heard from now on."))
            return redirect("texts:voices", text.pk)
        except Refused as refusal:
            form.add_error("recording", str(refusal))
    return render(request, "consents/texts/voices.html", _voices(text, form, row, user))


def _voices(text: ConsentText, form: VoiceForm | None, row: Translation | None, user: User) -> dict[str, Any]:
    rows = [
        {
            "name": publishing.which_name(one.language, one.variant),
            "row": one,
            "speech": publishing.newest_speech(one),
            "form": form
            if row and one.pk == row.pk
            else VoiceForm(initial={"voice": user.name}, auto_id=f"{one.language}-{one.variant}-%s"),
        }
        for one in publishing.in_order(text)
        if not one.sample
    ]
    open_to_voices = text.state in (TextState.IN_REVIEW, TextState.PUBLISHED)
    return {"text": text, "rows": rows, "open_to_voices": open_to_voices}


@require_GET
@cache_control(private=True, max_age=3600)
@writes
def listen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A text read aloud."""
    speech = get_object_or_404(Speech, pk=pk)
    return HttpResponse(bytes(speech.audio), content_type=speech.mime)


# --- Statistics --------------------------------------------------------------------------------------------------


@require_GET
@never_cache
@writes
def numbers(request: HttpRequest) -> HttpResponse:
    """How people answer, month by month, for each purpose of the administrations."""
    user = signed_in(request)
    this_year = timezone.localdate(clock.now()).year
    year = _year(request.GET.get("year", ""), this_year)
    purposes = publishing.purposes_visible_to(user).filter(consent_required=True).select_related("administration")
    years = [statistics.year_of(one, year) for one in purposes.order_by("administration__name", "name")]
    access.record(Action.READ, "consent statistics", by=user, purpose=Why.STATISTICS, detail=str(year))
    context = {"years": years, "year": year, "earlier": year - 1, "later": year + 1 if year < this_year else None}
    return render(request, "consents/texts/statistics.html", context)


def _year(asked: str, this_year: int) -> int:
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this_year
    return min(max(year, 2000), this_year)
