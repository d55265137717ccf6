"""What has happened is read and never edited; a failed delivery can be tried again."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from alarms.models import Alarm
from devices.models import InboxReading
from safehome.audit import access
from safehome.audit.models import AccessEntry, Action, Purpose
from safehome.organisation.models import User
from safehome.outbox.actions import queue
from safehome.outbox.models import Delivery, DeliveryState
from tests.admin.browser import url
from tests.admin.test_pages import LEDGERS, SHOWN

ledgers = pytest.mark.parametrize(
    "model", [model for model in SHOWN if model.__name__ in LEDGERS], ids=lambda model: model.__name__
)


@ledgers
def test_nothing_in_a_ledger_is_edited(model: type[Model], enter: Client, world: Alarm) -> None:
    thing = model._default_manager.first()
    assert thing is not None
    before = model._default_manager.filter(pk=thing.pk).values().get()
    page = enter.get(url(thing, "change"))
    assert not page.context["has_change_permission"]
    assert 'name="_save"' not in page.content.decode()
    assert enter.post(url(thing, "change"), {"_save": "Save"}).status_code == 403
    assert enter.post(url(thing, "delete"), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=thing.pk).values().get() == before


@ledgers
def test_nothing_in_a_ledger_is_removed_many_at_a_time(model: type[Model], enter: Client, world: Alarm) -> None:
    number = model._default_manager.count()
    chosen = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]
    enter.post(url(model, "changelist"), {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert model._default_manager.count() >= number


def test_the_alarm_s_page_tells_what_has_happened(enter: Client, alarm: Alarm, administrator: User) -> None:
    page = enter.get(url(alarm, "change"))
    [timeline] = page.context["inline_admin_formsets"]
    assert len(timeline.formset.forms) == alarm.events.count() > 0
    assert AccessEntry.objects.get(user=administrator.pk, resource="alarm").action == Action.READ


def test_what_was_measured_is_not_an_administrator_s_business(enter: Client, world: Alarm) -> None:
    for row in InboxReading.objects.all():
        assert "21.0" not in enter.get(url(row, "change")).content.decode()


# --- Deliveries ---------------------------------------------------------------------------------------------------


@pytest.fixture
def failed(db: None) -> Delivery:
    queue(key="a", channel="email", recipient="norr@example.org", subject=uuid4(), payload={})
    Delivery.objects.update(state=DeliveryState.FAILED, attempts=20, last_error="no such host")
    return Delivery.objects.get()


def test_a_failed_delivery_is_tried_again(enter: Client, failed: Delivery) -> None:
    enter.post(url(failed, "verb", "try_again"))
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.last_error) == (DeliveryState.WAITING, 0, "")


def test_many_at_a_time(enter: Client, failed: Delivery) -> None:
    enter.post(url(Delivery, "changelist"), {"action": "try_chosen_again", "_selected_action": [failed.pk]})
    failed.refresh_from_db()
    assert failed.state == DeliveryState.WAITING


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.CANCELLED])
def test_what_was_sent_or_cancelled_stays_so(state: DeliveryState, enter: Client, failed: Delivery) -> None:
    Delivery.objects.update(state=state, sent_at=timezone.now() if state == DeliveryState.SENT else None)
    enter.post(url(failed, "verb", "try_again"))
    enter.post(url(Delivery, "changelist"), {"action": "try_chosen_again", "_selected_action": [failed.pk]})
    failed.refresh_from_db()
    assert failed.state == state


# --- The access log -----------------------------------------------------------------------------------------------


@pytest.fixture
def review(client_of: Callable[[User], Client], log_reviewer: User) -> Client:
    log_reviewer.is_staff = True
    log_reviewer.save()
    return client_of(log_reviewer)


def shown(client: Client) -> list[AccessEntry]:
    return list(client.get(url(AccessEntry, "changelist")).context["cl"].result_list)


def test_a_reviewer_reads_who_looked(review: Client, her_carer: User, alarm: Alarm) -> None:
    access.record(Action.READ, "resident", by=her_carer, resident=alarm.resident_id, owner_unit=alarm.unit_id)
    entry = next(entry for entry in shown(review) if entry.resource == "resident")
    assert entry.user == her_carer.pk
    page = review.get(url(entry, "change"))
    assert her_carer.name in page.content.decode()
    assert review.post(url(entry, "change"), {"_save": "Save"}).status_code == 403
    assert review.post(url(entry, "delete"), {"post": "yes"}).status_code == 403


def test_another_authority_s_log_is_not_shown(review: Client, foreign_carer: User, her_carer: User) -> None:
    for user in (foreign_carer, her_carer):
        access.record(Action.READ, "resident", by=user)
    users = {entry.user for entry in shown(review)}
    assert her_carer.pk in users
    assert foreign_carer.pk not in users


def test_reading_the_log_is_in_the_log(review: Client, log_reviewer: User) -> None:
    shown(review)
    entry = AccessEntry.objects.get(user=log_reviewer.pk, resource="access_log")
    assert (entry.action, entry.purpose) == (Action.READ, Purpose.QUALITY)
