"""Staff write texts for their own administration, see how easy they are to read, and review each other's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from consents.models import ConsentText, Purpose, Recipient, TextState
from consents.texts import publishing
from consents.texts.views import word_differences
from safehome import clock
from safehome.audit.models import AccessEntry, Outcome
from safehome.organisation.models import Administration, Unit, User
from safehome.organisation.roles import Role
from tests.consents.writing import BROKEN, HARD, QUICK, in_review, written
from tests.factories import CONSENT_FIELDS, PurposeFactory, consent_to, staff


@pytest.fixture(autouse=True)
def _quick_voice(settings: Settings) -> None:
    settings.SAFEHOME_SPEECH_ENGINE = QUICK


@pytest.fixture
def author(case_officer: User) -> User:
    return case_officer


@pytest.fixture
def writer(author: User, client_of: Callable[[User], Client]) -> Client:
    """The author's browser."""
    return client_of(author)


@pytest.fixture
def reviewer(unit_manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(unit_manager)


@pytest.fixture
def draft(purpose: Purpose, author: User) -> ConsentText:
    return written(purpose, author)


@pytest.fixture
def waiting(purpose: Purpose, author: User) -> ConsentText:
    return in_review(purpose, author, why="Vi vill veta om du behöver hjälp på natten.")


def go(client: Client, name: str, /, *args: Any, status: int = 200, **asked: str) -> str:
    response = client.get(reverse(f"texts:{name}", args=args), asked)
    assert response.status_code == status
    return response.content.decode()


def send(client: Client, name: str, /, *args: Any, **told: Any) -> Any:
    return client.post(reverse(f"texts:{name}", args=args), told)


def pages(text: ConsentText) -> list[str]:
    with_pk = ("edit", "arrange", "preview", "review", "voices")
    named = [reverse(f"texts:{name}", args=[text.pk]) for name in with_pk]
    named.append(reverse("texts:edit-one", args=[text.pk, "sv", "easy"]))
    return [*named, reverse("texts:purpose", args=[text.purpose_id])]


# --- Who may -----------------------------------------------------------------------------------------------------


def test_every_page_opens_for_who_writes_texts(draft: ConsentText, writer: Client) -> None:
    everywhere = [reverse("texts:list"), reverse("texts:statistics"), reverse("texts:new-purpose"), *pages(draft)]
    for address in everywhere:
        assert writer.get(address).status_code == 200, address


@pytest.mark.parametrize("person", ["her_carer", "nurse", "technician", "resident_user", "relative", "administrator"])
def test_who_does_not_write_texts_is_refused(
    person: str, draft: ConsentText, request: pytest.FixtureRequest, client_of: Callable[[User], Client]
) -> None:
    client = client_of(request.getfixturevalue(person))
    for address in [reverse("texts:list"), reverse("texts:statistics"), *pages(draft)]:
        assert client.get(address).status_code == 403, address


def test_another_administration_s_texts_do_not_exist_for_them(
    draft: ConsentText, foreign_unit: Unit, client_of: Callable[[User], Client]
) -> None:
    stranger = staff("Fredrik Fors", Role.UNIT_MANAGER, foreign_unit)
    client = client_of(stranger)
    for address in pages(draft):
        assert client.get(address).status_code == 404, address
    for name in ("submit", "publish", "send-back", "discard", "add-language", "arrange"):
        assert send(client, name, draft.pk, note="x", language="fi", variant="easy").status_code == 404
    assert "Sensorer i hemmet" not in go(client, "list")
    assert AccessEntry.objects.filter(user=stranger.pk, outcome=Outcome.DENIED).exists()


def test_who_is_signed_out_is_sent_to_sign_in(draft: ConsentText, client: Client) -> None:
    assert all(client.get(address).status_code == 302 for address in pages(draft))


# --- Purposes ----------------------------------------------------------------------------------------------------


def facts(administration: Administration, **changed: Any) -> dict[str, Any]:
    return {
        "administration": str(administration.pk),
        "name": "Sensorer i hallen",
        "code": "hall",
        "kind": "processing",
        "regime": "sol",
        "basis": "6.1.e",
        "special_basis": "9.2.h",
        "source": "SoL 2025:400",
        "necessity": "optional",
        "alternative": "Vi kommer på besök.",
        "consent_required": "on",
        "categories": ["activity", "devices"],
        "reading_kinds": ["motion"],
        "processors": "Molnbolaget AB\n",
        "retention_days": "90",
        "valid_from": "2026-11-01",
    } | changed


def test_a_purpose_is_registered_with_all_that_the_register_needs(
    writer: Client, administration: Administration, foreign_unit: Unit
) -> None:
    other = foreign_unit.administration
    told = facts(administration, kind="secrecy", recipient_administrations=[str(other.pk)])
    assert send(writer, "new-purpose", **told).status_code == 302
    made = Purpose.objects.get(code="hall")
    assert sorted(row.category for row in made.categories.all()) == ["activity", "devices"]
    assert made.reading_kinds == ["motion"]
    assert set(made.recipients.values_list("administration", "partner", "role")) == {
        (other.pk, "", "own_controller"),
        (None, "Molnbolaget AB", "processor"),
    }


def test_lifting_secrecy_needs_somebody_to_lift_it_for(writer: Client, administration: Administration) -> None:
    assert send(writer, "new-purpose", **facts(administration, kind="secrecy")).status_code == 200
    assert not Purpose.objects.exists()


def test_nobody_registers_a_purpose_for_another_administration(
    writer: Client, second_administration: Administration
) -> None:
    assert send(writer, "new-purpose", **facts(second_administration)).status_code == 200
    assert not Purpose.objects.exists()


def test_a_purpose_without_a_published_text_can_be_changed(writer: Client, administration: Administration) -> None:
    purpose = PurposeFactory.create(administration=administration)
    Recipient.objects.create(purpose=purpose, partner="Gamla bolaget")
    assert "Gamla bolaget" in go(writer, "purpose", purpose.pk)
    told = facts(administration, partners="Nya bolaget", processors="")
    assert send(writer, "purpose", purpose.pk, **told).status_code == 302
    purpose.refresh_from_db()
    assert purpose.name == "Sensorer i hallen"
    assert [row.partner for row in purpose.recipients.all()] == ["Nya bolaget"]


def test_once_people_have_been_told_only_its_end_can_be_set(
    purpose: Purpose, writer: Client, administration: Administration
) -> None:
    end = (timezone.localdate() + timedelta(days=90)).isoformat()
    send(writer, "purpose", purpose.pk, **facts(administration, valid_to=end))
    purpose.refresh_from_db()
    assert (purpose.name, str(purpose.valid_to)) == ("Sensorer i hemmet", end)
    assert not purpose.categories.exists()


def test_a_new_version_is_begun_from_the_purpose_s_page(purpose: Purpose, writer: Client, author: User) -> None:
    response = send(writer, "new-version", purpose.pk, change="processing")
    draft = purpose.texts.get(state=TextState.DRAFT)
    assert response.url == reverse("texts:edit", args=[draft.pk])
    assert (draft.version, draft.author) == ("2.1", author)
    send(writer, "new-version", purpose.pk, change="wording")
    assert purpose.texts.count() == 2


# --- Writing -----------------------------------------------------------------------------------------------------


def test_a_text_is_saved_half_written(draft: ConsentText, writer: Client) -> None:
    response = send(writer, "edit-one", draft.pk, "sv", "easy", title="Små dosor", what="- Ett\n- Två")
    assert response.status_code == 302
    row = draft.translations.get(language="sv", variant="easy")
    assert (row.title, row.what.splitlines(), row.why) == ("Små dosor", ["- Ett", "- Två"], "")


def test_the_figures_stand_beside_the_text(draft: ConsentText, writer: Client) -> None:
    send(writer, "edit-one", draft.pk, "sv", "standard", what=HARD)
    text = go(writer, "edit-one", draft.pk, "sv", "standard")
    assert "LIX" in text
    assert "text-advice--refuse" in text


def test_measuring_while_writing_saves_nothing(draft: ConsentText, writer: Client) -> None:
    response = send(writer, "measure", language="sv", what=HARD, title="Kort")
    body = response.content.decode()
    assert response.status_code == 200
    assert 'data-figures="what"' in body
    assert 'data-figures="whole"' in body
    assert "text-advice--refuse" in body
    assert not draft.translations.filter(what=HARD).exists()


def test_what_is_measured_is_shown_as_text(writer: Client) -> None:
    told = "Detta är <script>alert(1)</script> en mycket lång mening " + "och så vidare " * 20
    assert "<script>alert" not in send(writer, "measure", language="sv", what=told).content.decode()


def test_a_strange_language_is_measured_without_lix(writer: Client) -> None:
    assert "<dt>LIX</dt>" not in send(writer, "measure", language="ar", what="نص قصير").content.decode()


def test_a_new_language_begins_as_a_sample(draft: ConsentText, writer: Client) -> None:
    send(writer, "add-language", draft.pk, language="ar", variant="standard")
    assert draft.translations.get(language="ar").sample
    assert 'dir="rtl"' in go(writer, "edit-one", draft.pk, "ar", "standard")
    assert 'dir="rtl"' in go(writer, "preview", draft.pk, language="ar", variant="standard")


def test_a_language_that_nobody_knows_is_not_added(draft: ConsentText, writer: Client) -> None:
    send(writer, "add-language", draft.pk, language="../x", variant="standard")
    assert draft.translations.count() == 4


def test_drawings_are_chosen_from_ours(draft: ConsentText, writer: Client) -> None:
    assert send(writer, "arrange", draft.pk, pictures=["home", "hand-stop"]).status_code == 302
    draft.refresh_from_db()
    assert draft.pictures == ["home", "hand-stop"]
    assert send(writer, "arrange", draft.pk, pictures=["strange"]).status_code == 200
    assert writer.get(reverse("texts:drawing", args=["home"])).headers["Content-Type"] == "image/svg+xml"
    assert writer.get(reverse("texts:drawing", args=["strange"])).status_code == 404


def test_the_last_day_is_asked_for_only_when_the_processing_changes(
    purpose: Purpose, author: User, writer: Client
) -> None:
    draft = publishing.new_version(purpose, by=author, change="processing")
    assert "earlier_lapse_on" in go(writer, "arrange", draft.pk)
    send(writer, "arrange", draft.pk, earlier_lapse_on="2027-01-31")
    draft.refresh_from_db()
    assert str(draft.earlier_lapse_on) == "2027-01-31"
    publishing.discard(draft, author)
    assert "earlier_lapse_on" not in go(writer, "arrange", written(purpose, author).pk)


def test_who_is_not_the_author_reads_the_review_instead(draft: ConsentText, reviewer: Client) -> None:
    response = reviewer.get(reverse("texts:edit", args=[draft.pk]))
    assert response.headers["Location"] == reverse("texts:review", args=[draft.pk])
    assert send(reviewer, "edit-one", draft.pk, "sv", "easy", title="Annat").status_code == 302
    assert not draft.translations.filter(title="Annat").exists()


def test_the_preview_shows_paper_and_telephone(draft: ConsentText, writer: Client) -> None:
    assert "shown--phone" in go(writer, "preview", draft.pk)
    paper = go(writer, "preview", draft.pk, on="paper", language="sv", variant="easy")
    assert "shown--paper" in paper
    assert CONSENT_FIELDS["question"] in paper
    assert writer.get(reverse("texts:preview", args=[draft.pk]), {"language": "xx"}).status_code == 404


# --- Review ------------------------------------------------------------------------------------------------------


def test_differences_are_told_word_by_word() -> None:
    pieces = word_differences("Vi sparar det i 90 dagar.", "Vi sparar det i 30 dagar.")
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "Vi sparar det i "),
        ("gone", "90"),
        ("new", "30"),
        ("same", " dagar."),
    ]


def test_the_reviewer_sees_what_has_changed_and_the_digest(waiting: ConsentText, reviewer: Client) -> None:
    text = go(reviewer, "review", waiting.pk)
    assert "<ins>" in text
    assert "på natten" in text.replace("<br>", "")
    assert "text-digest" in text


def test_the_author_sends_it_and_the_reviewer_publishes_it(
    draft: ConsentText, writer: Client, reviewer: Client, unit_manager: User
) -> None:
    send(writer, "submit", draft.pk)
    assert reverse("texts:publish", args=[draft.pk]) not in go(writer, "review", draft.pk)
    assert reverse("texts:publish", args=[draft.pk]) in go(reviewer, "review", draft.pk)
    send(reviewer, "publish", draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.reviewer) == (TextState.PUBLISHED, unit_manager)
    go(reviewer, "review", draft.pk)
    go(writer, "list")


def test_the_author_can_not_publish_it(waiting: ConsentText, writer: Client) -> None:
    assert send(writer, "publish", waiting.pk).status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == TextState.IN_REVIEW


def test_what_is_not_ready_comes_back_with_every_reason(purpose: Purpose, author: User, reviewer: Client) -> None:
    text = in_review(purpose, author, title="", what=HARD * 3, why=HARD)
    assert "hard_words" in go(reviewer, "review", text.pk)
    response = send(reviewer, "publish", text.pk)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert purpose.texts.get(pk=text.pk).state == TextState.IN_REVIEW


def test_it_says_when_there_is_no_sound(waiting: ConsentText, reviewer: Client, settings: Settings) -> None:
    settings.SAFEHOME_SPEECH_ENGINE = BROKEN
    response = reviewer.post(reverse("texts:publish", args=[waiting.pk]), follow=True)
    assert "notice--warning" in response.content.decode()


def test_sent_back_the_author_reads_why(waiting: ConsentText, writer: Client, reviewer: Client) -> None:
    assert send(reviewer, "send-back", waiting.pk, note="").status_code == 422
    send(reviewer, "send-back", waiting.pk, note="Skriv kortare <b>meningar</b>.")
    text = go(writer, "edit", waiting.pk)
    assert "Skriv kortare &lt;b&gt;meningar" in text


def test_pressing_twice_does_nothing_more(waiting: ConsentText, reviewer: Client) -> None:
    send(reviewer, "publish", waiting.pk)
    assert send(reviewer, "publish", waiting.pk).status_code == 302
    assert send(reviewer, "send-back", waiting.pk, note="Sent").status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == TextState.PUBLISHED


def test_a_draft_is_thrown_away(draft: ConsentText, writer: Client) -> None:
    send(writer, "discard", draft.pk)
    assert not ConsentText.objects.filter(pk=draft.pk).exists()


def test_nothing_is_changed_by_a_link(draft: ConsentText, writer: Client) -> None:
    for name in ("submit", "publish", "send-back", "discard", "add-language"):
        assert writer.get(reverse(f"texts:{name}", args=[draft.pk])).status_code == 405


# --- Voices ------------------------------------------------------------------------------------------------------


def test_a_recording_is_uploaded_and_heard(waiting: ConsentText, reviewer: Client) -> None:
    send(reviewer, "publish", waiting.pk)
    assert "<audio" in go(reviewer, "voices", waiting.pk)
    sound = SimpleUploadedFile("text.exe", b"OggS" + bytes(200), content_type="application/x-evil")
    assert send(reviewer, "voice", waiting.pk, "sv", "easy", recording=sound, voice="Eva Ek").status_code == 302
    speech = publishing.newest_speech(waiting.translations.get(language="sv", variant="easy"))
    assert speech
    heard = reviewer.get(reverse("texts:listen", args=[speech.pk]))
    assert (heard.headers["Content-Type"], heard.content[:4]) == ("audio/ogg", b"OggS")
    assert "Eva Ek" in go(reviewer, "voices", waiting.pk)


def test_what_is_no_recording_is_refused_with_a_word(waiting: ConsentText, reviewer: Client) -> None:
    page = SimpleUploadedFile("text.mp3", b"<html>", content_type="audio/mpeg")
    response = send(reviewer, "voice", waiting.pk, "sv", "easy", recording=page, voice="Eva Ek")
    assert response.status_code == 200
    assert "error-summary" in response.content.decode()


# --- The list ----------------------------------------------------------------------------------------------------


def test_the_list_shows_state_and_version(draft: ConsentText, writer: Client, resident: Any) -> None:
    consent_to(draft.purpose, resident)
    text = go(writer, "list")
    assert "1.1" in text
    assert "1.2" in text
    assert f"{timezone.localdate(clock.now()).year}" in text
