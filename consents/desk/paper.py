"""The question on paper: the text as it stands, three equal boxes, and a code that leads back to the right form."""

import io
import re
import secrets
from collections.abc import Iterable
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from consents import actions, proof
from consents.drawings import DRAWINGS
from consents.kinds import Answer, Variant
from consents.models import Consent, EventKind, PaperForm, StoredPicture, Translation
from consents.policies import is_child
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import User
from safehome.ui import pdf

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that looks like something else, when a code is copied by hand."""


def translations_for(consents: Iterable[Consent]) -> list[Translation]:
    """Languages and variants that the published texts of all these questions have; those of the first are returned.
    A sample, which nobody has approved, is not printed: it can't be answered."""
    found: dict[tuple[str, str], Translation] = {}
    common: set[tuple[str, str]] | None = None
    for consent in consents:
        text = consent.purpose.published
        rows = {(row.language, row.variant): row for row in text.translations.filter(sample=False)} if text else {}
        found = found or rows
        common = set(rows) if common is None else common & set(rows)
    return [found[key] for key in sorted(common or (), key=_swedish_first)]


def _swedish_first(key: tuple[str, str]) -> tuple[int, str, bool]:
    language, variant = key
    return {"sv": 0, "en": 1}.get(language, 2), language, variant != Variant.STANDARD


@transaction.atomic
def print_forms(consents: Iterable[Consent], language: str, variant: str, *, by: User) -> bytes:
    """A PDF with one form for each question, on sheets of its own. The text counts as served from now."""
    made = [_make(consent, language, variant, by) for consent in consents]
    with translation.override(language):
        return pdf.render("consent_form", _data(made), language=language)


def _make(consent: Consent, language: str, variant: str, by: User) -> tuple[PaperForm, Translation]:
    published = consent.purpose.published
    if published is None:
        raise actions.Refused(_("There is no published text to ask with."))
    text = published.translations.get(language=language, variant=variant)
    actions.serve(consent, text, by=by)
    form = PaperForm.objects.create(
        code=new_code(),
        consent=consent,
        language=language,
        variant=variant,
        text_digest=proof.translation_digest(text),
        printed_by=by,
    )
    content = {"form": form.code, "version": published.version, "translation": form.text_digest, "language": language}
    proof.append(
        EventKind.PAPER_PRINTED,
        at=form.printed_at,
        resident=consent.resident_id,
        subject=consent.pk,
        by=by.pk,
        content=content | {"variant": variant, "pictures": published.picture_digests},
    )
    access.record(Action.PRINT, "consent form", by=by, of=consent, detail=f"form {form.code}")
    return form, text


def new_code() -> str:
    """Sixteen letters and digits, some 79 bits."""
    return "".join(secrets.choice(LETTERS) for _place in range(16))


def tidy_code(written: str) -> str:
    """As the database has it, however it was copied from the sheet."""
    return re.sub(r"[^0-9A-Z]", "", written.upper())


def grouped(code: str) -> str:
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def address(form: PaperForm) -> str:
    """Where the signed form is uploaded, as its QR code says it."""
    base: str = settings.SAFEHOME_BASE_URL
    return base.rstrip("/") + reverse("desk:scan", args=[form.code])


def qr(text: str) -> str:
    """A QR code as SVG that can be read with a quarter of it smudged."""
    drawn = io.BytesIO()
    segno.make(text, error="q", micro=False).save(drawn, kind="svg", xmldecl=False, border=4, scale=4)
    return drawn.getvalue().decode()


# --- What stands on the sheet --------------------------------------------------------------------------------------


def _data(made: list[tuple[PaperForm, Translation]]) -> dict[str, Any]:
    """The template's data, in the language that is active."""
    consent = made[0][0].consent
    return {
        "title": _("Questions for you") if len(made) > 1 else made[0][1].title,
        "sender": str(consent.purpose.administration),
        "forms": [_sheet(form, text) for form, text in made],
        "tick": _("Put a cross in one box."),
        "same_help": _("You get just as good help if you say no."),
        "staff_only": _("For the staff"),
        "code_is": _("The form's code"),
        "upload": _("Scan the signed form and upload it here:"),
        "page_alt": _("QR code with the address where the signed form is uploaded."),
    }


def _sheet(form: PaperForm, text: Translation) -> dict[str, Any]:
    consent = form.consent
    name = consent.cohabitant.name if consent.cohabitant else consent.resident.full_name
    return {
        "title": text.title,
        "for": _("To %(name)s") % {"name": name},
        "question": text.question,
        "sections": _sections(text),
        "pictures": _pictures(text),
        "choices": [
            {"word": pgettext("consent", "Yes"), "value": Answer.YES},
            {"word": pgettext("consent", "No"), "value": Answer.NO},
            {"word": _("I want to talk to someone first"), "value": Answer.TALK},
        ],
        "signature": [_("Your name, in your own hand"), _("Day")],
        "representative": _representative(consent),
        "helpers": [
            _("Who helped you, if somebody did"),
            _("Witness, if you could not sign yourself"),
            _("Interpreter and language, if you had one"),
        ],
        "qr": qr(address(form)),
        "address": address(form),
        "code": grouped(form.code),
        "version": _("Text %(version)s, %(language)s") % {"version": text.text.version, "language": form.language},
    }


def _sections(text: Translation) -> list[dict[str, str]]:
    """All that is shown of the text, under the same headings as on the screen."""
    return [
        {"heading": _("What happens"), "text": text.what},
        {"heading": _("Why"), "text": text.why},
        {"heading": _("Who sees it"), "text": text.who_sees},
        {"heading": _("How long it is kept"), "text": text.how_long},
        {"heading": _("If you say no"), "text": text.if_no},
        {"heading": _("If you change your mind"), "text": text.change_mind},
    ]


def _pictures(text: Translation) -> list[dict[str, str]]:
    """The drawings as they were stored when the text was published."""
    digests = text.text.picture_digests
    stored = {row.digest: row for row in StoredPicture.objects.filter(digest__in=list(digests.values()))}
    order = [code for code in text.text.pictures if code in digests] or list(digests)
    return [{"svg": stored[digests[code]].svg, "alt": _alt(code)} for code in order if digests[code] in stored]


def _alt(code: str) -> str:
    """What a drawing shows, for those who hear the document."""
    return str(DRAWINGS[code].label) if code in DRAWINGS else code.replace("-", " ")


def _representative(consent: Consent) -> list[str]:
    """Lines for somebody who signs for the person, when there is somebody."""
    rows = consent.resident.representatives.in_force()
    if consent.cohabitant_id or not rows.exists():
        return []
    if is_child(consent.resident):
        return [_("Guardian signs here"), _("The other guardian signs here"), _("What the child thinks")]
    return [_("Who signs for the person, and as what"), _("What the person thinks of it")]
