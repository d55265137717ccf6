"""Receipts for those whom they concern, and the drawings and voices that texts were published with.

The person who was asked, whoever answers for them today, and staff who work with the consent get its receipt; a
relative never does. Drawings and voices hold nothing about anybody, and never change: their address is their name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from consents import assisted, policies
from consents.kinds import GivenBy
from consents.models import AssistedSession, Consent, Speech, StoredPicture
from consents.policies import Giver, MayNotDecide
from consents.portal.seat import Seat
from consents.receipts import fhir, kantara
from consents.receipts.document import Document, document_of, when
from safehome import clock
from safehome.audit import access
from safehome.audit.denials import NotAllowed
from safehome.audit.models import Action, Purpose
from safehome.organisation.models import User
from safehome.residents import policies as residents
from safehome.ui import pdf

_FOREVER = "public, max-age=31536000, immutable"
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Reader:
    """Who reads a receipt, and from where: `giver` for the one who was asked or answers for them, else staff."""

    consent: Consent
    user: User | None
    giver: Giver | None = None
    tablet: AssistedSession | None = None

    @property
    def own(self) -> bool:
        return self.giver is not None and self.giver.by is not GivenBy.REPRESENTATIVE

    @property
    def seat(self) -> Seat | None:
        return Seat(self.giver, assisted=self.tablet) if self.giver else None

    @property
    def change_url(self) -> str:
        """The question, with as many steps to take back as to give; none for staff, who do not answer."""
        return reverse("my:question", args=[self.seat.slug, self.consent.purpose_id]) if self.seat else ""


def reader_of(request: HttpRequest, pk: UUID) -> Reader:
    """Raises Http404 or NotVisible for whom the consent does not concern."""
    session = assisted.current(request)
    if session:
        return _at_the_tablet(session, pk)
    assert isinstance(request.user, User)
    told = Consent.objects.select_related("resident__home", "purpose__administration__municipality", "cohabitant")
    consent = told.filter(pk=pk).first()
    if consent is None:
        raise Http404
    for giver in policies.givers_of(request.user):
        if _concerns(giver, consent):
            return Reader(consent, request.user, giver)
    return _as_staff(request.user, pk)


def _at_the_tablet(session: AssistedSession, pk: UUID) -> Reader:
    consent = get_object_or_404(Consent, pk=pk, resident=session.resident, cohabitant=session.cohabitant)
    by = GivenBy.COHABITANT if session.cohabitant else GivenBy.SELF
    return Reader(consent, session.staff, Giver(by, session.resident, cohabitant=session.cohabitant), session)


def _concerns(giver: Giver, consent: Consent) -> bool:
    """It was put to this person, or they answer such questions for that person today."""
    if giver.resident.pk != consent.resident_id:
        return False
    if (giver.cohabitant.pk if giver.cohabitant else None) != consent.cohabitant_id:
        return False
    if giver.by is not GivenBy.REPRESENTATIVE:
        return True
    try:
        policies.require_may_decide(giver, consent.purpose)
    except MayNotDecide:
        return False
    return True


def _as_staff(user: User, pk: UUID) -> Reader:
    consent = policies.get_consent(user, pk)
    if not residents.may_know_identity(user, consent.resident):
        raise NotAllowed("consent", consent, "receipt of a protected person")
    return Reader(consent, user)


View = Callable[[HttpRequest, Reader], HttpResponse]


def receipt_view(action: Action, detail: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """View decorator: finds the reader, lets others in to nothing, and writes the access log."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @require_GET
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, pk: UUID) -> HttpResponse:
            if not request.user.is_authenticated and assisted.current(request) is None:
                return redirect_to_login(request.get_full_path())
            reader = reader_of(request, pk)
            response = view(request, reader)
            where = f"{detail}, on the tablet" if reader.tablet else detail
            purpose = Purpose.CARE if action is Action.READ else Purpose.DOCUMENTATION
            access.record(action, "consent receipt", by=reader.user, of=reader.consent, purpose=purpose, detail=where)
            return response

        return guarded

    return decorate


# --- The receipt -------------------------------------------------------------------------------------------------


@receipt_view(Action.READ, "page")
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    document = document_of(reader.consent, own=reader.own)
    context = {"receipt": document, "reader": reader, "seat": reader.seat, "change_url": reader.change_url}
    return render(request, "consents/portal/receipt.html", context)


@receipt_view(Action.PRINT, "PDF")
def as_pdf(request: HttpRequest, reader: Reader) -> HttpResponse:
    document = document_of(reader.consent, own=reader.own)
    change = request.build_absolute_uri(reverse("my:consents")) if reader.seat and not reader.tablet else ""
    response = HttpResponse(render_pdf(document, change), content_type="application/pdf")
    return _named(response, reader.consent, "pdf", inline=True)


def render_pdf(document: Document, change_url: str = "") -> bytes:
    """The receipt in large type, in the present language."""
    language = get_language() or "sv"
    data = {
        "title": _("Receipt"),
        "sender": document.sender,
        "headline": document.headline,
        "subject": document.title,
        "aftermath": {
            "headline": document.aftermath.headline,
            "words": document.aftermath.words,
            "lines": [[line.name, line.words] for line in document.aftermath.lines],
        },
        "facts": document.facts,
        "told": _("This is what you were told"),
        "told_language": document.language or language,
        "sections": document.sections,
        "change_heading": _("You can change your mind"),
        "change": _change_words(change_url),
        "proof_heading": _("For whoever wants to check"),
        "small_print": document.small_print,
        "made": _("This receipt was made %(time)s.") % {"time": when(clock.now())},
    }
    return pdf.render("receipt", data, language=language)


def _change_words(url: str) -> list[str]:
    words = [
        _("You can answer anew when you want. It takes as many steps as the first time."),
        _("You can also phone the municipality, or tell the staff who come to you."),
    ]
    return [*words, _("The page: %(url)s") % {"url": url}] if url else words


@receipt_view(Action.EXPORT, "ISO/IEC TS 27560")
def as_json(request: HttpRequest, reader: Reader) -> HttpResponse:
    response = JsonResponse(kantara.receipt(reader.consent), json_dumps_params={"indent": 2, "ensure_ascii": False})
    return _named(response, reader.consent, "json")


@receipt_view(Action.EXPORT, "FHIR R4")
def as_fhir(request: HttpRequest, reader: Reader) -> HttpResponse:
    dumps = {"indent": 2, "ensure_ascii": False}
    made = fhir.export(reader.consent)
    response = JsonResponse(made, json_dumps_params=dumps, content_type="application/fhir+json; fhirVersion=4.0")
    return _named(response, reader.consent, "fhir.json")


def _named(response: HttpResponse, consent: Consent, kind: str, *, inline: bool = False) -> HttpResponse:
    way = "inline" if inline else "attachment"
    response["Content-Disposition"] = f'{way}; filename="consent-{str(consent.pk)[:8]}.{kind}"'
    return response


# --- Drawings and voices -----------------------------------------------------------------------------------------


@require_safe
def picture(request: HttpRequest, digest: str) -> HttpResponse:
    """A drawing, exactly as it was published."""
    row = get_object_or_404(StoredPicture, digest=digest)
    return _lasting(HttpResponse(row.svg, content_type="image/svg+xml"), digest)


def _lasting(response: HttpResponse, digest: str) -> HttpResponse:
    """For good in every cache; opened by itself it runs nothing and reaches nothing."""
    response["Cache-Control"] = _FOREVER
    response["Content-Security-Policy"] = _SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{digest}"'
    return response


@require_safe
def speech(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A text read aloud; players ask for it in parts, so that the listener can go back and forth (RFC 9110 § 14)."""
    row = get_object_or_404(Speech, pk=pk)
    audio = bytes(row.audio)
    kind = row.mime if row.mime.startswith("audio/") else "application/octet-stream"
    part = _part(request, len(audio), f'"{row.digest}"')
    if part is None:
        response = HttpResponse(audio, content_type=kind)
    elif part.start >= part.stop:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(audio)}"})
    else:
        response = HttpResponse(audio[part.start : part.stop], content_type=kind, status=206)
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(audio)}"
    response["Accept-Ranges"] = "bytes"
    response["Last-Modified"] = http_date(row.made_at.timestamp())
    return _lasting(response, row.digest)


def _part(request: HttpRequest, size: int, etag: str) -> range | None:
    """The bytes asked for; None for all of them, an empty range for what is not there. Several parts in one answer
    are more than a player needs, and are answered with the whole."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        return range(max(0, size - int(last)), size)
    stop = min(int(last) + 1, size) if last else size
    if last and int(last) < int(first):
        return None
    return range(int(first), stop)
