"""The e-mail channel: an alarm waits, and nothing that may not stand on a lock screen."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from alarms.models import Alarm
from safehome.outbox import actions
from safehome.outbox.models import Delivery, DeliveryState


def test_it_says_that_an_alarm_waits_and_where(alarm: Alarm, mailoutbox: list[EmailMessage]) -> None:
    assert actions.send_due() == 1
    message = mailoutbox[0]
    assert message.to == ["norr@example.org"]
    assert f"/alarms/{alarm.pk}/" in str(message.body)
    assert "Hemtjänst Norr" in str(message.body)


def test_it_carries_no_personal_data(alarm: Alarm, mailoutbox: list[EmailMessage]) -> None:
    actions.send_due()
    resident = alarm.resident
    assert resident is not None
    text = mailoutbox[0].message().as_string()
    secrets = [resident.given_name, resident.family_name, resident.identity_number, str(resident.home), "help_button"]
    assert [secret for secret in secrets if secret in text] == []


def test_the_same_delivery_has_the_same_message_id(alarm: Alarm, mailoutbox: list[EmailMessage]) -> None:
    """So that a mailbox that gets it twice after a crash shows it once."""
    actions.send_due()
    Delivery.objects.update(state=DeliveryState.WAITING, sent_at=None)
    actions.send_due()
    first, second = (message.message()["Message-ID"] for message in mailoutbox)
    assert first == second


class NoSuchMailbox(socketserver.StreamRequestHandler):
    """An SMTP server that knows nobody."""

    ANSWERS = {b"EHLO": b"250 here", b"MAIL": b"250 ok", b"RCPT": b"550 no such mailbox", b"QUIT": b"221 bye"}

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            self.wfile.write(self.ANSWERS.get(line[:4].upper(), b"250 ok") + b"\r\n")


@pytest.fixture
def mail_server() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), NoSuchMailbox) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_mailbox_that_does_not_exist_is_not_tried_again(alarm: Alarm, mail_server: int, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server
    assert actions.send_due() == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 1)


def test_a_mail_server_that_does_not_answer_is_tried_again(alarm: Alarm, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert actions.send_due() == 0
    assert Delivery.objects.get().state == DeliveryState.WAITING
