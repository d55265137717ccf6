"""Rules are set in forms made from their own settings; what is stored has been through the rule."""

from datetime import time, timedelta

import pytest
from django.test import Client

from alarms import rules
from alarms.models import RuleSetting, RuleState
from alarms.rule_forms import PREFIX
from devices.models import Assignment
from safehome import clock
from safehome.residents.models import Resident
from tests.admin.browser import answers, errors, save, url

ADD = url(RuleSetting, "add")


def test_a_rule_is_begun_with_its_defaults_and_leads_to_its_settings(enter: Client, thermometer: Assignment) -> None:
    response = save(enter, ADD, code="temperature", assignment=str(thermometer.pk))
    setting = RuleSetting.objects.get(assignment=thermometer)
    assert response.url == url(setting, "change")
    assert setting.settings == {}
    assert setting.enabled


@pytest.mark.parametrize("code", rules.RULES)
def test_the_form_of_every_rule_comes_back_as_it_went(
    code: str, enter: Client, thermometer: Assignment, resident: Resident
) -> None:
    rule = rules.RULES[code]
    about = {"resident": resident} if rule.scope == rules.Scope.RESIDENT else {"assignment": thermometer}
    setting = RuleSetting.objects.create(code=code, **about)
    assert save(enter, url(setting, "change")).status_code == 302
    setting.refresh_from_db()
    assert rule.settings(setting.settings) == rule.settings()
    assert set(setting.settings) == {field.name for field in rules.setting_fields(rule.Settings)}


def test_changed_settings_are_stored_and_shown_again(enter: Client, thermometer: Assignment) -> None:
    setting = RuleSetting.objects.create(code="temperature", assignment=thermometer)
    save(enter, url(setting, "change"), **{f"{PREFIX}low": "15.5", f"{PREFIX}minutes": "90"})
    setting.refresh_from_db()
    in_force = rules.RULES["temperature"].settings(setting.settings)
    assert (in_force.low, in_force.minutes, in_force.high) == (15.5, 90, 28.0)
    assert answers(enter.get(url(setting, "change")))[f"{PREFIX}low"] == ["15.5"]
    assert "15.5" in enter.get(url(RuleSetting, "changelist")).content.decode()


def test_times_and_switches_too(enter: Client, resident: Resident) -> None:
    setting = RuleSetting.objects.create(code="inactivity", resident=resident)
    changed = {f"{PREFIX}waking_from": "06:30", f"{PREFIX}goes_out_alone": None}
    save(enter, url(setting, "change"), **changed)
    setting.refresh_from_db()
    in_force = rules.RULES["inactivity"].settings(setting.settings)
    assert (in_force.waking_from, in_force.goes_out_alone) == (time(6, 30), False)


@pytest.mark.parametrize(("name", "value"), [("low", "99"), ("low", ""), ("minutes", "-1"), ("minutes", "1.5")])
def test_what_is_out_of_bounds_is_told_at_its_field(
    name: str, value: str, enter: Client, thermometer: Assignment
) -> None:
    setting = RuleSetting.objects.create(code="temperature", assignment=thermometer)
    response = save(enter, url(setting, "change"), **{PREFIX + name: value})
    assert list(errors(response)) == [PREFIX + name]
    setting.refresh_from_db()
    assert setting.settings == {}


def test_a_rule_can_be_switched_off(enter: Client, help_button: Assignment) -> None:
    setting = RuleSetting.objects.create(code="help_button", assignment=help_button)
    save(enter, url(setting, "change"), enabled=None)
    setting.refresh_from_db()
    assert not setting.enabled


def test_removing_one_brings_the_defaults_back(enter: Client, thermometer: Assignment) -> None:
    setting = RuleSetting.objects.create(code="temperature", assignment=thermometer, settings={"low": 10.0})
    enter.post(url(setting, "delete"), {"post": "yes"})
    assert not RuleSetting.objects.exists()


def test_a_rule_about_a_resident_takes_no_assignment(
    enter: Client, thermometer: Assignment, resident: Resident
) -> None:
    response = save(enter, ADD, code="inactivity", assignment=str(thermometer.pk), resident=str(resident.pk))
    assert list(errors(response)) == ["assignment"]
    assert list(errors(save(enter, ADD, code="inactivity"))) == ["resident"]


def test_a_rule_needs_a_device_that_measures_what_it_weighs(enter: Client, help_button: Assignment) -> None:
    response = save(enter, ADD, code="temperature", assignment=str(help_button.pk))
    assert list(errors(response)) == ["assignment"]


def test_a_rule_is_set_once(enter: Client, thermometer: Assignment) -> None:
    RuleSetting.objects.create(code="temperature", assignment=thermometer)
    response = save(enter, ADD, code="temperature", assignment=str(thermometer.pk))
    assert list(errors(response)) == ["__all__"]


def test_the_rule_is_asked_again_at_once(enter: Client, resident: Resident) -> None:
    later = clock.now() + timedelta(hours=4)
    state = RuleState.objects.create(code="inactivity", resident=resident, wake_at=later)
    setting = RuleSetting.objects.create(code="inactivity", resident=resident)
    save(enter, url(setting, "change"), **{f"{PREFIX}silence_minutes": "15"})
    state.refresh_from_db()
    assert state.wake_at is not None
    assert state.wake_at <= clock.now()


def test_the_page_of_the_assignment_shows_its_rules(enter: Client, thermometer: Assignment) -> None:
    RuleSetting.objects.create(code="temperature", assignment=thermometer, settings={"low": 11.0})
    assert "11" in enter.get(url(thermometer, "change")).content.decode()
