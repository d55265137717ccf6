"""Relatives whom the resident lets be told: that there is news, nothing more, and nothing once it has ended."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from alarms import notices
from alarms.models import Alarm
from consents import relatives
from consents.kinds import Category
from consents.models import RelativeView
from devices.models import Assignment
from safehome.organisation.models import User
from safehome.outbox import actions as outbox
from safehome.outbox.actions import Undeliverable
from safehome.outbox.models import Delivery, DeliveryState
from safehome.residents.models import Contact, Resident
from tests.conftest import Post
from tests.factories import reading


@pytest.fixture
def view(relative: User, resident: Resident, resident_user: User) -> RelativeView:
    """Ronja, who may be told of alarms and has an e-mail address."""
    contact = Contact.objects.get(user=relative)
    contact.email = "ronja@example.org"
    contact.save()
    return relatives.let_in(contact, [Category.ALARMS], by=resident_user)


def told() -> Delivery:
    return Delivery.objects.get(rests_on__isnull=False)


def test_a_call_for_help_is_told_once_an_alarm(view: RelativeView, press: Callable[[], Alarm]) -> None:
    alarm = press()
    press()
    delivery = told()
    assert (delivery.channel, delivery.recipient, delivery.subject) == ("email", "ronja@example.org", alarm.pk)
    assert (delivery.rests_on, delivery.key) == (view.pk, f"{alarm.pk}:{view.pk}:relative")


def test_it_says_nothing_but_that_there_is_news(
    view: RelativeView, resident: Resident, press: Callable[[], Alarm], mailoutbox: list[EmailMessage]
) -> None:
    alarm = press()
    outbox.send_due()
    message = next(mail for mail in mailoutbox if mail.to == ["ronja@example.org"])
    text = message.message().as_string()
    secrets = [resident.given_name, resident.family_name, str(resident.home), "help_button", str(alarm.pk), "arm"]
    assert [secret for secret in secrets if secret in message.subject + str(message.body)] == []
    assert str(resident.pk) not in text


def test_without_an_e_mail_address_it_goes_by_sms(view: RelativeView, press: Callable[[], Alarm]) -> None:
    Contact.objects.filter(pk=view.contact_id).update(email="", user=None, phone="070-174 06 05")
    press()
    delivery = told()
    assert (delivery.channel, delivery.recipient) == ("sms", "+46701740605")
    message = notices.write(delivery)
    assert (message.number, "Astrid" in message.text) == ("+46701740605", False)


def test_who_may_not_see_alarms_is_not_told(
    view: RelativeView, resident_user: User, press: Callable[[], Alarm]
) -> None:
    relatives.let_in(view.contact, [Category.CLIMATE], by=resident_user)
    press()
    assert not Delivery.objects.filter(rests_on__isnull=False).exists()


def test_who_wants_no_notices_gets_none(view: RelativeView, relative: User, press: Callable[[], Alarm]) -> None:
    relatives.mute(view, muted=True, by=relative)
    press()
    assert not Delivery.objects.filter(rests_on__isnull=False).exists()


def test_technical_alarms_are_not_told(
    view: RelativeView, thermometer: Assignment, post_readings: Post, drain: Callable[[], int]
) -> None:
    post_readings(reading(thermometer, 3, kind="battery"))
    drain()
    assert Alarm.objects.get().code == "battery_low"
    assert not Delivery.objects.filter(rests_on__isnull=False).exists()


def test_what_waits_is_cancelled_when_the_view_is_ended(
    view: RelativeView, resident_user: User, press: Callable[[], Alarm]
) -> None:
    press()
    relatives.end(view.pk, by=resident_user)
    assert told().state == DeliveryState.CANCELLED


@pytest.fixture
def leaving(view: RelativeView, press: Callable[[], Alarm]) -> Delivery:
    """A notice that a sender has claimed already."""
    press()
    return told()


def test_it_is_weighed_once_more_when_it_leaves(
    leaving: Delivery, view: RelativeView, resident_user: User, mailoutbox: list[EmailMessage]
) -> None:
    relatives.let_in(view.contact, [Category.CLIMATE], by=resident_user)
    assert told().state == DeliveryState.WAITING
    outbox.send_due()
    assert told().state == DeliveryState.FAILED
    assert not [mail for mail in mailoutbox if mail.to == ["ronja@example.org"]]


def test_a_claimed_notice_is_not_sent_after_the_end(leaving: Delivery, view: RelativeView, resident_user: User) -> None:
    relatives.end(view.pk, by=resident_user)
    with pytest.raises(Undeliverable):
        notices.require_in_force(leaving)
