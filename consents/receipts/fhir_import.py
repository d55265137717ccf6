"""A FHIR R4 Consent from somewhere else: either something that Safehome can hold, as a signed form that staff register,
or a refusal that says in plain words everything that stands in the way.

Nothing is guessed. A consent whose exceptions Safehome can't keep is refused whole, since a part of it would let more
through than the person has said. Residents are never made from a file.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as NotValid
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from consents import actions, policies
from consents.actions import Circumstances, Refused, TextChanged
from consents.desk import scans
from consents.desk.paper import new_code
from consents.kinds import Answer, GivenBy, How, Variant
from consents.models import Consent, PaperForm, Purpose, Translation
from consents.policies import Giver, MayNotDecide
from consents.receipts import fhir
from safehome import clock
from safehome.audit.denials import NotAllowed
from safehome.organisation.models import Administration, User
from safehome.organisation.policies import administrations_with
from safehome.organisation.roles import Right
from safehome.residents import identity
from safehome.residents import policies as residents
from safehome.residents.models import CareRelation, Representative, Resident

AT_MOST = 5_000_000
IDENTITY_SYSTEMS = (
    "urn:oid:1.2.752.129.2.1.3.1",
    "urn:oid:1.2.752.129.2.1.3.3",
    "http://electronichealth.se/identifier/personnummer",
    "http://electronichealth.se/identifier/samordningsnummer",
)
_URN = re.compile(r"urn:uuid:([0-9a-fA-F-]{36})")
_SCOPES = {"patient-privacy", "treatment"}
_ANSWERS = {"active": Answer.YES, "rejected": Answer.NO}


@dataclass(frozen=True)
class Refusal:
    """Why a file can't be held, each reason a sentence."""

    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """What a file says, in Safehome's terms. `present` is the consent that it is a copy of, if it is one."""

    resident: Resident
    purpose: Purpose
    answer: Answer
    giver: Giver | None
    at: datetime | None
    present: Consent | None = None
    same: bool = True
    translation: Translation | None = None
    scan: bytes = b""


@dataclass
class _Reading:
    """One file on its way to be understood; `reasons` gathers what stands in the way."""

    made: dict[str, Any]
    administration: Administration
    reasons: list[str] = field(default_factory=list)

    def refuse(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)


def read(data: str | bytes, administration: Administration) -> Imported | Refusal:
    """What a FHIR R4 Consent in JSON would be here. Writes nothing."""
    made = _parsed(data)
    if isinstance(made, Refusal):
        return made
    reading = _Reading(made, administration)
    return _own(reading) or _understood(reading)


def _parsed(data: str | bytes) -> dict[str, Any] | Refusal:
    """A Consent by HL7's own rules, or why it is none."""
    if len(data) > AT_MOST:
        return Refusal((_("The file is larger than 5 MB."),))
    try:
        made = json.loads(data)
    except (ValueError, RecursionError) as fault:
        where = f"{fault.lineno}:{fault.colno}" if isinstance(fault, json.JSONDecodeError) else ""
        return Refusal((_("The file is not JSON. %(where)s") % {"where": where},))
    if not isinstance(made, dict) or made.get("resourceType") != "Consent":
        found = made.get("resourceType") if isinstance(made, dict) else None
        return Refusal((_("The file holds no FHIR Consent, but %(found)s.") % {"found": str(found)[:40]},))
    faults = _faults(made)
    return Refusal(tuple(faults)) if faults else made


def _faults(made: dict[str, Any]) -> list[str]:
    from fhir.resources.R4B.consent import Consent as Model
    from pydantic import ValidationError

    try:
        Model.model_validate(made)
    except ValidationError as fault:
        return [
            _("It breaks FHIR's rules at %(where)s: %(what)s")
            % {"where": ".".join(map(str, row["loc"])) or "Consent", "what": row["msg"]}
            for row in fault.errors()
        ]
    except RecursionError:
        return [_("It is nested too deep to be read.")]
    if not made.get("policy") and not made.get("policyRule"):
        return [_("It names neither a policy nor a policy rule (FHIR rule ppc-1).")]
    return []


# --- Our own, come back ------------------------------------------------------------------------------------------


def _own(reading: _Reading) -> Imported | None:
    """A consent that this installation has exported itself is there already, and stays as it is."""
    for pk in _urns(row.get("value", "") for row in reading.made.get("identifier", [])):
        found = Consent.objects.filter(pk=pk, purpose__administration=reading.administration)
        consent = found.select_related("resident", "purpose__administration").first()
        if consent and str(consent.giver_id) in {str(known) for known in _patient_urns(reading.made)}:
            said = Answer.YES if consent.given_at else Answer.NO
            same = reading.made.get("status") == fhir.status_of(consent)
            return Imported(consent.resident, consent.purpose, said, None, consent.answered_at, consent, same)
    return None


def _urns(values: Iterable[str]) -> Iterator[UUID]:
    for value in values:
        if match := _URN.fullmatch(str(value)):
            try:
                yield UUID(match[1])
            except ValueError:
                continue


def _patient_urns(made: dict[str, Any]) -> list[UUID]:
    patient = made.get("patient") or {}
    return list(_urns([patient.get("reference", ""), patient.get("identifier", {}).get("value", "")]))


# --- Somebody else's ---------------------------------------------------------------------------------------------


def _understood(reading: _Reading) -> Imported | Refusal:
    """Every question is put to the file, so that its sender gets all the reasons at once."""
    _scope(reading)
    answer = _answer(reading)
    resident = _resident(reading)
    purpose = _purpose(reading)
    giver = _giver(reading, resident)
    at = _said_at(reading)
    scan = _source(reading)
    _provision(reading, reading.made.get("provision") or {}, answer)
    translation = _text(reading, purpose, answer)
    if giver and purpose:
        _may_decide(reading, giver, purpose)
    if reading.reasons or not (resident and purpose and answer and giver and at):
        return Refusal(tuple(reading.reasons))
    return Imported(resident, purpose, answer, giver, at, translation=translation, scan=scan)


def _codes(concept: Any) -> set[str]:
    return {str(row.get("code", "")) for row in (concept or {}).get("coding", [])}


def _scope(reading: _Reading) -> None:
    codes = _codes(reading.made.get("scope"))
    if not codes & _SCOPES:
        what = ", ".join(sorted(codes)) or "?"
        reading.refuse(_("It is a consent of another kind (%(what)s). Safehome holds none of those.") % {"what": what})


def _answer(reading: _Reading) -> Answer | None:
    status = str(reading.made.get("status"))
    if status not in _ANSWERS:
        reading.refuse(_("Its status is “%(status)s”: it is neither a yes nor a no in force.") % {"status": status})
    return _ANSWERS.get(status)


def _resident(reading: _Reading) -> Resident | None:
    """A person in the administration's care, by our own pseudonym or by personal identity number."""
    found = Resident.objects.filter(pk__in=_patient_urns(reading.made)).first() or _by_number(reading.made)
    if found is None or not _in_care(found, reading.administration):
        reading.refuse(_("The patient is not known here."))
        return None
    return found


def _by_number(made: dict[str, Any]) -> Resident | None:
    known = (made.get("patient") or {}).get("identifier") or {}
    if known.get("system") not in IDENTITY_SYSTEMS:
        return None
    try:
        number = identity.normalise(str(known.get("value", "")))
    except (NotValid, ValueError):
        return None
    return Resident.objects.filter(identity_index=identity.index(number)).first()


def _in_care(resident: Resident, administration: Administration) -> bool:
    relations = CareRelation.objects.in_force().filter(resident=resident, unit__administration=administration)
    return resident.died_on is None and relations.exists()


def _purpose(reading: _Reading) -> Purpose | None:
    """One of our purposes, by the address of a policy or by our own code."""
    own = Purpose.objects.in_force().filter(administration=reading.administration, consent_required=True)
    uris = [str(row.get("uri", "")) for row in reading.made.get("policy", [])]
    found = own.filter(pk__in=list(_urns(uris))).first() or own.filter(code__in=_own_codes(reading.made)).first()
    if found is None:
        name = reading.administration.name
        reading.refuse(_("It names no purpose in the register of %(name)s.") % {"name": name})
    return found


def _own_codes(made: dict[str, Any]) -> list[str]:
    return [
        str(row.get("code"))
        for rule in _rules(made.get("provision") or {})
        for row in rule.get("purpose", [])
        if row.get("system") == f"{fhir.OWN}:purpose"
    ]


def _rules(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield rule
    for inner in rule.get("provision", []):
        yield from _rules(inner)


def _giver(reading: _Reading, resident: Resident | None) -> Giver | None:
    """Who has decided: the patient, or one representative whom we know."""
    performers = reading.made.get("performer", [])
    if not performers:
        reading.refuse(_("It does not say who has decided."))
        return None
    if len(performers) > 1:
        reading.refuse(_("More than one person has decided. Register their answers one by one."))
        return None
    kind = _type_of(performers[0])
    if kind in ("Organization", "Practitioner", "PractitionerRole"):
        reading.refuse(_("An organisation or its staff has decided. Only the person or a representative may."))
        return None
    if resident is None:
        return None
    giver = _known_giver(performers[0], kind, resident, reading.made)
    if giver is None:
        reading.refuse(_("Who has decided is neither the patient nor a representative known here."))
    return giver


def _type_of(reference: dict[str, Any]) -> str:
    named = str(reference.get("type") or "")
    return named or str(reference.get("reference", "")).partition("/")[0]


def _known_giver(who: dict[str, Any], kind: str, resident: Resident, made: dict[str, Any]) -> Giver | None:
    ids = set(_urns([str(who.get("reference", "")), str((who.get("identifier") or {}).get("value", ""))]))
    if kind in ("Patient", "") and (resident.pk in ids or _same_reference(who, made.get("patient") or {})):
        return Giver(GivenBy.SELF, resident)
    for row in Representative.objects.in_force().filter(resident=resident):
        if fhir.representative_id(row.pk) in ids:
            return Giver(GivenBy.REPRESENTATIVE, resident, representative=row)
    return None


def _same_reference(one: dict[str, Any], other: dict[str, Any]) -> bool:
    names = ("reference", "identifier")
    return any(one.get(name) and one.get(name) == other.get(name) for name in names)


def _may_decide(reading: _Reading, giver: Giver, purpose: Purpose) -> None:
    try:
        policies.require_may_decide(giver, purpose)
    except MayNotDecide as fault:
        reading.refuse(str(fault))
    if giver.by is GivenBy.REPRESENTATIVE:
        reading.refuse(_("It does not say what the person thinks of it. Register a representative's answer by hand."))


def _said_at(reading: _Reading) -> datetime | None:
    text = str(reading.made.get("dateTime", ""))
    moment = _moment(text)
    if moment is None:
        reading.refuse(_("It does not say on which day it was decided."))
    elif moment > clock.now():
        reading.refuse(_("It was decided on a day that has not come."))
    return moment


def _moment(text: str) -> datetime | None:
    """A FHIR dateTime; a day alone is its first moment. A year or a month alone is no day."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time.min, clock.local_zone())
        return datetime.fromisoformat(text).astimezone(UTC) if len(text) > 10 else None
    except ValueError:
        return None


def _source(reading: _Reading) -> bytes:
    """The signed form. What lies elsewhere can't be fetched, and what has no signature proves nothing."""
    if reading.made.get("sourceReference"):
        reading.refuse(_("The source document lies in another system and did not come with it."))
        return b""
    attached = reading.made.get("sourceAttachment") or {}
    if not attached.get("data"):
        reading.refuse(_("There is no source document: no signed form came with it."))
        return b""
    try:
        content = base64.b64decode(attached["data"], validate=True)
        scans.check_size(len(content))
        scans.kind_of(content)
    except binascii.Error:
        reading.refuse(_("The source document can't be read."))
        return b""
    except scans.ScanRefused as fault:
        reading.refuse(_("The source document is no scan of a signed form: %(why)s") % {"why": str(fault)})
        return b""
    wanted = attached.get("hash")
    if wanted and base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode() != wanted:
        reading.refuse(_("The source document is not the one that its hash tells of."))
    return content


def _text(reading: _Reading, purpose: Purpose | None, answer: Answer | None) -> Translation | None:
    """A yes is a yes to the text that stands now, named among the policies."""
    if purpose is None or answer is not Answer.YES:
        return None
    uris = [str(row.get("uri", "")) for row in reading.made.get("policy", [])]
    published = purpose.published
    if published is None or published.pk not in set(_urns(uris)):
        reading.refuse(_("It does not say that the person has read the text that stands now."))
        return None
    attached = reading.made.get("sourceAttachment") or {}
    language = str(attached.get("language") or reading.made.get("language") or "sv")
    rows = published.translations.filter(language=language, sample=False).order_by("-variant")
    found = rows.filter(variant=Variant.STANDARD).first() or rows.first()
    if found is None:
        reading.refuse(_("The text that stands now is not approved in that language."))
    return found


def _provision(reading: _Reading, root: dict[str, Any], answer: Answer | None) -> None:
    """Safehome holds a yes or a no to a whole purpose. Everything narrower is refused."""
    now = clock.now()
    for rule in _rules(root):
        denies = rule.get("type") == "deny"
        if denies and answer is Answer.YES:
            reading.refuse(_("It makes an exception (something is denied). Safehome can't hold exceptions."))
        if rule.get("type") == "permit" and answer is Answer.NO:
            reading.refuse(_("It is a no that permits something. Safehome can't hold exceptions."))
        if any(row.get("meaning") == "instance" or _points_out(row) for row in rule.get("data", [])):
            reading.refuse(_("It is about single documents or records. Safehome holds whole purposes."))
        end = _moment(str((rule.get("period") or {}).get("end", "")))
        if end and end <= now:
            reading.refuse(_("Its time has run out."))
        elif end:
            reading.refuse(_("It ends on a day of its own. Safehome's consents end as their purpose says."))
    _narrowed(reading, root)


def _points_out(row: dict[str, Any]) -> bool:
    """Data about somebody is the whole; a reference to anything else is a part."""
    return _type_of(row.get("reference") or {}) not in ("Patient", "")


def _narrowed(reading: _Reading, root: dict[str, Any]) -> None:
    classes = {
        str(row.get("code"))
        for rule in _rules(root)
        for row in rule.get("class", [])
        if row.get("system") == fhir.RESOURCE_TYPES
    }
    if strange := sorted(classes - {*fhir.RESOURCES.values()}):
        what = ", ".join(strange)
        reading.refuse(_("It is about %(what)s, which Safehome does not keep.") % {"what": what})
    actions_named = {code for rule in _rules(root) for row in rule.get("action", []) for code in _codes(row)}
    if actions_named and not actions_named >= {"collect", "access", "use"}:
        reading.refuse(_("It lets only some things be done (%(what)s).") % {"what": ", ".join(sorted(actions_named))})


# --- Holding it --------------------------------------------------------------------------------------------------


@transaction.atomic
def register(found: Imported, *, by: User) -> Consent:
    """Hold what was read, as a paper form that `by` registers. Raises NotVisible, NotAllowed, Refused, MayNotDecide,
    TextChanged or ScanRefused; nothing has changed then."""
    if found.present:
        return found.present
    assert found.giver
    resident = residents.get_resident(by, found.resident.pk, for_=Right.CONSENT_ASK)
    if not administrations_with(by, Right.CONSENT_ASK).filter(pk=found.purpose.administration_id).exists():
        raise NotAllowed("resident", resident, "import a consent")
    consent = actions.ask(resident, found.purpose, by=by, how=How.PAPER)
    if found.translation:
        consent = actions.serve(consent, found.translation, by=by)
    form = _form(consent, by)
    form = scans.keep(form, SimpleUploadedFile("source", found.scan), by=by)
    how = Circumstances(how=How.PAPER, registered_by=by, scan_digest=form.scan_digest, at=found.at)
    return actions.answer(consent.pk, found.answer, giver=found.giver, circumstances=how)


def _form(consent: Consent, by: User) -> PaperForm:
    return PaperForm.objects.create(
        code=new_code(),
        consent=consent,
        language=consent.served_language or "sv",
        variant=consent.served_variant or Variant.STANDARD,
        text_digest=consent.served_digest,
        printed_by=by,
    )


FAULTS = (Refused, MayNotDecide, TextChanged, scans.ScanRefused, NotAllowed)
"""What may still stand in the way when it is registered."""
