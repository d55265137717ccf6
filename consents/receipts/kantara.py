"""A consent as a record for other systems: ISO/IEC TS 27560:2023, and the same in the names of the Kantara consent
receipt 1.1, which more of them can read. Pseudonyms only: no names of people, no identity numbers.

docs/reference/consent-receipt.md lists the fields with the clauses that they come from.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from consents import worklist
from consents.kinds import Category, ConsentKind
from consents.models import Consent, EventKind, RecipientRole
from consents.proof import processing_facts
from consents.rebuild import Happening, Rebuilt, rebuild
from consents.states import State
from safehome import clock

SCHEMA = "ISO/IEC TS 27560:2023"
KANTARA = "KI-CR-v1.1.0"
COUNTRY = "SE"
UNTIL_WITHDRAWN = "until withdrawn"
_RECEIPTS = uuid.UUID("0b0f4d38-9d0a-4a8f-8d8e-5d1a2c7f6e10")

RIGHTS = {
    "withdraw consent": "GDPR 7(3)",
    "access": "GDPR 15",
    "rectification": "GDPR 16",
    "erasure": "GDPR 17",
    "restriction": "GDPR 18",
    "object": "GDPR 21",
    "complain to the supervisory authority": "GDPR 77",
}
AUTHORITY = {
    "party_id": "https://www.imy.se",
    "party_name": "Integritetsskyddsmyndigheten (IMY)",
    "party_address": {"country": COUNTRY},
    "party_email": "imy@imy.se",
    "party_url": "https://www.imy.se",
    "party_phone": "",
    "party_role": "authority",
    "party_contact": {"name": "Integritetsskyddsmyndigheten", "email": "imy@imy.se"},
    "party_type": "organization",
}

_STATE_OF = {
    EventKind.ASKED: "requested",
    EventKind.SERVED: "requested",
    EventKind.CHECKED: "requested",
    EventKind.GIVEN: "given",
    EventKind.REFUSED: "refused",
    EventKind.ENDED: "withdrawn",
    EventKind.EXPIRED: "expired",
    EventKind.LAPSED: "invalidated",
    EventKind.REPLACED: "renewed",
    EventKind.ANNULLED: "invalidated",
    EventKind.LIMITED: "given",
}
_STATE_AFTER = {
    State.ASKED: "requested",
    State.TALK: "requested",
    State.WAITING: "requested",
    State.GIVEN: "given",
    State.REFUSED: "refused",
    State.ENDED: "withdrawn",
}


def receipt(consent: Consent) -> dict[str, Any]:
    """The receipt (TS 27560 6.4): the record of the consent, and where it stands in the proof."""
    rebuilt = rebuild(consent)
    last = rebuilt.events[-1].sequence if rebuilt.events else 0
    receipt_id = str(uuid.uuid5(_RECEIPTS, f"{consent.pk}:{last}"))
    made = record(consent, rebuilt)
    return {
        "schema_version": SCHEMA,
        "receipt_id": receipt_id,
        "receipt_time": _time(clock.now()),
        "consent_record": made,
        "kantara_consent_receipt": kantara(consent, rebuilt, made, receipt_id),
        "proof": _proof(rebuilt),
    }


def record(consent: Consent, rebuilt: Rebuilt) -> dict[str, Any]:
    """The record (TS 27560 6.3): header, processing, parties, events."""
    facts = facts_of(consent, rebuilt)
    return {
        "schema_version": SCHEMA,
        "record_id": str(consent.pk),
        "pii_principal_id": principal(consent),
        "consent_type": "expressed",
        "pii_processing": _processing(consent, rebuilt, facts),
        "party_identification": _parties(consent, facts),
        "events": [_event(event, rebuilt) for event in rebuilt.events if event.kind in _EVENTS],
    }


def principal(consent: Consent) -> str:
    """A pseudonym: a random id that only the municipality can tie to somebody."""
    return f"urn:uuid:{consent.giver_id}"


def facts_of(consent: Consent, rebuilt: Rebuilt) -> dict[str, Any]:
    """What the register of processing said at the answer; today's, while nobody has answered."""
    return (rebuilt.last.processing if rebuilt.last else None) or processing_facts(consent.purpose)


# --- TS 27560 ----------------------------------------------------------------------------------------------------


def _processing(consent: Consent, rebuilt: Rebuilt, facts: dict[str, Any]) -> dict[str, Any]:
    shown = _shown(rebuilt)
    return {
        "privacy_notice": {
            "id": f"urn:uuid:{shown.text}" if shown else "",
            "title": shown.words["title"] if shown else consent.purpose.name,
            "version": shown.version if shown else "",
            "variant": shown.variant if shown else "",
            "hash": {"algorithm": "SHA-256", "value": shown.digest if shown else ""},
            "url": _address("my:receipt", consent.pk),
        },
        "language": shown.language if shown else "sv",
        "purposes": [_purpose(consent, facts, shown)],
    }


def _shown(rebuilt: Rebuilt) -> Any:
    if rebuilt.last and rebuilt.last.shown:
        return rebuilt.last.shown
    return rebuilt.shown[-1] if rebuilt.shown else None


def _purpose(consent: Consent, facts: dict[str, Any], shown: Any) -> dict[str, Any]:
    return {
        "purpose": shown.words["why"] if shown else facts["name"],
        "purpose_id": f"urn:uuid:{facts['id']}",
        "purpose_name": facts["name"],
        "purpose_type": ConsentKind(facts["kind"]).value,
        "lawful_basis": lawful_basis(facts),
        "pii_information": [_category(name, facts) for name in facts["categories"]],
        "pii_controllers": [f"urn:uuid:{facts['controller']['id']}"],
        "collection_method": "sensors and personal alarms in the home" if consent.purpose.reading_kinds else "records",
        "processing_method": "collected, stored, shown to the recipients, and acted on by staff",
        "storage_locations": [COUNTRY],
        "retention_period": f"P{facts['retention_days']}D" if facts["retention_days"] else facts["retention_source"],
        "processing_locations": [COUNTRY],
        "geographic_restrictions": ["EU/EEA"],
        "services": [facts["name"]],
        "jurisdiction": COUNTRY,
        "recipient_third_parties": [_recipient_id(row) for row in facts["recipients"]],
        "withdrawal_method": {
            "description": shown.words["change_mind"] if shown else "",
            "url": _address("my:consents"),
        },
        "privacy_rights": [{"right": right, "source": source} for right, source in RIGHTS.items()],
        "codes_of_conduct": [],
        "impact_assessment": "",
        "authority_party": AUTHORITY["party_id"],
        "necessity": facts["necessity"],
        "alternative_on_refusal": facts["alternative"],
    }


def lawful_basis(facts: dict[str, Any]) -> list[str]:
    """The GDPR basis is seldom consent: that is a protection by statute on top of it, named by the law that asks it."""
    found = [f"GDPR {facts['basis']}"]
    if facts["special_basis"]:
        found.append(f"GDPR {facts['special_basis']}")
    return [*found, facts["source"]]


def _category(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    special = bool(facts["special_basis"])
    return {
        "pii_type": str(Category(name).label),
        "pii_attribute_id": f"urn:x-safehome:data-category:{name}",
        "pii_optional": facts["necessity"] == "optional",
        "sensitive_pii_category": special,
        "special_pii_category": special,
    }


def _recipient_id(row: dict[str, Any]) -> str:
    known = row["unit"] or row["administration"]
    return f"urn:uuid:{known}" if known else f"urn:uuid:{uuid.uuid5(_RECEIPTS, row['name'])}"


def _parties(consent: Consent, facts: dict[str, Any]) -> list[dict[str, Any]]:
    controller = _party(f"urn:uuid:{facts['controller']['id']}", facts["controller"]["name"], "controller", consent)
    recipients = [_party(_recipient_id(row), row["name"], _role(row["role"]), consent) for row in facts["recipients"]]
    authority = AUTHORITY | {
        "party_role": "authority",
        "party_type": "organization",
        "party_url": AUTHORITY["party_id"],
    }
    blank = {"party_address": {"country": COUNTRY}, "party_email": "imy@imy.se", "party_phone": ""}
    return [controller, *recipients, authority | blank | {"party_contact": {"url": AUTHORITY["party_id"]}}]


def _role(role: str) -> str:
    return "processor" if role == RecipientRole.PROCESSOR else "controller"


def _party(party: str, name: str, role: str, consent: Consent) -> dict[str, Any]:
    administration = consent.purpose.administration
    email = administration.data_protection_email or settings.SAFEHOME_CONTACT_EMAIL
    unit = worklist.unit_for(consent.resident, administration)
    return {
        "party_id": party,
        "party_name": name,
        "party_address": {"locality": administration.municipality.name, "country": COUNTRY},
        "party_email": email,
        "party_url": settings.SAFEHOME_BASE_URL,
        "party_phone": unit.phone if unit else "",
        "party_role": role,
        "party_contact": {"name": administration.board or administration.name, "email": email},
        "party_type": "organization",
    }


_EVENTS = {*_STATE_OF, EventKind.ANSWERED}


def _event(event: Happening, rebuilt: Rebuilt) -> dict[str, Any]:
    content = event.content
    state = _STATE_OF.get(EventKind(event.kind), "")
    if event.kind == EventKind.ANSWERED:
        state = _STATE_AFTER.get(State(content["after"]), "requested")
    row = content.get("row", {})
    return {
        "event_time": _time(event.at),
        "validity_duration": _validity(row),
        "entity_id": f"urn:uuid:{event.by or content.get('giver', rebuilt.giver)}",
        "event_type": event.kind,
        "event_state": state,
        **({"answer": content["answer"], "method": content["decision_how"]} if "answer" in content else {}),
    }


def _validity(row: dict[str, str]) -> str:
    """An ISO 8601 interval when there is a last day."""
    if row.get("valid_until") and row.get("given_at"):
        return f"{row['given_at']}/{row['valid_until']}"
    return UNTIL_WITHDRAWN


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _address(name: str, *arguments: Any) -> str:
    return f"{settings.SAFEHOME_BASE_URL.rstrip('/')}{reverse(name, args=arguments)}"


# --- Kantara 1.1 -------------------------------------------------------------------------------------------------


def kantara(consent: Consent, rebuilt: Rebuilt, made: dict[str, Any], receipt_id: str) -> dict[str, Any]:
    """The same in the older names; a refused or ended consent is told by its events, which Kantara has none of."""
    facts = facts_of(consent, rebuilt)
    purpose = made["pii_processing"]["purposes"][0]
    controller = made["party_identification"][0]
    said_at = rebuilt.last.at if rebuilt.last else consent.asked_at
    others = [row["name"] for row in facts["recipients"]]
    special = bool(facts["special_basis"])
    return {
        "version": KANTARA,
        "jurisdiction": COUNTRY,
        "consentTimestamp": int(said_at.timestamp()),
        "collectionMethod": rebuilt.last.fact("how") if rebuilt.last else "not answered",
        "consentReceiptID": receipt_id,
        "language": made["pii_processing"]["language"],
        "piiPrincipalId": made["pii_principal_id"],
        "piiControllers": [
            {
                "piiController": controller["party_name"],
                "onBehalf": False,
                "contact": controller["party_contact"]["name"],
                "address": {
                    "addressCountry": COUNTRY,
                    "addressLocality": controller["party_address"]["locality"],
                },
                "email": controller["party_email"],
                "phone": controller["party_phone"],
                "piiControllerUrl": controller["party_url"],
            }
        ],
        "policyUrl": made["pii_processing"]["privacy_notice"]["url"],
        "services": [
            {
                "service": facts["name"],
                "purposes": [
                    {
                        "purpose": facts["name"],
                        "purposeCategory": [purpose["purpose_type"]],
                        "consentType": "EXPLICIT",
                        "piiCategory": [row["pii_type"] for row in purpose["pii_information"]],
                        "primaryPurpose": facts["necessity"] == "necessary",
                        "termination": consent.valid_until.isoformat() if consent.valid_until else UNTIL_WITHDRAWN,
                        "thirdPartyDisclosure": bool(others),
                        **({"thirdPartyName": ", ".join(others)} if others else {}),
                    }
                ],
            }
        ],
        "sensitive": special,
        "spiCat": [row["pii_type"] for row in purpose["pii_information"]] if special else [],
    }


def _proof(rebuilt: Rebuilt) -> dict[str, Any]:
    sequence, link = rebuilt.head
    return {
        "events": [{"sequence": row.sequence, "link": row.link} for row in rebuilt.events],
        "head": f"{sequence}:{link}",
        "whole": not rebuilt.breaks,
    }
