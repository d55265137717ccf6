"""The demo municipality is whole, keeps to its own names, and is made once."""

import json
import stat
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from alarms import rules
from alarms.models import RuleSetting
from consents.models import Consent, Task
from consents.proof import verify_chain
from devices.kinds import KINDS
from devices.models import Assignment, CollectingState, Device, DeviceModel, GatewayToken
from safehome.demo import demo_file, people, seed
from safehome.demo import municipality as town
from safehome.organisation.actions import token_digest
from safehome.organisation.models import Administration, Membership, Unit
from safehome.organisation.roles import Role
from safehome.residents import identity
from safehome.residents.models import Contact, Resident

URL = "http://127.0.0.1:8000"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def municipality(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made once for all tests here; what each of them changes is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed.fill()
        yield
        transaction.set_rollback(True)


def test_it_has_what_a_newcomer_was_promised() -> None:
    assert Administration.objects.count() == 2
    assert Unit.objects.count() >= 4
    assert Resident.objects.count() == 21
    assert Resident.objects.filter(home__isnull=True).count() == 0
    assert Contact.objects.count() > 10


def test_home_care_passes_on_to_the_night_patrol_and_it_to_the_alarm_centre() -> None:
    home_care = Unit.objects.get(name=town.NORTH)
    assert home_care.passes_on_to == Unit.objects.get(name=town.NIGHT)
    assert home_care.passes_on_to.passes_on_to == Unit.objects.get(name=town.CENTRE)


def test_every_role_has_somebody_and_each_home_care_group_two_carers() -> None:
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    for name in (town.NORTH, town.SOUTH):
        assert Membership.objects.filter(unit__name=name, role=Role.CARE_STAFF).count() >= 2


def test_every_identity_number_is_valid_and_of_the_published_test_series() -> None:
    numbers = [identity.normalise(resident.identity_number) for resident in Resident.objects.all()]
    assert len(set(numbers)) == 21
    assert {number[:6] for number in numbers} == {"189001", "201311"}
    assert people.childs_number(13) == "201311132383"
    assert people.identity_number(1) == "189001019802"
    assert people.identity_number(2) == "189001029819"


def test_device_ids_tell_nobodys_name() -> None:
    names = {part.lower() for person in people.PEOPLE for part in (person.given_name, person.family_name)}
    ids = Device.objects.values_list("external_id", flat=True)
    assert [one for one in ids if any(name in one for name in names)] == []


def test_the_catalogue_covers_every_kind_of_reading() -> None:
    covered = {kind for model in DeviceModel.objects.all() for kind in model.kinds}
    assert covered == set(KINDS)


def test_everything_made_passes_the_validation_that_an_administrator_meets() -> None:
    for thing in (*DeviceModel.objects.all(), *Device.objects.all(), *Assignment.objects.all(), *Unit.objects.all()):
        thing.full_clean(validate_unique=False, validate_constraints=False)


def test_rule_settings_are_within_their_bounds() -> None:
    for setting in RuleSetting.objects.all():
        rules.RULES[setting.code].settings(setting.settings)


def test_the_childs_button_waits_and_the_sensors_of_one_who_has_taken_it_back_have_stopped() -> None:
    waiting = Assignment.objects.get(collecting=CollectingState.PLANNED)
    assert waiting.resident is not None
    assert waiting.resident.full_name == people.CHILD
    stopped = Assignment.objects.filter(collecting=CollectingState.STOPPED).select_related("resident")
    assert {row.resident.full_name for row in stopped if row.resident} == {people.WITHDRAWN}
    button = Assignment.objects.get(resident=stopped[0].resident, label=people.BUTTON.label)
    assert button.collecting == CollectingState.ACTIVE


def test_the_answers_have_their_proof() -> None:
    assert list(verify_chain()) == []
    states = set(Consent.objects.values_list("state", flat=True))
    assert states == {"asked", "talk", "waiting", "given", "refused", "ended"}
    waiting = Consent.objects.filter(state="waiting", resident__family_name="Nordin")
    assert {row.decisions.get().representative.name for row in waiting} == {people.GUARDIANS[0]}  # type: ignore[union-attr]


def test_there_is_consent_work_to_do() -> None:
    kinds = set(Task.objects.open().values_list("kind", flat=True))
    assert kinds >= {"explain", "waiting", "renew", "safe_cover", "fetch_device"}


def test_making_it_is_all_or_nothing() -> None:
    assert not seed.is_empty()
    before = Unit.objects.count()
    with pytest.raises(IntegrityError):
        seed.fill()
    assert Unit.objects.count() == before


# --- demo.json -----------------------------------------------------------------------------------------------------


def test_demo_json_has_exactly_what_a_program_needs() -> None:
    demo_file.renew(URL)
    content = json.loads(demo_file.path().read_text("utf-8"))
    assert list(content) == ["url", "mode", "accounts", "gateways", "devices"]
    assert content["url"] == URL
    assert {tuple(account) for account in content["accounts"]} == {("role", "email", "password", "name", "units")}
    assert {tuple(gateway) for gateway in content["gateways"]} == {("name", "token")}
    assert {*content["devices"][0]} >= {"external_id", "kind", "resident_id", "unit"}


def test_only_its_owner_can_read_the_file() -> None:
    demo_file.renew(URL)
    assert stat.S_IMODE(demo_file.path().stat().st_mode) == 0o600


def test_staff_and_private_persons_are_told_apart() -> None:
    roles = [account["role"] for account in demo_file.renew(URL)["accounts"]]
    assert {*Role.values, "resident", "relative", "representative", "cohabitant"} == set(roles)


def test_the_first_gateway_speaks_for_the_residents_and_the_second_for_the_schoolyard() -> None:
    content = demo_file.renew(URL)
    platform, school = (gateway["name"] for gateway in content["gateways"])
    *at_home, last = content["devices"]
    assert {device["gateway"] for device in at_home} == {platform}
    assert all(device["resident_id"] for device in at_home)
    assert (last["gateway"], last["resident_id"]) == (school, None)


def test_the_tokens_are_good() -> None:
    for gateway in demo_file.renew(URL)["gateways"]:
        assert GatewayToken.objects.get(digest=token_digest(gateway["token"])).gateway.name == gateway["name"]


def test_everybody_signs_in_with_the_password() -> None:
    for account in demo_file.renew(URL)["accounts"]:
        assert Client().login(email=account["email"], password=account["password"]), account["email"]


def test_passwords_and_tokens_are_the_same_at_the_next_start() -> None:
    assert demo_file.renew(URL) == demo_file.renew(URL)


def test_when_the_file_is_lost_new_keys_replace_the_old() -> None:
    old = demo_file.renew(URL)
    demo_file.path().unlink()
    new = demo_file.renew(URL)
    assert new["accounts"][0]["password"] != old["accounts"][0]["password"]
    live = set(GatewayToken.objects.filter(revoked_at=None).values_list("digest", flat=True))
    assert live == {token_digest(gateway["token"]) for gateway in new["gateways"]}


def test_keys_of_another_database_are_not_kept() -> None:
    stranger = demo_file.renew(URL)
    for account in stranger["accounts"]:
        account["password"] = "demo-aaaa-aaaa"
    stranger["gateways"][0]["token"] = "sh_of_another_database"
    demo_file.write(stranger)
    content = demo_file.renew(URL)
    assert content["accounts"][0]["password"] != "demo-aaaa-aaaa"
    assert content["gateways"][0]["token"] != "sh_of_another_database"
