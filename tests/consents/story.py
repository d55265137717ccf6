"""Something to prove: a text with a drawing and a voice, a question put, shown, understood, answered with yes and taken
back with no, a paper form with its scan, a relative let in, an emergency. Everything by the verbs that use does."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.core.files.base import ContentFile

from consents import actions, proof, relatives
from consents.actions import Circumstances
from consents.kinds import Answer, Category, How, Variant
from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    EmergencyGround,
    EventKind,
    PaperForm,
    Purpose,
    RelativeView,
    Speech,
    StoredPicture,
)
from consents.policies import Giver
from safehome import clock
from safehome.organisation.models import User
from safehome.residents.models import Contact
from tests.factories import publish_text

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7H1z"/></svg>'
VOICE = b"ID3 a voice that reads"
SCAN = b"%PDF-1.7 a signed form"


@dataclass
class Story:
    consent: Consent
    text: ConsentText
    picture: StoredPicture
    speech: Speech
    form: PaperForm
    view: RelativeView
    emergency: EmergencyGround


def _told_of() -> list[UUID]:
    """Texts that were published by the verb; the fixtures' own were not."""
    return [event.subject for event in ConsentEvent.objects.filter(kind=EventKind.TEXT_PUBLISHED) if event.subject]


def published(purpose: Purpose, by: User, **fields: object) -> tuple[ConsentText, StoredPicture, Speech]:
    """A published text with a drawing and a Swedish voice, and the event that says so."""
    picture, _new = StoredPicture.objects.get_or_create(
        digest=proof.picture_digest(SVG), defaults={"code": "home", "svg": SVG}
    )
    purpose.texts.exclude(pk__in=_told_of()).delete()
    text = publish_text(purpose, pictures=["home"], picture_digests={"home": picture.digest}, **fields)
    swedish = text.translations.get(language="sv", variant=Variant.STANDARD)
    speech = Speech.objects.create(
        text_digest=proof.translation_digest(swedish),
        language="sv",
        digest=hashlib.sha256(VOICE).hexdigest(),
        voice="espeak sv",
        audio=VOICE,
    )
    proof.append(EventKind.TEXT_PUBLISHED, at=clock.now(), subject=text.pk, by=by.pk, content={"digest": text.digest})
    return text, picture, speech


def asked_and_shown(purpose: Purpose, giver: Giver, by: User, language: str = "sv") -> Consent:
    consent = actions.ask(giver.resident, purpose, by=by, cohabitant=giver.cohabitant, how=How.OWN_DEVICE)
    assert purpose.published
    row = purpose.published.translations.get(language=language, variant=Variant.STANDARD)
    voice = Speech.objects.filter(text_digest=proof.translation_digest(row)).first()
    return actions.serve(consent, row, by=giver.user, speech=voice.digest if voice else "")


def scanned(consent: Consent, by: User) -> PaperForm:
    """The form of this question has come back signed."""
    form = PaperForm.objects.create(
        code=f"ABCD{consent.pk.hex[:12].upper()}",
        consent=consent,
        language="sv",
        variant=Variant.STANDARD,
        text_digest=consent.served_digest,
        printed_by=by,
    )
    form.scan.save("form.pdf", ContentFile(SCAN), save=False)
    form.scan_digest, form.scanned_by, form.scanned_at = hashlib.sha256(SCAN).hexdigest(), by, clock.now()
    form.save()
    proof.append(
        EventKind.PAPER_SCANNED,
        at=clock.now(),
        resident=consent.resident_id,
        subject=consent.pk,
        by=by.pk,
        content={"form": form.code, "scan": form.scan_digest},
    )
    return form


def tell(purpose: Purpose, giver: Giver, by: User, contact: Contact) -> Story:
    """The whole story; the yes came on paper, the no by the person's own hand."""
    text, picture, speech = published(purpose, by)
    consent = asked_and_shown(purpose, giver, by)
    actions.check_understanding(consent, right=True, by=giver.user)
    form = scanned(consent, by)
    on_paper = Circumstances(
        how=How.PAPER,
        helped_by="Dottern Ronja",
        interpreter="Ali Amin",
        aids="Förstoringsglas",
        presence="Ronja",
        witness="Eva Ek",
        registered_by=by,
        scan_digest=form.scan_digest,
    )
    actions.answer(consent.pk, Answer.YES, giver=giver, circumstances=on_paper)
    view = relatives.let_in(contact, [Category.ALARMS], by=by, on_word=True)
    emergency = actions.declare_emergency(giver.resident.pk, by=by, reason="Hon svarar inte och andas tungt.")
    consent = actions.answer(consent.pk, Answer.NO, giver=giver)
    consent.refresh_from_db()
    return Story(consent, text, picture, speech, form, view, emergency)
