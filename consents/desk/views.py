"""Care staff's work with consents: how it stands, asking in every way there is, registering answers, and what follows.

Every page gets its resident by `people.get_case`, which lets nobody in who does not work with that person's consents.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consents import actions, policies
from consents.actions import Refused, TextChanged
from consents.desk import emergencies, overview, paper, scans, words, work
from consents.desk.forms import (
    AskForm,
    DoneForm,
    EmergencyForm,
    HandOverForm,
    OralForm,
    PaperForm,
    ReasonForm,
    ReviewForm,
    ScanForm,
    SignedForm,
    text_name,
)
from consents.desk.people import Case, get_case, get_consent_case, givers, givers_of
from consents.kinds import Answer, How, Understanding
from consents.models import Consent, EmergencyGround, Purpose, Translation
from consents.models import PaperForm as Sheet
from consents.policies import Giver, MayNotDecide
from consents.proof import translation_digest
from consents.states import OPEN, TRANSITIONS, State, TransitionRefused, Verb
from safehome import clock
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.organisation.policies import has_right, require_right, signed_in, staff_required
from safehome.organisation.roles import Right

PAGE = 50
ANSWERABLE = (*OPEN, State.GIVEN)
"""States in which somebody can still answer: open questions, and a yes that can be taken back."""


# --- How it stands -----------------------------------------------------------------------------------------------


@require_GET
@never_cache
@require_right(Right.CONSENT_ASK)
def resident(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Each purpose, what the resident and those who live there have said, and what waits for it."""
    user = signed_in(request)
    case = get_case(user, pk)
    access.record(Action.READ, "consent", by=user, of=case.resident, detail="overview")
    context = {**_page(case), "lines": overview.lines(case), "emergencies": overview.emergencies(case.resident)}
    context["now"] = clock.now()
    for panel in settings.CONSENT_DESK_PANELS:
        context |= import_string(panel)(user, case.resident)
    return render(request, "consents/desk/resident.html", context)


def _page(case: Case) -> dict[str, Any]:
    """What every page about one resident shows on top."""
    return {"case": case, "resident": case.resident, "name": case.name, "may_act": case.known}


@require_GET
@never_cache
@require_right(Right.CONSENT_ASK)
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One consent's whole story."""
    user = signed_in(request)
    row, case = get_consent_case(user, pk, act=True)
    access.record(Action.READ, "consent", by=user, of=row)
    context = {
        **_page(case),
        "consent": row,
        "badge": overview.badge_of(row),
        "events": words.story(row),
        "decisions": row.decisions.select_related("representative", "registered_by").order_by("at", "registered_at"),
        "forms": row.paper_forms.select_related("printed_by", "scanned_by"),
        "answerable": row.state in ANSWERABLE,
        "may_annul": row.state in TRANSITIONS[Verb.ANNUL] and has_right(user, Right.CONSENT_WRITE),
    }
    return render(request, "consents/desk/consent.html", context)


# --- Asking ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """About what, whom, and how; then on to the tablet, the paper or the oral answer."""
    user = signed_in(request)
    case = get_case(user, pk, act=True)
    form = AskForm(
        request.POST if request.method == "POST" else None,
        purposes=_askable(case),
        givers=givers(case.resident),
        initial=_wanted(request, case),
    )
    if form.is_bound and form.is_valid():
        try:
            return _onwards(request, case, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _form_page(request, "consents/desk/ask.html", form, case)


def _askable(case: Case) -> Any:
    return overview.purposes_of(case).filter(texts__state="published").distinct()


def _wanted(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What a link to the page has chosen already."""
    wanted: dict[str, Any] = {name: request.GET[name] for name in ("who", "how") if name in request.GET}
    if purposes := request.GET.getlist("purpose"):
        known = {str(row.pk): row.pk for row in _askable(case)}
        wanted["purposes"] = [known[text] for text in purposes if text in known]
    return wanted


def _onwards(request: HttpRequest, case: Case, said: dict[str, Any]) -> HttpResponse:
    giver, how = said["giver"], How(said["how"])
    asked = _put(case, said["purposes"], giver, how)
    back = reverse("desk:resident", args=[case.resident.pk])
    if how is How.STAFF_TABLET:
        return redirect(f"{reverse('desk:hand-over', args=[case.resident.pk])}?{urlencode({'who': giver.slug})}")
    if how is How.PAPER:
        query = urlencode([("consents", str(row.pk)) for row in asked])
        return redirect(f"{reverse('desk:paper', args=[case.resident.pk])}?{query}")
    if how is How.ORAL:
        return redirect(f"{reverse('desk:oral', args=[asked[0].pk])}?{urlencode({'who': giver.slug})}")
    messages.success(request, _("The questions wait where the person signs in."))
    return redirect(back)


@transaction.atomic
def _put(case: Case, purposes: list[Purpose], giver: Giver, how: How) -> list[Consent]:
    asked = [
        actions.ask(case.resident, purpose, by=case.user, cohabitant=giver.cohabitant, how=how) for purpose in purposes
    ]
    access.record(Action.WRITE, "consent", by=case.user, of=asked, detail=f"asked, {how}")
    return asked


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who gets the tablet, in which language, who is there and who helps. Then the staff member is signed out."""
    user = signed_in(request)
    case = get_case(user, pk, act=True)
    at_home = [giver for giver in givers(case.resident) if giver.representative is None]
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        givers=at_home,
        languages=_languages(case),
        initial=_wanted(request, case),
    )
    if form.is_bound and form.is_valid():
        return _begin(request, case, form)
    return _form_page(request, "consents/desk/hand_over.html", form, case)


def _begin(request: HttpRequest, case: Case, form: HandOverForm) -> HttpResponse:
    from consents import assisted

    said = form.cleaned_data
    access.record(Action.WRITE, "consent", by=case.user, of=case.resident, detail="tablet handed over")
    names = ("language", "presence", "helped_by", "aids", "interpreter")
    facts = {name: said[name] for name in names}
    return assisted.begin(request, resident=case.resident, cohabitant=form.givers[said["who"]].cohabitant, **facts)


def _languages(case: Case) -> list[str]:
    """Those that the texts exist in, approved; the resident's own first, then Swedish and English."""
    rows = Translation.objects.filter(text__purpose__in=overview.purposes_of(case), text__state="published")
    found = set(rows.filter(sample=False).values_list("language", flat=True)) or {"sv"}
    first = [case.resident.language, "sv", "en"]
    return sorted(found, key=lambda code: (first.index(code) if code in first else len(first), code))


# --- On paper ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def paper_form(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose questions and language; the answer to the form is the PDF."""
    user = signed_in(request)
    case = get_case(user, pk, act=True)
    printable = _printable(case)
    posted = request.POST if request.method == "POST" else None
    named = (posted or request.GET).getlist("consents")
    chosen = [row for row in printable if str(row.pk) in named] or list(printable)
    form = PaperForm(
        posted,
        consents=printable,
        translations=paper.translations_for(chosen),
        initial={"consents": [row.pk for row in chosen]},
    )
    if form.is_bound and form.is_valid():
        text = form.translations[form.cleaned_data["text"]]
        made = paper.print_forms(form.cleaned_data["consents"], text.language, text.variant, by=user)
        return _file(made, "application/pdf", "consent-form.pdf", save=False)
    return _form_page(request, "consents/desk/paper.html", form, case, printable=printable)


def _printable(case: Case) -> Any:
    """Questions that wait for an answer, and consents that may be taken back, while their text is published."""
    rows = policies.consents_visible_to(case.user).filter(resident=case.resident, state__in=ANSWERABLE)
    told = rows.filter(purpose__texts__state="published").select_related("purpose__administration", "cohabitant")
    return told.select_related("resident__home").order_by("purpose__name", "cohabitant", "pk")


def _file(data: bytes, mime: str, name: str, *, save: bool) -> HttpResponse:
    answer = HttpResponse(data, content_type=mime)
    answer["Content-Disposition"] = f'{"attachment" if save else "inline"}; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Where a form's QR code leads: upload the signed form, then write what stands on it."""
    user = signed_in(request)
    sheet, case = _sheet(user, code)
    uploading = request.method == "POST" and "upload" in request.POST
    upload = ScanForm(request.POST, request.FILES) if uploading else ScanForm()
    if uploading and upload.is_valid():
        try:
            scans.keep(sheet, upload.cleaned_data["scan"], by=user)
        except scans.ScanRefused as refusal:
            upload.add_error("scan", str(refusal))
        else:
            messages.success(request, _("The form is kept. Now write what stands on it."))
            return redirect("desk:scan", sheet.code)
    return _scan_page(request, sheet, case, upload)


def _scan_page(request: HttpRequest, sheet: Sheet, case: Case, upload: ScanForm) -> HttpResponse:
    consent = sheet.consent
    left = _yet_to_answer(sheet)
    form = None
    if sheet.scan and left:
        registering = request.method == "POST" and not upload.is_bound
        form = SignedForm(
            request.POST if registering else None,
            consent=consent,
            givers=left,
            by=case.user,
            printed_at=sheet.printed_at,
            initial={"who": left[0].slug if len(left) == 1 else ""},
        )
        if form.is_bound and form.is_valid() and _registered(form, lambda: _register_signed(sheet, form)):
            return _back(request, consent)
    if not (upload.is_bound or (form and form.is_bound)):
        access.record(Action.READ, "consent form", by=case.user, of=consent, detail=f"form {sheet.code}")
    context = {"sheet": sheet, "consent": consent, "upload": upload, "code": paper.grouped(sheet.code)}
    context |= {"answered": scans.is_answered(sheet), "text_name": text_name(sheet)}
    status = 400 if upload.is_bound or (form and form.is_bound) else 200
    return render(request, "consents/desk/scan.html", {**_page(case), **context, "form": form}, status=status)


def _sheet(user: User, code: str) -> tuple[Sheet, Case]:
    """Raises Http404 for a code that was never printed, NotVisible (404), NotAllowed (403)."""
    sheet = Sheet.objects.select_related("printed_by", "scanned_by").filter(code=paper.tidy_code(code)).first()
    if sheet is None:
        raise Http404
    sheet.consent, case = get_consent_case(user, sheet.consent_id, act=True)
    return sheet, case


def _yet_to_answer(sheet: Sheet) -> list[Giver]:
    """A form carries one answer, but for a child's two guardians, who sign the same sheet."""
    found = givers_of(sheet.consent)
    if not scans.is_answered(sheet):
        return found
    if sheet.consent.state != State.WAITING:
        return []
    done = set(sheet.consent.decisions.filter(scan_digest=sheet.scan_digest).values_list("representative", flat=True))
    return [giver for giver in found if giver.representative and giver.representative.pk not in done]


@transaction.atomic
def _register_signed(sheet: Sheet, form: SignedForm) -> Consent:
    """What was signed is an answer to the text on that sheet, whatever has been shown since."""
    said = form.cleaned_data
    if sheet.consent.served_digest != sheet.text_digest:
        _serve_again(sheet, form.by)
    circumstances = form.circumstances(How.PAPER, scan_digest=sheet.scan_digest, witness=said["witness"])
    return actions.answer(
        sheet.consent_id, Answer(said["answer"]), giver=said["giver"], circumstances=circumstances, **_view(said)
    )


def _serve_again(sheet: Sheet, by: User) -> None:
    rows = Translation.objects.filter(
        text__purpose=sheet.consent.purpose_id, language=sheet.language, variant=sheet.variant
    )
    printed = next((row for row in rows if translation_digest(row) == sheet.text_digest), None)
    if printed is None:
        raise TextChanged(_("The text has changed since the form was printed. Print a new form."))
    actions.serve(sheet.consent, printed, by=by)


def _view(said: dict[str, Any]) -> dict[str, str]:
    """The resident's own view, when somebody else answers for them."""
    if said["giver"].representative is None:
        return {}
    return {name: said.get(name, "") for name in ("resident_view", "resident_view_note")}


def _registered(form: django_forms.Form, verb: Callable[[], Consent]) -> bool:
    """Do it, or say on the form why not; nothing has changed then."""
    try:
        verb()
    except TextChanged:
        form.add_error(None, _("The text has changed since it was read. Ask anew with the text that stands now."))
    except (Refused, MayNotDecide) as refusal:
        form.add_error(None, str(refusal))
    except TransitionRefused:
        form.add_error(None, _("The question has been answered already, in another way. Ask anew."))
    else:
        return True
    return False


def _back(request: HttpRequest, consent: Consent) -> HttpResponse:
    messages.success(request, _("The answer is registered. What follows from it has been done."))
    return redirect("desk:resident", consent.resident_id)


@require_GET
@never_cache
@require_right(Right.CONSENT_ASK)
def scan_file(request: HttpRequest, code: str) -> HttpResponse:
    """The signed form itself, to save; for those who may see the consent, and written in the log."""
    user = signed_in(request)
    sheet, _case = _sheet(user, code)
    if not sheet.scan:
        raise Http404
    access.record(Action.EXPORT, "consent scan", by=user, of=sheet.consent, detail=f"form {sheet.code}")
    try:
        data, kind = scans.fetch(sheet)
    except (scans.Changed, FileNotFoundError):
        return render(request, "consents/desk/scan_changed.html", {"sheet": sheet}, status=409)
    answer = _file(data, scans.MIME[kind], f"{sheet.code}.{kind}", save=True)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


# --- By word of mouth --------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def oral(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The text was read out, somebody answered, and a third person heard it."""
    user = signed_in(request)
    row, case = get_consent_case(user, pk, act=True)
    if row.state not in ANSWERABLE:
        messages.warning(request, _("This question has been answered. Ask anew."))
        return redirect("desk:resident", row.resident_id)
    possible = givers_of(row)
    slugs = [giver.slug for giver in possible]
    who = request.GET.get("who", slugs[0] if len(slugs) == 1 else "")
    form = OralForm(
        request.POST if request.method == "POST" else None,
        consent=row,
        givers=possible,
        by=user,
        translations=paper.translations_for([row]),
        initial={"who": who},
    )
    if form.is_bound and form.is_valid() and _registered(form, lambda: _register_oral(row, form)):
        return _back(request, row)
    shown = [(text_name(text), text) for text in form.translations.values()]
    if not form.is_bound:
        access.record(Action.READ, "consent", by=user, of=row, detail="oral answer")
    return _form_page(request, "consents/desk/oral.html", form, case, consent=row, texts=shown)


@transaction.atomic
def _register_oral(row: Consent, form: OralForm) -> Consent:
    said = form.cleaned_data
    actions.serve(row, form.translations[said["text"]], by=form.by)
    for right in _said_back(Understanding(said["understanding"])):
        actions.check_understanding(row, right=right, by=form.by)
    circumstances = form.circumstances(How.ORAL, witness=said["witness"], presence=said["presence"])
    return actions.answer(
        row.pk, Answer(said["answer"]), giver=said["giver"], circumstances=circumstances, **_view(said)
    )


def _said_back(outcome: Understanding) -> tuple[bool, ...]:
    """The tries that led to this outcome."""
    return {Understanding.UNDERSTOOD: (True,), Understanding.EXPLAINED: (False, True)}.get(outcome, (False,))


# --- Annulling ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_WRITE)
def annul(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It was entered in error: another fact than that somebody has taken it back."""
    user = signed_in(request)
    row, case = get_consent_case(user, pk, act=True)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.annul(row.pk, by=user, reason=form.cleaned_data["reason"])
        except (Refused, TransitionRefused):
            form.add_error(None, _("This can't be annulled as it is now."))
        else:
            messages.success(request, _("The consent is annulled. What rested on it has stopped."))
            return redirect("desk:consent", row.pk)
    return _form_page(request, "consents/desk/annul.html", form, case, consent=row)


# --- Emergencies -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def emergency(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The red page: what an emergency is and is not, then reason and hours."""
    user = signed_in(request)
    case = get_case(user, pk)
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            row = actions.declare_emergency(pk, by=user, reason=said["reason"], hours=said["hours"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.warning(request, _("The emergency is declared. Somebody else will review it."))
            return redirect("desk:review-emergency", row.pk)
    return _form_page(request, "consents/desk/emergency.html", form, case)


@require_http_methods(["GET", "POST"])
@never_cache
@require_right(Right.CONSENT_ASK)
def review_emergency(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was declared, by whom and why; reviewed by somebody else."""
    user = signed_in(request)
    row = emergencies.get_emergency(user, pk, review=request.method == "POST")
    case = get_case(user, row.resident_id)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        emergencies.review(pk, by=user, note=form.cleaned_data["note"], end_now=form.cleaned_data["end_now"])
        messages.success(request, _("The review is written down."))
        return redirect("desk:review-emergency", pk)
    access.record(Action.READ, "emergency", by=user, of=row)
    return _form_page(request, "consents/desk/review_emergency.html", form, case, **_emergency(user, row))


def _emergency(user: User, row: EmergencyGround) -> dict[str, Any]:
    own = row.started_by_id == user.pk
    to_review = row.reviewed_at is None and emergencies.may_review(user, row)
    return {"emergency": row, "goes_on": row.ends_at > clock.now(), "to_review": to_review, "own": own}


# --- The work list -----------------------------------------------------------------------------------------------


@require_GET
@never_cache
@staff_required
def work_list(request: HttpRequest) -> HttpResponse:
    """What waits in the user's units, the most urgent first."""
    user = signed_in(request)
    _require_either(user)
    kind, unit = request.GET.get("kind", ""), request.GET.get("unit", "")
    page = Paginator(work.chosen(user, kind=kind, unit=unit), PAGE).get_page(request.GET.get("page"))
    tasks = list(page.object_list)
    access.record(Action.READ, "consent task", by=user, of=tasks, detail="work list")
    writes = has_right(user, Right.CONSENT_WRITE)
    context = {"page": page, "rows": work.rows(user, tasks), "kind": kind, "unit": unit, "writes": writes}
    context |= {"kinds": work.kinds_for(user), "units": [(str(row.pk), row.name) for row in work.units_of(user)]}
    return render(request, "consents/desk/work.html", context)


@require_POST
@staff_required
def done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A task has been seen to."""
    user = signed_in(request)
    _require_either(user)
    form = DoneForm(request.POST)
    try:
        work.finish(pk, by=user, note=form.cleaned_data["note"] if form.is_valid() else "")
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted as done."))
    kept = {name: request.POST[name] for name in ("kind", "unit") if request.POST.get(name)}
    return redirect(f"{reverse('desk:work')}?{urlencode(kept)}" if kept else "desk:work")


def _require_either(user: User) -> None:
    """The list is for those who work with consents or see to devices."""
    if not (has_right(user, Right.CONSENT_ASK) or has_right(user, Right.DEVICE_MANAGE)):
        raise PermissionDenied


def _form_page(request: HttpRequest, template: str, form: django_forms.Form, case: Case, **more: Any) -> HttpResponse:
    return render(request, template, {**_page(case), "form": form, **more}, status=400 if form.is_bound else 200)
