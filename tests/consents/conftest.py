"""A purpose with its text, and people in the position to answer."""

from collections.abc import Callable

import pytest

from consents import actions
from consents.kinds import Answer, GivenBy, Variant
from consents.models import Consent, Purpose
from consents.policies import Giver
from safehome.organisation.models import Administration, User
from safehome.residents.models import Representative, RepresentativeKind, Resident
from tests.factories import (
    PurposeFactory,
    RepresentativeFactory,
    ResidentFactory,
    UserFactory,
    consent_to,
    publish_text,
)


@pytest.fixture
def purpose(administration: Administration) -> Purpose:
    """Readings of the home, with a published text; nobody has been asked."""
    purpose = PurposeFactory.create(administration=administration, code="all", name="Sensorer i hemmet")
    publish_text(purpose)
    return purpose


@pytest.fixture
def astrid(resident: Resident) -> Giver:
    """Astrid, answering for herself."""
    return Giver(GivenBy.SELF, resident, resident.user)


@pytest.fixture
def god_man(representative: User, resident: Resident) -> Giver:
    row = Representative.objects.get(user=representative)
    return Giver(GivenBy.REPRESENTATIVE, resident, representative, representative=row)


Serve = Callable[..., Consent]


@pytest.fixture
def ask_and_serve(purpose: Purpose) -> Serve:
    """`ask_and_serve(giver)`: the question has been put and the text shown."""

    def put(giver: Giver, about: Purpose = purpose, language: str = "sv", by: User | None = None) -> Consent:
        consent = actions.answerable(giver, about) if by is None else actions.ask(giver.resident, about, by=by)
        assert about.published
        shown = about.published.translations.get(language=language, variant=Variant.STANDARD)
        return actions.serve(consent, shown, by=giver.user)

    return put


Say = Callable[..., Consent]


@pytest.fixture
def say(ask_and_serve: Serve) -> Say:
    """`say(giver, Answer.YES)`: asked, shown and answered, with all that follows."""

    def answer(giver: Giver, said: Answer, about: Purpose | None = None, **how: object) -> Consent:
        consent = ask_and_serve(giver, about) if about else ask_and_serve(giver)
        return actions.answer(consent.pk, said, giver=giver, **how)  # type: ignore[arg-type]

    return answer


@pytest.fixture
def given(purpose: Purpose, resident: Resident) -> Consent:
    """Astrid's consent, given since ever."""
    return consent_to(purpose, resident)


@pytest.fixture
def child(resident: Resident) -> Resident:
    """Ten years old, in the same care as Astrid."""
    kid = ResidentFactory.create(given_name="Kim", identity_number=identity_number_of_a_child())
    for relation in resident.care_relations.all():
        kid.care_relations.create(unit=relation.unit, valid_from=relation.valid_from)
    return kid


def identity_number_of_a_child() -> str:
    """Somebody born in 2016, with a birth number that is given to nobody."""
    digits = "20160312985"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits[2:])]
    return f"{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


@pytest.fixture
def guardians(child: Resident) -> tuple[Giver, Giver]:
    def guardian(name: str) -> Giver:
        user = UserFactory.create(name=name)
        row = RepresentativeFactory.create(
            resident=child, user=user, name=name, kind=RepresentativeKind.GUARDIAN, scopes=[]
        )
        return Giver(GivenBy.REPRESENTATIVE, child, user, representative=row)

    return guardian("Petra Ek"), guardian("Paul Ek")
