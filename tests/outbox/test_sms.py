"""The SMS channel, against a gateway that takes its time, refuses, breaks or has heard it before."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.management import call_command
from pytest_django import Settings

from safehome.checks import sms as check_sms
from safehome.outbox import actions
from safehome.outbox.channels import Letter, Sms, sms
from safehome.outbox.models import Delivery, DeliveryState

pytestmark = pytest.mark.django_db
NUMBER, TEXT = "+46701740605", "123456 är din kod för safehome.example."


def write(delivery: Delivery) -> Sms | Letter:
    """The writer of these deliveries."""
    return Sms(NUMBER, TEXT) if delivery.payload["words"] == "sms" else Letter(b"%PDF-")


class Gateway(ThreadingHTTPServer):
    """Answers as it is told, and keeps what it has heard."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answer: bytes = b""
        self.gate = threading.Event()
        self.gate.set()

    def will_say(self, status: int, body: bytes = b"{}", more: bytes = b"") -> None:
        head = b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n%bConnection: close\r\n\r\n" % (status, len(body), more)
        self.answer = head + body

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/messages"


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
        self.server.gate.wait(10)
        self.wfile.write(self.server.answer)
        self.close_connection = True

    def do_GET(self) -> None:
        self.server.heard.append(({}, {"followed": self.path}))

    def log_message(self, *_args: object) -> None:
        """Be quiet."""


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    with Gateway() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        server.will_say(202)
        settings.SAFEHOME_SMS_URL = server.url
        settings.SAFEHOME_SMS_TOKEN = "hemlig"
        settings.SAFEHOME_SMS_SENDER = "Granby"
        yield server
        server.gate.set()
        server.shutdown()


@pytest.fixture(autouse=True)
def writers(settings: Settings, tmp_path: Path) -> None:
    settings.OUTBOX_WRITERS = {"test": f"{__name__}.write"}
    settings.SAFEHOME_DATA_DIR = tmp_path


def send(words: str = "sms", key: str = "code-1") -> Delivery:
    """Queue an SMS (unless it is queued) and send what is due; how it went."""
    payload = {"writer": "test", "words": words}
    actions.queue(key=key, channel="sms", recipient="somebody", subject=UUID(int=1), payload=payload)
    actions.send_due()
    return Delivery.objects.get(key=key)


def test_the_gateway_gets_number_text_sender_and_key(gateway: Gateway) -> None:
    assert send().state == DeliveryState.SENT
    [(headers, body)] = gateway.heard
    assert body == {"to": NUMBER, "from": "Granby", "text": TEXT, "reference": "code-1"}
    assert headers["idempotency-key"] == "code-1"
    assert headers["authorization"] == "Bearer hemlig"
    assert headers["content-type"] == "application/json"


def test_without_a_token_none_is_sent(gateway: Gateway, settings: Settings) -> None:
    settings.SAFEHOME_SMS_TOKEN = ""
    send()
    assert "authorization" not in gateway.heard[0][0]


def test_a_gateway_that_has_the_key_already_has_taken_the_message(gateway: Gateway) -> None:
    gateway.will_say(409)
    assert send().state == DeliveryState.SENT


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_the_gateway_refuses_is_not_tried_again(status: int, gateway: Gateway) -> None:
    gateway.will_say(status, f'{{"error": "{NUMBER} is no number"}}'.encode())
    delivery = send()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 1)
    assert str(status) in delivery.last_error


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_the_gateway_can_not_do_now_is_tried_again(status: int, gateway: Gateway) -> None:
    gateway.will_say(status)
    delivery = send()
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 1)
    gateway.will_say(200)
    Delivery.objects.update(due_at=delivery.created_at)
    assert send().state == DeliveryState.SENT
    keys = {headers["idempotency-key"] for headers, _body in gateway.heard}
    assert keys == {"code-1"}


def test_a_slow_gateway_is_not_waited_for(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "TIMEOUT", httpx.Timeout(0.2))
    gateway.gate.clear()
    delivery = send()
    assert delivery.state == DeliveryState.WAITING
    assert "ReadTimeout" in delivery.last_error


def test_the_longest_wait_is_well_within_the_lease() -> None:
    assert sms.TIMEOUT.read is not None
    assert sms.TIMEOUT.connect is not None
    assert sms.TIMEOUT.read + sms.TIMEOUT.connect < actions.LEASE.total_seconds() / 2


def test_a_gateway_that_is_gone_is_tried_again(settings: Settings) -> None:
    settings.SAFEHOME_SMS_URL = "http://127.0.0.1:1/messages"
    assert send().state == DeliveryState.WAITING


@pytest.mark.parametrize("answer", [b"", b"what?\r\n\r\n", b"HTTP/1.1 2OO fine\r\n\r\n", b"HTTP/1.1 200"])
def test_an_answer_that_is_none_is_tried_again(answer: bytes, gateway: Gateway) -> None:
    gateway.answer = answer
    assert send().state == DeliveryState.WAITING


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b'{"half":'])
def test_only_the_status_counts(body: bytes, gateway: Gateway) -> None:
    gateway.will_say(200, body)
    assert send().state == DeliveryState.SENT


def test_the_message_is_not_carried_to_another_address(gateway: Gateway) -> None:
    gateway.will_say(302, more=b"Location: /elsewhere\r\n")
    assert send().state == DeliveryState.WAITING
    assert len(gateway.heard) == 1


@pytest.mark.parametrize(
    "say", [lambda it: it.will_say(400), lambda it: it.will_say(500), lambda it: it.server_close()]
)
def test_neither_number_nor_text_is_kept_when_it_fails(say: Callable[[Gateway], None], gateway: Gateway) -> None:
    say(gateway)
    kept = str(send().__dict__)
    assert NUMBER not in kept
    assert "123456" not in kept


def test_without_a_gateway_it_becomes_a_file(settings: Settings, tmp_path: Path) -> None:
    settings.SAFEHOME_SMS_URL = ""
    assert send().state == DeliveryState.SENT
    path = tmp_path / "sms" / "code-1.txt"
    assert path.read_text() == f"{NUMBER}\nSafehome\n\n{TEXT}\n"
    assert path.stat().st_mode & 0o077 == 0


def test_in_server_mode_it_waits_for_a_gateway(settings: Settings, tmp_path: Path) -> None:
    settings.SAFEHOME_SMS_URL, settings.EMBEDDED = "", False
    assert send().state == DeliveryState.WAITING
    assert not (tmp_path / "sms").exists()


def test_a_letter_is_no_sms(settings: Settings) -> None:
    settings.SAFEHOME_SMS_URL = ""
    assert send("letter").state == DeliveryState.WAITING


def test_a_letter_lies_in_the_print_folder_once(tmp_path: Path) -> None:
    payload = {"writer": "test", "words": "letter"}
    actions.queue(key="letter-1", channel="letter", recipient="x", subject=UUID(int=1), payload=payload)
    actions.send_due()
    Delivery.objects.update(state=DeliveryState.WAITING, sent_at=None)
    actions.send_due()
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["letter-1.pdf"]
    assert (tmp_path / "letters").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("embedded", "url", "warned"),
    [
        (True, "", []),
        (False, "", ["safehome.W030"]),
        (False, "http://sms.example/", ["safehome.W031"]),
        (False, "https://sms.example/", []),
    ],
)
def test_server_mode_is_warned_without_a_safe_gateway(
    embedded: bool, url: str, warned: list[str], settings: Settings
) -> None:
    settings.EMBEDDED, settings.SAFEHOME_SMS_URL = embedded, url
    assert [warning.id for warning in check_sms()] == warned


def test_a_writer_that_is_not_there_is_found_by_the_checks(settings: Settings) -> None:
    from django.core.management.base import SystemCheckError

    settings.OUTBOX_WRITERS = {"test": "nowhere.write"}
    with pytest.raises(SystemCheckError, match="OUTBOX_WRITERS"):
        call_command("check")
