"""`manage.py verify_consents`: whole is whole, and a changed byte anywhere is found and named."""

import uuid
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models

from consents import actions, proof, verify
from consents.models import (
    Consent,
    ConsentEvent,
    ConsentText,
    Decision,
    EmergencyGround,
    EventKind,
    PaperForm,
    Purpose,
    RelativeView,
    Speech,
    StoredPicture,
    Translation,
)
from consents.policies import Giver
from safehome import clock
from safehome.organisation.models import User
from safehome.residents.models import Contact
from tests.consents.story import Story, published, tell
from tests.factories import CohabitantFactory, ContactFactory, PurposeFactory, RepresentativeFactory, consent_to

FREE = {
    (Consent, "id"),  # other rows point at it
    (Consent, "draft"),  # an answer that nobody has confirmed
    (ConsentText, "id"),  # other rows point at it
    (Translation, "id"),  # a number of the database's own; the words go by their version, language and variant
    (PaperForm, "id"),  # a form goes by its code
    (RelativeView, "muted"),  # the relative's own choice of being told
    (EmergencyGround, "reviewed_by"),  # the review comes after, and is in the access log
    (EmergencyGround, "reviewed_at"),
    (EmergencyGround, "review_note"),
}
"""Columns that prove nothing; every other column of every table of the proof is tampered with below."""

TABLES = (
    ConsentEvent,
    Consent,
    Decision,
    ConsentText,
    Translation,
    StoredPicture,
    Speech,
    PaperForm,
    RelativeView,
    EmergencyGround,
)
COLUMNS = [
    (model, field.name) for model in TABLES for field in model._meta.concrete_fields if (model, field.name) not in FREE
]


@pytest.fixture
def story(purpose: Purpose, astrid: Giver, case_officer: User, relative: User) -> Story:
    others(purpose, case_officer)
    return tell(purpose, astrid, case_officer, Contact.objects.get(user=relative))


def others(purpose: Purpose, by: User) -> None:
    """One more of everything, for a column to be pointed at."""
    someone = ContactFactory.create().resident
    CohabitantFactory.create()
    RepresentativeFactory.create(resident=someone)
    other = PurposeFactory.create(administration=purpose.administration)
    published(other, by)
    actions.ask(someone, other, by=by)


def verified(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_consents", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def breaks() -> list[str]:
    _count, found = verify.verify()
    return [f"{row.where}: {row.reason}" for row in found]


def test_what_nobody_has_touched_is_whole(story: Story) -> None:
    sequence, link = proof.head()
    assert f"whole: {sequence} events. Head {sequence}:{link}" in verified()


def test_an_empty_installation_is_whole(db: None) -> None:
    assert f"Head 0:{proof.GENESIS}" in verified()


# --- A changed byte ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "name"), COLUMNS, ids=[f"{model.__name__}.{name}" for model, name in COLUMNS])
def test_a_changed_column_is_found(story: Story, model: type[models.Model], name: str) -> None:
    field = model._meta.get_field(name)
    row = {ConsentText: story.text, Consent: story.consent}.get(model) or first(model)
    tamper(row, field, another(row, field))
    assert breaks()
    with pytest.raises(CommandError, match="broken"):
        verified()


def first(model: type[models.Model]) -> models.Model:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    return row


def tamper(row: models.Model, field: Any, value: Any) -> None:
    """Past the model, as somebody with a database shell would."""
    type(row)._default_manager.filter(pk=row.pk).update(**{field.attname: value})


def another(row: models.Model, field: Any) -> Any:
    """A value that the database takes and that is not the one there."""
    now = getattr(row, field.attname)
    if isinstance(field, models.ForeignKey):
        if (type(row), field.name) in ((ConsentText, "purpose"), (Translation, "text")):
            empty = PurposeFactory.create()
            return empty.pk if field.name == "purpose" else ConsentText.objects.create(purpose=empty).pk
        taken = {now, getattr(row, "author_id", None), getattr(row, "reviewer_id", None)} - {None}
        found = field.related_model._default_manager.exclude(pk__in=taken).first()
        return found.pk if found else None
    for kind, change in _CHANGES:
        if isinstance(field, kind):
            return change(now)
    raise AssertionError(field)


def _text(now: str) -> str:
    return f"{now[:-1]}{'x' if now[-1:] != 'x' else 'y'}"


_CHANGES: list[tuple[Any, Any]] = [
    (models.BooleanField, lambda now: not now),
    (models.JSONField, lambda now: {**now, "x": "y"} if isinstance(now, dict) else [*now, "x"]),
    (models.DateTimeField, lambda now: (now or clock.now()) + timedelta(microseconds=1)),
    (models.DateField, lambda now: (now or date(2026, 1, 1)) + timedelta(days=1)),
    (models.UUIDField, lambda now: uuid.uuid4()),
    (models.BinaryField, lambda now: bytes(now)[:-1] + b"\x00"),
    (models.IntegerField, lambda now: now + 1_000),
    (models.FileField, lambda now: "consents/2026/other.pdf"),
    (models.CharField, _text),
    (models.TextField, _text),
]


@pytest.mark.parametrize("model", [Decision, Translation, StoredPicture, Speech, PaperForm, RelativeView, ConsentEvent])
def test_a_row_that_is_gone_is_found(story: Story, model: type[models.Model]) -> None:
    row = first(model)
    model._default_manager.filter(pk=row.pk).delete()
    assert breaks()


def test_an_event_in_the_middle_that_is_gone_is_named(story: Story) -> None:
    ConsentEvent.objects.filter(sequence=3).delete()
    assert "event 3: events 3–3 are missing" in breaks()


def test_a_tail_that_was_cut_away_is_found_by_the_rows(story: Story) -> None:
    ConsentEvent.objects.filter(kind=EventKind.ANSWERED).order_by("-sequence").first().delete()  # type: ignore[union-attr]
    assert any("state" in found for found in breaks())


def test_content_changed_together_with_its_digest_is_found(story: Story) -> None:
    event = ConsentEvent.objects.get(kind=EventKind.CHECKED)
    event.content = {**event.content, "right": False}
    event.digest = proof.content_digest(event)
    event.save()
    assert f"event {event.sequence}: it or an earlier one has been changed" in breaks()


def test_a_scan_changed_on_disk_is_found(story: Story) -> None:
    path = Path(story.form.scan.path)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert f"paper form {story.form.code}: the scan's file has been changed" in breaks()


def test_a_scan_gone_from_disk_is_found(story: Story) -> None:
    Path(story.form.scan.path).unlink()
    assert f"paper form {story.form.code}: the scan's file is gone" in breaks()


def test_a_text_rewritten_with_a_new_hash_is_found_by_those_who_answered(story: Story) -> None:
    """Whoever changes the words and reckons the hash anew still has the events against them."""
    row = Translation.objects.filter(text=story.text, language="sv").first()
    assert row is not None
    row.if_no = "Du får sämre hjälp."
    row.save()
    ConsentText.objects.filter(pk=story.text.pk).update(digest=proof.text_digest(story.text))
    assert any("not the one that was answered to" in found for found in breaks())


def test_a_consent_that_no_event_tells_of_is_found(story: Story, purpose: Purpose) -> None:
    planted = consent_to(PurposeFactory.create(administration=purpose.administration), story.consent.resident)
    assert f"consent {planted.pk}: no event tells of it" in breaks()


def test_a_newer_version_breaks_nothing(story: Story, purpose: Purpose, case_officer: User) -> None:
    published(purpose, case_officer, processing_no=2)
    assert breaks() == []


# --- The head ----------------------------------------------------------------------------------------------------


def test_an_earlier_head_is_still_in_the_chain(story: Story) -> None:
    early = ConsentEvent.objects.get(sequence=2)
    assert "whole" in verified("--head", f"2:{early.link}")


def test_a_chain_made_anew_from_the_start_is_found_by_a_head_that_was_noted(story: Story) -> None:
    noted = ConsentEvent.objects.order_by("-sequence").first()
    assert noted is not None
    reckon_anew()
    assert breaks() == []
    with pytest.raises(CommandError, match="1 place"):
        verified("--head", f"{noted.sequence}:{noted.link}")


def reckon_anew() -> None:
    """What somebody who owns the database could do: new salts, all links reckoned anew."""
    previous = proof.GENESIS
    for event in ConsentEvent.objects.order_by("sequence"):
        event.salt = uuid.uuid4().hex
        event.digest = proof.content_digest(event)
        event.link = previous = proof.link_digest(previous, event)
        event.save()


@pytest.mark.parametrize("head", ["7", "x:y", "7:short"])
def test_a_head_that_is_not_written_as_one_is_refused(db: None, head: str) -> None:
    with pytest.raises(CommandError, match="SEQUENCE:LINK"):
        verified("--head", head)


# --- While others write ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_reads_one_moment_and_leaves_the_connection_as_it_was(story: Story) -> None:
    with verify.one_moment():
        assert ConsentEvent.objects.exists()
    assert connection.get_autocommit()
    assert "whole" in verified()
    ConsentEvent.objects.filter(sequence=2).update(salt="0" * 32)
    with pytest.raises(CommandError, match="broken"):
        verified()
    assert Contact.objects.update(relation="granne")  # the connection can be written with again


def test_a_contact_who_was_taken_out_of_the_record_breaks_nothing(story: Story) -> None:
    story.view.contact.delete()
    assert breaks() == []
