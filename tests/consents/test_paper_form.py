"""The paper form: what is printed, which files are taken back, and the answer that is registered from it."""

import hashlib
import io
import struct
import sys
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings

from consents import actions, proof, verify
from consents.desk import paper, scans
from consents.kinds import Answer, How, ResidentView, Variant
from consents.models import Consent, ConsentEvent, Decision, EventKind, PaperForm, Purpose
from consents.policies import Giver
from consents.states import State
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import User
from safehome.residents.models import Resident
from tests.factories import CONSENT_FIELDS, CohabitantFactory, publish_text

ClientOf = Callable[[User], Client]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, height: int = 2, more: bytes = b"") -> bytes:
    """A whole picture, as large as it claims only when it is small."""
    rows = zlib.compress(b"\x00" + b"\xff" * 2)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    """The segments that a JPEG begins and ends with."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + b"\x00" * 16
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return b"\xff\xd8" + app + b"\xff\xc0" + frame + scan + b"\xff\xd9"


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def asked(resident: Resident, purpose: Purpose, her_carer: User) -> Consent:
    return actions.ask(resident, purpose, by=her_carer, how=How.PAPER)


@pytest.fixture
def made(asked: Consent, her_carer: User) -> bytes:
    return paper.print_forms([asked], "sv", Variant.STANDARD, by=her_carer)


@pytest.fixture
def sheet(made: bytes) -> PaperForm:
    return PaperForm.objects.get()


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def upload(
    browser: Client, sheet: PaperForm, data: bytes, name: str = "scan.pdf", mime: str = "application/pdf"
) -> Any:
    file = SimpleUploadedFile(name, data, content_type=mime)
    return browser.post(reverse("desk:scan", args=[sheet.code]), {"upload": "1", "scan": file})


def register(browser: Client, sheet: PaperForm, **said: str) -> Any:
    facts = {"who": "self", "answer": "yes", "day": f"{timezone.localdate():%Y-%m-%d}"} | said
    return browser.post(reverse("desk:scan", args=[sheet.code]), facts)


# --- Printing ------------------------------------------------------------------------------------------------


def test_the_form_holds_the_text_exactly_and_three_answers(made: bytes) -> None:
    words = words_of(made)
    for name in ("title", "question", "why", "who_sees", "how_long", "if_no", "change_mind"):
        assert CONSENT_FIELDS[name] in words, name
    assert "De märker när du rör dig." in words
    assert "Astrid Lindqvist" in words


def test_the_form_says_where_it_is_uploaded(made: bytes, sheet: PaperForm) -> None:
    address = f"{settings.SAFEHOME_BASE_URL}/consents/forms/{sheet.code}/"
    assert paper.address(sheet) == address
    assert address in words_of(made).replace("- ", "-")


def test_the_symbol_on_the_form_is_that_address(sheet: PaperForm) -> None:
    code = segno.make(paper.address(sheet), error="q", micro=False)
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", xmldecl=False, border=4, scale=4)
    assert paper.qr(paper.address(sheet)) == drawn.getvalue().decode()
    assert paper.qr(paper.address(sheet)) != paper.qr(paper.address(sheet) + "x")


def test_printing_serves_the_text_and_is_proven_and_logged(made: bytes, sheet: PaperForm, her_carer: User) -> None:
    sheet.consent.refresh_from_db()
    assert sheet.consent.served_digest == sheet.text_digest
    kinds = list(ConsentEvent.objects.order_by("sequence").values_list("kind", flat=True))
    assert kinds == [EventKind.ASKED, EventKind.SERVED, EventKind.PAPER_PRINTED]
    printed = ConsentEvent.objects.get(kind=EventKind.PAPER_PRINTED)
    assert printed.content["form"] == sheet.code
    assert AccessEntry.objects.filter(user=her_carer.pk, action=Action.PRINT).count() == 1
    assert not list(proof.verify_chain())


def test_each_question_gets_a_form_of_its_own(
    asked: Consent, resident: Resident, purpose: Purpose, her_carer: User, client_of: ClientOf
) -> None:
    Purpose.objects.update(cohabitants=True)
    bengt = CohabitantFactory.create(home=resident.home, name="Bengt Ek")
    theirs = actions.ask(resident, Purpose.objects.get(), by=her_carer, cohabitant=bengt)
    url = reverse("desk:paper", args=[resident.pk])
    answer = client_of(her_carer).post(url, {"consents": [str(asked.pk), str(theirs.pk)], "text": "sv-easy"})
    assert answer["Content-Type"] == "application/pdf"
    assert "Bengt Ek" in words_of(answer.content)
    assert {form.consent_id for form in PaperForm.objects.all()} == {asked.pk, theirs.pk}
    assert len({form.code for form in PaperForm.objects.all()}) == 2


def test_looking_at_the_page_prints_nothing(asked: Consent, her_carer: User, client_of: ClientOf) -> None:
    url = reverse("desk:paper", args=[asked.resident_id])
    assert client_of(her_carer).get(url, {"consents": str(asked.pk)}).status_code == 200
    assert not PaperForm.objects.exists()


def test_a_sample_translation_is_not_printed(asked: Consent) -> None:
    assert asked.purpose.published
    asked.purpose.published.translations.filter(language="en").update(sample=True)
    assert {row.language for row in paper.translations_for([asked])} == {"sv"}


# --- Which files are taken -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "kind"), [(PDF, "pdf"), (png(), "png"), (jpeg(), "jpg")], ids=["pdf", "png", "jpeg"])
def test_a_scan_is_known_by_its_content_alone(
    data: bytes, kind: str, sheet: PaperForm, her_carer: User, client_of: ClientOf
) -> None:
    assert upload(client_of(her_carer), sheet, data, "../../x.exe", "text/html").status_code == 302
    sheet.refresh_from_db()
    assert sheet.scan_digest == hashlib.sha256(data).hexdigest()
    stored = Path(sheet.scan.path)
    assert stored.suffix == f".{kind}"
    assert stored.is_relative_to(settings.SAFEHOME_DATA_DIR / "private")
    assert len(stored.stem) == 32
    assert not stored.is_relative_to(settings.STATIC_ROOT)
    scanned = ConsentEvent.objects.get(kind=EventKind.PAPER_SCANNED)
    assert (scanned.content["scan"], scanned.subject) == (sheet.scan_digest, sheet.consent_id)


WRONG = {
    "a program with another name": b"MZ\x90\x00" + b"\x00" * 200,
    "a drawing that can hold scripts": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "an archive": b"PK\x03\x04" + b"\x00" * 100,
    "a page": b"<!doctype html><script>alert(1)</script>",
    "half a PDF": b"%PDF-1.7\n1 0 obj",
    "a PDF with a program": PDF.replace(b"<<>>", b"<</S/JavaScript>>", 1),
    "a locked PDF": PDF.replace(b"trailer<<>>", b"trailer<</Encrypt 2 0 R>>"),
    "a PNG with more after its end": png() + b"PK\x03\x04",
    "a PNG with a broken chunk": png()[:-20] + b"\x00" + png()[-19:],
    "a PNG that claims to be a wall": png(60_000, 60_000),
    "a JPEG that claims to be a wall": jpeg(60_000, 60_000),
    "half a JPEG": jpeg()[:-2],
    "nothing": b"",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_scan_is_refused_and_not_kept(
    data: bytes, sheet: PaperForm, her_carer: User, client_of: ClientOf
) -> None:
    assert upload(client_of(her_carer), sheet, data).status_code == 400
    sheet.refresh_from_db()
    assert not sheet.scan
    assert not ConsentEvent.objects.filter(kind=EventKind.PAPER_SCANNED).exists()


def test_a_file_that_is_too_large_is_refused(
    sheet: PaperForm, her_carer: User, client_of: ClientOf, settings: Settings
) -> None:
    settings.SAFEHOME_SCAN_MAX_BYTES = 1_000
    assert upload(client_of(her_carer), sheet, png(more=chunk(b"tEXt", b"x" * 1_000))).status_code == 400
    assert upload(client_of(her_carer), sheet, png()).status_code == 302


@pytest.fixture
def scanner(tmp_path: Path, settings: Settings) -> Callable[[str], Path]:
    """`scanner("exit(1)")`: a virus scanner that does that; returns where it writes which file it was given."""

    def install(does: str) -> Path:
        script, seen = tmp_path / "scan.py", tmp_path / "seen"
        script.write_text(
            f"import pathlib, sys, time\npath = pathlib.Path(sys.argv[-1])\n"
            f"pathlib.Path({str(seen)!r}).write_bytes(path.read_bytes())\n{does}\n"
        )
        settings.SAFEHOME_SCAN_COMMAND = f"{sys.executable} {script} --quiet"
        settings.SAFEHOME_SCAN_TIMEOUT_S = 5
        return seen

    return install


def test_the_virus_scanner_is_shown_the_file(
    sheet: PaperForm, her_carer: User, client_of: ClientOf, scanner: Callable[[str], Path]
) -> None:
    seen = scanner("sys.exit(0)")
    assert upload(client_of(her_carer), sheet, PDF).status_code == 302
    assert seen.read_bytes() == PDF
    assert not list((settings.SAFEHOME_DATA_DIR / "private" / "incoming").iterdir())


@pytest.mark.parametrize("does", ["sys.exit(1)", "sys.exit(2)", "raise RuntimeError", "time.sleep(30)"])
def test_without_the_scanner_s_word_a_file_is_not_kept(
    does: str,
    sheet: PaperForm,
    her_carer: User,
    client_of: ClientOf,
    scanner: Callable[[str], Path],
    settings: Settings,
) -> None:
    scanner(does)
    settings.SAFEHOME_SCAN_TIMEOUT_S = 1
    assert upload(client_of(her_carer), sheet, PDF).status_code == 400
    sheet.refresh_from_db()
    assert not sheet.scan


def test_a_scanner_that_is_not_there_refuses(
    sheet: PaperForm, her_carer: User, client_of: ClientOf, settings: Settings
) -> None:
    settings.SAFEHOME_SCAN_COMMAND = "/nowhere/clamdscan"
    assert upload(client_of(her_carer), sheet, PDF).status_code == 400


def test_a_wrong_file_can_be_replaced_until_the_answer_is_registered(
    sheet: PaperForm,
    her_carer: User,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: Any,
) -> None:
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    first = Path(PaperForm.objects.get().scan.path)
    with django_capture_on_commit_callbacks(execute=True):
        assert upload(browser, sheet, png()).status_code == 302
    assert not first.exists()
    register(browser, sheet)
    assert upload(browser, sheet, jpeg()).status_code == 400
    assert PaperForm.objects.get().scan_digest == hashlib.sha256(png()).hexdigest()


# --- Getting the scan back -----------------------------------------------------------------------------------


def test_the_scan_is_something_to_save_and_written_in_the_log(
    sheet: PaperForm, her_carer: User, client_of: ClientOf
) -> None:
    browser = client_of(her_carer)
    upload(browser, sheet, png())
    answer = browser.get(reverse("desk:scan-file", args=[sheet.code]))
    assert answer.content == png()
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert AccessEntry.objects.filter(user=her_carer.pk, resource="consent scan", action=Action.EXPORT).exists()


def test_the_form_and_its_scan_follow_the_consent(
    sheet: PaperForm, cast: dict[str, User], her_carer: User, client_of: ClientOf
) -> None:
    upload(client_of(her_carer), sheet, PDF)
    works = {"her_carer", "second_carer", "night_carer", "nurse", "unit_manager", "case_officer"}
    for page in ("scan", "scan-file"):
        url = reverse(f"desk:{page}", args=[sheet.code])
        got = {name for name, user in cast.items() if client_of(user).get(url).status_code == 200}
        assert got == works


def test_a_file_changed_in_the_store_is_found(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    Path(PaperForm.objects.get().scan.path).write_bytes(PDF + b"x")
    assert browser.get(reverse("desk:scan-file", args=[sheet.code])).status_code == 409


def test_a_code_that_was_never_printed_leads_nowhere(her_carer: User, client_of: ClientOf, sheet: PaperForm) -> None:
    browser = client_of(her_carer)
    assert browser.get(reverse("desk:scan", args=["ABCDEFGHJKMNPQRS"])).status_code == 404
    assert browser.get(reverse("desk:scan", args=[paper.grouped(sheet.code).lower()])).status_code == 200


# --- The answer ----------------------------------------------------------------------------------------------


def test_a_signed_yes_stands_from_when_it_was_signed(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    PaperForm.objects.update(printed_at=clock.now() - timedelta(days=5))
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    day = timezone.localdate() - timedelta(days=2)
    said = {"day": f"{day:%Y-%m-%d}", "clock_time": "14:30", "witness": "Disa Dahl", "helped_by": "Ronja"}
    assert register(browser, sheet, **said).status_code == 302
    consent = Consent.objects.get()
    assert consent.state == State.GIVEN
    assert timezone.localtime(consent.given_at).strftime("%Y-%m-%d %H:%M") == f"{day:%Y-%m-%d} 14:30"
    decision = Decision.objects.get()
    assert (decision.how, decision.registered_by, decision.user) == (How.PAPER, her_carer, None)
    assert (decision.scan_digest, decision.witness, decision.helped_by) == (
        hashlib.sha256(PDF).hexdigest(),
        "Disa Dahl",
        "Ronja",
    )
    assert not list(proof.verify_chain())


def test_no_answer_without_a_scan(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    register(client_of(her_carer), sheet)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("days", [1, -30])
def test_a_form_is_signed_after_it_was_printed_and_not_tomorrow(
    days: int, sheet: PaperForm, her_carer: User, client_of: ClientOf
) -> None:
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    day = timezone.localdate() + timedelta(days=days)
    assert register(browser, sheet, day=f"{day:%Y-%m-%d}").status_code == 400
    assert not Decision.objects.exists()


def test_a_form_carries_one_answer(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    register(browser, sheet)
    register(browser, sheet, answer="no")
    assert Decision.objects.count() == 1
    assert Consent.objects.get().state == State.GIVEN


def test_the_answer_is_to_the_text_on_the_sheet(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    """Even when another language has been shown in between."""
    text = sheet.consent.purpose.published
    assert text
    actions.serve(sheet.consent, text.translations.get(language="en", variant=Variant.EASY), by=her_carer)
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    register(browser, sheet)
    decision = Decision.objects.get()
    assert (decision.language, decision.text_digest) == ("sv", sheet.text_digest)


def test_a_yes_to_a_text_that_has_been_replaced_is_refused_and_a_no_is_not(
    sheet: PaperForm, her_carer: User, client_of: ClientOf
) -> None:
    text = publish_text(sheet.consent.purpose, processing_no=2)
    text.translations.update(why="Något helt annat.")
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    assert register(browser, sheet).status_code == 400
    assert not Decision.objects.exists()
    assert register(browser, sheet, answer="no").status_code == 302
    assert Consent.objects.get().state == State.REFUSED


def test_a_consent_is_taken_back_on_paper_too(
    given: Consent, resident: Resident, her_carer: User, client_of: ClientOf
) -> None:
    paper.print_forms([given], "sv", Variant.STANDARD, by=her_carer)
    browser, sheet = client_of(her_carer), PaperForm.objects.get()
    upload(browser, sheet, PDF)
    assert register(browser, sheet, answer="no").status_code == 302
    given.refresh_from_db()
    assert given.state == State.ENDED


def test_a_god_man_s_form_says_what_the_person_thinks(
    sheet: PaperForm, god_man: Giver, her_carer: User, client_of: ClientOf
) -> None:
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    assert register(browser, sheet, who=god_man.slug).status_code == 400
    against = register(browser, sheet, who=god_man.slug, resident_view=ResidentView.AGAINST)
    assert against.status_code == 400
    assert register(browser, sheet, who=god_man.slug, resident_view=ResidentView.AGREES).status_code == 302
    decision = Decision.objects.get()
    assert (decision.representative, decision.resident_view) == (god_man.representative, ResidentView.AGREES)
    assert decision.mandate["proof"]


def test_two_guardians_sign_the_same_sheet(
    child: Resident, guardians: tuple[Giver, Giver], purpose: Purpose, her_carer: User, client_of: ClientOf
) -> None:
    consent = actions.ask(child, purpose, by=her_carer)
    made = paper.print_forms([consent], "sv", Variant.STANDARD, by=her_carer)
    assert made
    browser, sheet = client_of(her_carer), PaperForm.objects.get()
    upload(browser, sheet, PDF)
    view = {"resident_view": ResidentView.AGREES.value, "resident_view_note": "Det är bra."}
    register(browser, sheet, who=guardians[0].slug, **view)
    consent.refresh_from_db()
    assert consent.state == State.WAITING
    register(browser, sheet, who=guardians[1].slug, **view)
    consent.refresh_from_db()
    assert consent.state == State.GIVEN


def test_nothing_is_left_of_a_file_when_keeping_it_fails(
    sheet: PaperForm, her_carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.SAFEHOME_DATA_DIR / "private" / "consents"
    before = set(folder.rglob("*.pdf"))
    monkeypatch.setattr(proof, "append", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        scans.keep(sheet, SimpleUploadedFile("a.pdf", PDF), by=her_carer)
    assert set(folder.rglob("*.pdf")) == before


def test_a_day_alone_counts_to_the_person_s_good(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    """A yes from the day's end, a no from its beginning."""
    PaperForm.objects.update(printed_at=clock.now() - timedelta(days=5))
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    day = timezone.localdate() - timedelta(days=2)
    register(browser, sheet, day=f"{day:%Y-%m-%d}", answer=Answer.NO.value)
    assert timezone.localtime(Decision.objects.get().at).strftime("%Y-%m-%d %H:%M") == f"{day:%Y-%m-%d} 00:00"


def test_the_proof_of_a_paper_answer_holds_together(sheet: PaperForm, her_carer: User, client_of: ClientOf) -> None:
    """Printed, uploaded twice, answered: rows and events agree. (The factory's text has no event of its own.)"""
    browser = client_of(her_carer)
    upload(browser, sheet, PDF)
    upload(browser, sheet, png())
    register(browser, sheet)
    assert [fault for fault in verify.verify()[1] if not fault.where.startswith("text ")] == []
