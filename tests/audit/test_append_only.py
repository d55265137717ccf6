"""What is only ever added to: the database itself refuses to change or remove it."""

import pytest
from django.db import DatabaseError, connection, transaction

from alarms import actions
from alarms.models import Alarm, AlarmEvent
from consents import actions as actions_of_consents
from consents.kinds import Answer, GivenBy
from consents.models import Consent
from consents.policies import Giver
from safehome.audit import chain
from safehome.audit.models import AccessEntry, Action, ChainLink

TABLES = {
    "audit_accessentry",
    "audit_chainlink",
    "alarms_alarmevent",
    "consents_decision",
    "consents_consentevent",
}
FORBIDDEN = ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"]
COLUMN = {
    "audit_accessentry": "detail",
    "audit_chainlink": "digest",
    "alarms_alarmevent": "note",
    "consents_decision": "answer",
    "consents_consentevent": "digest",
}


@pytest.fixture
def filled(alarm: Alarm, append_only: None) -> None:
    """A row in each of them."""
    AccessEntry.objects.create(action=Action.READ, resource="alarm", system="web")
    assert alarm.resident
    consent = Consent.objects.get(resident=alarm.resident)
    actions_of_consents.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, alarm.resident))
    chain.link_new()


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_migrations_protect_exactly_these(protected_tables: frozenset[str]) -> None:
    assert protected_tables == TABLES


@pytest.mark.parametrize("table", sorted(TABLES))
@pytest.mark.parametrize("statement", FORBIDDEN, ids=["update", "delete"])
def test_no_row_is_changed_or_removed(filled: None, table: str, statement: str) -> None:
    with pytest.raises(DatabaseError, match="only ever added to"):
        run(statement.format(table=table, column=COLUMN[table]))


@pytest.mark.parametrize("table", sorted(TABLES))
def test_no_table_is_emptied_at_a_stroke(filled: None, table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DatabaseError, match="only ever added to"):
        run(f"TRUNCATE {table} CASCADE")


def test_rows_are_added_and_read(filled: None) -> None:
    before = AccessEntry.objects.count()
    AccessEntry.objects.create(action=Action.READ, resource="resident", system="web")
    assert chain.link_new() == 1
    assert AccessEntry.objects.count() == before + 1
    assert ChainLink.objects.filter(sequence__gt=0).count() == before + 1


def test_an_alarm_lives_its_whole_life_with_its_history_protected(filled: None, alarm: Alarm) -> None:
    user = alarm.targets.get().unit.memberships.get().user
    actions.accept(alarm.pk, by=user)
    actions.arrive(alarm.pk, by=user)
    actions.close(alarm.pk, by=user, outcome="talked")
    assert AlarmEvent.objects.count() == 4
