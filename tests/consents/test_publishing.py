"""A text is written by one, reviewed by another, published whole, and never changed afterwards."""

import io
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from consents import actions, proof
from consents.actions import Refused
from consents.kinds import Answer, GivenBy, ResidentView
from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    EventKind,
    Purpose,
    Speech,
    StoredPicture,
    Task,
    TaskKind,
    TextState,
    Translation,
)
from consents.policies import Giver
from consents.states import State
from consents.texts import publishing
from consents.texts.publishing import NotReady
from consents.verify import verify
from devices import actions as devices
from devices.consent_effects import settle_overdue
from devices.models import Assignment, CollectingState
from safehome import clock
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.organisation.models import Administration, User
from safehome.residents.models import Resident
from tests.concurrency import at_once
from tests.consents.conftest import Say, Serve
from tests.consents.writing import BROKEN, CRASHING, HARD, QUICK, in_review, written
from tests.factories import CONSENT_FIELDS, PurposeFactory, ResidentFactory, UserFactory


@pytest.fixture(autouse=True)
def _quick_voice(settings: Settings) -> None:
    settings.SAFEHOME_SPEECH_ENGINE = QUICK


@pytest.fixture
def author(case_officer: User) -> User:
    return case_officer


@pytest.fixture
def reviewer(unit_manager: User) -> User:
    return unit_manager


@pytest.fixture
def unwritten(administration: Administration) -> Purpose:
    """A purpose that nobody has written a text about."""
    return PurposeFactory.create(administration=administration, name="Trygghetslarm")


def reasons(text: ConsentText, reviewer: User, hard_words: str = "") -> str:
    with pytest.raises(NotReady) as refusal:
        publishing.publish(text, reviewer, hard_words=hard_words)
    text.refresh_from_db()
    assert text.state == TextState.IN_REVIEW
    return " ".join(refusal.value.reasons)


# --- Versions ----------------------------------------------------------------------------------------------------


def test_the_first_text_is_version_one_one_with_all_languages_to_fill_in(unwritten: Purpose, author: User) -> None:
    draft = publishing.new_version(unwritten, by=author, change="processing")
    assert (draft.version, draft.state, draft.author) == ("1.1", TextState.DRAFT, author)
    assert draft.translations.count() == 4


def test_new_words_are_a_new_wording_number_copied_from_the_published_text(purpose: Purpose, author: User) -> None:
    draft = publishing.new_version(purpose, by=author, change="wording")
    assert draft.version == "1.2"
    assert draft.translations.get(language="sv", variant="easy").title == CONSENT_FIELDS["title"]
    assert purpose.published
    assert purpose.published.translations.count() == 4


def test_new_processing_begins_at_wording_one(purpose: Purpose, author: User) -> None:
    assert publishing.new_version(purpose, by=author, change="processing").version == "2.1"


def test_two_versions_are_never_written_at_once(purpose: Purpose, author: User, reviewer: User) -> None:
    publishing.new_version(purpose, by=author, change="wording")
    with pytest.raises(Refused):
        publishing.new_version(purpose, by=reviewer, change="wording")


def test_a_number_is_never_used_twice(purpose: Purpose, author: User, reviewer: User) -> None:
    publishing.publish(in_review(purpose, author), reviewer)
    assert publishing.new_version(purpose, by=author, change="wording").version == "1.3"


def test_a_draft_can_be_thrown_away_and_a_published_text_cannot(purpose: Purpose, author: User) -> None:
    publishing.discard(publishing.new_version(purpose, by=author, change="wording"), author)
    assert purpose.texts.count() == 1
    assert purpose.published
    with pytest.raises(Refused):
        publishing.discard(purpose.published, author)


# --- Writing and reviewing ---------------------------------------------------------------------------------------


def test_only_the_author_writes_in_a_draft(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = publishing.new_version(purpose, by=author, change="wording")
    with pytest.raises(NotAllowed):
        publishing.write(draft, reviewer, language="sv", variant="standard", title="Annat")


@pytest.mark.parametrize("state", [TextState.IN_REVIEW, TextState.PUBLISHED, TextState.RETIRED])
def test_only_a_draft_is_written_in(state: TextState, purpose: Purpose, author: User, reviewer: User) -> None:
    text = in_review(purpose, author)
    if state != TextState.IN_REVIEW:
        publishing.publish(text, reviewer)
    if state == TextState.RETIRED:
        publishing.publish(in_review(purpose, author), reviewer)
    for change in (
        lambda: publishing.write(text, author, language="sv", variant="standard", title="Annat"),
        lambda: publishing.arrange(text, author, pictures=["home"]),
    ):
        with pytest.raises(Refused):
            change()
    text.refresh_from_db()
    assert text.state == state
    assert "Annat" not in text.translations.values_list("title", flat=True)


def test_who_writes_elsewhere_does_not_see_the_text(purpose: Purpose, foreign_carer: User, author: User) -> None:
    text = in_review(purpose, author)
    with pytest.raises(NotVisible):
        publishing.publish(text, foreign_carer)


def test_a_reviewer_sends_it_back_with_a_note_that_the_author_reads(
    purpose: Purpose, author: User, reviewer: User
) -> None:
    text = publishing.send_back(in_review(purpose, author), reviewer, "Kortare, tack.")
    assert text.state == TextState.DRAFT
    [note] = publishing.notes(text)
    assert (note.text, note.by) == ("Kortare, tack.", str(reviewer))


def test_sending_back_needs_a_word(purpose: Purpose, author: User, reviewer: User) -> None:
    with pytest.raises(Refused):
        publishing.send_back(in_review(purpose, author), reviewer, "  ")


# --- What is refused ---------------------------------------------------------------------------------------------


def test_nobody_publishes_their_own_text(purpose: Purpose, author: User) -> None:
    with pytest.raises(NotAllowed):
        publishing.publish(in_review(purpose, author), author)


def test_nor_does_the_database_let_them(purpose: Purpose, author: User) -> None:
    text = in_review(purpose, author)
    text.reviewer = author
    with pytest.raises(IntegrityError), transaction.atomic():
        text.save()


def test_a_draft_is_not_published_unreviewed(purpose: Purpose, author: User, reviewer: User) -> None:
    with pytest.raises(Refused):
        publishing.publish(written(purpose, author), reviewer)


@pytest.mark.parametrize(("language", "variant"), [("sv", "standard"), ("sv", "easy"), ("en", "standard")])
def test_a_missing_language_is_refused(
    language: str, variant: str, purpose: Purpose, author: User, reviewer: User
) -> None:
    text = in_review(purpose, author)
    text.translations.get(language=language, variant=variant).delete()
    assert "saknas" in reasons(text, reviewer) or "missing" in reasons(text, reviewer)


def test_english_may_do_without_an_easy_text(purpose: Purpose, author: User, reviewer: User) -> None:
    text = in_review(purpose, author)
    text.translations.get(language="en", variant="easy").delete()
    assert publishing.publish(text, reviewer).state == TextState.PUBLISHED


def test_a_required_language_more_is_a_setting(
    purpose: Purpose, author: User, reviewer: User, settings: Settings
) -> None:
    text = in_review(purpose, author)
    settings.CONSENT_LANGUAGES = ["sv", "en", "fi"]
    assert reasons(text, reviewer)


def test_a_sample_does_not_count_as_a_required_language(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = written(purpose, author)
    publishing.write(draft, author, language="en", variant="standard", sample=True)
    assert reasons(publishing.submit(draft, author), reviewer)


@pytest.mark.parametrize("field", ["title", "question", "if_no", "check_wrong_2"])
def test_a_field_that_is_not_written_is_refused(field: str, purpose: Purpose, author: User, reviewer: User) -> None:
    assert reasons(in_review(purpose, author, "wording", **{field: " "}), reviewer)


def test_a_name_that_was_never_filled_in_is_refused(purpose: Purpose, author: User, reviewer: User) -> None:
    assert reasons(in_review(purpose, author, who_sees="{controller} ser det."), reviewer)


def test_an_unknown_drawing_is_refused(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = publishing.arrange(written(purpose, author), author, pictures=["../../secrets"])
    assert "secrets" in reasons(publishing.submit(draft, author), reviewer)


def test_hard_words_need_a_reason_and_then_the_reviewer_stands_for_it(
    purpose: Purpose, author: User, reviewer: User
) -> None:
    text = in_review(purpose, author, what=HARD, why=HARD, who_sees=HARD, how_long=HARD)
    assert "LIX" in reasons(text, reviewer)
    assert "LIX" in reasons(text, reviewer, hard_words="   ")
    published = publishing.publish(text, reviewer, hard_words="Lagens egna ord.")
    assert (published.hard_words_accepted, published.reviewer) == ("Lagens egna ord.", reviewer)


def test_a_reason_that_was_not_needed_is_not_kept(purpose: Purpose, author: User, reviewer: User) -> None:
    assert publishing.publish(in_review(purpose, author), reviewer, hard_words="?").hard_words_accepted == ""


def test_a_hard_sample_stops_nothing(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = written(purpose, author)
    publishing.write(draft, author, language="de", variant="standard", sample=True, what=HARD)
    assert publishing.publish(publishing.submit(draft, author), reviewer).state == TextState.PUBLISHED


def test_changed_processing_needs_a_last_day_that_has_not_passed(
    purpose: Purpose, author: User, reviewer: User
) -> None:
    draft = written(purpose, author, "processing")
    assert reasons(publishing.submit(draft, author), reviewer)
    ConsentText.objects.filter(pk=draft.pk).update(earlier_lapse_on=timezone.localdate() - timedelta(days=1))
    draft.refresh_from_db()
    assert reasons(draft, reviewer)
    ConsentText.objects.filter(pk=draft.pk).update(earlier_lapse_on=timezone.localdate(clock.now()))
    draft.refresh_from_db()
    assert publishing.publish(draft, reviewer).version == "2.1"


def test_all_reasons_are_told_at_once(purpose: Purpose, author: User, reviewer: User) -> None:
    text = in_review(purpose, author, "processing", title="", what=HARD * 3)
    with pytest.raises(NotReady) as refusal:
        publishing.publish(text, reviewer)
    assert len(refusal.value.reasons) >= 3


# --- What publishing does ----------------------------------------------------------------------------------------


def test_the_new_text_replaces_the_old_one(purpose: Purpose, author: User, reviewer: User) -> None:
    old = purpose.published
    assert old
    new = publishing.publish(in_review(purpose, author), reviewer)
    old.refresh_from_db()
    assert (old.state, new.state, purpose.published) == (TextState.RETIRED, TextState.PUBLISHED, new)
    assert new.approved_at == new.published_at is not None


def test_its_drawings_are_kept_with_it(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = publishing.arrange(written(purpose, author), author, pictures=["home", "calendar"])
    text = publishing.publish(publishing.submit(draft, author), reviewer)
    assert set(text.picture_digests) == {"home", "calendar"}
    for code, digest in text.picture_digests.items():
        kept = StoredPicture.objects.get(digest=digest)
        assert (kept.code, proof.picture_digest(kept.svg)) == (code, digest)


def test_the_proof_holds_the_digests(purpose: Purpose, author: User, reviewer: User) -> None:
    text = publishing.publish(in_review(purpose, author), reviewer)
    event = ConsentEvent.objects.get(kind=EventKind.TEXT_PUBLISHED, subject=text.pk)
    assert event.content["digest"] == text.digest == proof.text_digest(text)
    row = text.translations.get(language="sv", variant="easy")
    assert event.content["translations"]["sv easy"] == proof.translation_digest(row)
    assert event.content["processing"]["basis"] == purpose.basis
    assert event.content["reviewer"] == str(reviewer.pk)
    assert list(proof.verify_chain()) == []


def test_the_whole_story_of_a_text_verifies_and_a_changed_byte_of_it_is_found(
    purpose: Purpose, author: User, reviewer: User
) -> None:
    ConsentText.objects.update(digest=proof.text_digest(purpose.texts.get()))
    _events, before = verify()
    draft = publishing.arrange(written(purpose, author), author, pictures=["home"])
    text = publishing.publish(publishing.submit(draft, author), reviewer)
    row = text.translations.get(language="sv", variant="easy")
    publishing.add_voice(row, io.BytesIO(MP3), reviewer)
    publishing.publish(in_review(purpose, author), reviewer, speak=False)
    while publishing.speak_missing():
        pass
    assert verify()[1] == before
    Translation.objects.filter(pk=row.pk).update(if_no=f"{row.if_no} ")
    assert len(verify()[1]) > len(before)


@pytest.mark.parametrize("field", ["title", "what", "check_wrong_2", "check_explain"])
def test_the_digest_tells_a_changed_byte(field: str, purpose: Purpose, author: User, reviewer: User) -> None:
    text = publishing.publish(in_review(purpose, author), reviewer)
    row = text.translations.get(language="sv", variant="standard")
    Translation.objects.filter(pk=row.pk).update(**{field: getattr(row, field) + " "})
    assert proof.text_digest(ConsentText.objects.get(pk=text.pk)) != text.digest


def test_the_digest_tells_a_changed_drawing(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = publishing.arrange(written(purpose, author), author, pictures=["home"])
    text = publishing.publish(publishing.submit(draft, author), reviewer)
    text.picture_digests["home"] = proof.picture_digest(StoredPicture.objects.get(code="home").svg + " ")
    assert proof.text_digest(text) != text.digest


def test_a_variant_that_nobody_wrote_is_not_published(unwritten: Purpose, author: User, reviewer: User) -> None:
    text = publishing.publish(in_review(unwritten, author), reviewer)
    assert not text.translations.filter(language="en", variant="easy").exists()


def test_nothing_is_left_half_done_when_something_fails(
    purpose: Purpose, author: User, reviewer: User, given: Consent, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = purpose.published
    draft = written(purpose, author, "processing")
    publishing.arrange(draft, author, pictures=[], earlier_lapse_on=timezone.localdate())
    publishing.submit(draft, author)
    monkeypatch.setattr(actions, "limit_anew", lambda *rows, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publishing.publish(draft, reviewer)
    assert purpose.published == old
    assert not ConsentEvent.objects.filter(kind=EventKind.TEXT_PUBLISHED).exists()


# --- What becomes of consents ------------------------------------------------------------------------------------


@pytest.fixture
def sensor(place_device: object, given: Consent) -> Assignment:
    """In Astrid's bedroom, collecting on her consent."""
    placed: Assignment = place_device("bed-9", ["bed"])  # type: ignore[operator]
    devices.rest_on_purposes(placed)
    return placed


def publish_processing(purpose: Purpose, author: User, reviewer: User, days: int) -> ConsentText:
    draft = written(purpose, author, "processing")
    last_day = timezone.localdate(clock.now()) + timedelta(days=days)
    publishing.arrange(draft, author, pictures=[], earlier_lapse_on=last_day)
    return publishing.publish(publishing.submit(draft, author), reviewer)


def test_new_words_end_no_consent(
    purpose: Purpose, given: Consent, sensor: Assignment, author: User, reviewer: User
) -> None:
    publishing.publish(in_review(purpose, author), reviewer)
    given.refresh_from_db()
    sensor.refresh_from_db()
    assert (given.state, given.valid_until, sensor.collecting) == (State.GIVEN, None, CollectingState.ACTIVE)
    assert not Task.objects.filter(kind=TaskKind.RENEW).exists()


def test_consents_to_old_processing_stand_until_the_stated_day_and_people_are_asked_anew(
    purpose: Purpose, given: Consent, sensor: Assignment, author: User, reviewer: User
) -> None:
    publish_processing(purpose, author, reviewer, days=30)
    given.refresh_from_db()
    sensor.refresh_from_db()
    assert given.state == State.GIVEN
    assert given.until_verb == "lapse"
    assert sensor.collecting == CollectingState.ACTIVE
    task = Task.objects.open().get(kind=TaskKind.RENEW)
    assert (task.consent, task.due_on) == (given, timezone.localdate(clock.now()) + timedelta(days=30))


def test_on_that_day_they_lapse_and_the_sensors_stop(
    purpose: Purpose, given: Consent, sensor: Assignment, author: User, reviewer: User
) -> None:
    publish_processing(purpose, author, reviewer, days=30)
    with clock.standing_at(clock.now() + timedelta(days=30)):
        assert actions.end_overdue() == 0
        assert given.lawful_at(clock.now())
    with clock.standing_at(clock.now() + timedelta(days=31, hours=1)):
        settle_overdue()
        actions.end_overdue()
        given.refresh_from_db()
        sensor.refresh_from_db()
        assert (given.state, sensor.collecting) == (State.LAPSED, CollectingState.STOPPED)


def test_who_says_yes_to_the_new_processing_goes_on(
    purpose: Purpose, given: Consent, astrid: Giver, say: Say, author: User, reviewer: User
) -> None:
    publish_processing(purpose, author, reviewer, days=30)
    asked = actions.ask(astrid.resident, purpose, by=reviewer)
    text = purpose.published
    assert text
    actions.serve(asked, text.translations.get(language="sv", variant="easy"), by=astrid.user)
    answered = actions.answer(asked.pk, Answer.YES, giver=astrid)
    assert (answered.state, answered.valid_until) == (State.GIVEN, None)


def test_a_yes_to_the_old_text_is_not_a_yes_to_the_new(
    purpose: Purpose, astrid: Giver, ask_and_serve: object, author: User, reviewer: User
) -> None:
    consent: Consent = ask_and_serve(astrid)  # type: ignore[operator]
    publish_processing(purpose, author, reviewer, days=30)
    with pytest.raises(actions.TextChanged):
        actions.answer(consent.pk, Answer.YES, giver=astrid)


def test_two_guardians_never_agree_to_different_processing(
    purpose: Purpose, guardians: tuple[Giver, Giver], say: Say, author: User, reviewer: User, child: Resident
) -> None:
    view = {"resident_view": ResidentView.AGREES, "resident_view_note": "Det är bra."}
    half = say(guardians[0], Answer.YES, **view)
    assert half.state == State.WAITING
    publish_processing(purpose, author, reviewer, days=30)
    half.refresh_from_db()
    assert half.state == State.ENDED
    assert Task.objects.open().filter(kind=TaskKind.ASK, resident=child, about=purpose.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_an_answer_in_the_same_moment_is_to_the_new_text_or_gets_its_last_day(
    purpose: Purpose, author: User, reviewer: User, ask_and_serve: Serve
) -> None:
    people = [ResidentFactory.create() for _one in range(5)]
    givers = [Giver(GivenBy.SELF, person, UserFactory.create()) for person in people]
    asked = {giver.resident.pk: ask_and_serve(giver).pk for giver in givers}
    draft = written(purpose, author, "processing")
    last_day = timezone.localdate(clock.now()) + timedelta(days=30)
    publishing.arrange(draft, author, pictures=[], earlier_lapse_on=last_day)
    publishing.submit(draft, author)

    def say_yes(giver: Giver) -> object:
        return actions.answer(asked[giver.resident.pk], Answer.YES, giver=giver)

    works = [partial(say_yes, giver) for giver in givers]
    done = at_once(*works[:3], partial(publishing.publish, draft, reviewer), *works[3:])
    faults = [fault for fault in done if isinstance(fault, Exception)]
    assert all(isinstance(fault, actions.TextChanged) for fault in faults), faults
    assert purpose.published == draft
    given = Consent.objects.filter(purpose=purpose, state=State.GIVEN)
    assert given.count() + len(faults) == len(people)
    assert not given.filter(text__processing_no=1, valid_until=None).exists()


# --- Read aloud --------------------------------------------------------------------------------------------------


def sounds(text: ConsentText) -> dict[str, Speech | None]:
    return {f"{row.language} {row.variant}": publishing.newest_speech(row) for row in text.translations.all()}


def test_every_approved_translation_is_read_aloud(purpose: Purpose, author: User, reviewer: User) -> None:
    draft = written(purpose, author, title="Små sensorer")
    publishing.write(draft, author, language="ar", variant="standard", sample=True, **CONSENT_FIELDS)
    text = publishing.publish(publishing.submit(draft, author), reviewer)
    made = sounds(text)
    assert made.pop("ar standard") is None
    assert {sound.voice for sound in made.values() if sound} == {"Quick 1.0"}
    assert None not in made.values()
    assert publishing.unspoken(text) == []
    swedish = made["sv easy"]
    assert swedish
    assert "Små sensorer" in bytes(swedish.audio).decode()


@pytest.mark.parametrize("engine", [BROKEN, CRASHING, "no.such.engine"])
def test_an_engine_that_fails_stops_nothing_and_it_is_told(
    engine: str, purpose: Purpose, author: User, reviewer: User, settings: Settings
) -> None:
    settings.SAFEHOME_SPEECH_ENGINE = engine
    text = publishing.publish(in_review(purpose, author), reviewer)
    assert len(publishing.unspoken(text)) == 4
    event = ConsentEvent.objects.get(kind=EventKind.TEXT_PUBLISHED)
    assert set(event.content["no_speech"]) == {"sv standard", "sv easy", "en standard", "en easy"}


def test_what_was_published_in_silence_is_read_aloud_afterwards(purpose: Purpose, author: User, reviewer: User) -> None:
    text = publishing.publish(in_review(purpose, author), reviewer, speak=False)
    silent = len(publishing.unspoken(text))
    assert silent > 0
    while publishing.speak_missing():
        silent -= 1
    assert publishing.unspoken(text) == []


MP3 = b"\xff\xfb\x90\x64" + bytes(400)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)


@pytest.mark.parametrize(
    ("audio", "mime"),
    [
        (MP3, "audio/mpeg"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x02xx" + MP3, "audio/mpeg"),
        (WAV, "audio/wav"),
        (b"OggS" + bytes(40), "audio/ogg"),
    ],
)
def test_a_human_voice_takes_over_from_the_machine(
    audio: bytes, mime: str, purpose: Purpose, author: User, reviewer: User
) -> None:
    text = publishing.publish(in_review(purpose, author), reviewer)
    row = text.translations.get(language="sv", variant="easy")
    before = publishing.newest_speech(row)
    made = publishing.add_voice(row, io.BytesIO(audio), reviewer, voice="Karin")
    assert publishing.newest_speech(row) == made
    assert (made.human, made.mime, made.voice, made.made_by) == (True, mime, "Karin", reviewer)
    assert before
    assert Speech.objects.filter(pk=before.pk).exists()
    event = ConsentEvent.objects.get(kind=EventKind.SPEECH_ADDED)
    assert event.content["speech"] == made.digest


def test_a_human_voice_stays_when_the_same_words_are_published_again(
    purpose: Purpose, author: User, reviewer: User
) -> None:
    text = publishing.publish(in_review(purpose, author), reviewer)
    voice = publishing.add_voice(text.translations.get(language="sv", variant="easy"), io.BytesIO(MP3), reviewer)
    again = publishing.publish(in_review(purpose, author), reviewer)
    assert publishing.newest_speech(again.translations.get(language="sv", variant="easy")) == voice


@pytest.mark.parametrize(
    "audio",
    [
        b"", b"%PDF-1.7", b"<svg onload=alert(1)>", b"\xff\xfb", b"\xff\xff\xff\xff",
        b"ID3\x04\x00\x00\x00\x00\x00\x02xx", b"RIFF....AVI ", b"MZ\x90",
    ],
)  # fmt: skip
def test_what_is_no_sound_is_refused_whatever_it_is_called(
    audio: bytes, purpose: Purpose, author: User, reviewer: User
) -> None:
    text = in_review(purpose, author)
    with pytest.raises(Refused):
        publishing.add_voice(text.translations.get(language="sv", variant="easy"), io.BytesIO(audio), reviewer)
    assert not Speech.objects.filter(human=True).exists()


def test_a_recording_that_is_too_large_is_refused(
    purpose: Purpose, author: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "VOICE_AT_MOST", 100)
    text = in_review(purpose, author)
    with pytest.raises(Refused):
        publishing.add_voice(text.translations.get(language="sv", variant="easy"), io.BytesIO(MP3), reviewer)
