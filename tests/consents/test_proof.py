"""The proof of a consent, rebuilt from what is stored, years later and after all that has come since."""

import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from consents import actions, proof, verify
from consents.kinds import Answer, GivenBy, ResidentView, Variant
from consents.models import Consent, ConsentEvent, ConsentText, Decision, EventKind, Purpose, Speech, StoredPicture
from consents.policies import Giver
from consents.rebuild import rebuild
from consents.receipts import fhir
from safehome.audit.models import AccessEntry, Action
from safehome.demo import seed
from safehome.organisation.models import User
from safehome.residents.models import Contact, Representative
from tests.consents.conftest import Say
from tests.consents.story import SCAN, SVG, VOICE, Story, asked_and_shown, published, tell


@pytest.fixture
def story(purpose: Purpose, astrid: Giver, case_officer: User, relative: User) -> Story:
    return tell(purpose, astrid, case_officer, Contact.objects.get(user=relative))


def test_it_is_all_there(story: Story) -> None:
    found = rebuild(story.consent)
    first, last = found.answers
    assert found.breaks == ()
    assert (first.answer, last.answer, found.state) == ("yes", "no", "ended")
    assert (found.asked_by, first.name, first.registered_by) == ("Berit Blom", "Astrid Lindqvist", "Berit Blom")
    told = {name: first.fact(name) for name in ("how", "helped_by", "interpreter", "aids", "witness", "understanding")}
    assert told == {
        "how": "paper",
        "helped_by": "Dottern Ronja",
        "interpreter": "Ali Amin",
        "aids": "Förstoringsglas",
        "witness": "Eva Ek",
        "understanding": "understood",
    }
    assert first.fact("scan_digest") == hashlib.sha256(SCAN).hexdigest()
    assert [row.content for row in found.scans] == [SCAN]


def test_the_text_is_the_one_that_was_shown_with_drawings_and_voice(story: Story) -> None:
    shown = rebuild(story.consent).answers[0].shown
    assert shown
    assert (shown.language, shown.variant, shown.version) == ("sv", Variant.STANDARD, story.text.version)
    assert shown.words["question"] == "Får vi ha sensorer i ditt hem?"
    assert [row.svg.decode() for row in shown.pictures] == [SVG]
    assert shown.sound
    assert (shown.sound.audio, shown.sound.digest) == (VOICE, hashlib.sha256(VOICE).hexdigest())


def test_years_later_after_newer_versions_it_is_still_the_old_text(
    story: Story, purpose: Purpose, case_officer: User
) -> None:
    before = rebuild(story.consent)
    with time_machine.travel("2032-05-01", tick=False):
        newer, _picture, _speech = published(purpose, case_officer, processing_no=2)
        row = newer.translations.get(language="sv", variant=Variant.STANDARD)
        row.question = "Får vi ha kameror i ditt hem?"
        row.save()
        Purpose.objects.filter(pk=purpose.pk).update(name="Något annat", retention_days=3_650)
        after = rebuild(Consent.objects.get(pk=story.consent.pk))
    assert after.answers == before.answers
    assert after.events == before.events
    assert after.answers[0].processing["name"] == "Sensorer i hemmet"


def test_who_was_shown_a_text_in_another_language_gets_that(
    purpose: Purpose, astrid: Giver, case_officer: User
) -> None:
    published(purpose, case_officer)
    asked_and_shown(purpose, astrid, case_officer, language="sv")
    consent = asked_and_shown(purpose, astrid, case_officer, language="en")
    actions.answer(consent.pk, Answer.YES, giver=astrid)
    found = rebuild(consent)
    assert [row.language for row in found.shown] == ["sv", "en"]
    assert found.answers[0].shown
    assert found.answers[0].shown.language == "en"


def test_the_mandate_is_the_one_that_held_then(god_man: Giver, say: Say) -> None:
    consent = say(god_man, Answer.YES, resident_view=ResidentView.AGREES)
    assert god_man.representative
    Representative.objects.filter(pk=god_man.representative.pk).update(proof="Ett annat beslut")
    said = rebuild(consent).answers[0]
    assert said.fact("given_by") == GivenBy.REPRESENTATIVE
    assert "Sunnanby tingsrätt Ä 123-26" in said.fact("mandate")


def test_every_event_can_be_reckoned_anew_from_what_is_written(story: Story) -> None:
    """As somebody outside would, with SHA-256 and the two lines in proof.json."""
    for row in rebuild(story.consent).events:
        canon = {"sort_keys": True, "ensure_ascii": False, "separators": (",", ":")}
        content = json.dumps(row.content, **canon)  # type: ignore[arg-type]
        assert hashlib.sha256((row.salt + content).encode()).hexdigest() == row.digest
        event = ConsentEvent.objects.get(sequence=row.sequence)
        assert proof.link_digest(row.previous, event) == row.link


def test_an_open_question_nobody_has_answered_has_a_proof_too(
    purpose: Purpose, astrid: Giver, case_officer: User
) -> None:
    found = rebuild(actions.ask(astrid.resident, purpose, by=case_officer))
    assert (found.last, found.breaks, len(found.events)) == (None, (), 1)


@pytest.mark.parametrize("what", ["text", "translation", "drawing", "voice", "scan", "decision", "event", "row"])
def test_what_has_been_changed_is_named(story: Story, what: str) -> None:
    tamper = {
        "text": lambda: ConsentText.objects.filter(pk=story.text.pk).update(wording_no=77),
        "translation": lambda: story.text.translations.filter(language="sv").update(if_no="Du får ingen hjälp."),
        "drawing": lambda: StoredPicture.objects.update(svg=SVG.replace("M1", "M2")),
        "voice": lambda: Speech.objects.update(audio=b"something else"),
        "scan": lambda: Path(story.form.scan.path).write_bytes(b"another"),
        "decision": lambda: Decision.objects.filter(answer="no").update(answer="yes"),
        "event": lambda: ConsentEvent.objects.filter(kind=EventKind.CHECKED).update(salt="0" * 32),
        "row": lambda: Consent.objects.filter(pk=story.consent.pk).update(state="expired"),
    }
    tamper[what]()
    assert rebuild(Consent.objects.get(pk=story.consent.pk)).breaks


# --- The folder --------------------------------------------------------------------------------------------------


def written(consent: Consent, folder: Path) -> str:
    out = StringIO()
    call_command("consent_proof", str(consent.pk), out=str(folder), stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def folder(story: Story, tmp_path: Path) -> Path:
    written(story.consent, tmp_path / "proof")
    return tmp_path / "proof"


def test_the_folder_holds_everything_and_its_sums_are_right(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert files == set(sums)
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == sums[name] for name in files)
    kinds = {name.partition("/")[0] for name in files}
    assert kinds >= {"proof.json", "text.html", "receipt.pdf", "receipt.json", "consent.fhir.json", "pictures"}
    assert kinds >= {"audio", "scans"}


def test_the_bytes_in_the_folder_are_those_that_were_shown(folder: Path) -> None:
    assert [path.read_text() for path in (folder / "pictures").iterdir()] == [SVG]
    assert [path.read_bytes() for path in (folder / "audio").iterdir()] == [VOICE]
    assert [path.read_bytes() for path in (folder / "scans").iterdir()] == [SCAN]
    assert "Får vi ha sensorer i ditt hem?" in (folder / "text.html").read_text()
    facts: dict[str, Any] = json.loads((folder / "proof.json").read_text())
    assert [row["answer"] for row in facts["answers"]] == ["yes", "no"]
    assert facts["breaks"] == []


def test_writing_it_is_in_the_access_log(folder: Path, story: Story) -> None:
    entry = AccessEntry.objects.filter(action=Action.EXPORT, resource="consent").get()
    assert (entry.resident, entry.detail) == (story.consent.resident_id, "proof")


def test_a_broken_proof_is_written_and_says_so(story: Story, tmp_path: Path) -> None:
    Speech.objects.update(audio=b"something else")
    with pytest.raises(CommandError, match="broken"):
        written(story.consent, tmp_path / "proof")
    assert json.loads((tmp_path / "proof" / "proof.json").read_text())["breaks"]


def test_it_never_writes_over_anything(story: Story, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(CommandError, match="not empty"):
        written(story.consent, tmp_path)


def test_an_unknown_consent_is_said_to_be_unknown(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such consent"):
        call_command("consent_proof", "00000000-0000-4000-8000-000000000000", out=str(tmp_path))


def test_all_that_the_demo_tells_is_proved_and_leaves_as_valid_fhir(db: None) -> None:
    """Texts published, answers given and taken back by the real verbs, for fifty people."""
    seed.fill()
    assert verify.verify()[1] == []
    for consent in Consent.objects.all():
        assert rebuild(consent).breaks == ()
        assert fhir.export(consent)["id"] == str(consent.pk)
