"""What holds for every alarm kind and every rule, also for those not written yet."""

import subprocess
import sys

import msgspec
import pytest
from django.utils.translation import override

from alarms.rules import KINDS, RULES, AlarmKind, Category, Observation, Priority, rules_for, setting_fields, stored
from devices.kinds import KINDS as READING_KINDS
from tests.rules.drive import AnyRule, local, reading

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)

HELP, TECHNICAL, INFORMATION = Category.HELP, Category.TECHNICAL, Category.INFORMATION
HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW


def test_the_catalogue_says_what_each_alarm_weighs() -> None:
    assert {code: (kind.category, kind.priority) for code, kind in KINDS.items()} == {
        "help_button": (HELP, HIGH),
        "fall": (HELP, HIGH),
        "smoke": (HELP, HIGH),
        "inactivity": (HELP, HIGH),
        "water": (HELP, MEDIUM),
        "night_door": (HELP, MEDIUM),
        "temperature": (HELP, MEDIUM),
        "device_silent": (TECHNICAL, MEDIUM),
        "battery_low": (TECHNICAL, LOW),
        "unknown_device": (TECHNICAL, MEDIUM),
        "unreadable_reading": (TECHNICAL, MEDIUM),
        "stopped_device_called": (HELP, HIGH),
        "stopped_device_left": (TECHNICAL, MEDIUM),
        "not_come_home": (INFORMATION, LOW),
    }


@EVERY_KIND
def test_every_kind_says_what_has_happened_and_what_to_do(kind: AlarmKind) -> None:
    assert all(str(words) for words in (kind.label, kind.meaning, kind.action, kind.sentence))


@EVERY_RULE
def test_a_rule_weighs_only_reading_kinds_that_exist(rule: AnyRule) -> None:
    assert rule.kinds <= set(READING_KINDS)
    assert rule.raises <= set(KINDS)


@EVERY_RULE
def test_first_state_and_default_settings_survive_storing(rule: AnyRule) -> None:
    assert rule.state(stored(rule.state())) == rule.state()
    assert rule.settings(stored(rule.settings())) == rule.settings()
    assert msgspec.json.decode(msgspec.json.encode(rule.state()), type=rule.State) == rule.state()


@EVERY_RULE
def test_every_setting_can_be_shown_as_a_form_field(rule: AnyRule) -> None:
    for field in setting_fields(rule.Settings):
        assert str(field.words.label)
        assert isinstance(field.default, field.type)
        if isinstance(field.default, int | float):
            bounds = (field.minimum or field.default, field.maximum or field.default)
            assert bounds[0] <= field.default <= bounds[1]


def test_settings_out_of_bounds_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        RULES["inactivity"].settings({"silence_minutes": 1})


def test_settings_not_given_are_the_default_ones() -> None:
    assert RULES["inactivity"].settings({"away_notice_hours": 12}).silence_minutes == 240


@pytest.mark.parametrize(
    ("kinds", "placement", "scope", "codes"),
    [
        ({"motion"}, "interior", "assignment", set()),
        ({"motion"}, "interior", "resident", {"inactivity"}),
        ({"door", "battery"}, "exit", "assignment", {"night_door", "battery_low", "device_silent"}),
        ({"door"}, "interior", "assignment", set()),
        ({"temperature"}, "interior", "assignment", {"temperature", "device_silent"}),
        ({"temperature"}, "outdoor", "assignment", {"device_silent"}),
        ({"button", "heartbeat"}, "interior", "assignment", {"help_button", "device_silent"}),
        ({"smoke"}, "interior", "assignment", {"smoke"}),
    ],
)
def test_a_device_gets_the_rules_of_its_kinds_and_its_place(
    kinds: set[str], placement: str, scope: str, codes: set[str]
) -> None:
    assert {rule.code for rule in rules_for(kinds, placement, scope)} == codes


def test_the_sentence_shows_times_on_the_home_clock() -> None:
    detail = {"pressed_at": local("2026-07-01 02:10").isoformat()}
    with override("en"):
        assert str(KINDS["help_button"].describe(detail)) == "The help button was pressed at 2026-07-01 02:10."


@EVERY_RULE
@pytest.mark.parametrize("value", [0.0, 1.0, 5.0, 99.0])
def test_every_alert_can_be_described_with_its_own_facts(rule: AnyRule, value: float) -> None:
    for observation in _of_each_kind(rule, value):
        decision = rule.evaluate(rule.state(), observation, observation.at, rule.settings())
        for alert in decision.alerts:
            assert str(KINDS[alert.code or rule.code].describe(alert.detail))


def _of_each_kind(rule: AnyRule, value: float) -> list[Observation]:
    return [reading(kind, value, "2026-03-02 23:30", placement="exit") for kind in rule.kinds or {"motion"}]


def test_rules_need_no_database_and_no_settings() -> None:
    """The whole catalogue is imported in a bare process: neither models nor settings are touched."""
    program = "import alarms.rules, sys; sys.exit(any(name.endswith('.models') for name in sys.modules if "
    program += "name.partition('.')[0] in {'alarms', 'devices', 'consents', 'safehome'}))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_sentence_leaves_out_the_date_of_today() -> None:
    pressed = local("2026-07-01 02:10")
    detail = {"pressed_at": pressed.isoformat()}
    with override("en"):
        assert str(KINDS["help_button"].describe(detail, pressed.date())) == "The help button was pressed at 02:10."


def test_a_fact_that_is_missing_is_a_dash() -> None:
    with override("en"):
        assert KINDS["help_button"].describe({}) == "The help button was pressed at –."
