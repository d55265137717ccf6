"""Words for the tables: observations on the home's own clock, and a rule driven through them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from alarms.rules import Alert, Observation, Rule
from alarms.rules.hours import LOCAL

AnyRule = Rule[Any, Any]


def local(text: str, fold: int = 0) -> datetime:
    """`2026-03-02 09:30` on a clock in Sweden, as the aware UTC time that rules are given."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL, fold=fold).astimezone(UTC)


def reading(
    kind: str,
    value: float | None,
    at: datetime | str,
    *,
    sensor: str = "the device",
    placement: str = "interior",
    received_at: datetime | None = None,
) -> Observation:
    measured = local(at) if isinstance(at, str) else at
    return Observation(kind, value, measured, received_at or measured, sensor, placement)


class Driven(NamedTuple):
    """What came out of a rule: its alerts, the times at which it cleared, its last state and wake-up time."""

    alerts: list[Alert]
    cleared: list[datetime]
    state: Any
    wake_at: datetime | None

    @property
    def codes(self) -> list[str]:
        return [alert.code for alert in self.alerts]

    @property
    def times(self) -> list[datetime]:
        return [alert.at for alert in self.alerts]


def drive(
    rule: AnyRule,
    observations: Iterable[Observation],
    *,
    until: datetime | None = None,
    watched: bool = False,
    **settings: Any,
) -> Driven:
    """Feed observations in the order they come; `watched` also wakes the rule whenever it has asked to be woken."""
    driver = _Driver(rule, settings)
    for observation in observations:
        if watched:
            driver.watch(observation.received_at)
        driver.step(observation, observation.received_at)
    if until is not None:
        driver.watch(until)
        driver.step(None, until)
    return Driven(driver.alerts, driver.cleared, driver.state, driver.wake_at)


class _Driver:
    def __init__(self, rule: AnyRule, settings: dict[str, Any]) -> None:
        self.rule, self.settings = rule, rule.settings(settings)
        self.state = rule.state()
        self.alerts: list[Alert] = []
        self.cleared: list[datetime] = []
        self.wake_at: datetime | None = None

    def watch(self, until: datetime) -> None:
        while (due := self.wake_at) is not None and due < until:
            wake_at = self.step(None, due)
            assert wake_at is None or wake_at > due, "a rule that wakes at once wakes for ever"

    def step(self, observation: Observation | None, now: datetime) -> datetime | None:
        decision = self.rule.evaluate(self.state, observation, now, self.settings)
        self.state, self.wake_at = decision.state, decision.wake_at
        self.alerts += decision.alerts
        if decision.cleared:
            assert decision.cleared_at is not None
            self.cleared.append(decision.cleared_at)
        return decision.wake_at
