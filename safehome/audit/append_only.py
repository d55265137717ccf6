"""Database triggers that refuse UPDATE, DELETE and TRUNCATE, for tables that are only ever added to."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython
from django.db.migrations.state import StateApps

_FUNCTION = """
CREATE OR REPLACE FUNCTION safehome_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are only ever added to', TG_TABLE_NAME; END $$
"""


def protect(table: str) -> RunPython:
    """A migration operation: from now on rows of the table can be added and read, nothing else."""

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in _statements(table, editor.connection.vendor):
            editor.execute(statement, params=None)  # `%` in the text is no placeholder

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        for name in _names(table, editor.connection.vendor):
            editor.execute(f"DROP TRIGGER {name}{on}")

    return RunPython(forwards, backwards)


def _names(table: str, vendor: str) -> list[str]:
    events = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")
    return [f"{table}_no_{event}" for event in events]


def _statements(table: str, vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [_FUNCTION] + [
            f"CREATE TRIGGER {name} BEFORE {name.rsplit('_', 1)[1].upper()} ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION safehome_append_only()"
            for name in _names(table, vendor)
        ]
    return [
        f"CREATE TRIGGER {name} BEFORE {name.rsplit('_', 1)[1].upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added to'); END"
        for name in _names(table, vendor)
    ]
