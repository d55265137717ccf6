"""The way of a consent text: written by one person, looked through by another, published, replaced, never edited again.

A text version is a draft, waits for review, is published, and is replaced by the next. What was published is kept word
for word, with its drawings and its sound: the proof of every answer to it rests on that.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Literal

import structlog
from auditlog.models import LogEntry
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consents import actions, drawings, plain_language, policies, proof, speech, worklist
from consents.actions import Refused
from consents.kinds import Variant
from consents.models import (
    TEXT_FIELDS,
    Consent,
    ConsentText,
    EventKind,
    Purpose,
    Speech,
    StoredPicture,
    TaskKind,
    TextState,
    Translation,
)
from consents.states import OPEN, State, Verb
from safehome import clock
from safehome.audit import access
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.audit.models import Action
from safehome.organisation.models import Administration, User
from safehome.organisation.policies import Viewer, administrations_with
from safehome.organisation.roles import Right

log = structlog.get_logger(__name__)

Change = Literal["wording", "processing"]
REQUIRED_EASY = frozenset({"sv"})
MEASURED = frozenset({"sv", "en"})
NOTE = "review_note"
VOICE_AT_MOST = 20 * 1024 * 1024
READ_ALOUD = ("title", "what", "why", "who_sees", "how_long", "if_no", "change_mind", "question")
"""What is read aloud, in the order of the page."""


class NotReady(Refused):
    """The text can't be published as it is; `reasons` says why, each in a sentence."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def languages() -> list[str]:
    """The languages that every published text has (setting CONSENT_LANGUAGES)."""
    return list(getattr(settings, "CONSENT_LANGUAGES", ["sv", "en"]))


def required() -> list[tuple[str, Variant]]:
    """Each required language as it is; Swedish easy too, which is what most residents read."""
    plain = [(language, Variant.STANDARD) for language in languages()]
    return [*plain, *((language, Variant.EASY) for language in languages() if language in REQUIRED_EASY)]


# --- Writing -----------------------------------------------------------------------------------------------------


def unfinished(purpose: Purpose) -> ConsentText | None:
    """The version that is being written or waits for review; there is at most one."""
    return purpose.texts.filter(state__in=[TextState.DRAFT, TextState.IN_REVIEW]).first()


@transaction.atomic
def new_version(purpose: Purpose, *, by: User, change: Change) -> ConsentText:
    """A draft copied from the published text, or an empty first one. Raises Refused while another is being written."""
    _lock(purpose)
    if unfinished(purpose):
        raise Refused(_("A new version is being written already. Finish it first."))
    earlier = purpose.published or purpose.texts.order_by("processing_no", "wording_no").last()
    processing, wording = _numbers(purpose, earlier, change)
    pictures = list(earlier.pictures) if earlier else []
    draft = ConsentText.objects.create(
        purpose=purpose, author=by, processing_no=processing, wording_no=wording, pictures=pictures
    )
    for row in earlier.translations.all() if earlier else _empty_translations():
        row.pk, row.text = None, draft
        row._state.adding = True
        row.save()
    return draft


def _numbers(purpose: Purpose, earlier: ConsentText | None, change: Change) -> tuple[int, int]:
    """Numbers are never used twice, not even one whose text was never published."""
    taken = list(purpose.texts.values_list("processing_no", "wording_no"))
    if earlier is None:
        return 1, 1
    if change == "processing":
        return max(processing for processing, _wording in taken) + 1, 1
    same = [wording for processing, wording in taken if processing == earlier.processing_no]
    return earlier.processing_no, max(same) + 1


def _empty_translations() -> list[Translation]:
    return [Translation(language=language, variant=variant) for language in languages() for variant in Variant]


@transaction.atomic
def write(text: ConsentText, by: User, *, language: str, variant: str, **fields: Any) -> Translation:
    """Save one language and variant of a draft. Only its author writes, so that the reviewer reads with fresh eyes."""
    draft = _own_draft(text, by)
    row = draft.translations.filter(language=language, variant=variant).first()
    row = row or Translation(text=draft, language=language, variant=variant)
    for name in fields.keys() & {*TEXT_FIELDS, "sample"}:
        setattr(row, name, fields[name])
    row.save()
    return row


@transaction.atomic
def arrange(text: ConsentText, by: User, *, pictures: list[str], earlier_lapse_on: date | None = None) -> ConsentText:
    """Choose a draft's drawings, and the last day of consents to the earlier processing."""
    draft = _own_draft(text, by)
    draft.pictures = pictures
    draft.earlier_lapse_on = earlier_lapse_on if processing_changes(draft) else None
    draft.save(update_fields=["pictures", "earlier_lapse_on"])
    return draft


@transaction.atomic
def discard(text: ConsentText, by: User) -> None:
    """Throw a draft away. Nobody has been shown it, so nothing is lost that a proof needs."""
    draft = _locked(by, text)
    _require(draft, TextState.DRAFT)
    draft.delete()


def _own_draft(text: ConsentText, by: User) -> ConsentText:
    draft = _locked(by, text)
    _require(draft, TextState.DRAFT)
    if draft.author_id != by.pk:
        raise NotAllowed("consent text", draft, "edit")
    return draft


# --- Review ------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(text: ConsentText, by: User) -> ConsentText:
    """The author is done: somebody else looks it through."""
    draft = _own_draft(text, by)
    return _move(draft, TextState.IN_REVIEW)


@transaction.atomic
def send_back(text: ConsentText, by: User, note: str) -> ConsentText:
    """Back to its author, with what is to be changed; the note stands in the ledger of field changes."""
    if not note.strip():
        raise Refused(_("Write what is to be changed."))
    waiting = _locked(by, text)
    _require(waiting, TextState.IN_REVIEW)
    LogEntry.objects.log_create(
        waiting, force_log=True, action=LogEntry.Action.UPDATE, actor=by, changes={NOTE: ["", note.strip()]}
    )
    return _move(waiting, TextState.DRAFT)


@dataclass(frozen=True)
class Note:
    """What a reviewer wrote when sending a text back."""

    by: str
    at: Any
    text: str


def notes(text: ConsentText) -> list[Note]:
    """What reviewers have asked for, newest first."""
    found = LogEntry.objects.get_for_object(text).filter(changes__has_key=NOTE).select_related("actor")
    rows = found.order_by("-timestamp", "-id")
    return [Note(str(row.actor or ""), row.timestamp, row.changes_dict[NOTE][1]) for row in rows]


def _move(text: ConsentText, state: TextState) -> ConsentText:
    text.state = state
    text.save(update_fields=["state"])
    return text


def _require(text: ConsentText, *states: TextState) -> None:
    if text.state not in states:
        raise Refused(_("That can't be done with this version any more."))


def _lock(purpose: Purpose) -> None:
    """Whoever changes a purpose's texts waits for who is changing them. Keys are left alone, so that consents which
    point at the purpose are not held up."""
    list(Purpose.objects.filter(pk=purpose.pk).select_for_update(no_key=True).values_list("pk"))


def _locked(by: User, text: ConsentText) -> ConsentText:
    """The version as it is now, locked with its purpose. Raises NotVisible for who has no right to it."""
    found = policies.get_text(by, text.pk)
    _lock(found.purpose)
    rows = ConsentText.objects.select_related("purpose").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=found.pk)


# --- What stops a text -------------------------------------------------------------------------------------------


def processing_changes(text: ConsentText) -> bool:
    """Does it tell of other processing than what people have agreed to so far?"""
    earlier = text.purpose.texts.filter(state__in=[TextState.PUBLISHED, TextState.RETIRED]).exclude(pk=text.pk)
    return earlier.exists() and not earlier.filter(processing_no=text.processing_no).exists()


def problems(text: ConsentText) -> list[str]:
    """All that stops publishing, hard words apart."""
    rows = {(row.language, row.variant): row for row in text.translations.all()}
    return [*_missing(rows), *_faults(rows.values()), *_strange_pictures(text), *_lapse_problems(text)]


def _missing(rows: Mapping[tuple[str, str], Translation]) -> Iterable[str]:
    for language, variant in required():
        row = rows.get((language, variant.value))
        if row is None:
            yield _("The text is missing: %(which)s.") % {"which": which_name(language, variant)}
        elif row.sample:
            yield _("Nobody has approved this translation: %(which)s.") % {"which": which_name(language, variant)}


def _faults(rows: Iterable[Translation]) -> Iterable[str]:
    for row in rows:
        which = {"which": which_name(row.language, row.variant)}
        empty = [name for name in TEXT_FIELDS if not getattr(row, name).strip()]
        if empty and not (row.sample or (len(empty) == len(TEXT_FIELDS) and not _is_required(row))):
            told = {**which, "fields": ", ".join(field_label(name) for name in empty)}
            yield _("Something is not written yet: %(which)s (%(fields)s).") % told
        elif re.search(r"[{}]", "".join(row.shown.values())):
            yield _("A name is to be filled in between braces: %(which)s.") % which


def field_label(name: str) -> str:
    """What a field of a translation is called."""
    field: Any = Translation._meta.get_field(name)
    return str(field.verbose_name)


def _is_required(row: Translation) -> bool:
    return (row.language, row.variant) in required()


def _strange_pictures(text: ConsentText) -> Iterable[str]:
    unknown = [code for code in text.pictures if code not in drawings.DRAWINGS]
    if unknown:
        yield _("There is no such drawing: %(codes)s.") % {"codes": ", ".join(unknown)}


def _lapse_problems(text: ConsentText) -> Iterable[str]:
    if not processing_changes(text):
        return
    if text.earlier_lapse_on is None:
        yield _("Say until which day consents to the earlier processing stand.")
    elif text.earlier_lapse_on < _today():
        yield _("The last day of consents to the earlier processing has passed.")


def which_name(language: str, variant: str) -> str:
    return f"{language_name(language)}, {str(Variant(variant).label).lower()}"


def language_name(code: str) -> str:
    """A language in the reader's language; its code where Django knows no name."""
    known = LANG_INFO.get(code) or LANG_INFO.get(code.split("-")[0])
    return str(_(known["name"])).capitalize() if known and "name" in known else code


def whole(row: Translation) -> str:
    """All that a reader meets of a translation, as one text."""
    return plain_language.whole(row.shown.values())


@dataclass(frozen=True)
class Measured:
    """A translation with its figures."""

    row: Translation
    measure: plain_language.Measure

    @property
    def name(self) -> str:
        return which_name(self.row.language, self.row.variant)

    @property
    def hard(self) -> bool:
        return not self.row.sample and self.row.language in MEASURED and self.measure.needs_reviewer


def measured(text: ConsentText) -> list[Measured]:
    """Every translation with its figures."""
    return [Measured(row, plain_language.measure(whole(row), row.language)) for row in in_order(text)]


def in_order(text: ConsentText) -> list[Translation]:
    """The required languages first, each as it is before easy."""
    first = languages()
    rows = text.translations.order_by("language", "-variant")
    return sorted(rows, key=lambda row: first.index(row.language) if row.language in first else len(first))


def _hard_words(text: ConsentText, reason: str) -> list[str]:
    if reason.strip():
        return []
    told = _("%(which)s has LIX %(lix)s. Over %(limit)s, the reviewer must write why harder words are needed.")
    return [
        told % {"which": one.name, "lix": round(one.measure.lix), "limit": plain_language.REFUSE}
        for one in measured(text)
        if one.hard
    ]


def _today() -> date:
    return timezone.localdate(clock.now())


# --- Publishing --------------------------------------------------------------------------------------------------


def publish(text: ConsentText, by: User, *, hard_words: str = "", speak: bool = True) -> ConsentText:
    """From now on this text is asked with. `by` is the reviewer, and answers with their name for hard words.

    Raises NotReady with every reason, Refused for a version that does not wait for review, NotAllowed for its author.
    Of one transaction: the earlier version is replaced; when the processing has changed, consents to the old get their
    last day, and staff the task to ask anew. A language that the speech engine can't read is published without sound;
    without `speak` the watch loop reads it aloud afterwards (`speak_missing`).
    """
    _guard(policies.get_text(by, text.pk), by, hard_words)
    # Read aloud before anything is locked: it takes seconds, and the store may have one writer only.
    spoken = _speak(text.translations.filter(sample=False)) if speak else {}
    return _publish(text, by, hard_words.strip(), spoken)


def _guard(text: ConsentText, by: User, hard_words: str) -> None:
    _require(text, TextState.IN_REVIEW)
    policies.require_reviewer(by, text)
    reasons = [*problems(text), *_hard_words(text, hard_words)]
    if reasons:
        raise NotReady(reasons)


@transaction.atomic
def _publish(text: ConsentText, by: User, hard_words: str, spoken: Mapping[str, "Spoken"]) -> ConsentText:
    _lock_answers(text.purpose)
    text = _locked(by, text)
    _guard(text, by, hard_words)
    changes = processing_changes(text)
    _drop_empty(text)
    if earlier := text.purpose.texts.published().select_for_update(no_key=True).first():
        _move(earlier, TextState.RETIRED)
    _settle(text, by, hard_words)
    silent = _keep_speech(text, spoken)
    _record(text, by, silent)
    if changes:
        _processing_changed(text, by)
    return text


def _lock_answers(purpose: Purpose) -> None:
    """Consents first and texts then, as `actions.answer` does: whoever is answering is waited for, and who comes later
    meets the new text."""
    rows = Consent.objects.filter(purpose=purpose, state__in=[State.GIVEN, *OPEN]).order_by("pk")
    list(rows.select_for_update().values_list("pk"))


def _drop_empty(text: ConsentText) -> None:
    """A variant that nobody wrote, and that need not be there, is nothing to publish."""
    for row in text.translations.all():
        if not any(value.strip() for value in row.shown.values()):
            row.delete()


def _settle(text: ConsentText, by: User, hard_words: str) -> None:
    now = clock.now()
    text.picture_digests = {code: _store_picture(code) for code in text.pictures}
    text.digest = proof.text_digest(text)
    text.reviewer, text.state = by, TextState.PUBLISHED
    text.approved_at = text.published_at = now
    text.hard_words_accepted = hard_words[:300] if any(one.hard for one in measured(text)) else ""
    text.save()


def _store_picture(code: str) -> str:
    svg = drawings.svg(code).decode()
    digest = proof.picture_digest(svg)
    StoredPicture.objects.get_or_create(digest=digest, defaults={"code": code, "svg": svg})
    return digest


def _record(text: ConsentText, by: User, silent: Mapping[str, str]) -> None:
    rows = list(text.translations.order_by("language", "variant"))
    content = {
        "purpose": text.purpose.code,
        "version": text.version,
        "digest": text.digest,
        "translations": {f"{row.language} {row.variant}": proof.translation_digest(row) for row in rows},
        "samples": [f"{row.language} {row.variant}" for row in rows if row.sample],
        "pictures": text.picture_digests,
        "speech": {f"{row.language} {row.variant}": sound.digest for row in rows if (sound := newest_speech(row))},
        "no_speech": dict(silent),
        "lix": {f"{one.row.language} {one.row.variant}": round(one.measure.lix, 1) for one in measured(text)},
        "hard_words": text.hard_words_accepted,
        "author": str(text.author_id),
        "reviewer": str(by.pk),
        "earlier_lapse_on": text.earlier_lapse_on,
        "processing": proof.processing_facts(text.purpose),
    }
    proof.append(EventKind.TEXT_PUBLISHED, at=clock.now(), subject=text.pk, by=by.pk, content=content)
    access.record(Action.SIGN, "consent text", by=by, of=text, detail=f"published {text.version}")


def _processing_changed(text: ConsentText, by: User) -> None:
    """Consents to the old processing stand until the stated day; people are asked anew before that."""
    rows = Consent.objects.filter(purpose=text.purpose).select_related("resident", "purpose", "text")
    given = rows.filter(state=State.GIVEN, text__processing_no__lt=text.processing_no)
    actions.limit_anew(given, by=by)
    for row in given:
        unit = worklist.unit_for(row.resident, row.purpose.administration_id)
        due = text.earlier_lapse_on
        worklist.make(TaskKind.RENEW, row.resident, unit, consent=row, text=row.purpose.name, due_on=due)
    for row in rows.filter(state=State.WAITING):
        _ask_both_anew(row)


HALF_ANSWERED = gettext_lazy("The processing changed before both guardians had answered.")


def _ask_both_anew(row: Consent) -> None:
    """One guardian has said yes to the old processing: that yes must not meet the other's yes to the new."""
    actions.end(row, Verb.END, clock.now(), str(HALF_ANSWERED))
    worklist.take_back(TaskKind.WAITING, TaskKind.EXPLAIN, consent=row)
    unit = worklist.unit_for(row.resident, row.purpose.administration_id)
    worklist.make(TaskKind.ASK, row.resident, unit, about=row.purpose_id, text=row.purpose.name)


# --- Read aloud --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spoken:
    """What the engine made of a translation: the sound, or why there is none."""

    audio: bytes = b""
    voice: str = ""
    fault: str = ""


def newest_speech(row: Translation) -> Speech | None:
    """The sound that is played for a translation as it is written now."""
    found = Speech.objects.filter(text_digest=proof.translation_digest(row)).defer("audio")
    return found.order_by("-made_at", "-human").first()


def unspoken(text: ConsentText) -> list[str]:
    """The approved translations that have no sound, in words."""
    rows = text.translations.filter(sample=False)
    return [which_name(row.language, row.variant) for row in rows if newest_speech(row) is None]


def _speak(rows: QuerySet[Translation]) -> dict[str, Spoken]:
    """Digest of each translation that has no sound yet → what came of reading it aloud."""
    silent = [row for row in rows if newest_speech(row) is None]
    return {proof.translation_digest(row): _speak_one(row) for row in silent}


def _speak_one(row: Translation) -> Spoken:
    """Whatever an engine does wrong, publishing goes on without its sound."""
    text = plain_language.whole(getattr(row, name) for name in READ_ALOUD)
    try:
        if not speech.speaks(row.language):
            return Spoken(fault=_("The speech engine does not speak this language."))
        return Spoken(speech.speak(text, row.language), speech.engine_name()[:100])
    except Exception as fault:
        log.warning("a consent text was not read aloud", language=row.language, fault=str(fault))
        return Spoken(fault=str(fault) or type(fault).__name__)


def _keep_speech(text: ConsentText, spoken: Mapping[str, Spoken]) -> dict[str, str]:
    """Store the sounds; returns why there is none, for each translation without."""
    silent: dict[str, str] = {}
    for row in text.translations.filter(sample=False):
        made = spoken.get(proof.translation_digest(row))
        if made and made.audio:
            _store_speech(row, made.audio, voice=made.voice)
        elif newest_speech(row) is None:
            silent[f"{row.language} {row.variant}"] = made.fault if made else ""
    return silent


def _store_speech(row: Translation, audio: bytes, **fields: Any) -> Speech:
    return Speech.objects.create(
        text_digest=proof.translation_digest(row),
        language=row.language,
        digest=hashlib.sha256(audio).hexdigest(),
        audio=audio,
        **fields,
    )


def speak_missing() -> bool:
    """Read aloud one published translation that has no sound, if there is one: the watch loop's work after texts were
    published in a hurry, or while the engine was away."""
    waiting = Translation.objects.filter(text__state=TextState.PUBLISHED, sample=False).select_related("text")
    for row in waiting.order_by("text__published_at", "pk"):
        if newest_speech(row) is None and speech.speaks(row.language) and _speak_later(row):
            return True
    return False


def _speak_later(row: Translation) -> bool:
    made = _speak_one(row)
    with transaction.atomic():
        if not made.audio or newest_speech(row):  # meanwhile somebody may have uploaded a voice
            return False
        kept = _store_speech(row, made.audio, voice=made.voice)
        content = {"translation": kept.text_digest, "speech": kept.digest, "voice": kept.voice, "human": False}
        content |= {"text": str(row.text_id), "language": row.language, "variant": row.variant, "mime": kept.mime}
        proof.append(EventKind.SPEECH_ADDED, at=clock.now(), subject=kept.pk, content=content)
    return True


# --- A human voice -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_voice(translation: Translation, file: BinaryIO, by: User, *, voice: str = "") -> Speech:
    """A recording of somebody who reads the text: it is played instead of the machine's, which stays for the proof.

    Raises Refused for what is no MP3, WAV or Ogg by its content, is larger than 20 MB, or reads an unfinished text.
    """
    text = _locked(by, translation.text)
    row = text.translations.get(pk=translation.pk)
    _require(text, TextState.IN_REVIEW, TextState.PUBLISHED)
    if row.sample:
        raise Refused(_("Nobody has approved this translation. It can't have a voice."))
    audio = file.read(VOICE_AT_MOST + 1)
    if len(audio) > VOICE_AT_MOST:
        raise Refused(_("The recording is larger than 20 MB."))
    made = _store_speech(row, audio, voice=(voice or by.name)[:100], human=True, mime=_sound_kind(audio), made_by=by)
    content: dict[str, Any] = {
        "translation": made.text_digest,
        "speech": made.digest,
        "voice": made.voice,
        "mime": made.mime,
    }
    content |= {"text": str(text.pk), "language": row.language, "variant": row.variant, "human": True}
    proof.append(EventKind.SPEECH_ADDED, at=clock.now(), subject=made.pk, by=by.pk, content=content)
    access.record(Action.WRITE, "consent text", by=by, of=text, detail="voice added")
    return made


def _sound_kind(audio: bytes) -> str:
    """Media type by content, whatever the file is called. Raises Refused."""
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return "audio/wav"
    if audio[:4] == b"OggS":
        return "audio/ogg"
    if _is_mp3(audio):
        return "audio/mpeg"
    raise Refused(_("The file is no recording in MP3, WAV or Ogg."))


def _is_mp3(audio: bytes) -> bool:
    """A frame of layer III stands where the tag ends: sync, a real bit rate and a real sample rate."""
    start = 0
    if audio[:3] == b"ID3" and len(audio) > 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(audio[6:10], (21, 14, 7, 0), strict=True))
    frame = audio[start : start + 4]
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return False
    layer_three, version = frame[1] & 0x06 == 0x02, frame[1] & 0x18 != 0x08
    return layer_three and version and frame[2] >> 4 not in (0, 15) and frame[2] & 0x0C != 0x0C


# --- Purposes ----------------------------------------------------------------------------------------------------


def purposes_visible_to(user: Viewer) -> QuerySet[Purpose]:
    """Purposes of the administrations where the user writes texts."""
    return Purpose.objects.filter(administration__in=administrations_with(user, Right.CONSENT_WRITE))


def get_purpose(user: User, pk: Any) -> Purpose:
    """A purpose for its pages. Raises NotVisible (404)."""
    try:
        return purposes_visible_to(user).select_related("administration").get(pk=pk)
    except ObjectDoesNotExist:
        hidden = Purpose.objects.filter(pk=pk).first()
        raise (NotVisible("purpose", hidden, Right.CONSENT_WRITE.value) if hidden else Http404) from None


def is_settled(purpose: Purpose) -> bool:
    """People have been told of it: it changes no more but by its end, or by other processing in a new text."""
    return purpose.texts.filter(state__in=[TextState.PUBLISHED, TextState.RETIRED]).exists()


# --- To start from -----------------------------------------------------------------------------------------------


def import_starter(administration: Administration, **choices: Any) -> list[Purpose]:
    """Safehome's own purposes and texts, as rows of this administration: see `consents.texts.starting`."""
    from consents.texts import starting

    return starting.import_starter(administration, **choices)
