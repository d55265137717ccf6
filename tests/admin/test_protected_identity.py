"""An administrator who isn't named for a protected person meets neither name, number, address nor account."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from alarms.models import Alarm, AlarmEvent, EventKind
from safehome.audit.changes import acting_as
from safehome.organisation import exceptions
from safehome.organisation.models import User
from safehome.residents.models import ProtectedIdentity, Resident
from safehome.residents.policies import NAMED
from tests.admin.browser import answers, save, url
from tests.factories import AssignmentFactory, ContactFactory, RoomFactory, UserFactory

SECRETS = ("Petra", "Palm", "Hemliga", "Sigurd")


@pytest.fixture
def petra(protected_resident: Resident) -> Resident:
    """With an account, a relative, a room and a device."""
    protected_resident.user = UserFactory.create(name="Petra Palm", email="petra.palm@example.org")
    protected_resident.save()
    ContactFactory.create(resident=protected_resident, name="Sigurd Palm")
    RoomFactory.create(home=protected_resident.home, name="Vinkällare")
    AssignmentFactory.create(resident=protected_resident, label="dörrklocka")
    return protected_resident


def tells(client: Client, address: str, **asked: str) -> list[str]:
    """The secrets that the page tells."""
    response = client.get(address, asked)
    assert response.status_code == 200
    text = response.content.decode()
    return [secret for secret in SECRETS if secret in text]


LISTS = [
    "residents_resident",
    "residents_home",
    "organisation_user",
    "devices_assignment",
    "devices_device",
    "alarms_alarm",
    "auditlog_logentry",
]


@pytest.mark.parametrize("person", ["administrator", "superuser"])
def test_lists_do_not_tell(
    person: str,
    petra: Resident,
    request: pytest.FixtureRequest,
    client_of: Callable[[User], Client],
) -> None:
    client = client_of(request.getfixturevalue(person))
    told = {model: tells(client, reverse(f"admin:{model}_changelist")) for model in LISTS}
    assert not any(told.values()), told


def test_the_list_says_that_somebody_is_there(petra: Resident, enter: Client) -> None:
    assert "Skyddad person" in str(_names(enter)) or "Protected person" in str(_names(enter))


def _names(client: Client, **asked: str) -> list[str]:
    response = client.get(url(Resident, "changelist"), asked)
    page = response.context["cl"].model_admin
    return [str(page.name(resident)) for resident in response.context["cl"].result_list]


@pytest.mark.parametrize("text", ["Petra", "palm", "Petra Palm"])
def test_a_search_by_name_finds_nobody(text: str, petra: Resident, enter: Client) -> None:
    assert _names(enter, q=text) == []


def test_a_search_by_number_finds_nobody(petra: Resident, enter: Client) -> None:
    assert _names(enter, q=petra.identity_number) == []


@pytest.mark.parametrize(
    "lookup", ["given_name__startswith", "home__street__startswith", "identity_index", "user__name"]
)
def test_no_name_is_spelled_out_in_the_address(lookup: str, petra: Resident, enter: Client) -> None:
    assert enter.get(url(Resident, "changelist"), {lookup: "P"}).status_code == 400


def test_the_place_in_the_list_tells_no_letter(petra: Resident, resident: Resident, enter: Client) -> None:
    petra.family_name = "Öman"
    petra.save()
    assert _names(enter)[-1] == resident.full_name


def test_the_page_tells_nothing(petra: Resident, enter: Client) -> None:
    assert tells(enter, url(petra, "change")) == []
    text = enter.get(url(petra, "change")).content.decode()
    assert petra.identity_number not in text


def test_fields_that_are_not_shown_can_not_be_sent(petra: Resident, enter: Client) -> None:
    save(enter, url(petra, "change"), given_name="Ny", protected_identity="none")
    petra.refresh_from_db()
    assert (petra.given_name, petra.protected_identity) == ("Petra", ProtectedIdentity.MARKED)


def test_it_can_not_be_deleted_as_the_question_would_name_relatives(petra: Resident, enter: Client) -> None:
    assert enter.get(url(petra, "delete")).status_code == 403


def test_the_home_and_the_account_are_not_there(petra: Resident, enter: Client) -> None:
    assert petra.home is not None
    assert petra.user is not None
    for hidden in (petra.home, petra.user):
        response = enter.get(url(hidden, "change"))
        assert response.status_code == 302  # as for an id that does not exist
        assert not any(secret in str(response.content) for secret in SECRETS)


@pytest.mark.parametrize(
    ("app_label", "model_name", "field", "term"),
    [
        ("alarms", "rulesetting", "resident", "petra"),
        ("residents", "resident", "home", "hemliga"),
        ("residents", "resident", "user", "petra"),
        ("devices", "assignment", "room", "vinkällare"),
        ("alarms", "rulesetting", "assignment", "palm"),
    ],
)
def test_choices_do_not_find_her(
    app_label: str, model_name: str, field: str, term: str, petra: Resident, enter: Client
) -> None:
    asked = {"app_label": app_label, "model_name": model_name, "field_name": field, "term": term}
    assert enter.get(reverse("admin:autocomplete"), asked).json()["results"] == []


def test_the_history_tells_which_fields_and_no_values(petra: Resident, enter: Client, administrator: User) -> None:
    petra.protected_identity = ProtectedIdentity.NONE
    with acting_as(administrator):
        petra.family_name = "Palmgren"
        petra.save()
    petra.protected_identity = ProtectedIdentity.MARKED
    petra.save()
    response = enter.get(url(petra, "history"), follow=True)
    assert response.status_code == 200
    assert not any(secret in response.content.decode() for secret in SECRETS)
    for entry in response.context["cl"].result_list:
        assert tells(enter, reverse("admin:auditlog_logentry_change", args=[entry.pk])) == []


def test_the_notes_about_her_alarms_are_not_shown(petra: Resident, press: Callable[..., Alarm], enter: Client) -> None:
    alarm = press()
    Alarm.objects.update(resident=petra)
    AlarmEvent.objects.create(alarm=alarm, kind=EventKind.ACCEPTED, note="Ringde Petra")
    assert tells(enter, url(alarm, "change")) == []


# --- Being named --------------------------------------------------------------------------------------------------


def test_whoever_is_named_sees_and_finds_her(petra: Resident, administrator: User, enter: Client) -> None:
    exceptions.grant(administrator, NAMED, petra)
    assert "Petra Palm" in _names(enter, q="petra")
    assert tells(enter, url(petra, "change")) == ["Petra", "Palm", "Hemliga", "Sigurd"]


def test_nobody_names_themselves(petra: Resident, administrator: User, enter: Client) -> None:
    page = enter.get(url(petra, "change"))
    choices = page.context["adminform"].form.fields["named_staff"].queryset
    assert administrator not in choices
    save(enter, url(petra, "change"), named_staff=[str(administrator.pk)])
    assert administrator not in set(exceptions.holders(NAMED, petra))


def test_a_colleague_is_named_and_unnamed(
    petra: Resident, her_carer: User, named_carer: User, enter: Client, carer_elsewhere: User
) -> None:
    page = enter.get(url(petra, "change"))
    choices = set(page.context["adminform"].form.fields["named_staff"].queryset)
    assert {her_carer, named_carer} <= choices
    assert carer_elsewhere not in choices
    assert answers(page)["named_staff"] == [str(named_carer.pk)]
    save(enter, url(petra, "change"), named_staff=[str(her_carer.pk)])
    assert set(exceptions.holders(NAMED, petra)) == {her_carer}
