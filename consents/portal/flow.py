"""The pages on which people answer, one thing a page. Giving and taking back go the same way, in as many steps:

the question → (what the person thinks, when somebody else answers) → did you understand / what happens now → check your
answers → the receipt.
"""

from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consents import actions, assisted, policies, proof, worklist
from consents.actions import Refused, TextChanged
from consents.kinds import Answer, Variant
from consents.models import Consent, Purpose, TaskKind
from consents.policies import MayNotDecide
from consents.portal import walk
from consents.portal.forms import AnswerForm, HelpForm, UnderstandingForm, ViewForm
from consents.portal.seat import Seat, seated
from consents.portal.walk import Draft, Item
from consents.states import TransitionRefused
from safehome.audit import access, denials
from safehome.audit.denials import NotAllowed
from safehome.audit.models import Action
from safehome.organisation.models import Unit
from safehome.organisation.policies import signed_in
from safehome.ui.preferences import Preferences

ANSWERED = "consent_answered"
ALL = "all"
"""The way through everything that waits for an answer; without it one question, then the check."""

pages = require_http_methods(["GET", "HEAD", "POST"])
Faults: TypeAlias = list[tuple[Item, str]]


def page(request: HttpRequest, seat: Seat, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the flow. The session is kept alive: nobody is thrown out while they read on."""
    request.session.modified = True
    frame = {"seat": seat, "way": _way(request)}
    return render(request, f"consents/portal/{name}.html", frame | context, status=status)


def go(name: str, seat: Seat, *args: Any, **query: str) -> HttpResponseRedirect:
    address = reverse(f"my:{name}", args=[seat.slug, *args])
    told = {key: value for key, value in query.items() if value}
    return HttpResponseRedirect(f"{address}?{urlencode(told)}" if told else address)


def _way(request: HttpRequest) -> str:
    return ALL if ALL in (request.GET.get("way"), request.POST.get("way")) else ""


# --- The start ---------------------------------------------------------------------------------------------------


@pages
@seated
def questions(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What is asked, and three ways to go on: alone, with help, or by talking to somebody."""
    if request.method == "POST":
        return _set_out(request, seat, request.POST.get("go", ""))
    found = walk.items(request, seat)
    if not seat.own:
        access.record(Action.READ, "consent", by=seat.by, of=seat.giver.resident, detail="what is asked")
    context = {
        "waiting": [item for item in found if item.to_answer],
        "others": [item for item in found if not item.to_answer],
        "drafts": [item for item in found if item.draft],
    }
    return page(request, seat, "questions", context)


def _set_out(request: HttpRequest, seat: Seat, chosen: str) -> HttpResponse:
    if chosen == "help":
        return go("help", seat)
    if chosen == "talk":
        return go("talk", seat)
    walk.seat_data(request, seat).pop("help", None)
    request.session.modified = True
    return _who_or_how(seat)


def _who_or_how(seat: Seat) -> HttpResponse:
    several = not seat.assisted and len(policies.givers_of(seat.giver.user)) > 1  # type: ignore[arg-type]
    return redirect("my:who") if several else go("how", seat)


@require_GET
@never_cache
@login_required
def who(request: HttpRequest) -> HttpResponse:
    """Who are you now? Somebody can answer for themselves and for others; each is a way of its own."""
    seats = [Seat(giver) for giver in policies.givers_of(signed_in(request))]
    return render(request, "consents/portal/who.html", {"seats": seats})


@pages
@seated
def with_help(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Who helps, and with what. It stands with the answers, so that somebody can ask about it later."""
    if seat.assisted:
        return go("how", seat)
    kept = walk.seat_data(request, seat)
    form = HelpForm(request.POST if request.method == "POST" else None, initial=kept.get("help"))
    if form.is_bound and form.is_valid():
        kept["help"] = form.cleaned_data
        request.session.modified = True
        return _who_or_how(seat)
    return page(request, seat, "help", {"form": form})


@pages
@seated
def talk(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Talk to somebody first: a task for the unit, and the page says who will call."""
    unit = _unit_that_calls(seat)
    if request.method == "POST" and unit:
        text = _("%(name)s wants to talk before answering.") % {"name": seat.giver.name}
        worklist.make(TaskKind.EXPLAIN, seat.giver.resident, unit, text=text[:300])
        access.record(Action.WRITE, "consent task", by=seat.by, of=seat.giver.resident, detail=TaskKind.EXPLAIN.value)
        return go("talk", seat, asked="yes")
    return page(request, seat, "talk", {"unit": unit, "asked": "asked" in request.GET and unit})


def _unit_that_calls(seat: Seat, purpose: Purpose | None = None) -> Unit | None:
    first = purpose or policies.purposes_for(seat.giver).order_by("name", "pk").first()
    return worklist.unit_for(seat.giver.resident, first.administration_id) if first else None


@require_GET
@seated
def how(request: HttpRequest, seat: Seat) -> HttpResponse:
    """How it works, in four drawings."""
    first = walk.next_to_answer(walk.items(request, seat))
    return page(request, seat, "how", {"first": first, "way": ALL})


# --- The question ------------------------------------------------------------------------------------------------


def _item(request: HttpRequest, seat: Seat, pk: UUID) -> Item:
    purpose = policies.purposes_for(seat.giver).select_related("administration").filter(pk=pk).first()
    item = walk.item_of(request, seat, purpose) if purpose else None
    if item is None:
        raise Http404
    return item


@pages
@seated
def question(request: HttpRequest, seat: Seat, purpose: UUID) -> HttpResponse:
    """One purpose: what, why, who sees, how long, what if I say no, how I change my mind; then three equal answers."""
    item = _item(request, seat, purpose)
    if item.refusal:
        return _refused(request, seat, item)
    if request.method == "POST" and ("language" in request.POST or "variant" in request.POST):
        return _read_otherwise(request, seat, item)
    consent = walk.open_question(seat, item.purpose)
    if request.method == "POST":
        form = AnswerForm(request.POST, seat=seat)
        if form.is_valid():
            return _chosen(request, seat, item, consent, form)
        return _question_page(request, seat, item, form)
    _serve(seat, item, consent)
    said = item.draft.said if item.draft else None
    form = AnswerForm(seat=seat, initial={"said": said, "digest": proof.translation_digest(item.shown)})
    return _question_page(request, seat, item, form)


def _serve(seat: Seat, item: Item, consent: Consent) -> None:
    """The text is before the person's eyes: the proof has it, and the log that it was read."""
    walk.clear_of_others(seat, consent)
    voice = walk.speech_of(item.shown)
    actions.serve(consent, item.shown, by=seat.by, speech=voice.digest if voice else "")
    access.record(Action.READ, "consent", by=seat.by, of=consent, detail="the question was read")


def _question_page(
    request: HttpRequest, seat: Seat, item: Item, form: AnswerForm | None, status: int = 200
) -> HttpResponse:
    translations = item.text.translations.all()
    languages = [*dict(settings.LANGUAGES), *(row.language for row in translations)]
    own = {row.variant for row in translations if row.language == item.shown.language}
    context = {
        "item": item,
        "form": form,
        "speech": walk.speech_of(item.shown),
        "direction": walk.direction(item.shown.language),
        "languages": [code for code in dict.fromkeys(languages) if _has(translations, code)],
        "variants": [(value, label) for value, label in Variant.choices if value in own],
        "pictures": [(code, item.text.picture_digests.get(code, "")) for code in item.text.pictures],
        "changed": "changed" in request.GET,
    }
    return page(request, seat, "question", context, status)


def _has(translations: Any, language: str) -> bool:
    return any(row.language == language for row in translations)


def _refused(request: HttpRequest, seat: Seat, item: Item) -> HttpResponse:
    """A child may read what their guardians answer; who has no mandate for this is told why, and the log has it."""
    if seat.own:
        return _question_page(request, seat, item, None)
    denials.record(NotAllowed("consent", seat.giver.resident, "answer"), seat.by, path=request.path)
    return page(request, seat, "refused", {"reason": item.refusal}, status=403)


def _read_otherwise(request: HttpRequest, seat: Seat, item: Item) -> HttpResponse:
    """Another language, or an easier text. The pages follow where they can."""
    response = go("question", seat, item.purpose.pk, way=_way(request))
    language, variant = request.POST.get("language", ""), request.POST.get("variant", "")
    if language in dict(settings.LANGUAGES):
        request.session.pop(assisted.LANGUAGE, None)
        Preferences.of(request).changed({"language": language}).save(response)
    elif item.text.translations.filter(language=language).exists():
        request.session[assisted.LANGUAGE] = language
    if variant in Variant.values:
        request.session[walk.VARIANT] = variant
    return response


def _chosen(request: HttpRequest, seat: Seat, item: Item, consent: Consent, form: AnswerForm) -> HttpResponse:
    """Keep the answer, unless the text has changed under the reader's eyes or may not be answered."""
    said = Answer(form.cleaned_data["said"])
    if item.shown.sample and said is not Answer.TALK:
        form.add_error("said", _("This text is only a sample. Choose another language to answer."))
        return _question_page(request, seat, item, form)
    if said is Answer.YES and item.stands:
        messages.info(request, _("You have said yes before. It still stands. Nothing has changed."))
        walk.forget_draft(request, seat, consent)
        actions.note_draft(consent, "")
        return go("questions", seat)
    before = item.draft or Draft(said)
    walk.keep_draft(request, seat, consent, Draft(said, before.view, before.note))
    if form.cleaned_data["digest"] != proof.translation_digest(item.shown):
        return go("question", seat, item.purpose.pk, changed="yes", way=_way(request))
    if seat.represents and said is not Answer.TALK:
        return go("view", seat, item.purpose.pk, way=_way(request))
    return _after_view(request, seat, item, said)


def _after_view(request: HttpRequest, seat: Seat, item: Item, said: Answer) -> HttpResponse:
    if said is Answer.TALK:
        return _onward(request, seat)
    return go("understanding" if said is Answer.YES else "no", seat, item.purpose.pk, way=_way(request))


def _onward(request: HttpRequest, seat: Seat) -> HttpResponse:
    """To the next question that waits, on the way through all; else to the check."""
    following = walk.next_to_answer(walk.items(request, seat)) if _way(request) else None
    return go("question", seat, following.purpose.pk, way=ALL) if following else go("check", seat)


# --- After the answer --------------------------------------------------------------------------------------------

Step = Callable[[HttpRequest, Seat, Item, Consent, Draft], HttpResponse]


def _step(said: tuple[Answer, ...]) -> Callable[[Step], Callable[..., HttpResponse]]:
    """Decorator of a page that follows an answer; who comes without one is led to the question."""

    def decorate(view: Step) -> Callable[..., HttpResponse]:
        @pages
        @seated
        def step(request: HttpRequest, seat: Seat, purpose: UUID) -> HttpResponse:
            item = _item(request, seat, purpose)
            if item.refusal or item.draft is None or item.consent is None or item.draft.said not in said:
                return go("question", seat, item.purpose.pk, way=_way(request))
            return view(request, seat, item, item.consent, item.draft)

        return step

    return decorate


@_step((Answer.YES, Answer.NO))
def view(request: HttpRequest, seat: Seat, item: Item, consent: Consent, draft: Draft) -> HttpResponse:
    """What does the person think, whom somebody else answers for?"""
    if not seat.represents:
        return _after_view(request, seat, item, draft.said)
    posted = request.POST if request.method == "POST" else None
    form = ViewForm(posted, seat=seat, draft=draft, initial={"view": draft.view, "note": draft.note})
    if form.is_bound and form.is_valid():
        told = Draft(draft.said, form.cleaned_data["view"], form.cleaned_data["note"])
        walk.keep_draft(request, seat, consent, told)
        return _after_view(request, seat, item, draft.said)
    return page(request, seat, "view", {"item": item, "form": form})


@_step((Answer.YES,))
def understanding(request: HttpRequest, seat: Seat, item: Item, consent: Consent, draft: Draft) -> HttpResponse:
    """Say it back. Wrong is explained again, as often as one likes, and one can always go on."""
    if "on" in request.POST:
        return _onward(request, seat)
    posted = request.POST if request.method == "POST" else None
    form = UnderstandingForm(posted, shown=item.shown, consent=consent)
    if form.is_bound and form.is_valid():
        actions.check_understanding(consent, right=form.is_right, by=seat.by)
        if form.is_right:
            messages.success(request, _("That is right."))
            return _onward(request, seat)
        return go("understanding", seat, item.purpose.pk, again="yes", way=_way(request))
    context = {"item": item, "form": form, "again": "again" in request.GET}
    return page(request, seat, "understanding", context | {"direction": walk.direction(item.shown.language)})


@_step((Answer.NO,))
def no(request: HttpRequest, seat: Seat, item: Item, consent: Consent, draft: Draft) -> HttpResponse:
    """What happens after a no, and what is offered instead."""
    if request.method == "POST":
        return _onward(request, seat)
    return page(request, seat, "no", {"item": item, "direction": walk.direction(item.shown.language)})


# --- Check, and send ---------------------------------------------------------------------------------------------


@pages
@seated
def check(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Every answer once more, each with a way to change it; then they are sent."""
    chosen = [item for item in walk.items(request, seat) if item.draft]
    if not chosen:
        return _receipt(request, seat) if request.method == "POST" else go("questions", seat)
    unfinished = next((item for item in chosen if _lacks_a_view(seat, item)), None)
    if unfinished:
        return go("view", seat, unfinished.purpose.pk)
    if request.method == "POST":
        return _send(request, seat, chosen)
    return page(request, seat, "check", {"chosen": chosen, "faults": []})


def _lacks_a_view(seat: Seat, item: Item) -> bool:
    """A representative has come back after leaving: what the person thinks is asked again."""
    return seat.represents and item.draft is not None and item.draft.said is not Answer.TALK and not item.draft.view


def _send(request: HttpRequest, seat: Seat, chosen: list[Item]) -> HttpResponse:
    """Each answer by itself: what can't be taken is said in plain words, and the others stand."""
    request.session[ANSWERED] = []
    faults: Faults = []
    for item in chosen:
        try:
            answered = _settle(request, seat, item)
        except TextChanged as change:
            if len(chosen) == 1:
                return go("question", seat, item.purpose.pk, changed="yes")
            faults.append((item, str(change)))
        except TransitionRefused:
            faults.append((item, _("This has just been answered another way. Look at it again.")))
        except (MayNotDecide, Refused) as refusal:
            faults.append((item, str(refusal)))
        else:
            assert item.draft
            walk.forget_draft(request, seat, answered)
            request.session[ANSWERED].append([str(answered.pk), item.draft.said])
            request.session.modified = True
    if faults:
        return _left_over(request, seat, chosen, faults)
    return _receipt(request, seat)


@transaction.atomic
def _settle(request: HttpRequest, seat: Seat, item: Item) -> Consent:
    """One answer. A press that comes twice finds that the first has been heard, and changes nothing."""
    assert item.consent
    assert item.draft
    row = Consent.objects.select_for_update(of=("self",)).get(pk=item.consent.pk)
    seen = request.POST.get(f"seen-{row.pk}", "")
    if seen.isdigit() and walk.own_decisions(seat, row).count() > int(seen):
        return row
    return actions.answer(
        row.pk,
        item.draft.said,
        giver=seat.giver,
        circumstances=seat.circumstances,
        resident_view=item.draft.view,
        resident_view_note=item.draft.note,
    )


def _left_over(request: HttpRequest, seat: Seat, chosen: list[Item], faults: Faults) -> HttpResponse:
    left = [item for item, _reason in faults]
    sent = [item for item in chosen if item not in left]
    return page(request, seat, "check", {"chosen": left, "faults": faults, "sent": sent}, status=409)


def _receipt(request: HttpRequest, seat: Seat) -> HttpResponse:
    answered = request.session.get(ANSWERED, [])
    if len(answered) == 1 and answered[0][1] != Answer.TALK:
        return redirect("my:receipt", answered[0][0])
    return go("answered", seat) if answered else go("questions", seat)


@require_GET
@seated
def answered(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What was just answered, each with its receipt; who will call, when the answer was to talk first."""
    told = dict(request.session.get(ANSWERED, []))
    own = Consent.objects.filter(resident=seat.giver.resident, cohabitant=seat.giver.cohabitant, pk__in=told)
    rows = [
        {"consent": row, "said": Answer(told[str(row.pk)]), "unit": _unit_that_calls(seat, row.purpose)}
        for row in own.select_related("purpose")
    ]
    return page(request, seat, "answered", {"rows": rows}) if rows else go("questions", seat)


# --- Leaving -----------------------------------------------------------------------------------------------------


@require_GET
@seated
def later(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Everything chosen so far is kept; how one comes back."""
    return page(request, seat, "later", {"drafts": [item for item in walk.items(request, seat) if item.draft]})


@require_POST
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Away at once: signed out, on a page that tells nothing of what was here."""
    if assisted.is_bound(request):
        assisted.end(request)
    else:
        logout(request)
    return redirect("my:left")


@require_GET
@never_cache
def left(request: HttpRequest) -> HttpResponse:
    return render(request, "consents/portal/left.html")


@require_POST
@never_cache
def give_back(request: HttpRequest) -> HttpResponse:
    """The tablet goes back to staff, who sign in again and come to the person's page."""
    session = assisted.end(request)
    if session is None:
        return redirect("account_login")
    following = reverse("desk:resident", args=[session.resident_id])
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': following})}")
