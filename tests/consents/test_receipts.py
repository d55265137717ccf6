"""Receipts: who gets them, what they say, and that "it has stopped" is said when it has."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from consents import actions
from consents.actions import Circumstances
from consents.kinds import Answer, Category, ConsentKind, How, ResidentView
from consents.models import Consent, ConsentEvent, Decision, Purpose, Recipient, Speech, StoredPicture
from consents.policies import Giver
from consents.receipts import kantara
from consents.receipts.document import document_of
from devices.models import Assignment, CollectingState
from safehome import clock
from safehome.audit.models import AccessEntry, Action, Outcome
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident
from tests.consents.conftest import Say
from tests.consents.story import SVG, VOICE, asked_and_shown, published
from tests.factories import CareRelationFactory, CohabitantFactory, PurposeFactory, UserFactory, publish_text

KINDS = ("receipt", "receipt-pdf", "receipt-json", "receipt-fhir")
ClientOf = Callable[[User], Client]
Place = Callable[..., Assignment]


@pytest.fixture
def yes(purpose: Purpose, astrid: Giver, case_officer: User) -> Consent:
    published(purpose, case_officer)
    consent = asked_and_shown(purpose, astrid, case_officer)
    return actions.answer(consent.pk, Answer.YES, giver=astrid)


def address(kind: str, consent: Consent) -> str:
    return reverse(f"my:{kind}", args=[consent.pk])


def told(client: Client, consent: Consent) -> str:
    return client.get(address("receipt", consent)).content.decode()


# --- Who gets them -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["resident_user", "representative", "her_carer", "case_officer", "unit_manager"])
def test_who_is_concerned_gets_each_receipt(yes: Consent, client_of: ClientOf, cast: dict[str, User], who: str) -> None:
    client = client_of(cast[who])
    assert [client.get(address(kind, yes)).status_code for kind in KINDS] == [200] * 4


OTHERS = ("relative", "relative_not_let_in", "carer_elsewhere", "foreign_carer", "technician", "stranger", "superuser")


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_does_and_the_log_has_it(
    yes: Consent, client_of: ClientOf, cast: dict[str, User], who: str
) -> None:
    client = client_of(cast[who])
    assert [client.get(address(kind, yes)).status_code for kind in KINDS] == [404] * 4
    assert AccessEntry.objects.filter(outcome=Outcome.DENIED, user=cast[who].pk).count() == 4


def test_whoever_is_not_signed_in_signs_in_first(yes: Consent, client: Client) -> None:
    for kind in KINDS:
        response = client.get(address(kind, yes))
        assert response.status_code == 302
        assert "login" in response["Location"]


def test_a_representative_whose_mandate_does_not_cover_it_gets_none(
    yes: Consent, client_of: ClientOf, representative: User
) -> None:
    representative.represents.update(scopes=["property"])
    assert client_of(representative).get(address("receipt", yes)).status_code == 404


def test_a_cohabitants_receipt_is_the_cohabitants_own(
    purpose: Purpose, resident: Resident, case_officer: User, client_of: ClientOf, resident_user: User
) -> None:
    purpose.cohabitants = True
    purpose.save()
    sven = CohabitantFactory.create(home=resident.home, name="Sven", user=UserFactory.create(name="Sven"))
    consent = actions.ask(resident, purpose, by=case_officer, cohabitant=sven)
    assert sven.user
    assert client_of(sven.user).get(address("receipt", consent)).status_code == 200
    assert client_of(resident_user).get(address("receipt", consent)).status_code == 404


def test_of_a_protected_person_only_who_is_named_for_it(
    purpose: Purpose, protected_resident: Resident, client_of: ClientOf, named_carer: User, her_carer: User
) -> None:
    consent = actions.ask(protected_resident, purpose, by=named_carer)
    assert client_of(named_carer).get(address("receipt", consent)).status_code == 200
    assert client_of(her_carer).get(address("receipt", consent)).status_code == 403


def test_on_the_tablet_the_person_gets_their_own_and_no_others(
    yes: Consent, purpose: Purpose, client_of: ClientOf, her_carer: User, protected_resident: Resident
) -> None:
    from django.test import RequestFactory

    from consents import assisted

    client = client_of(her_carer)
    request = RequestFactory().get("/")
    request.user, request.session = her_carer, client.session
    assisted.begin(request, resident=yes.resident)
    request.session.save()
    client.cookies["sessionid"] = str(request.session.session_key)
    page = told(client, yes)
    assert reverse("my:question", args=["tablet", purpose.pk]) in page
    other = actions.ask(protected_resident, purpose, by=None)
    assert client.get(address("receipt", other)).status_code == 404
    assert AccessEntry.objects.filter(detail="page, on the tablet", user=her_carer.pk).count() == 1


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("receipt", Action.READ),
        ("receipt-pdf", Action.PRINT),
        ("receipt-json", Action.EXPORT),
        ("receipt-fhir", Action.EXPORT),
    ],
)
def test_each_is_in_the_access_log(
    yes: Consent, client_of: ClientOf, her_carer: User, kind: str, action: Action
) -> None:
    client_of(her_carer).get(address(kind, yes))
    entry = AccessEntry.objects.get(resource="consent receipt")
    assert (entry.action, entry.resident, entry.user) == (action, yes.resident_id, her_carer.pk)


# --- What the page says ------------------------------------------------------------------------------------------


def test_it_says_what_when_who_and_which_text(yes: Consent, client_of: ClientOf, resident_user: User) -> None:
    page = told(client_of(resident_user), yes)
    for words in ("Astrid Lindqvist", "Berit Blom", "Får vi ha sensorer i ditt hem?", "Vi sparar det i 90 dagar."):
        assert words in page
    assert yes.served_digest in page


def test_changing_is_one_link_to_the_question(yes: Consent, client_of: ClientOf, resident_user: User) -> None:
    assert reverse("my:question", args=["self", yes.purpose_id]) in told(client_of(resident_user), yes)


def test_staff_get_no_button_to_answer_with(yes: Consent, client_of: ClientOf, her_carer: User) -> None:
    assert str(yes.purpose_id) not in told(client_of(her_carer), yes)


def test_who_answered_for_somebody_is_named_with_the_mandate(god_man: Giver, say: Say) -> None:
    consent = say(god_man, Answer.YES, resident_view=ResidentView.AGREES)
    document = document_of(consent, own=True)
    assert document.headline == "Gunnar Grahn sade ja" or "Gunnar Grahn" in document.headline
    assert any("Gunnar Grahn, " in words for _name, words in document.facts)


def test_circumstances_are_told(purpose: Purpose, astrid: Giver, say: Say, case_officer: User) -> None:
    how = Circumstances(how=How.ORAL, witness="Eva Ek", interpreter="Ali Amin", registered_by=case_officer)
    consent = say(astrid, Answer.YES, circumstances=how)
    words = [words for _name, words in document_of(consent, own=True).facts]
    assert {"Eva Ek", "Ali Amin", "Berit Blom"} <= set(words)


def test_a_question_without_an_answer_says_so(purpose: Purpose, astrid: Giver, case_officer: User) -> None:
    consent = actions.ask(astrid.resident, purpose, by=case_officer)
    document = document_of(consent, own=True)
    assert not document.answered
    assert document.aftermath.kind == "info"


# --- What has come of it -----------------------------------------------------------------------------------------


def aftermath(consent: Consent) -> Any:
    consent = Consent.objects.get(pk=consent.pk)
    from django.utils.translation import override

    with override("en"):
        return document_of(consent, own=True).aftermath


@pytest.fixture
def sensor(purpose: Purpose, place_device: Place, yes: Consent) -> Assignment:
    """Collects on Astrid's yes."""
    row = place_device("motion-9", ["motion"], label="hallen")
    row.purposes.set([purpose])
    return row


def test_after_a_yes_it_says_what_is_on(yes: Consent, sensor: Assignment) -> None:
    found = aftermath(yes)
    assert (found.kind, found.headline) == ("success", "What happens now")
    assert [line.name for line in found.lines] == ["hallen"]


def test_after_a_yes_it_says_what_staff_will_start(yes: Consent, sensor: Assignment) -> None:
    Assignment.objects.filter(pk=sensor.pk).update(collecting=CollectingState.PLANNED, collecting_since=None)
    found = aftermath(yes)
    assert found.kind == "info"
    assert found.words == "Nothing is on yet. Staff will start it."


def test_after_a_withdrawal_it_says_since_when_it_has_stopped(yes: Consent, sensor: Assignment, astrid: Giver) -> None:
    actions.answer(yes.pk, Answer.NO, giver=astrid)
    found = aftermath(yes)
    sensor.refresh_from_db()
    assert sensor.stopped_at
    assert (found.kind, found.headline) == ("success", "It has stopped")
    assert "Off since" in found.lines[0].words


def test_it_never_says_stopped_of_what_goes_on(
    yes: Consent, sensor: Assignment, astrid: Giver, place_device: Place, purpose: Purpose
) -> None:
    second = place_device("bed-9", ["bed"], label="sängen")
    second.purposes.set([purpose])
    actions.answer(yes.pk, Answer.NO, giver=astrid)
    Assignment.objects.filter(pk=second.pk).update(collecting=CollectingState.ACTIVE)
    found = aftermath(yes)
    assert (found.kind, found.headline) == ("warning", "It has not stopped yet")
    assert {line.name: line.words for line in found.lines}["sängen"] == "Still on."


def test_an_emergency_is_named_as_the_reason(yes: Consent, sensor: Assignment, astrid: Giver, her_carer: User) -> None:
    actions.answer(yes.pk, Answer.NO, giver=astrid)
    actions.declare_emergency(yes.resident_id, by=her_carer, reason="Hon svarar inte på tilltal.")
    Assignment.objects.filter(pk=sensor.pk).update(collecting=CollectingState.ACTIVE)
    assert "emergency" in aftermath(yes).words


def test_what_was_taken_away_since_is_told_too(yes: Consent, sensor: Assignment, astrid: Giver) -> None:
    actions.answer(yes.pk, Answer.NO, giver=astrid)
    Assignment.objects.filter(pk=sensor.pk).update(valid_to=clock.now())
    assert aftermath(yes).headline == "It has stopped"


def test_a_refusal_that_nothing_rested_on_says_that_nothing_is_on(astrid: Giver, say: Say) -> None:
    assert aftermath(say(astrid, Answer.NO)).headline == "Nothing is on"


def test_a_yes_whose_day_has_passed_is_not_told_as_on(yes: Consent) -> None:
    Consent.objects.filter(pk=yes.pk).update(valid_until=clock.now() - timedelta(minutes=1))
    assert aftermath(yes).headline != "What happens now"


def test_a_lifted_secrecy_tells_who_sees_it(
    purpose: Purpose, resident: Resident, astrid: Giver, say: Say, foreign_unit: Unit
) -> None:
    sharing = PurposeFactory.create(administration=purpose.administration, kind=ConsentKind.SECRECY, reading_kinds=[])
    sharing.categories.create(category=Category.EFFORTS)
    Recipient.objects.create(purpose=sharing, administration=foreign_unit.administration)
    CareRelationFactory.create(resident=resident, unit=foreign_unit)
    publish_text(sharing)
    consent = say(astrid, Answer.YES, sharing)
    assert [line.words for line in aftermath(consent).lines] == ["Can see it now."]
    actions.answer(consent.pk, Answer.NO, giver=astrid)
    after = aftermath(consent)
    assert (after.headline, [line.words for line in after.lines]) == ("It has stopped", ["Does not see it."])


# --- PDF ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_pdf_says_the_same_in_the_readers_language(
    yes: Consent, client_of: ClientOf, resident_user: User, language: str
) -> None:
    client = client_of(resident_user)
    client.cookies["language"] = language
    response = client.get(address("receipt-pdf", yes))
    assert response["Content-Type"] == "application/pdf"
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages).split())
    assert "Astrid Lindqvist" in words
    assert "Vi sparar det i 90 dagar." in words


# --- ISO/IEC TS 27560 and Kantara --------------------------------------------------------------------------------

HEADER = ("schema_version", "record_id", "pii_principal_id")
PROCESSING = ("privacy_notice", "language", "purposes")
PURPOSE = (
    "purpose",
    "purpose_type",
    "lawful_basis",
    "pii_information",
    "pii_controllers",
    "collection_method",
    "processing_method",
    "storage_locations",
    "retention_period",
    "processing_locations",
    "geographic_restrictions",
    "services",
    "jurisdiction",
    "recipient_third_parties",
    "withdrawal_method",
    "privacy_rights",
    "authority_party",
)
EMPTY_ALLOWED = ("codes_of_conduct", "impact_assessment")
INFORMATION = ("pii_type", "pii_attribute_id", "pii_optional", "sensitive_pii_category", "special_pii_category")
PARTY = (
    "party_id",
    "party_name",
    "party_address",
    "party_email",
    "party_url",
    "party_role",
    "party_contact",
    "party_type",
)
EVENT = ("event_time", "validity_duration", "entity_id", "event_type", "event_state")
STATES = {"requested", "given", "refused", "withdrawn", "expired", "invalidated", "renewed"}


@pytest.fixture
def register(purpose: Purpose, home_care: Unit) -> Purpose:
    """With all that the register of processing can say."""
    purpose.categories.create(category=Category.ACTIVITY)
    Recipient.objects.create(purpose=purpose, unit=home_care)
    Recipient.objects.create(purpose=purpose, partner="Larmbolaget AB", role="processor")
    purpose.retention_days = 90
    purpose.save()
    return purpose


@pytest.fixture
def receipt(register: Purpose, yes: Consent) -> dict[str, Any]:
    return kantara.receipt(yes)


def lacking(found: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if found.get(name) in ("", None, [], {})]


def test_every_mandatory_field_of_the_record_is_there(receipt: dict[str, Any]) -> None:
    record = receipt["consent_record"]
    purpose = record["pii_processing"]["purposes"][0]
    assert lacking(record, HEADER) == []
    assert lacking(record["pii_processing"], PROCESSING) == []
    assert lacking(purpose, PURPOSE) == []
    assert purpose["pii_information"]
    assert [lacking(row, INFORMATION) for row in purpose["pii_information"]] == [[]]
    assert {name: purpose[name] for name in EMPTY_ALLOWED} == {"codes_of_conduct": [], "impact_assessment": ""}
    assert lacking(receipt, ("schema_version", "receipt_id")) == []


def test_each_party_and_event_has_every_field(receipt: dict[str, Any]) -> None:
    parties, events = receipt["consent_record"]["party_identification"], receipt["consent_record"]["events"]
    assert [row["party_role"] for row in parties] == ["controller", "controller", "processor", "authority"]
    assert [lacking(row, PARTY) for row in parties] == [[]] * 4
    assert [row["event_state"] for row in events] == ["requested", "requested", "given"]
    assert [lacking(row, EVENT) for row in events] == [[]] * 3


def test_every_party_that_is_pointed_at_is_there(receipt: dict[str, Any]) -> None:
    record = receipt["consent_record"]
    purpose = record["pii_processing"]["purposes"][0]
    known = {row["party_id"] for row in record["party_identification"]}
    assert {*purpose["pii_controllers"], *purpose["recipient_third_parties"], purpose["authority_party"]} <= known


KANTARA = (
    "version",
    "jurisdiction",
    "consentTimestamp",
    "collectionMethod",
    "consentReceiptID",
    "language",
    "piiPrincipalId",
    "piiControllers",
    "policyUrl",
    "services",
    "sensitive",
    "spiCat",
)


def test_kantaras_names(receipt: dict[str, Any]) -> None:
    assert lacking(receipt["kantara_consent_receipt"], KANTARA) == []


def test_kantaras_purpose(receipt: dict[str, Any]) -> None:
    purpose = receipt["kantara_consent_receipt"]["services"][0]["purposes"][0]
    assert purpose["consentType"] == "EXPLICIT"
    assert "Larmbolaget AB" in purpose["thirdPartyName"]
    assert {"purpose", "purposeCategory", "piiCategory", "primaryPurpose", "termination"} <= set(purpose)


def test_every_state_of_the_record_is_a_known_one(yes: Consent, astrid: Giver, case_officer: User) -> None:
    actions.answer(yes.pk, Answer.NO, giver=astrid)
    actions.annul(yes.pk, by=case_officer, reason="Fel person.")
    rows = kantara.receipt(Consent.objects.get(pk=yes.pk))["consent_record"]["events"]
    assert {row["event_state"] for row in rows} <= STATES
    assert [row["event_state"] for row in rows][-2:] == ["withdrawn", "invalidated"]


def test_the_record_says_what_the_register_said_then(yes: Consent, register: Purpose) -> None:
    """The receipt was answered to before anybody wrote down who sees it; today's register is no part of it."""
    record = kantara.receipt(yes)["consent_record"]
    assert record["pii_processing"]["purposes"][0]["recipient_third_parties"] == []


def test_no_record_names_anybody(yes: Consent, resident: Resident, client_of: ClientOf, resident_user: User) -> None:
    for kind in ("receipt-json", "receipt-fhir"):
        body = client_of(resident_user).get(address(kind, yes)).content.decode()
        assert json.loads(body)
        for secret in (resident.identity_number, "Astrid", "Lindqvist", "Berit", "Björkgatan"):
            assert secret not in body


# --- Drawings and voices -----------------------------------------------------------------------------------------


@pytest.fixture
def voice(yes: Consent) -> Speech:
    return Speech.objects.get()


def test_a_drawing_is_the_stored_bytes_for_good_and_in_a_sandbox(yes: Consent, client: Client) -> None:
    row = StoredPicture.objects.get()
    response = client.get(reverse("my:picture", args=[row.digest]))
    assert response.content.decode() == SVG
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert client.get(reverse("my:picture", args=["0" * 64])).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("", 200, VOICE),
        ("bytes=0-2", 206, VOICE[:3]),
        ("bytes=4-", 206, VOICE[4:]),
        ("bytes=-6", 206, VOICE[-6:]),
        ("bytes=-600", 206, VOICE),
        ("bytes=0-9999", 206, VOICE),
        ("bytes=9999-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=5-2", 200, VOICE),
        ("bytes=-", 200, VOICE),
        ("bytes=0-1,3-4", 200, VOICE),
        ("lines=0-1", 200, VOICE),
    ],
)
def test_a_voice_comes_whole_or_in_part(voice: Speech, client: Client, asked: str, status: int, part: bytes) -> None:
    headers = {"Range": asked} if asked else {}
    response = client.get(reverse("my:speech", args=[voice.pk]), headers=headers)
    assert (response.status_code, response.content) == (status, part)
    assert response["Accept-Ranges"] == "bytes"
    assert "immutable" in response["Cache-Control"]
    if status == 206:
        assert response["Content-Range"].endswith(f"/{len(VOICE)}")
        assert int(response["Content-Length"]) == len(part)


def test_a_part_of_another_sound_is_answered_with_the_whole(voice: Speech, client: Client) -> None:
    headers = {"Range": "bytes=0-1", "If-Range": '"another"'}
    assert client.get(reverse("my:speech", args=[voice.pk]), headers=headers).content == VOICE


def test_asking_for_the_head_alone_gives_its_length(voice: Speech, client: Client) -> None:
    response = client.head(reverse("my:speech", args=[voice.pk]))
    assert (response.content, response["Content-Length"]) == (b"", str(len(VOICE)))


def test_reading_a_receipt_changes_nothing(yes: Consent, client_of: ClientOf, resident_user: User) -> None:
    before = (ConsentEvent.objects.count(), Decision.objects.count())
    for kind in KINDS:
        client_of(resident_user).get(address(kind, yes))
    assert before == (ConsentEvent.objects.count(), Decision.objects.count())
