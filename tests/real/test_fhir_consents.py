"""HL7's own examples of consents: each is held, or refused with reasons that somebody can act on."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from consents.models import Consent
from consents.receipts import fhir_import
from consents.receipts.fhir_import import Refusal
from safehome.organisation.models import Administration
from safehome.residents.models import Resident

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "data" / "fhir" / "r4_examples"
EXPECTED = {
    "consent-example.json": {"The patient is not known here.", "Its time has run out."},
    "consent-example-notThis.json": {"It is about single documents or records. Safehome holds whole purposes."},
    "consent-example-notOrg.json": {
        "It makes an exception (something is denied). Safehome can't hold exceptions.",
        "It lets only some things be done (access, correct).",
    },
    "consent-example-grantor.json": {
        "There is no source document: no signed form came with it.",
        "It lets only some things be done (access).",
    },
    "consent-example-smartonfhir.json": {
        "It is about MedicationRequest, which Safehome does not keep.",
        "There is no source document: no signed form came with it.",
    },
}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/data/fhir (real files, not shipped)")


@pytest.mark.parametrize("name", EXPECTED)
def test_hl7s_example_is_refused_with_its_reasons(name: str, administration: Administration) -> None:
    with override("en"):
        found = fhir_import.read((FOLDER / name).read_bytes(), administration)
    assert isinstance(found, Refusal)
    assert EXPECTED[name] <= set(found.reasons)
    assert not Consent.objects.exists()
    assert not Resident.objects.exists()


def test_every_example_of_a_consent_is_among_them() -> None:
    assert {path.name for path in FOLDER.glob("consent-*.json")} == set(EXPECTED)


def test_other_resources_are_no_consents(administration: Administration) -> None:
    others = [path for path in FOLDER.glob("*.json") if not path.name.startswith("consent-")]
    assert others
    assert all(isinstance(fhir_import.read(path.read_bytes(), administration), Refusal) for path in others)
