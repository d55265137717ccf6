"""A consent as FHIR R4: valid by the models, by R4's own rules, and at home again when it comes back."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from fhir.resources.R4B.consent import Consent as Model

from consents import actions, verify
from consents.kinds import Answer, Category, ConsentKind, GivenBy, ResidentView
from consents.models import Consent, PaperForm, Purpose, Recipient
from consents.policies import Giver
from consents.receipts import fhir, fhir_import
from consents.receipts.fhir_import import Imported, Refusal
from consents.states import State
from safehome.organisation.models import Administration, Unit, User
from safehome.residents.models import Representative, Resident
from tests.consents.conftest import Say
from tests.consents.story import asked_and_shown, published
from tests.factories import CohabitantFactory

PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def register(purpose: Purpose, home_care: Unit, case_officer: User) -> Purpose:
    purpose.categories.create(category=Category.ACTIVITY)
    purpose.categories.create(category=Category.ALARMS)
    Recipient.objects.create(purpose=purpose, unit=home_care)
    Recipient.objects.create(purpose=purpose, partner="Larmbolaget AB", role="processor")
    published(purpose, case_officer)
    return purpose


@pytest.fixture
def yes(register: Purpose, astrid: Giver, case_officer: User) -> Consent:
    consent = asked_and_shown(register, astrid, case_officer)
    actions.check_understanding(consent, right=True, by=astrid.user)
    return actions.answer(consent.pk, Answer.YES, giver=astrid)


# --- R4's own rules ----------------------------------------------------------------------------------------------


def r4_faults(made: dict[str, Any]) -> list[str]:
    """What the R4 definition of Consent asks beyond the shapes that the models check."""
    scope = {row["code"] for row in made["scope"]["coding"]}
    faults = []
    if not made.get("policy") and not made.get("policyRule"):
        faults.append("ppc-1")
    for number, code in enumerate(("patient-privacy", "research", "adr", "treatment"), start=2):
        if code in scope and not made.get("patient"):
            faults.append(f"ppc-{number}")
    attached = made.get("sourceAttachment", {})
    if attached.get("data") and not attached.get("contentType"):
        faults.append("att-1")
    if "sourceAttachment" in made and "sourceReference" in made:
        faults.append("source[x]")
    if "type" in made["provision"]:
        faults.append("the root rule has no type")
    if any("type" not in rule for rule in made["provision"].get("provision", [])):
        faults.append("every nested rule has a type")
    if not made.get("text", {}).get("div", "").startswith('<div xmlns="http://www.w3.org/1999/xhtml">'):
        faults.append("dom-6")
    return faults + [fault for path, value in everything(made) for fault in value_faults(path, value)]


def everything(value: Any, path: str = "Consent") -> Iterator[tuple[str, Any]]:
    yield path, value
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in rows:
        yield from everything(inner, f"{path}.{name}")


def value_faults(path: str, value: Any) -> list[str]:
    name = path.rsplit(".", 1)[-1]
    if value in ("", None, [], {}):
        return [f"{path} is empty (ele-1)"]
    if name == "system" and not re.match(r"^(https?://|urn:)\S+$", value):
        return [f"{path} is no address"]
    if name in ("period", "dataPeriod") and "end" in value and value["start"] > value["end"]:
        return [f"{path} ends before it begins (per-1)"]
    if name in ("dateTime", "start", "end", "creation", "verificationDate") and isinstance(value, str):
        return [] if datetime.fromisoformat(value).tzinfo else [f"{path} has no zone"]
    if name == "id" and not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", value):
        return [f"{path} is no id"]
    return []


@pytest.fixture(params=list(State))
def in_state(request: pytest.FixtureRequest, yes: Consent) -> Consent:
    """The row in each state; the columns that the state needs are there."""
    ended = {"ended_at": yes.given_at} if request.param is not State.GIVEN else {}
    Consent.objects.filter(pk=yes.pk).update(state=request.param, **ended)
    return Consent.objects.get(pk=yes.pk)


def test_it_is_a_valid_r4_consent_in_every_state(in_state: Consent) -> None:
    made = fhir.export(in_state)
    assert r4_faults(made) == []
    assert made["status"] in {"proposed", "active", "rejected", "inactive", "entered-in-error"}


def test_the_models_read_it_and_write_the_same(yes: Consent) -> None:
    made = fhir.export(yes)
    again = json.loads(Model.model_validate(made).model_dump_json(exclude_none=True))
    assert _without_times(again) == _without_times(made)


def _without_times(value: Any) -> Any:
    """The models write times with another number of decimals."""
    if isinstance(value, dict):
        return {name: _without_times(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_times(inner) for inner in value]
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) and len(value) > 18 else value
    except ValueError:
        return value


@pytest.mark.parametrize("kind", ConsentKind)
def test_each_kind_of_consent_has_its_scope_and_category(yes: Consent, kind: ConsentKind) -> None:
    Purpose.objects.filter(pk=yes.purpose_id).update(kind=kind)
    made = fhir.export(Consent.objects.get(pk=yes.pk))
    assert r4_faults(made) == []
    code = made["scope"]["coding"][0]["code"]
    assert code == ("treatment" if kind is ConsentKind.EFFORT else "patient-privacy")
    assert made["category"][1]["coding"][-1]["code"] == kind.value


def test_the_patient_is_a_pseudonym_and_nobody_is_named(yes: Consent, resident: Resident) -> None:
    made = json.dumps(fhir.export(yes), ensure_ascii=False)
    assert f"urn:uuid:{resident.pk}" in made
    for secret in (resident.identity_number, "Astrid", "Lindqvist", "Berit"):
        assert secret not in made


def test_it_says_who_decided_what_may_be_done_by_whom_and_with_what(yes: Consent) -> None:
    made = fhir.export(yes)
    rule = made["provision"]["provision"][0]
    assert made["status"] == "active"
    assert made["performer"][0]["type"] == "Patient"
    assert rule["type"] == "permit"
    assert [row["role"]["coding"][0]["code"] for row in rule["actor"]] == ["CST", "IRCP", "IRCP"]
    assert {row["code"] for row in rule["class"]} == {"Flag", "Observation"}
    assert made["verification"][0]["verified"] is True
    assert [row["uri"] for row in made["policy"]] == [f"urn:uuid:{yes.purpose_id}", f"urn:uuid:{yes.text_id}"]


def test_the_text_comes_with_it_whole(yes: Consent) -> None:
    attached = fhir.export(yes)["sourceAttachment"]
    data = base64.b64decode(attached["data"])
    assert "Får vi ha sensorer i ditt hem?" in data.decode()
    assert len(data) == attached["size"]
    assert hashlib.sha1(data, usedforsecurity=False).digest() == base64.b64decode(attached["hash"])


def test_a_withdrawn_consent_has_a_time_that_is_over(yes: Consent, astrid: Giver) -> None:
    ended = actions.answer(yes.pk, Answer.NO, giver=astrid)
    made = fhir.export(ended)
    assert made["status"] == "inactive"
    assert made["provision"]["period"]["end"]


def test_a_refusal_denies(register: Purpose, astrid: Giver, say: Say) -> None:
    made = fhir.export(say(astrid, Answer.NO))
    assert (made["status"], made["provision"]["provision"][0]["type"]) == ("rejected", "deny")


def test_a_representative_decides_under_a_pseudonym(register: Purpose, god_man: Giver, say: Say) -> None:
    consent = say(god_man, Answer.YES, resident_view=ResidentView.AGREES)
    made = fhir.export(consent)
    assert made["performer"][0]["type"] == "RelatedPerson"
    assert r4_faults(made) == []


def test_two_guardians_are_two_performers(register: Purpose, guardians: tuple[Giver, Giver], say: Say) -> None:
    view = {"resident_view": ResidentView.AGREES, "resident_view_note": "Kim vill."}
    for guardian in guardians:
        consent = say(guardian, Answer.YES, **view)
    assert len(fhir.export(consent)["performer"]) == 2


def test_a_cohabitants_consent_is_about_the_cohabitant(register: Purpose, resident: Resident, say: Say) -> None:
    Purpose.objects.filter(pk=register.pk).update(cohabitants=True)
    register.refresh_from_db()
    sven = CohabitantFactory.create(home=resident.home)
    consent = say(Giver(GivenBy.COHABITANT, resident, cohabitant=sven), Answer.YES, register)
    made = fhir.export(consent)
    assert made["patient"]["identifier"]["value"] == f"urn:uuid:{consent.giver_id}" != f"urn:uuid:{resident.pk}"


# --- Coming in ---------------------------------------------------------------------------------------------------


@pytest.fixture
def theirs(register: Purpose, resident: Resident) -> dict[str, Any]:
    """A consent from a region, on paper, that Safehome can hold."""
    assert register.published
    patient = {"identifier": {"system": fhir.URI, "value": f"urn:uuid:{resident.pk}"}, "type": "Patient"}
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": fhir.SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": fhir.LOINC, "code": "59284-0"}]}],
        "patient": patient,
        "dateTime": "2026-11-20T10:00:00+01:00",
        "performer": [patient],
        "policy": [{"uri": f"urn:uuid:{register.pk}"}, {"uri": f"urn:uuid:{register.published.pk}"}],
        "sourceAttachment": {
            "contentType": "application/pdf",
            "language": "sv",
            "data": base64.b64encode(PDF).decode(),
        },
    }


def read(made: dict[str, Any], administration: Administration) -> Imported | Refusal:
    return fhir_import.read(json.dumps(made), administration)


def reasons(made: dict[str, Any], administration: Administration) -> str:
    found = read(made, administration)
    assert isinstance(found, Refusal), found
    assert found.reasons
    return " ".join(found.reasons)


@pytest.mark.usefixtures("english")
class TestComingIn:
    def test_our_own_is_there_already(self, yes: Consent, administration: Administration) -> None:
        found = read(fhir.export(yes), administration)
        assert isinstance(found, Imported)
        assert (found.present, found.same) == (yes, True)

    def test_an_older_export_of_our_own_changes_nothing(
        self, yes: Consent, astrid: Giver, administration: Administration, case_officer: User
    ) -> None:
        made = fhir.export(yes)
        actions.answer(yes.pk, Answer.NO, giver=astrid)
        found = read(made, administration)
        assert isinstance(found, Imported)
        assert not found.same
        assert fhir_import.register(found, by=case_officer).state == State.ENDED

    def test_a_signed_form_is_held_as_one(
        self, theirs: dict[str, Any], administration: Administration, case_officer: User
    ) -> None:
        found = read(theirs, administration)
        assert isinstance(found, Imported), found
        consent = fhir_import.register(found, by=case_officer)
        decision = consent.decisions.get()
        assert (consent.state, decision.how, decision.registered_by) == (State.GIVEN, "paper", case_officer)
        assert verify.scan_bytes(PaperForm.objects.get(consent=consent)) == PDF
        assert verify.verify()[1] == []

    def test_a_no_needs_no_text(
        self, theirs: dict[str, Any], administration: Administration, case_officer: User
    ) -> None:
        found = read(theirs | {"status": "rejected", "policy": theirs["policy"][:1]}, administration)
        assert isinstance(found, Imported), found
        assert fhir_import.register(found, by=case_officer).state == State.REFUSED

    def test_a_patient_is_known_by_number_too(
        self, theirs: dict[str, Any], administration: Administration, resident: Resident
    ) -> None:
        patient = {"identifier": {"system": fhir_import.IDENTITY_SYSTEMS[0], "value": resident.identity_number}}
        found = read(theirs | {"patient": patient, "performer": [patient]}, administration)
        assert isinstance(found, Imported), found
        assert found.resident == resident

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"status": "draft"}, "Its status is “draft”"),
            ({"scope": {"coding": [{"system": fhir.SCOPE, "code": "research"}]}}, "another kind (research)"),
            ({"scope": {"coding": [{"system": fhir.SCOPE, "code": "adr"}]}}, "another kind (adr)"),
            ({"patient": {"reference": "Patient/f001"}}, "The patient is not known here."),
            ({"patient": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}}, "not known here"),
            ({"patient": {"reference": "urn:uuid:------------------------------------"}}, "not known here"),
            ({"performer": []}, "does not say who has decided"),
            ({"performer": [{"reference": "Organization/f001"}]}, "An organisation or its staff has decided"),
            ({"performer": [{"reference": "Practitioner/f001"}]}, "An organisation or its staff has decided"),
            ({"performer": [{"reference": "RelatedPerson/peter"}]}, "neither the patient nor a representative"),
            ({"performer": [{"reference": "Patient/a"}, {"reference": "Patient/b"}]}, "More than one person"),
            ({"dateTime": "2016"}, "on which day"),
            ({"dateTime": "2999-01-01"}, "has not come"),
            ({"policy": [{"uri": "https://example.org/policy"}]}, "names no purpose in the register of"),
            ({"sourceAttachment": {"title": "The terms"}}, "There is no source document"),
            ({"sourceAttachment": {"contentType": "text/plain", "data": "SGVq"}}, "no scan of a signed form"),
            ({"provision": {"type": "deny"}}, "Safehome can't hold exceptions"),
            ({"provision": {"provision": [{"type": "deny"}]}}, "Safehome can't hold exceptions"),
            ({"provision": {"period": {"end": "2016-01-01"}}}, "Its time has run out."),
            ({"provision": {"period": {"end": "2999-01-01"}}}, "ends on a day of its own"),
            (
                {"provision": {"data": [{"meaning": "related", "reference": {"reference": "Task/example3"}}]}},
                "single documents or records",
            ),
            (
                {"provision": {"class": [{"system": fhir.RESOURCE_TYPES, "code": "MedicationRequest"}]}},
                "MedicationRequest, which Safehome does not keep",
            ),
            (
                {"provision": {"action": [{"coding": [{"system": fhir.ACTION, "code": "access"}]}]}},
                "lets only some things be done (access)",
            ),
        ],
    )
    def test_what_can_not_be_held_is_refused_with_the_reason(
        self, theirs: dict[str, Any], administration: Administration, change: dict[str, Any], reason: str
    ) -> None:
        assert reason in reasons({name: row for name, row in (theirs | change).items() if row}, administration)

    def test_a_yes_to_another_text_is_refused(self, theirs: dict[str, Any], administration: Administration) -> None:
        assert "read the text that stands now" in reasons(theirs | {"policy": theirs["policy"][:1]}, administration)

    def test_a_source_with_another_hash_is_refused(
        self, theirs: dict[str, Any], administration: Administration
    ) -> None:
        theirs["sourceAttachment"]["hash"] = base64.b64encode(b"x" * 20).decode()
        assert "not the one that its hash tells of" in reasons(theirs, administration)

    def test_a_source_elsewhere_is_refused(self, theirs: dict[str, Any], administration: Administration) -> None:
        del theirs["sourceAttachment"]
        theirs["sourceReference"] = {"reference": "DocumentReference/1"}
        assert "lies in another system" in reasons(theirs, administration)

    def test_a_representatives_answer_is_registered_by_hand(
        self, theirs: dict[str, Any], administration: Administration, representative: User
    ) -> None:
        row = Representative.objects.get(user=representative)
        known = {"type": "RelatedPerson", "identifier": {"system": fhir.URI}}
        known["identifier"]["value"] = f"urn:uuid:{fhir.representative_id(row.pk)}"  # type: ignore[index]
        assert "what the person thinks of it" in reasons(theirs | {"performer": [known]}, administration)

    def test_somebody_in_another_administrations_care_is_unknown_here(
        self, theirs: dict[str, Any], second_administration: Administration
    ) -> None:
        assert "The patient is not known here." in reasons(theirs, second_administration)

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            ("", "not JSON"),
            ("{", "not JSON"),
            (b"\xff\xfe\x00", "not JSON"),
            ("[" * 100_000, "not JSON"),
            ("[]", "no FHIR Consent"),
            ('"Consent"', "no FHIR Consent"),
            ('{"resourceType": "Patient"}', "no FHIR Consent, but Patient"),
            ('{"resourceType": "Consent"}', "It breaks FHIR's rules at"),
            ('{"resourceType": "Consent", "status": 7}', "It breaks FHIR's rules at"),
        ],
    )
    def test_what_is_no_consent_is_refused_plainly(
        self, administration: Administration, data: str | bytes, reason: str
    ) -> None:
        found = fhir_import.read(data, administration)
        assert isinstance(found, Refusal)
        assert reason in found.reasons[0]

    def test_a_file_that_is_too_large_is_not_read(self, administration: Administration) -> None:
        found = fhir_import.read(b" " * 5_000_001, administration)
        assert isinstance(found, Refusal)

    def test_the_command_says_holds_and_refuses(
        self, theirs: dict[str, Any], tmp_path: Path, administration: Administration, case_officer: User
    ) -> None:
        good, bad = tmp_path / "good.json", tmp_path / "bad.json"
        good.write_text(json.dumps(theirs))
        bad.write_text(json.dumps(theirs | {"status": "draft"}))
        residents = Resident.objects.count()
        assert "can be held as yes" in run(good, administration)
        assert not Consent.objects.exists()
        assert "held as" in run(good, administration, by=case_officer.email)
        out = StringIO()
        with pytest.raises(CommandError, match="1 of 1"):
            call_command("import_fhir_consents", str(bad), administration=administration.name, stdout=out)
        assert "- Its status is “draft”" in out.getvalue()
        assert Resident.objects.count() == residents

    def test_staff_outside_the_care_can_hold_nothing(
        self, theirs: dict[str, Any], tmp_path: Path, administration: Administration, carer_elsewhere: User
    ) -> None:
        path = tmp_path / "one.json"
        path.write_text(json.dumps(theirs))
        with pytest.raises(CommandError, match="1 of 1"):
            run(path, administration, by=carer_elsewhere.email)
        assert not Consent.objects.exists()


def run(path: Path, administration: Administration, **more: str) -> str:
    out = StringIO()
    call_command("import_fhir_consents", str(path), administration=administration.name, stdout=out, **more)
    return out.getvalue()


@pytest.fixture
def english() -> Iterator[None]:
    from django.utils.translation import override

    with override("en"):
        yield
