"""A consent as a FHIR R4 Consent (4.0.1), for the health record systems of regions and municipalities.

The patient is a pseudonymous urn:uuid, never a personal identity number; people are named nowhere. FHIR knows patients
alone: here it means the person who was asked, whatever the regime. What HL7's code systems have no word for is told by
our own, urn:x-safehome:…, beside them.
"""

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any

from django.utils.html import escape

from consents.kinds import Answer, Category, ConsentKind, GivenBy, Understanding
from consents.models import Consent
from consents.rebuild import Rebuilt, Said, Shown, rebuild
from consents.receipts import kantara
from consents.states import State
from safehome import clock

URI = "urn:ietf:rfc:3986"
OWN = "urn:x-safehome"
SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACTION = "http://terminology.hl7.org/CodeSystem/consentaction"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
LOINC = "http://loinc.org"
_PEOPLE = uuid.UUID("b6d1f7c4-2a0b-4a57-9c58-0e0a3d5f1c22")

_STATUS = {
    State.ASKED: "proposed",
    State.TALK: "proposed",
    State.WAITING: "proposed",
    State.GIVEN: "active",
    State.REFUSED: "rejected",
    State.ENDED: "inactive",
    State.EXPIRED: "inactive",
    State.LAPSED: "inactive",
    State.REPLACED: "inactive",
    State.ANNULLED: "entered-in-error",
}
_CATEGORY = {
    ConsentKind.PROCESSING: ("ICOL", "information collection"),
    ConsentKind.SECRECY: ("IDSCL", "information disclosure"),
    ConsentKind.SHARED_RECORDS: ("INFA", "information access"),
}
RESOURCES = {
    Category.ALARMS: "Flag",
    Category.ACTIVITY: "Observation",
    Category.CLIMATE: "Observation",
    Category.DEVICES: "Device",
    Category.POSITION: "Observation",
    Category.EFFORTS: "CarePlan",
    Category.CONTACT: "Patient",
}


class NotConformant(Exception):
    """What we made is no FHIR Consent; the message says where. A fault of ours, never of the reader's."""


def export(consent: Consent) -> dict[str, Any]:
    """The consent as R4 JSON, checked. Raises NotConformant."""
    made = build(consent, rebuild(consent))
    check(made)
    return made


def check(made: dict[str, Any]) -> None:
    """R4B's models read R4's Consent: the two are alike but for wording (fhir.resources has R4B, not R4)."""
    from fhir.resources.R4B.consent import Consent as Model
    from pydantic import ValidationError

    try:
        Model.model_validate(made)
    except ValidationError as fault:
        raise NotConformant(str(fault)) from fault


def build(consent: Consent, rebuilt: Rebuilt) -> dict[str, Any]:
    facts = kantara.facts_of(consent, rebuilt)
    said, shown = rebuilt.last, _shown(rebuilt)
    made: dict[str, Any] = {
        "resourceType": "Consent",
        "id": str(consent.pk),
        "text": _narrative(consent, facts, said),
        "identifier": [{"system": URI, "value": f"urn:uuid:{consent.pk}"}],
        "status": status_of(consent),
        "scope": _scope(consent),
        "category": _categories(consent),
        "patient": {"type": "Patient", "identifier": _urn(consent.giver_id)},
        "dateTime": _time(said.at if said else consent.asked_at),
        "performer": [performer(row, rebuilt) for row in _deciders(rebuilt)],
        "organization": [_organization(facts["controller"]["id"], facts["controller"]["name"])],
        "policy": _policies(facts, shown),
        "policyRule": {"coding": [_coding(ACT_CODE, "OPTIN", "opt-in")], "text": facts["source"]},
        "verification": _verifications(rebuilt),
        "provision": _provision(consent, facts),
    }
    if shown:
        made |= {"language": shown.language, "sourceAttachment": _source(shown)}
    return {name: value for name, value in made.items() if value}


def status_of(consent: Consent) -> str:
    """A yes whose last moment has passed is over, whether or not somebody has written so."""
    if consent.state == State.GIVEN and not consent.lawful_at(clock.now()):
        return "inactive"
    return _STATUS[State(consent.state)]


def _shown(rebuilt: Rebuilt) -> Shown | None:
    if rebuilt.last and rebuilt.last.shown:
        return rebuilt.last.shown
    return rebuilt.shown[-1] if rebuilt.shown else None


# --- Who and what ------------------------------------------------------------------------------------------------


def _scope(consent: Consent) -> dict[str, Any]:
    if consent.purpose.kind == ConsentKind.EFFORT:
        return {"coding": [_coding(SCOPE, "treatment", "Treatment")]}
    return {"coding": [_coding(SCOPE, "patient-privacy", "Privacy Consent")]}


def _categories(consent: Consent) -> list[dict[str, Any]]:
    kind = ConsentKind(consent.purpose.kind)
    own = _coding(f"{OWN}:consent-kind", kind.value, str(kind.label))
    coding = [_coding(ACT_CODE, *_CATEGORY[kind])] if kind in _CATEGORY else []
    return [{"coding": [_coding(LOINC, "59284-0")]}, {"coding": [*coding, own]}]


def _deciders(rebuilt: Rebuilt) -> list[Said]:
    """The last word of each person who has answered: two guardians are two."""
    latest = {(row.fact("given_by"), row.fact("representative_id")): row for row in rebuilt.answers}
    return [row for row in latest.values() if row.answer != Answer.TALK]


def performer(said: Said, rebuilt: Rebuilt) -> dict[str, Any]:
    """Who decided: the person, or a representative by a pseudonym of their own."""
    if said.fact("given_by") == GivenBy.REPRESENTATIVE:
        return {"type": "RelatedPerson", "identifier": _urn(representative_id(said.fact("representative_id")))}
    return {"type": "Patient", "identifier": _urn(rebuilt.giver)}


def representative_id(pk: object) -> uuid.UUID:
    """A representative as other systems know them."""
    return uuid.uuid5(_PEOPLE, f"representative {pk}")


def _organization(pk: str, name: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": _urn(pk), "display": name}


def _policies(facts: dict[str, Any], shown: Shown | None) -> list[dict[str, Any]]:
    """The purpose in the controller's register, and the version of the text that was read."""
    authority = f"urn:uuid:{facts['controller']['id']}"
    found = [{"authority": authority, "uri": f"urn:uuid:{facts['id']}"}]
    return [*found, {"authority": authority, "uri": f"urn:uuid:{shown.text}"}] if shown else found


def _source(shown: Shown) -> dict[str, Any]:
    """The words as they were shown; `hash` is SHA-1 because FHIR says so, the proof has SHA-256."""
    words = "\n\n".join(shown.words[name] for name in shown.words if not name.startswith("check_"))
    data = words.encode()
    return {
        "contentType": "text/plain; charset=utf-8",
        "language": shown.language,
        "data": base64.b64encode(data).decode(),
        "size": len(data),
        "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
        "title": f"{shown.words['title']} {shown.version}",
        "creation": _time(shown.at),
    }


def _verifications(rebuilt: Rebuilt) -> list[dict[str, Any]]:
    """How understanding was checked: said back by the person."""
    found = []
    for said in _deciders(rebuilt):
        outcome = said.fact("understanding")
        if outcome:
            understood = outcome in (Understanding.UNDERSTOOD, Understanding.EXPLAINED)
            found.append(
                {"verified": understood, "verifiedWith": performer(said, rebuilt), "verificationDate": _time(said.at)}
            )
    return found


# --- What may be done --------------------------------------------------------------------------------------------


def _provision(consent: Consent, facts: dict[str, Any]) -> dict[str, Any]:
    """R4 wants no type on the root rule: that is the policy's, to permit nothing. The rule inside says what the answer
    has permitted, or that it has permitted it to nobody."""
    period = _period(consent)
    permits = status_of(consent) == "active" or (consent.given_at is not None and consent.state != State.ANNULLED)
    rule = {
        "type": "permit" if permits else "deny",
        "period": period,
        "actor": _actors(facts),
        "action": [{"coding": [_coding(ACTION, name)]} for name in ("collect", "access", "use")],
        "securityLabel": [_coding(CONFIDENTIALITY, "R", "restricted")],
        "purpose": [_reason(facts), _coding(f"{OWN}:purpose", facts["code"], facts["name"])],
        "class": [_coding(RESOURCE_TYPES, name) for name in _classes(facts)],
        "code": [_data_category(name) for name in facts["categories"]],
        "dataPeriod": period,
        "data": [{"meaning": "related", "reference": {"type": "Patient", "identifier": _urn(consent.giver_id)}}],
    }
    root = {"period": period, "provision": [{name: value for name, value in rule.items() if value}]}
    return {name: value for name, value in root.items() if value}


def _period(consent: Consent) -> dict[str, str]:
    if consent.given_at is None:
        return {}
    ends = min(filter(None, (consent.valid_until, consent.ended_at)), default=None)
    return {"start": _time(consent.given_at)} | ({"end": _time(max(ends, consent.given_at))} if ends else {})


def _actors(facts: dict[str, Any]) -> list[dict[str, Any]]:
    custodian = {
        "role": {"coding": [_coding(PARTICIPATION, "CST", "custodian")]},
        "reference": _organization(facts["controller"]["id"], facts["controller"]["name"]),
    }
    return [custodian, *(_recipient(row) for row in facts["recipients"])]


def _recipient(row: dict[str, Any]) -> dict[str, Any]:
    known = row["unit"] or row["administration"]
    reference = {"type": "Organization", "display": row["name"]}
    return {
        "role": {"coding": [_coding(PARTICIPATION, "IRCP", "information recipient")]},
        "reference": reference | ({"identifier": _urn(known)} if known else {}),
    }


def _reason(facts: dict[str, Any]) -> dict[str, str]:
    if facts["regime"] == "hsl":
        return _coding(ACT_REASON, "TREAT", "treatment")
    return _coding(ACT_REASON, "CAREMGT", "care management")


def _classes(facts: dict[str, Any]) -> list[str]:
    return sorted({RESOURCES[Category(name)] for name in facts["categories"]})


def _data_category(name: str) -> dict[str, Any]:
    return {"coding": [_coding(f"{OWN}:data-category", name, str(Category(name).label))]}


# --- Small parts -------------------------------------------------------------------------------------------------


def _narrative(consent: Consent, facts: dict[str, Any], said: Said | None) -> dict[str, str]:
    answer = str(Answer(said.answer).label) if said else str(State.ASKED.label)
    words = escape(f"{facts['name']}: {answer}. {facts['controller']['name']}.")
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{words}</p></div>'}


def _urn(pk: object) -> dict[str, str]:
    return {"system": URI, "value": f"urn:uuid:{pk}"}


def _coding(system: str, code: str, display: str = "") -> dict[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
