"""A home with a mark on every kind of knowledge about it, and the three who may see the marks while consents stand.

The marks are words and numbers that stand nowhere else, so that finding one in any answer means that it was told.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from drf_spectacular.generators import SchemaGenerator

from alarms import actions as alarm_actions
from alarms import pipeline, rules
from alarms.models import Alarm
from consents import actions, relatives
from consents.kinds import Answer, Category, ConsentKind, GivenBy
from consents.models import (
    Consent,
    EmergencyGround,
    PaperForm,
    PurposeCategory,
    Recipient,
    RelativeView,
    Speech,
    StoredPicture,
    Task,
    TaskKind,
)
from consents.policies import Giver
from devices.intake.inbox import Request, keep
from devices.intake.messages import parse
from devices.models import Assignment, GatewayToken, Lane
from safehome import clock
from safehome.organisation.actions import token_digest
from safehome.organisation.models import Regime, Unit, User
from safehome.residents.models import Contact, Effort, Resident, Room
from tests.factories import (
    AssignmentFactory,
    CareRelationFactory,
    DeviceFactory,
    DeviceModelFactory,
    PurposeFactory,
    consent_to,
    publish_text,
    reading,
)

SECOND, RELATIVE, OWN = "second administration", "relative", "own administration"
WARMTH, DEVICE, ALARM, NOTE, NOTICE, EFFORT, UNIT, ACTIVITY, COUNT = (
    "warmth",
    "device",
    "alarm",
    "note",
    "notice",
    "effort",
    "unit",
    "activity",
    "count",
)
LABEL, SERIAL, WORDS, GRANTED = "Givare-ZX41", "leak-warm", "ANTECKNING-QX77", "INSATS-WV55"


@dataclass
class Scene:
    """Everything that an address may be asked with, and who asks."""

    resident: Resident
    thermometer: Assignment
    motion: Assignment
    alarm: Alarm
    notice: Alarm
    unit: Unit
    sharing: Consent
    processing: Consent
    view: RelativeView
    contact: Contact
    browsers: dict[str, Client]
    things: dict[str, object] = field(default_factory=dict)

    def marks_in(self, answer: HttpResponseBase, asked: str = "") -> set[str]:
        """Which marks an answer holds; an address that comes back to who asked for it tells nothing."""
        text = body_of(answer).replace(asked or "\0", "")
        found = {
            WARMTH: re.search(r"31[.,]7\d*\s*(°|&deg;)|31\.70717", text),
            DEVICE: LABEL in text or SERIAL in text,
            ALARM: str(self.alarm.pk) in text,
            NOTE: WORDS in text,
            NOTICE: str(self.notice.pk) in text,
            EFFORT: GRANTED in text,
            UNIT: self.unit.name in text,
            ACTIVITY: "activity-heading" in text or '"kind":"motion"' in text.replace(" ", ""),
            COUNT: re.search(r'<td data-label="[^"]*"><span class="ds-tag tag" data-color="danger">', text),
        }
        return {mark for mark, there in found.items() if there}

    def withdraw(self, who: str) -> None:
        """By the person's own act, as the pages do it."""
        herself = Giver(GivenBy.SELF, self.resident, self.resident.user)
        if who == RELATIVE:
            relatives.end(self.view.pk, by=self.resident.user)
        else:
            consent = self.sharing if who == SECOND else self.processing
            actions.answer(consent.pk, Answer.NO, giver=herself)


def body_of(answer: HttpResponseBase) -> str:
    if answer.streaming:
        return b"".join(answer).decode(errors="replace")
    return answer.content.decode(errors="replace")  # type: ignore[attr-defined, no-any-return]


# --- Laying it out -------------------------------------------------------------------------------------------------


def lay_out(
    resident: Resident, unit: Unit, foreign_unit: Unit, people: dict[str, User], contact: Contact, token: str
) -> Scene:
    CareRelationFactory.create(resident=resident, unit=foreign_unit)
    thermometer = _sensor(SERIAL, ["temperature"], resident, unit, token, LABEL)
    motion = _sensor("leak-move", ["motion"], resident, unit, token, "kök")
    button = _sensor("leak-button", ["button"], resident, unit, token, "armband")
    Effort.objects.create(resident=resident, administration=unit.administration, regime=Regime.SOL, name=GRANTED)
    _post(token, reading(thermometer, 31.70717), reading(motion, 1), reading(button, 1))
    alarm = Alarm.objects.get(code="help_button")
    alarm_actions.accept(alarm.pk, by=people[OWN], note=WORDS)
    alarm.refresh_from_db()
    notice = alarm_actions.raise_alarm(
        alarm_actions.Cause(rules.KINDS["not_come_home"], str(resident.pk), unit, motion), rules.Alert(clock.now())
    )
    sharing = PurposeFactory.create(administration=unit.administration, kind=ConsentKind.SECRECY, reading_kinds=[])
    PurposeCategory.objects.bulk_create(PurposeCategory(purpose=sharing, category=row) for row in Category)
    Recipient.objects.create(purpose=sharing, administration=foreign_unit.administration)
    publish_text(sharing)
    processing = Consent.objects.get(resident=resident, purpose__kind=ConsentKind.PROCESSING)
    publish_text(processing.purpose)
    assert resident.user
    view = relatives.let_in(contact, relatives.FOR_RELATIVES, by=resident.user)
    browsers = {who: Client() for who in people}
    for who, user in people.items():
        browsers[who].force_login(user)
    scene = Scene(
        resident, thermometer, motion, alarm, notice, unit, consent_to(sharing, resident), processing, view, contact,
        browsers,
    )  # fmt: skip
    scene.things = _things(scene, people[OWN])
    return scene


def _sensor(name: str, kinds: list[str], resident: Resident, unit: Unit, token: str, label: str) -> Assignment:
    gateway = GatewayToken.objects.get(digest=token_digest(token)).gateway
    device = DeviceFactory.create(external_id=name, gateway=gateway, model=DeviceModelFactory.create(kinds=kinds))
    room = Room.objects.filter(home=resident.home).first()
    return AssignmentFactory.create(device=device, resident=resident, unit=unit, label=label, room=room)


def _post(token: str, *readings: object) -> None:
    batch = parse(json.dumps(readings).encode(), clock.now(), at_most=100)
    keep([Request(token_digest(token), batch)])
    for lane in Lane:
        pipeline.drain(lane)


def _things(scene: Scene, officer: User) -> dict[str, object]:
    """One of each thing that an address may name."""
    resident, consent = scene.resident, scene.processing
    text = consent.purpose.published
    assert text
    at_stake = EmergencyGround.objects.create(
        resident=resident, reason="Medvetslös", started_by=officer, started_at=clock.now(),
        ends_at=clock.now() + actions.EMERGENCY_AT_MOST,
    )  # fmt: skip
    form = PaperForm.objects.create(
        code="ABCD2345", consent=consent, language="sv", variant="easy", text_digest="0" * 64, printed_by=officer
    )
    picture = StoredPicture.objects.create(digest="a" * 64, code="home", svg="<svg/>")
    speech = Speech.objects.create(text_digest="b" * 64, language="sv", digest="c" * 64, voice="x", audio=b"mp3")
    task = Task.objects.create(
        kind=TaskKind.EXPLAIN, resident=resident, unit=scene.unit, key="leak", due_on=clock.now().date()
    )
    return {
        "consent": consent.pk, "purpose": consent.purpose_id, "text": text.pk, "emergency": at_stake.pk,
        "form": form.code, "picture": picture.digest, "speech": speech.pk, "task": task.pk,
    }  # fmt: skip


# --- The map of addresses ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    name: str
    callback: Callable[..., object]

    @property
    def ours(self) -> bool:
        """Of this product; not the accounts' own pages, nor Django admin, which has a door of its own."""
        return not self.module.startswith(("allauth.", "django.contrib.admin")) and not self.name.startswith("admin:")

    @property
    def module(self) -> str:
        view = getattr(self.callback, "view_class", None) or getattr(self.callback, "cls", None) or self.callback
        return str(getattr(view, "__module__", ""))


def addresses() -> dict[str, Address]:
    """Every named address of the product."""
    return {found.name: found for found in _walk(get_resolver().url_patterns, ())}


def reading_addresses_of_the_api() -> set[str]:
    """The names of the addresses that the API's own schema says can be read."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]  # type: ignore[no-untyped-call]
    known = {f"{{{name}}}" for name in ("id", "pk")}
    found = set()
    for path, verbs in paths.items():
        if "get" in verbs:
            filled = re.sub(r"\{\w+\}", str(uuid4()), path)
            assert known >= set(re.findall(r"\{\w+\}", path)), path
            found.add(resolve(filled).view_name)
    return found


def _walk(patterns: list[URLPattern | URLResolver], namespaces: tuple[str, ...]) -> list[Address]:
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            found.append(Address(":".join((*namespaces, pattern.name or str(pattern.pattern))), pattern.callback))
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            found += _walk(pattern.url_patterns, inner)
    return found


def url(scene: Scene, name: str, arguments: str) -> str:
    """The address with what the table says it is asked with: "pk=alarm purpose=purpose"."""
    known = scene.things | {
        "resident": scene.resident.pk,
        "alarm": scene.alarm.pk,
        "assignment": scene.thermometer.pk,
        "device": scene.thermometer.device_id,
        "view": scene.view.pk,
        "contact": scene.contact.pk,
        "seat": "self",
    }
    path, _, query = arguments.partition("?")
    named = {word.split("=")[0]: known.get(word.split("=")[1], word.split("=")[1]) for word in path.split()}
    for thing in ("resident", "assignment"):
        query = query.replace(f"{{{thing}}}", str(known[thing]))
    return reverse(name, kwargs=named) + (f"?{query}" if query else "")
