"""What is said twice, once as SQL and once as the gate weighs it, says the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consents import sharing
from consents.kinds import Category, ConsentKind
from consents.models import Consent, PurposeCategory, Recipient
from consents.states import State
from devices.models import Assignment
from safehome.organisation.models import Unit, User
from safehome.organisation.roles import Right
from safehome.residents.models import Resident
from tests.factories import CareRelationFactory, PurposeFactory, UnitFactory, consent_to

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ENDED = (State.ENDED, State.EXPIRED, State.LAPSED, State.REPLACED)
hours = st.integers(-3, 3).map(lambda number: NOON + timedelta(hours=number))


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """What may have become of a question, with times around noon."""
    state = draw(st.sampled_from([State.GIVEN, *ENDED, State.ANNULLED, State.REFUSED, State.ASKED]))
    given_at = draw(hours) if state in (State.GIVEN, *ENDED, State.ANNULLED) else None
    ended_at = draw(hours) if state in (*ENDED, State.ANNULLED) else None
    valid_until = draw(st.none() | hours) if given_at else None
    return {"state": state, "given_at": given_at, "ended_at": ended_at, "valid_until": valid_until}


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(said=answers(), moment=hours)
def test_lawful_at_and_given(db: None, resident: Resident, said: dict[str, Any], moment: datetime) -> None:
    with transaction.atomic():
        row = consent_to(PurposeFactory.create(), resident, **said)
        assert Consent.objects.given(moment).filter(pk=row.pk).exists() is row.lawful_at(moment)
        transaction.set_rollback(True)


@pytest.fixture
def thermometers(resident: Resident, home_care: Unit, place_device: object) -> Assignment:
    """What the first administration has hung up."""
    row: Assignment = place_device("thermometer-1", ["temperature"])  # type: ignore[operator]
    return row


CATEGORIES = st.sets(st.sampled_from([Category.CLIMATE, Category.ALARMS]), min_size=1)
RECEIVERS = st.sampled_from(["administration", "unit", "other unit", "partner"])
KINDS = st.sampled_from([ConsentKind.SECRECY, ConsentKind.SECRECY, ConsentKind.PROCESSING])


@SETTINGS
@given(consents=st.lists(st.tuples(answers(), CATEGORIES, RECEIVERS, KINDS), max_size=3), moment=hours)
def test_seen_by_and_administrations_shown(
    thermometers: Assignment,
    resident: Resident,
    foreign_unit: Unit,
    foreign_carer: User,
    consents: list[tuple[dict[str, Any], set[Category], str, ConsentKind]],
    moment: datetime,
) -> None:
    owner, receiver = thermometers.unit.administration, foreign_unit.administration
    with transaction.atomic(), time_machine.travel(moment, tick=False):
        CareRelationFactory.create(resident=resident, unit=foreign_unit)
        for said, categories, to, kind in consents:
            purpose = PurposeFactory.create(administration=owner, kind=kind, reading_kinds=[])
            PurposeCategory.objects.bulk_create(PurposeCategory(purpose=purpose, category=row) for row in categories)
            Recipient.objects.create(
                purpose=purpose,
                administration=receiver if to == "administration" else None,
                unit={"unit": foreign_unit, "other unit": UnitFactory.create()}.get(to),
                partner="Larmbolaget" if to == "partner" else "",
            )
            consent_to(purpose, resident, **said)
        seen = sharing.seen_by(
            foreign_carer, Right.READING_VIEW, Category.CLIMATE, resident="resident", owner="unit__administration"
        )
        shown = sharing.administrations_shown(resident, receiver, Category.CLIMATE, moment)
        assert Assignment.objects.filter(seen).exists() is (owner.pk in shown)
        transaction.set_rollback(True)
