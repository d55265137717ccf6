"""Things to test with, each whole and plausible by itself. Who is who stands in conftest.py.

Personal identity numbers have birth numbers 980–999, which are given to nobody.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from factory.declarations import LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory, Password

from consents import proof
from consents.kinds import ConsentKind, Variant
from consents.models import Consent, ConsentText, Purpose, TextState, Translation
from consents.states import State
from devices.kinds import KINDS
from devices.models import Assignment, CollectingState, Device, DeviceModel, DeviceState, Gateway
from safehome.organisation.models import Administration, Membership, Municipality, Regime, Unit, UnitKind, User
from safehome.organisation.roles import Role
from safehome.residents.models import (
    CareRelation,
    Cohabitant,
    Contact,
    Home,
    Place,
    Representative,
    RepresentativeKind,
    Resident,
    Room,
    RoomKind,
)

PASSWORD = "trygg-hemma-i-vardagen"


def identity_number(number: int) -> str:
    """The n-th valid twelve-digit number, of somebody born in or after 1930."""
    digits = f"{date(1930, 1, 1) + timedelta(days=97 * (number % 300)):%Y%m%d}{980 + number % 20}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits[2:])]
    return f"{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def long_ago() -> datetime:
    return timezone.now() - timedelta(days=60)


class MunicipalityFactory(DjangoModelFactory[Municipality]):
    class Meta:
        model = Municipality

    name = "Sunnanby"
    code = Sequence(lambda n: f"{n:04}")


class AdministrationFactory(DjangoModelFactory[Administration]):
    class Meta:
        model = Administration

    municipality = SubFactory(MunicipalityFactory)
    name = Sequence(lambda n: f"Förvaltning {n}")


class UnitFactory(DjangoModelFactory[Unit]):
    class Meta:
        model = Unit

    administration = SubFactory(AdministrationFactory)
    name = Sequence(lambda n: f"Enhet {n}")
    kind = UnitKind.HOME_CARE


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    name = Sequence(lambda n: f"Person {n}")
    email = Sequence(lambda n: f"person{n}@example.org")
    password = Password(PASSWORD)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    unit = SubFactory(UnitFactory)
    role = Role.CARE_STAFF
    valid_from = LazyFunction(lambda: timezone.localdate() - timedelta(days=365))


def staff(name: str, role: Role, *units: Unit, **fields: Any) -> User:
    """Somebody who holds the role in each of the units."""
    user = UserFactory.create(name=name, **fields)
    for unit in units:
        MembershipFactory.create(user=user, unit=unit, role=role)
    return user


class HomeFactory(DjangoModelFactory[Home]):
    class Meta:
        model = Home

    street = Sequence(lambda n: f"Storgatan {n + 1}")
    postal_code = "222 22"
    city = "Sunnanby"


class RoomFactory(DjangoModelFactory[Room]):
    class Meta:
        model = Room

    home = SubFactory(HomeFactory)
    name = Sequence(lambda n: f"Rum {n}")
    kind = RoomKind.OTHER


class PlaceFactory(DjangoModelFactory[Place]):
    class Meta:
        model = Place

    administration = SubFactory(AdministrationFactory)
    name = "Stortorget"
    where = "Mitt i byn, vid fontänen"


class ResidentFactory(DjangoModelFactory[Resident]):
    class Meta:
        model = Resident

    given_name = Sequence(lambda n: f"Boende{n}")
    family_name = "Andersson"
    identity_number = Sequence(identity_number)
    home = SubFactory(HomeFactory)


class CareRelationFactory(DjangoModelFactory[CareRelation]):
    class Meta:
        model = CareRelation

    resident = SubFactory(ResidentFactory)
    unit = SubFactory(UnitFactory)
    valid_from = LazyFunction(lambda: timezone.localdate() - timedelta(days=365))


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    resident = SubFactory(ResidentFactory)
    name = Sequence(lambda n: f"Anhörig {n}")
    relation = "dotter"
    phone = "070-174 06 05"


class RepresentativeFactory(DjangoModelFactory[Representative]):
    class Meta:
        model = Representative

    resident = SubFactory(ResidentFactory)
    name = Sequence(lambda n: f"Ställföreträdare {n}")
    kind = RepresentativeKind.GOD_MAN
    scope = "Bevaka rätt, förvalta egendom, sörja för person"
    scopes = LazyFunction(lambda: ["rights", "property", "person"])
    proof = "Sunnanby tingsrätt Ä 123-26"
    valid_from = LazyFunction(lambda: timezone.localdate() - timedelta(days=30))


class CohabitantFactory(DjangoModelFactory[Cohabitant]):
    class Meta:
        model = Cohabitant

    home = SubFactory(HomeFactory)
    name = Sequence(lambda n: f"Sambo {n}")


class DeviceModelFactory(DjangoModelFactory[DeviceModel]):
    class Meta:
        model = DeviceModel

    manufacturer = "Nordsensor"
    name = Sequence(lambda n: f"NS-{n}")
    kinds = LazyFunction(lambda: ["motion"])


class GatewayFactory(DjangoModelFactory[Gateway]):
    class Meta:
        model = Gateway

    administration = SelfAttribute("unit.administration")
    unit = SubFactory(UnitFactory)
    name = Sequence(lambda n: f"Gateway {n}")


class DeviceFactory(DjangoModelFactory[Device]):
    class Meta:
        model = Device

    model = SubFactory(DeviceModelFactory)
    gateway = SubFactory(GatewayFactory)
    external_id = Sequence(lambda n: f"device-{n}")
    state = DeviceState.IN_USE


SINCE_EVER = date(2000, 1, 1)
CONSENT_FIELDS = {
    "title": "Sensorer i hemmet",
    "question": "Får vi ha sensorer i ditt hem?",
    "what": "Vi sätter upp små sensorer.\n- De märker när du rör dig.\n- De tar inga bilder.",
    "why": "Vi vill veta om du behöver hjälp.",
    "who_sees": "Din hemtjänst ser det.",
    "how_long": "Vi sparar det i 90 dagar.",
    "if_no": "Du får lika bra hjälp om du säger nej. Vi kan ringa dig i stället.",
    "change_mind": "Du kan ändra dig när du vill, på samma sida.",
    "check_question": "Vad händer om du säger nej?",
    "check_right": "Jag får lika bra hjälp.",
    "check_wrong_1": "Jag får ingen hjälp.",
    "check_wrong_2": "Jag måste betala.",
    "check_explain": "Du får lika bra hjälp om du säger nej.",
}


class PurposeFactory(DjangoModelFactory[Purpose]):
    """Readings of every kind, in force since ever, without a text."""

    class Meta:
        model = Purpose

    administration = SubFactory(AdministrationFactory)
    code = Sequence(lambda n: f"purpose-{n}")
    name = "Uppgifter från sensorer i hemmet"
    kind = ConsentKind.PROCESSING
    regime = Regime.SOL
    basis = "6.1.e"
    special_basis = "9.2.h"
    source = "SoL 2025:400"
    alternative = "Vi ringer eller kommer på besök."
    reading_kinds = LazyFunction(lambda: [code for code in KINDS if code not in ("battery", "heartbeat")])
    valid_from = SINCE_EVER


def publish_text(purpose: Purpose, **fields: Any) -> ConsentText:
    """A published text in Swedish and English, as it is and easy, made without the editor."""
    text = ConsentText.objects.create(purpose=purpose, author=UserFactory.create(), **fields)
    for language in ("sv", "en"):
        for variant in Variant:
            Translation.objects.create(text=text, language=language, variant=variant, **CONSENT_FIELDS)
    ConsentText.objects.filter(purpose=purpose, state=TextState.PUBLISHED).update(state=TextState.RETIRED)
    text.state, text.reviewer, text.digest = TextState.PUBLISHED, UserFactory.create(), proof.text_digest(text)
    text.approved_at = text.published_at = long_ago()
    text.save()
    return text


def consent_to(purpose: Purpose, resident: Resident, cohabitant: Cohabitant | None = None, **fields: Any) -> Consent:
    """Given since ever; the row alone, without asking and proof (tests of these use the actions)."""
    since = datetime.combine(SINCE_EVER, datetime.min.time(), UTC)
    given = {"state": State.GIVEN, "given_at": since, "asked_at": since, "answered_at": since}
    facts = {**given, "text": purpose.published, **fields}
    return Consent.objects.create(purpose=purpose, resident=resident, cohabitant=cohabitant, **facts)


def grounds_for(unit: Unit, resident: Resident | None) -> Purpose:
    """A purpose of the unit's administration for all kinds of readings, and the resident's consent to it."""
    personal = resident is not None
    facts = {"administration": unit.administration, "code": "all" if personal else "all-places"}
    found = Purpose.objects.filter(**facts).first()
    purpose = found or PurposeFactory.create(**facts, consent_required=personal)
    if resident and not Consent.objects.filter(purpose=purpose, resident=resident).exists():
        consent_to(purpose, resident)
    return purpose


class AssignmentFactory(DjangoModelFactory[Assignment]):
    """Placed and collecting since long ago, with the resident's consent."""

    class Meta:
        model = Assignment

    device = SubFactory(DeviceFactory)
    resident = SubFactory(ResidentFactory)
    unit = SubFactory(UnitFactory)
    label = "hall"
    collecting = CollectingState.ACTIVE
    collecting_since = LazyFunction(long_ago)
    valid_from = LazyFunction(long_ago)

    @classmethod
    def _create(cls, model_class: type[Assignment], *args: Any, **kwargs: Any) -> Assignment:
        if kwargs["collecting"] == CollectingState.ACTIVE:
            grounds_for(kwargs["unit"], kwargs["resident"])
        assignment: Assignment = super()._create(model_class, *args, **kwargs)  # type: ignore[no-untyped-call]
        return assignment


def reading(device: Assignment | Device | str, value: Any = None, **more: Any) -> dict[str, Any]:
    """One reading as a gateway sends it, by default measured now; the kind is the first that the device knows."""
    if isinstance(device, Assignment):
        device = device.device
    known = {"device": device.external_id, "kind": device.model.kinds[0]} if isinstance(device, Device) else {}
    at = more.pop("at", None) or timezone.now()
    sent = {"device": device, "kind": "motion"} | known | {"value": value, "at": at} | more
    return {name: fact.isoformat() if isinstance(fact, datetime) else fact for name, fact in sent.items()}


def as_body(*readings: Any) -> bytes:
    """Readings as a request carries them."""
    return json.dumps(list(readings)).encode()
