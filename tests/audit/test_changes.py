"""Field changes: who acted, and that no way round the change log is taken."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.db.models import Model

from safehome.audit.changes import acting_as, become
from safehome.organisation.models import Unit, User

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("safehome", "consents", "devices", "alarms")


def actor_of(unit: Unit) -> User | None:
    entry = LogEntry.objects.get_for_object(unit).order_by("-id").first()
    assert entry is not None
    actor: User | None = entry.actor
    return actor


def rename(unit: Unit, name: str) -> None:
    unit.name = name
    unit.save()


def test_a_change_says_what_and_who(home_care: Unit, unit_manager: User) -> None:
    with acting_as(unit_manager):
        rename(home_care, "Hemtjänst Öster")
    entry = LogEntry.objects.get_for_object(home_care).latest("id")
    assert entry.changes_dict["name"] == ["Hemtjänst Norr", "Hemtjänst Öster"]
    assert (entry.actor, entry.actor_email) == (unit_manager, unit_manager.email)


def test_without_anybody_acting_nobody_did_it(home_care: Unit) -> None:
    rename(home_care, "Hemtjänst Öster")
    assert actor_of(home_care) is None


def test_when_a_nested_actor_is_done_the_outer_one_is_back(
    home_care: Unit, unit_manager: User, administrator: User
) -> None:
    with acting_as(unit_manager):
        with acting_as(administrator):
            rename(home_care, "A")
            assert actor_of(home_care) == administrator
        rename(home_care, "B")
        assert actor_of(home_care) == unit_manager
    rename(home_care, "C")
    assert actor_of(home_care) is None


def test_a_nested_actor_that_fails_gives_the_outer_one_back(
    home_care: Unit, unit_manager: User, administrator: User
) -> None:
    with acting_as(unit_manager):
        with pytest.raises(ZeroDivisionError), acting_as(administrator):
            _ = 1 / 0
        rename(home_care, "B")
    assert actor_of(home_care) == unit_manager


def test_nobody_may_act_inside_somebody(home_care: Unit, unit_manager: User) -> None:
    with acting_as(unit_manager), acting_as(None):
        rename(home_care, "A")
    assert actor_of(home_care) is None


def test_who_becomes_known_late_acts_until_the_block_ends(home_care: Unit, unit_manager: User) -> None:
    with acting_as(None):
        become(unit_manager)
        rename(home_care, "A")
        assert actor_of(home_care) == unit_manager
    rename(home_care, "B")
    assert actor_of(home_care) is None


# --- Nothing goes round it -------------------------------------------------------------------------------------

NOT_IN_THE_CHANGE_LOG = {
    "organisation.Duty": "is itself a log of who was on, with times",
    "audit.AccessEntry": "is the access log",
    "audit.ChainLink": "proves the access log",
    "residents.ResidentException": "given and taken by a verb, which is logged where it is called",
    "outbox.Delivery": "machinery: its state is its history",
    "devices.InboxReading": "machinery: emptied after two weeks",
    "devices.Reading": "only ever added to",
    "devices.RefusedCount": "a number a day",
    "devices.Disposal": "only ever added to",
    "organisation.SignInCode": "machinery: lives for minutes or days",
    "organisation.SignInCount": "machinery: a number an hour",
    "consents.StoredPicture": "addressed by its own hash",
    "consents.Speech": "only ever added to",
    "consents.Consent": "its events are its history",
    "consents.Decision": "only ever added to",
    "consents.ConsentEvent": "is the history of consents",
    "consents.PaperForm": "printing and scanning are events",
    "consents.AssistedSession": "is itself a log of who handed over to whom, with times",
    "consents.EmergencyGround": "beginning and end are events",
    "consents.Task": "says itself who made it done, and when",
    "alarms.Alarm": "its events are its history",
    "alarms.AlarmTarget": "only ever added to, beside an event",
    "alarms.AlarmEvent": "is the history of an alarm",
    "alarms.RuleState": "machinery: what a rule remembers",
    "alarms.Pulse": "machinery: a sign of life",
}


def own_models() -> list[type[Model]]:
    configs = [config for config in apps.get_app_configs() if config.name.split(".")[0] in ROOMS]
    return [model for config in configs for model in config.get_models()]


def test_every_model_is_in_the_change_log_or_not_with_a_reason() -> None:
    labels = {model._meta.label for model in own_models()}
    registered = {model._meta.label for model in own_models() if auditlog.contains(model)}
    assert registered | NOT_IN_THE_CHANGE_LOG.keys() == labels
    assert registered & NOT_IN_THE_CHANGE_LOG.keys() == set()


class Bypass(NamedTuple):
    """A call that writes rows without signals, so that the change log would not hear of it."""

    where: str
    root: str
    fields: frozenset[str]


BYPASSES = ("update", "bulk_create", "bulk_update", "abulk_create", "abulk_update", "aupdate", "_raw_delete")
ALL_FIELDS = frozenset({"*"})


def bypasses() -> Iterator[Bypass]:
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        if "migrations" not in path.parts:
            for call, receiver in _bypassing_calls(ast.parse(path.read_text())):
                yield Bypass(f"{path.relative_to(ROOT)}", _root(receiver), _fields(call))


def _bypassing_calls(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in BYPASSES:
                yield node, receiver


def _root(node: ast.expr) -> str:
    """`Duty` of `Duty.objects.of(user).open()`."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript | ast.BinOp):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "models":
            return node.attr
        node = _inside(node)
    return node.id if isinstance(node, ast.Name) else ""


def _inside(node: ast.Attribute | ast.Call | ast.Subscript | ast.BinOp) -> ast.expr:
    if isinstance(node, ast.Call):
        return node.func
    return node.left if isinstance(node, ast.BinOp) else node.value


def _fields(call: ast.Call) -> frozenset[str]:
    """The fields that the call writes, where the source tells."""
    assert isinstance(call.func, ast.Attribute)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if call.func.attr in ("update", "aupdate"):
        return frozenset(keywords) if len(keywords) == len(call.keywords) and not call.args else ALL_FIELDS
    listed = keywords.get("update_fields") or keywords.get("fields") or next(iter(call.args[1:]), None)
    if isinstance(listed, ast.List | ast.Tuple):
        return frozenset(ast.literal_eval(listed))
    return ALL_FIELDS


def test_no_code_writes_past_the_change_log() -> None:
    """`update()` and its like send no signals: they may touch only what the change log leaves out."""
    registered = {model.__name__: model for model in own_models() if auditlog.contains(model)}
    past = [
        bypass
        for bypass in bypasses()
        if bypass.root in registered
        and not bypass.fields <= set(auditlog.get_model_fields(registered[bypass.root])["exclude_fields"])
    ]
    assert past == []


NOT_A_MODEL = {
    "vars": "the module's own names",
    "result": "a dictionary",
    "about": "states of rules, by subject",
    "deliveries": "deliveries chosen in the admin",
    "waiting": "deliveries that wait",
    "found": "a dictionary",
}


def test_every_such_call_is_known_for_what_it_writes() -> None:
    known = {model.__name__ for model in own_models()} | NOT_A_MODEL.keys()
    assert {bypass for bypass in bypasses() if bypass.root not in known} == set()


def test_the_search_for_such_calls_finds_them() -> None:
    assert any(bypass.root == "Reading" for bypass in bypasses())
    [(call, receiver)] = _bypassing_calls(ast.parse("Unit.objects.filter(pk=1).update(name='x')"))
    assert (_root(receiver), _fields(call)) == ("Unit", frozenset({"name"}))
