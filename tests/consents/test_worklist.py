"""The work list: who sees which tasks, what is overdue, and noting what was done."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consents import worklist
from consents.desk import work
from consents.kinds import Answer
from consents.models import Consent, Task, TaskKind
from consents.policies import Giver
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import Unit, User
from safehome.residents.models import Resident

ClientOf = Callable[[User], Client]
Say = Callable[..., Consent]
WORK = "/consents/work/"


def task(kind: TaskKind, resident: Resident, unit: Unit, days: int = 3) -> Task:
    due = timezone.localdate() + timedelta(days=days)
    made = worklist.make(kind, resident, unit, about=uuid4(), text="Sensor i hallen", due_on=due)
    assert made
    return made


@pytest.fixture
def read(client_of: ClientOf) -> Callable[..., str]:
    def page(user: User, **query: str) -> str:
        browser = client_of(user)
        browser.cookies["safehome_display"] = "language=en"
        return browser.get(WORK, query).content.decode()

    return page


def test_the_list_is_for_those_who_work_with_consents_or_devices(cast: dict[str, User], client_of: ClientOf) -> None:
    opens = {name for name, user in cast.items() if client_of(user).get(WORK).status_code == 200}
    assert opens == {
        "her_carer",
        "second_carer",
        "carer_elsewhere",
        "night_carer",
        "nurse",
        "unit_manager",
        "case_officer",
        "technician",
        "foreign_carer",
    }


@pytest.mark.parametrize("kind", TaskKind.values)
def test_a_task_is_seen_in_its_unit_and_nowhere_else(
    kind: str, cast: dict[str, User], resident: Resident, home_care: Unit
) -> None:
    made = task(TaskKind(kind), resident, home_care)
    sees = {name for name, user in cast.items() if work.visible_to(user).contains(made)}
    in_the_unit = {"her_carer", "second_carer", "nurse", "unit_manager"}
    assert sees == in_the_unit | ({"technician"} if kind in work.OF_DEVICES else set())


def test_what_follows_from_an_answer_stands_in_the_list(
    astrid: Giver, say: Say, case_officer: User, read: Callable[..., str]
) -> None:
    say(astrid, Answer.TALK)
    shown = read(case_officer)
    assert "Talk with the person first" in shown
    assert "Sensorer i hemmet" in shown


def test_what_is_overdue_is_told_by_a_word_and_stands_first(
    resident: Resident, home_care: Unit, her_carer: User, read: Callable[..., str]
) -> None:
    task(TaskKind.ASK, resident, home_care)
    late = task(TaskKind.SAFE_COVER, resident, home_care, days=-1)
    assert work.rows(her_carer, list(work.chosen(her_carer)))[0].task == late
    shown = read(her_carer)
    assert shown.count("Overdue") == 1
    assert "priority-shape" in shown


def test_the_list_is_chosen_from_by_kind_and_unit(
    resident: Resident, home_care: Unit, technical_unit: Unit, technician: User, her_carer: User
) -> None:
    asked = task(TaskKind.ASK, resident, home_care)
    fetch = task(TaskKind.FETCH_DEVICE, resident, technical_unit)
    start = task(TaskKind.START_DEVICE, resident, home_care)
    assert list(work.chosen(her_carer, kind="ask")) == [asked]
    assert set(work.chosen(technician)) == {fetch, start}
    assert list(work.chosen(technician, unit=str(technical_unit.pk))) == [fetch]
    assert list(work.chosen(her_carer, unit=str(technical_unit.pk))) == []
    assert set(work.chosen(her_carer, kind="nonsense", unit="nonsense")) == {asked, start}


def test_a_protected_person_is_masked_in_the_list(
    protected_resident: Resident, home_care: Unit, her_carer: User, named_carer: User, read: Callable[..., str]
) -> None:
    task(TaskKind.ASK, protected_resident, home_care)
    assert "Petra" not in read(her_carer)
    assert "Hemliga vägen" not in read(her_carer)
    assert "Petra Palm" in read(named_carer)


def test_each_task_on_the_page_is_in_the_log(
    resident: Resident, home_care: Unit, her_carer: User, read: Callable[..., str]
) -> None:
    made = task(TaskKind.ASK, resident, home_care)
    read(her_carer)
    entry = AccessEntry.objects.get(user=her_carer.pk, resource="consent task", action=Action.READ)
    assert (entry.resident, entry.resource_id) == (resident.pk, str(made.pk))


def test_the_menu_counts_what_waits(
    resident: Resident, home_care: Unit, her_carer: User, alarm_operator: User, client_of: ClientOf
) -> None:
    task(TaskKind.ASK, resident, home_care)
    task(TaskKind.RENEW, resident, home_care)
    assert work.open_for(her_carer) == 2
    assert 'class="nav-count">2' in client_of(her_carer).get("/residents/").content.decode()
    assert WORK not in client_of(alarm_operator).get("/residents/").content.decode()


# --- Done ----------------------------------------------------------------------------------------------------


def done(browser: Client, made: Task, note: str = "") -> int:
    return browser.post(reverse("desk:done", args=[made.pk]), {"note": note}).status_code


def test_a_task_is_done_with_a_note_and_gone_from_the_list(
    resident: Resident, home_care: Unit, her_carer: User, client_of: ClientOf
) -> None:
    made = task(TaskKind.EXPLAIN, resident, home_care)
    assert done(client_of(her_carer), made, "Pratade vid kaffet.") == 302
    made.refresh_from_db()
    assert (made.done_by, made.note) == (her_carer, "Pratade vid kaffet.")
    assert made.done_at is not None
    assert not work.chosen(her_carer).exists()
    assert AccessEntry.objects.filter(user=her_carer.pk, resource="consent task", action=Action.WRITE).exists()


@pytest.mark.parametrize("kind", work.NEEDS_NOTE)
def test_what_was_arranged_or_decided_is_written_down(
    kind: TaskKind, resident: Resident, home_care: Unit, her_carer: User, client_of: ClientOf
) -> None:
    made = task(kind, resident, home_care)
    done(client_of(her_carer), made)
    made.refresh_from_db()
    assert made.done_at is None
    done(client_of(her_carer), made, "Besök varje kväll kl. 20.")
    made.refresh_from_db()
    assert made.done_at is not None


def test_doing_it_twice_keeps_the_first_note(
    resident: Resident, home_care: Unit, her_carer: User, second_carer: User, client_of: ClientOf
) -> None:
    made = task(TaskKind.EXPLAIN, resident, home_care)
    done(client_of(her_carer), made, "Först.")
    done(client_of(second_carer), made, "Sedan.")
    made.refresh_from_db()
    assert (made.done_by, made.note) == (her_carer, "Först.")


def test_whoever_does_not_see_a_task_can_t_finish_it(
    cast: dict[str, User], resident: Resident, home_care: Unit, client_of: ClientOf
) -> None:
    made = task(TaskKind.ASK, resident, home_care)
    for name in ("carer_elsewhere", "night_carer", "case_officer", "foreign_carer", "technician"):
        assert done(client_of(cast[name]), made, "x") == 404, name
    for name in ("resident_user", "relative", "representative", "stranger", "alarm_operator", "administrator"):
        assert done(client_of(cast[name]), made, "x") == 403, name
    made.refresh_from_db()
    assert made.done_at is None


def test_an_emergency_is_not_reviewed_by_a_tick(
    resident: Resident, home_care: Unit, her_carer: User, client_of: ClientOf
) -> None:
    made = task(TaskKind.REVIEW_EMERGENCY, resident, home_care)
    done(client_of(her_carer), made, "Det var rätt.")
    made.refresh_from_db()
    assert made.done_at is None


def test_looking_at_the_address_that_finishes_does_nothing(
    resident: Resident, home_care: Unit, her_carer: User, client_of: ClientOf
) -> None:
    made = task(TaskKind.ASK, resident, home_care)
    assert client_of(her_carer).get(reverse("desk:done", args=[made.pk])).status_code == 405
