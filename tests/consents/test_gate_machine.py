"""Whatever people do, in whatever order: no reading is kept without a lawful ground, and with every ground it is kept.

`Law` below is written from the law in words and knows nothing of the gate: it keeps a diary of what people have said
and where they live, and reads it anew for every question. The machine lets Hypothesis play everybody's part, posts a
reading after every step through the real intake, and compares.
"""

import calendar
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alarms import pipeline
from consents import actions
from consents.kinds import Answer, ConsentKind, GivenBy, ResidentView, Variant
from consents.models import Consent, Purpose
from consents.policies import Giver
from consents.states import TRANSITIONS, State, Verb
from devices import actions as devices
from devices import consent_effects
from devices.intake.inbox import Request, keep
from devices.intake.messages import parse
from devices.models import Assignment, CollectingState, Lane, Reading
from safehome import clock
from safehome.organisation.actions import token_digest
from safehome.organisation.models import Unit, User
from safehome.organisation.roles import Role
from safehome.residents.models import Cohabitant, Representative, RepresentativeKind, Resident
from tests.consents.conftest import identity_number_of_a_child
from tests.factories import (
    AssignmentFactory,
    CareRelationFactory,
    CohabitantFactory,
    DeviceFactory,
    DeviceModelFactory,
    GatewayFactory,
    PurposeFactory,
    RepresentativeFactory,
    ResidentFactory,
    UnitFactory,
    UserFactory,
    publish_text,
    reading,
    staff,
)

BEGIN = datetime(2026, 1, 30, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONTHS = 2
PICK = st.integers(0, 11)
"""Which of those there are; counted round, since ids differ from run to run."""

Person = UUID | int
"""A resident's id, or a cohabitant's number."""


def day_of(moment: datetime) -> date:
    return moment.astimezone(STOCKHOLM).date()


def months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# --- The law, in words ---------------------------------------------------------------------------------------------


@dataclass
class Word:
    """What somebody said about one question. A yes counts from when everybody who must say it together has; it counts
    for the processing that was explained, and no longer than the mandates of those who said it."""

    person: Person
    purpose: UUID
    yes_at: datetime | None = None
    over_at: datetime | None = None
    no: bool = False
    processing: int = 1
    mandates: list[int] = field(default_factory=list)
    annulled: bool = False

    @property
    def last(self) -> datetime:
        moments = [moment for moment in (self.yes_at, self.over_at) if moment]
        return max(moments) if moments else datetime.min.replace(tzinfo=UTC)


@dataclass
class Law:
    words: dict[UUID, Word] = field(default_factory=dict)
    mandate_ends: dict[int, date] = field(default_factory=dict)
    lapses: list[tuple[UUID, int, date]] = field(default_factory=list)  # purpose, processing before, last day
    lives_from: dict[int, date] = field(default_factory=dict)
    lives_to: dict[int, date] = field(default_factory=dict)
    lives_with: set[UUID] = field(default_factory=set)
    emergencies: list[tuple[UUID, datetime, datetime]] = field(default_factory=list)
    deaths: dict[UUID, date] = field(default_factory=dict)

    def allows(self, resident: UUID, alone: bool, purposes: list[Purpose], at: datetime) -> bool:
        """The dead have no data collected. Of the living: everybody whom a purpose concerns has said yes to it, or
        life is at stake and they have not said no."""
        if resident in self.deaths and day_of(at) >= self.deaths[resident]:
            return False
        for purpose in purposes:
            concerned: list[Person] = [resident]
            if purpose.cohabitants and not alone:
                concerned += [person for person in self.lives_from if self.lives_there(person, at)]
                concerned += self.lives_with
            if not all(self.covered(resident, person, purpose.pk, at) for person in concerned):
                return False
        return True

    def lives_there(self, person: int, at: datetime) -> bool:
        day = day_of(at)
        return self.lives_from[person] <= day and (person not in self.lives_to or day <= self.lives_to[person])

    def covered(self, resident: UUID, person: Person, purpose: UUID, at: datetime) -> bool:
        if any(self.stands(word, at) for word in self.said(person, purpose)):
            return True
        at_stake = any(of == resident and begun <= at < over for of, begun, over in self.emergencies)
        return at_stake and not self.has_said_no(person, purpose, at)

    def said(self, person: Person, purpose: UUID) -> Iterator[Word]:
        return (
            word
            for word in self.words.values()
            if (word.person, word.purpose) == (person, purpose) and not word.annulled
        )

    def stands(self, word: Word, at: datetime) -> bool:
        if word.yes_at is None or at < word.yes_at or (word.over_at is not None and at >= word.over_at):
            return False
        today = day_of(at)
        if today >= months_after(day_of(word.yes_at), MONTHS):
            return False
        if any(today > self.mandate_ends[row] for row in word.mandates if row in self.mandate_ends):
            return False
        return not any(
            of == word.purpose and word.processing < processing and today > last for of, processing, last in self.lapses
        )

    def has_said_no(self, person: Person, purpose: UUID, at: datetime) -> bool:
        decided = [
            word
            for word in self.said(person, purpose)
            if (word.yes_at is not None or word.no) and (word.yes_at is None or word.yes_at <= at)
        ]
        return bool(decided) and max(decided, key=lambda word: word.last).no


# --- Everybody's part ----------------------------------------------------------------------------------------------


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Homes(RuleBasedStateMachine):
    """A grown-up with a god man and people who come to live there, and a child with two guardians."""

    @initialize(begun=st.booleans())
    def furnish(self, begun: bool) -> None:
        self.world = undone()
        self.world.__enter__()
        self.time = time_machine.travel(BEGIN, tick=False)
        self.traveller = self.time.start()
        self.law = Law()
        self.asked: list[UUID] = []
        self.posted = 0
        self.unit: Unit = UnitFactory.create()
        gateway = GatewayFactory.create(unit=self.unit)
        self.token = devices.issue_gateway_token(gateway)
        self.officer: User = staff("Berit Blom", Role.CASE_OFFICER, self.unit)
        about = {"administration": self.unit.administration, "valid_months": MONTHS}
        self.purposes: list[Purpose] = [
            PurposeFactory.create(**about, code="data", cohabitants=True),
            PurposeFactory.create(**about, code="effort", kind=ConsentKind.EFFORT),
        ]
        self.version = {purpose.pk: (1, 1) for purpose in self.purposes}
        for purpose in self.purposes:
            publish_text(purpose)
        self.adult: Resident = ResidentFactory.create(user=UserFactory.create())
        self.child: Resident = ResidentFactory.create(identity_number=identity_number_of_a_child())
        self.rooms = {who.pk: self._sensor(who, gateway) for who in (self.adult, self.child)}
        self.wanted = dict.fromkeys(self.rooms, False)
        self.god_man = self._represent(self.adult, RepresentativeKind.GOD_MAN)
        self.guardians = [self._represent(self.child, RepresentativeKind.GUARDIAN) for _ in range(2)]
        self.cohabitants: list[Cohabitant] = []
        self.others: list[Resident] = []
        for which in range(2) if begun else ():
            self.everybody_answers(which, "yes")
        self.staff_start_or_stop(begun)

    def _sensor(self, who: Resident, gateway: object) -> Assignment:
        CareRelationFactory.create(resident=who, unit=self.unit)
        device = DeviceFactory.create(model=DeviceModelFactory.create(kinds=["motion"]), gateway=gateway)
        planned = {"collecting": CollectingState.PLANNED, "collecting_since": None}
        return AssignmentFactory.create(device=device, resident=who, unit=self.unit, **planned)

    def _represent(self, who: Resident, kind: RepresentativeKind) -> Representative:
        return RepresentativeFactory.create(resident=who, user=UserFactory.create(), kind=kind)

    def teardown(self) -> None:
        if hasattr(self, "time"):
            self.time.stop()
            self.world.__exit__(None, None, None)

    # --- Asking and answering ---

    def _givers(self) -> list[Giver]:
        """Everybody who is in a position to answer today."""
        today = day_of(clock.now())
        found = [Giver(GivenBy.SELF, who, who.user) for who in (self.adult, *self.others)]
        found += [
            Giver(GivenBy.REPRESENTATIVE, row.resident, row.user, representative=row)
            for row in (self.god_man, *self.guardians)
            if row.valid_to is None or today <= row.valid_to
        ]
        found += [
            Giver(GivenBy.COHABITANT, self.adult, cohabitant=row)
            for row in self.cohabitants
            if self.law.lives_there(row.pk, clock.now())
        ]
        return [giver for giver in found if giver.resident.pk not in self.law.deaths]

    @rule(pick=PICK, which=st.integers(0, 1), said=st.sampled_from(["yes", "yes", "yes", "no", "talk"]))
    def somebody_answers(self, pick: int, which: int, said: str) -> None:
        givers = [giver for giver in self._givers() if which == 0 or giver.cohabitant is None]
        if givers:
            self._answer(givers[pick % len(givers)], self.purposes[which], Answer(said))

    @rule(which=st.integers(0, 1), said=st.sampled_from(["yes", "yes", "yes", "no"]))
    def everybody_answers(self, which: int, said: str) -> None:
        for giver in self._givers():
            if which == 0 or giver.cohabitant is None:
                self._answer(giver, self.purposes[which], Answer(said))

    @rule(pick=PICK, which=st.integers(0, 1))
    def staff_ask_anew(self, pick: int, which: int) -> None:
        who = (self.adult, self.child)[pick % 2]
        if who.pk not in self.law.deaths:
            self._note(actions.ask(who, self.purposes[which], by=self.officer))

    def _note(self, row: Consent) -> Consent:
        """In the order they were asked."""
        self.asked += [row.pk] if row.pk not in self.asked else []
        return row

    def _answer(self, giver: Giver, purpose: Purpose, said: Answer) -> None:
        row = self._note(actions.answerable(giver, purpose))
        verb = {Answer.YES: Verb.YES, Answer.NO: Verb.NO, Answer.TALK: Verb.TALK}[said]
        if State(row.state) not in TRANSITIONS[verb]:
            return
        assert purpose.published
        shown = purpose.published.translations.get(language="sv", variant=Variant.EASY)
        row = actions.serve(row, shown, by=giver.user)
        view = {"resident_view": ResidentView.AGREES, "resident_view_note": "Vill."} if giver.representative else {}
        by = {} if giver.user else {"circumstances": actions.Circumstances(registered_by=self.officer)}
        actions.answer(row.pk, said, giver=giver, **view, **by)  # type: ignore[arg-type]
        self._write(row.pk, giver, purpose, said)

    def _write(self, row: UUID, giver: Giver, purpose: Purpose, said: Answer) -> None:
        """Into the diary. Of a child all who have custody say yes together (FB 6:13)."""
        person: Person = giver.cohabitant.pk if giver.cohabitant else giver.resident.pk
        word = self.law.words.setdefault(row, Word(person, purpose.pk))
        now = clock.now()
        if said is Answer.NO:
            for other in self.law.said(person, purpose.pk):
                if other is word or (other.yes_at and other.over_at is None and self._still_yes(other)):
                    other.over_at, other.no = now, True
        elif said is Answer.YES:
            if giver.representative:
                word.mandates.append(giver.representative.pk)
            child = giver.representative is not None and giver.representative.kind == RepresentativeKind.GUARDIAN
            if child and not set(self._custody()) <= set(word.mandates):
                return
            for other in self.law.said(person, purpose.pk):
                if other is not word and other.yes_at and other.over_at is None:
                    other.over_at = now
            word.yes_at, word.processing = now, self.version[purpose.pk][0]

    def _still_yes(self, word: Word) -> bool:
        """Who says no to what has ended by itself has said no to the new question, not to the old one."""
        return self.law.stands(word, clock.now())

    def _custody(self) -> list[int]:
        today = day_of(clock.now())
        return [row.pk for row in self.guardians if row.valid_to is None or today <= row.valid_to]

    # --- Staff ---

    @rule(pick=PICK)
    def staff_annul(self, pick: int) -> None:
        found = Consent.objects.in_bulk(self.asked)
        rows = [found[pk] for pk in self.asked if found[pk].state in TRANSITIONS[Verb.ANNUL]]
        if rows:
            row = rows[-1 - pick % len(rows)]
            actions.annul(row.pk, by=self.officer, reason="Fel person")
            if row.pk in self.law.words:
                self.law.words[row.pk].annulled = True

    @rule(pick=PICK, hours=st.sampled_from([2, 24, 72]))
    def staff_declare_an_emergency(self, pick: int, hours: int) -> None:
        who = (self.adult, self.child)[pick % 2]
        actions.declare_emergency(who.pk, by=self.officer, reason="Medvetslös i hemmet", hours=hours)
        self.law.emergencies.append((who.pk, clock.now(), clock.now() + timedelta(hours=hours)))

    @rule(start=st.booleans())
    def staff_start_or_stop(self, start: bool) -> None:
        for who, row in self.rooms.items():
            row.refresh_from_db()
            if not start:
                devices.stop_collecting(row)
                self.wanted[who] = False
                continue
            started = self._starts(row)
            assert started is self._lawful(who, clock.now())
            self.wanted[who] = self.wanted[who] or started

    @staticmethod
    def _starts(row: Assignment) -> bool:
        try:
            devices.start_collecting(row)
        except devices.NotLawful:
            return False
        return True

    @rule(which=st.integers(0, 1), days=st.integers(0, 30))
    def the_processing_changes(self, which: int, days: int) -> None:
        purpose, last = self.purposes[which], day_of(clock.now()) + timedelta(days=days)
        processing, _wording = self.version[purpose.pk]
        publish_text(purpose, processing_no=processing + 1, wording_no=1, earlier_lapse_on=last)
        actions.limit_anew(Consent.objects.filter(purpose=purpose, state=State.GIVEN))
        self.version[purpose.pk] = (processing + 1, 1)
        self.law.lapses.append((purpose.pk, processing + 1, last))

    @rule(which=st.integers(0, 1))
    def the_wording_changes(self, which: int) -> None:
        purpose = self.purposes[which]
        processing, wording = self.version[purpose.pk]
        publish_text(purpose, processing_no=processing, wording_no=wording + 1)
        actions.limit_anew(Consent.objects.filter(purpose=purpose, state=State.GIVEN))
        self.version[purpose.pk] = (processing, wording + 1)

    # --- The course of life ---

    @rule(pick=PICK, days=st.integers(-3, 20))
    def a_mandate_is_shortened(self, pick: int, days: int) -> None:
        row = (self.god_man, *self.guardians)[pick % 3]
        last = day_of(clock.now()) + timedelta(days=days)
        if row.valid_to is None or last < row.valid_to:
            row.valid_to = last
            row.save()
            self.law.mandate_ends[row.pk] = last

    @rule(days=st.integers(-2, 5))
    def somebody_moves_in(self, days: int) -> None:
        first = day_of(clock.now()) + timedelta(days=days)
        row = CohabitantFactory.create(home=self.adult.home, valid_from=first)
        self.cohabitants.append(row)
        self.law.lives_from[row.pk] = first

    @precondition(lambda self: self.cohabitants)
    @rule()
    def they_move_out(self) -> None:
        row = self.cohabitants.pop()
        row.valid_to = max(row.valid_from, day_of(clock.now()) - timedelta(days=1))
        row.save()
        self.law.lives_to[row.pk] = row.valid_to

    @precondition(lambda self: len(self.others) < 1)
    @rule()
    def another_resident_moves_in(self) -> None:
        other = ResidentFactory.create(home=self.adult.home, user=UserFactory.create())
        self.others.append(other)
        self.law.lives_with.add(other.pk)

    @precondition(lambda self: self.others)
    @rule()
    def the_other_resident_moves_out(self) -> None:
        other = self.others.pop()
        other.home = None
        other.save()
        self.law.lives_with.discard(other.pk)

    @precondition(lambda self: self.posted > 20 and not self.law.deaths)
    @rule(pick=PICK)
    def somebody_dies(self, pick: int) -> None:
        who = (self.adult, self.child)[pick % 2]
        who.died_on = day_of(clock.now())
        who.save()
        self.law.deaths[who.pk] = who.died_on

    @rule(hours=st.sampled_from([1, 20, 24 * 4, 24 * 16, 24 * 40]), settled=st.booleans())
    def time_passes(self, hours: int, settled: bool) -> None:
        self.traveller.shift(timedelta(hours=hours))
        if settled:
            actions.end_overdue()
            consent_effects.settle_overdue()

    # --- What must hold ---

    def _lawful(self, who: UUID, at: datetime) -> bool:
        return self.law.allows(who, who != self.adult.pk, self.purposes, at)

    @invariant()
    def only_what_is_lawful_is_kept_and_all_of_it(self) -> None:
        if not hasattr(self, "rooms"):
            return
        self.traveller.shift(MINUTE)
        for who, row in self.rooms.items():
            now = clock.now()
            kept = self._post(row, now)
            lawful = self._lawful(who, now)
            assert kept is (lawful and self.wanted[who]), f"lawful: {lawful}, wanted: {self.wanted[who]}"
            for days in (0.1, 2.7, 17.3):
                then = now - timedelta(days=days)
                if self._post(row, then):
                    assert lawful
                    assert self._lawful(who, then), f"measured {then}, when it was not lawful"

    def _post(self, row: Assignment, at: datetime) -> bool:
        """Through the real intake; whether it was stored."""
        self.posted += 1
        sent = reading(row.device, 1, at=at)
        batch = parse(json.dumps([sent]).encode(), clock.now(), at_most=10)
        before = Reading.objects.count()
        assert keep([Request(token_digest(self.token), batch)])[0].accepted == 1
        pipeline.drain(Lane.READINGS)
        return Reading.objects.count() > before


@pytest.mark.timeout(400)
def test_nothing_is_kept_without_a_lawful_ground_and_everything_with_one(db: None) -> None:
    usual = settings(
        max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Homes, settings=usual)
