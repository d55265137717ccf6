"""What is in my home: what each device measured today, when it stopped, what was turned away, for each who looks."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consents import actions, relatives
from consents.kinds import Answer, Category, GivenBy
from consents.models import Consent
from consents.policies import Giver
from devices import home_panels, today
from devices.kinds import KINDS
from devices.models import Assignment, CollectingState, RefusedCount, StoppedFor
from safehome import clock
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import User
from safehome.residents.models import Contact, Resident
from tests.conftest import Post
from tests.factories import CohabitantFactory, ResidentFactory, UserFactory, reading

ClientOf = Callable[[User], Client]
Measure = Callable[..., None]


@pytest.fixture
def measure(post_readings: Post, drain: Callable[[], int]) -> Measure:
    """`measure(device, [values], kind=...)`: measured a minute apart, the last one just now."""

    def sent(device: Assignment, values: Iterable[Any], **more: Any) -> None:
        listed = list(values)
        now = timezone.now()
        post_readings(
            *(
                reading(device, value, at=now - timedelta(seconds=20 * (len(listed) - step)), **more)
                for step, value in enumerate(listed)
            )
        )
        drain()

    return sent


@pytest.fixture(autouse=True)
def midday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' last minutes are always today's: shortly after midnight they would be yesterday's."""
    monkeypatch.setattr(today, "since_midnight", lambda: clock.now() - timedelta(hours=1))


@pytest.fixture
def home_of(client_of: ClientOf) -> Callable[[User], str]:
    """The page, in English, as the user meets it."""

    def page(user: User) -> str:
        client = client_of(user)
        client.cookies["safehome_display"] = "language=en"
        return " ".join(client.get("/home/").content.decode().split())

    return page


def says_no(resident: Resident) -> None:
    consent = Consent.objects.get(resident=resident)
    actions.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))


def let_in(user: User, resident: Resident, *categories: Category) -> None:
    contact = Contact.objects.get(user=user, resident=resident)
    assert resident.user
    relatives.let_in(contact, categories, by=resident.user)


def things(user: User, resident: Resident) -> dict[str, home_panels.Thing]:
    groups = home_panels.at_home(user, resident)["devices"]
    return {thing.name: thing for group in groups for thing in group["things"]}


# --- Measured today ----------------------------------------------------------------------------------------------


def test_the_resident_reads_how_often_the_door_was_opened(
    resident_user: User, door_sensor: Assignment, measure: Measure, home_of: Callable[[User], str]
) -> None:
    measure(door_sensor, [1, 0, 1, 0])
    last = timezone.localtime(door_sensor.readings.filter(value=1).latest("measured_at").measured_at)
    assert f"The door was opened 2 times today, last at {last:%H:%M}." in home_of(resident_user)


def test_once_is_told_as_once(
    resident_user: User, door_sensor: Assignment, measure: Measure, home_of: Callable[[User], str]
) -> None:
    measure(door_sensor, [1, 0])
    assert "The door was opened once today, at" in home_of(resident_user)


def test_the_temperature_is_told_with_its_lowest_and_highest(
    resident_user: User, thermometer: Assignment, measure: Measure, home_of: Callable[[User], str]
) -> None:
    measure(thermometer, [20.8, 22.04, 21.5], kind="temperature")
    assert "21.5 degrees. Between 20.8 and 22.0 today." in home_of(resident_user)


def test_a_device_that_has_measured_nothing_says_so(
    resident_user: User, door_sensor: Assignment, home_of: Callable[[User], str]
) -> None:
    assert "Nothing has been measured today." in home_of(resident_user)


def test_yesterdays_readings_are_not_todays(
    resident: Resident, resident_user: User, door_sensor: Assignment, measure: Measure
) -> None:
    measure(door_sensor, [1])
    door_sensor.readings.update(measured_at=clock.now() - timedelta(hours=2))
    assert things(resident_user, resident)["ytterdörr"].today == [today.nothing_today()]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"battery", "heartbeat"}))
def test_every_kind_of_reading_has_its_sentence(
    resident: Resident, resident_user: User, place_device: Any, measure: Measure, kind: str
) -> None:
    device = place_device(f"{kind}-9", [kind], label="saken")
    measure(device, [1, 1])
    (sentence,) = things(resident_user, resident)["saken"].today
    assert sentence.endswith(".")
    assert "noticed something" not in sentence


def test_what_the_device_says_about_itself_is_not_told(
    resident: Resident, resident_user: User, thermometer: Assignment, measure: Measure
) -> None:
    measure(thermometer, [71], kind="battery")
    assert "71" not in str(things(resident_user, resident))


# --- Stopped, and turned away ------------------------------------------------------------------------------------


def test_who_has_said_no_reads_that_it_has_stopped_and_when(
    resident: Resident,
    resident_user: User,
    door_sensor: Assignment,
    measure: Measure,
    home_of: Callable[[User], str],
) -> None:
    measure(door_sensor, [1])
    assert "It has stopped." not in home_of(resident_user)
    says_no(resident)
    door_sensor.refresh_from_db()
    assert door_sensor.stopped_at is not None
    page = home_of(resident_user)
    local = timezone.localtime(door_sensor.stopped_at)
    assert "It has stopped. It saves nothing." in page
    assert f"Stopped {local.day} {local:%B %H:%M}." in page
    assert "The door was opened" not in page


def test_what_comes_after_the_no_is_counted_and_told_by_day(
    resident: Resident,
    resident_user: User,
    door_sensor: Assignment,
    measure: Measure,
    home_of: Callable[[User], str],
) -> None:
    says_no(resident)
    measure(door_sensor, [1, 0, 1])
    page = home_of(resident_user)
    assert "Messages came that we did not keep." in page
    assert "3 messages. None was kept." in page
    assert not door_sensor.readings.exists()


def test_counts_of_several_reasons_are_one_number_a_day(
    resident: Resident, resident_user: User, door_sensor: Assignment
) -> None:
    day = timezone.localdate()
    for back, reason, count in ((0, "stopped", 2), (0, "before_start", 3), (1, "stopped", 1), (60, "stopped", 9)):
        RefusedCount.objects.create(assignment=door_sensor, day=day - timedelta(days=back), reason=reason, count=count)
    assert things(resident_user, resident)["ytterdörr"].turned_away == [(day, 5), (day - timedelta(days=1), 1)]


def test_a_ground_that_has_ended_by_the_clock_is_told_as_stopped(
    resident: Resident, resident_user: User, door_sensor: Assignment
) -> None:
    ended = clock.now() - timedelta(minutes=1)
    Assignment.objects.update(collecting_until=ended)
    assert things(resident_user, resident)["ytterdörr"].stopped_at == ended


def test_a_device_that_has_never_been_started_has_not_stopped(
    resident_user: User, place_device: Any, home_of: Callable[[User], str]
) -> None:
    place_device("bed-1", ["bed"], label="säng", collecting=CollectingState.PLANNED, collecting_since=None)
    page = home_of(resident_user)
    assert "It is off. It saves nothing." in page
    assert "stopped" not in page.lower()


def test_one_that_staff_have_stopped_is_told_as_stopped(
    resident: Resident, resident_user: User, door_sensor: Assignment
) -> None:
    now = clock.now()
    Assignment.objects.update(collecting="stopped", stopped_for=StoppedFor.STAFF, stopped_at=now)
    assert things(resident_user, resident)["ytterdörr"].stopped_at == now


# --- Who sees how much -------------------------------------------------------------------------------------------


@pytest.fixture
def measured(door_sensor: Assignment, thermometer: Assignment, help_button: Assignment, measure: Measure) -> None:
    """The door twice, the warmth once."""
    measure(door_sensor, [1, 0, 1, 0])
    measure(thermometer, [21.5], kind="temperature")


@pytest.mark.usefixtures("measured")
def test_a_representative_sees_what_the_resident_sees(
    resident: Resident, resident_user: User, representative: User
) -> None:
    own = home_panels.at_home(resident_user, resident)
    assert home_panels.at_home(representative, resident) == own
    assert "opened 2 times" in str(own) or "2 gånger" in str(own)


@pytest.mark.usefixtures("measured")
def test_a_relative_reads_only_the_categories_that_are_shown(
    resident: Resident, relative: User, home_of: Callable[[User], str]
) -> None:
    let_in(relative, resident, Category.DEVICES, Category.CLIMATE)
    page = home_of(relative)
    assert "ytterdörr" in page
    assert "21.5 degrees" in page
    assert "The door was opened" not in page


@pytest.mark.usefixtures("measured")
def test_a_relative_who_may_not_see_the_devices_sees_none(
    resident: Resident, relative: User, home_of: Callable[[User], str]
) -> None:
    let_in(relative, resident, Category.CLIMATE)
    page = home_of(relative)
    assert "has not let you see which devices there are" in page
    assert "ytterdörr" not in page
    assert "21.5" not in page


@pytest.mark.usefixtures("measured")
def test_a_relative_sees_no_counts_of_what_was_turned_away(
    resident: Resident, relative: User, door_sensor: Assignment
) -> None:
    let_in(relative, resident, Category.DEVICES, Category.ACTIVITY)
    RefusedCount.objects.create(assignment=door_sensor, day=timezone.localdate(), reason="stopped", count=4)
    assert things(relative, resident)["ytterdörr"].turned_away == []


@pytest.mark.usefixtures("measured")
def test_who_lives_there_sees_what_hangs_there_and_no_readings(
    resident: Resident, home_of: Callable[[User], str]
) -> None:
    partner = UserFactory.create(name="Evert Lindqvist")
    CohabitantFactory.create(home=resident.home, user=partner)
    page = home_of(partner)
    assert "ytterdörr" in page
    assert "sovrum" in page
    assert "armband" not in page
    assert not any(told in page for told in ("The door was opened", "21.5", "Nothing has been measured"))


@pytest.mark.usefixtures("measured")
def test_a_resident_of_the_same_home_sees_what_hangs_there(resident: Resident, home_of: Callable[[User], str]) -> None:
    other = UserFactory.create()
    ResidentFactory.create(home=resident.home, user=other)
    page = home_of(other)
    assert "ytterdörr" in page
    assert "The door was opened" not in page


@pytest.mark.usefixtures("measured")
def test_nobody_reads_the_home_of_a_protected_person(
    resident: Resident, resident_user: User, relative: User, representative: User, home_of: Callable[[User], str]
) -> None:
    let_in(relative, resident, Category.DEVICES)
    partner = UserFactory.create()
    CohabitantFactory.create(home=resident.home, user=partner)
    Resident.objects.update(protected_identity="marked")
    for user in (relative, representative, partner):
        assert "ytterdörr" not in home_of(user)
    assert "ytterdörr" in home_of(resident_user)


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("name", ["stranger", "relative_not_let_in", "her_carer", "superuser"])
def test_others_find_nothing_here(
    request: pytest.FixtureRequest, resident: Resident, name: str, home_of: Callable[[User], str]
) -> None:
    page = home_of(request.getfixturevalue(name))
    assert "There is nothing to show here yet" in page
    assert "ytterdörr" not in page


@pytest.mark.usefixtures("measured")
def test_each_look_is_written_to_the_log(
    resident: Resident, resident_user: User, home_of: Callable[[User], str]
) -> None:
    home_of(resident_user)
    entry = AccessEntry.objects.get(resource="home")
    assert (entry.action, entry.user, entry.resident) == (Action.READ, resident_user.pk, resident.pk)


def test_the_page_asks_as_much_for_twenty_devices_as_for_two(
    resident: Resident,
    resident_user: User,
    place_device: Any,
    client_of: ClientOf,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(20):
        place_device(f"motion-{number}", ["motion", "temperature"], label=f"rum {number}")
    client = client_of(resident_user)
    client.get("/home/")
    with django_assert_max_num_queries(25):
        assert client.get("/home/").status_code == 200
