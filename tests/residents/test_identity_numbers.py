"""Personal identity numbers: validated, encrypted at rest, found by a keyed hash."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from safehome.residents import identity
from safehome.residents.models import Resident
from tests.factories import ResidentFactory, identity_number

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sv"


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path


def is_valid(text: str) -> bool:
    try:
        identity.normalise(text)
    except ValidationError:
        return False
    return True


def published() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(shared("personnummer_meta_list.json").read_text())
    return entries


def test_the_published_list_is_judged_as_it_says() -> None:
    wrong = [
        entry[written]
        for entry in published()
        for written in ("long_format", "separated_format", "separated_long", "short_format")
        if is_valid(str(entry[written])) is not (entry["valid"] and entry["type"] != "interim")
    ]
    assert wrong == []


def test_however_it_is_written_it_is_the_same_number() -> None:
    for entry in (entry for entry in published() if entry["valid"]):
        written = {entry["long_format"], entry["separated_format"], entry["separated_long"]}
        assert {identity.normalise(str(text)) for text in written} == {str(entry["long_format"])}


def test_the_tax_agencys_test_numbers_are_all_taken() -> None:
    with shared("skatteverket_test_personnummer.csv").open() as file:
        numbers = [row["personnummer"] for row in csv.DictReader(file)]
    assert numbers
    assert [number for number in numbers if identity.normalise(number) != number] == []


@pytest.mark.parametrize(
    "text",
    ["", "  ", "hello", "123", "19121212-1213", "20990101-2388", "19900230-9805", "１９１２１２１２１２１２", "0" * 12],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert not is_valid(text)


@given(st.text(max_size=16) | st.text("0123456789-+", max_size=14))
def test_nothing_but_twelve_digits_comes_out(text: str) -> None:
    if is_valid(text):
        number = identity.normalise(text)
        assert len(number) == 12
        assert number.isdigit()
        assert identity.normalise(number) == number


@given(st.integers(0, 6_000), st.integers(1, 9))
def test_a_wrong_check_digit_is_always_found(number: int, off: int) -> None:
    good = identity_number(number)
    assert is_valid(good)
    assert not is_valid(good[:-1] + str((int(good[-1]) + off) % 10))


def test_the_date_of_birth_of_a_coordination_number_is_sixty_days_less() -> None:
    assert identity.birth_date("197010632391") == date(1970, 10, 3)


def test_it_is_not_readable_in_the_store(resident: Resident) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number, identity_index FROM residents_resident")
        stored = [str(column) for row in cursor.fetchall() for column in row]
    assert resident.identity_number
    assert not any(resident.identity_number in column or resident.identity_number[2:] in column for column in stored)
    assert Resident.objects.get(pk=resident.pk).identity_number == resident.identity_number


def test_the_same_number_is_stored_differently_each_time_and_found_all_the_same(resident: Resident) -> None:
    field = Resident._meta.get_field("identity_number")
    once, twice = (field.get_prep_value(resident.identity_number) for _ in range(2))
    assert once != twice
    assert Resident.objects.get(identity_index=identity.index(resident.identity_number)) == resident


def test_the_hash_needs_the_key_of_the_installation(settings: Settings) -> None:
    before = identity.index("191212121212")
    settings.SAFEHOME_INDEX_KEY = "another"
    assert identity.index("191212121212") != before


def test_a_new_key_in_front_reads_what_the_old_one_wrote(resident: Resident, settings: Settings) -> None:
    settings.SAFEHOME_FIELD_KEYS = [Fernet.generate_key().decode(), *settings.SAFEHOME_FIELD_KEYS]
    assert Resident.objects.get(pk=resident.pk).identity_number == resident.identity_number


def test_without_its_key_it_is_not_read_as_something_else(resident: Resident, settings: Settings) -> None:
    settings.SAFEHOME_FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ValueError, match="SAFEHOME_FIELD_KEYS"):
        Resident.objects.get(pk=resident.pk)


@pytest.mark.parametrize("written", ["{}", "{:.8}-{tail}", " {} "])
def test_a_person_is_found_by_the_whole_number_however_it_is_written(resident: Resident, written: str) -> None:
    number = resident.identity_number
    text = written.format(number, tail=number[8:])
    assert list(Resident.objects.all().matching(text)) == [resident]


def test_nobody_is_found_by_a_part_of_the_number(resident: Resident) -> None:
    assert list(Resident.objects.all().matching(resident.identity_number[:8])) == []


@pytest.mark.parametrize("text", ["astrid", "LINDQ", "lind astr", "Astrid Lindqvist"])
def test_a_person_is_found_by_words_of_the_name(resident: Resident, protected_resident: Resident, text: str) -> None:
    assert list(Resident.objects.all().matching(text)) == [resident]


def test_a_number_belongs_to_one_person(resident: Resident) -> None:
    twin = ResidentFactory.build(home=None, identity_number=resident.identity_number)
    with pytest.raises(ValidationError, match=r"registrerat|already registered"):
        twin.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_two_people_may_be_without_a_number(db: None) -> None:
    for _ in range(2):
        ResidentFactory.create(identity_number="")
    assert Resident.objects.filter(identity_index=None).count() == 2


def test_the_change_log_says_that_it_was_changed_and_never_what_to(resident: Resident) -> None:
    old, resident.identity_number = resident.identity_number, identity_number(77)
    resident.save()
    log = str(list(LogEntry.objects.get_for_object(resident).values_list("changes", flat=True)))
    assert "identity_number" in log
    assert old not in log
    assert resident.identity_number not in log
