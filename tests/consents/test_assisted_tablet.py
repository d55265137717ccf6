"""A tablet handed over by staff: it opens the questions to one person and nothing else, and ends by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from consents import assisted
from consents.models import AssistedSession, Consent, ConsentEvent, Decision, EventKind, Purpose
from safehome.audit.denials import NotAllowed, NotVisible
from safehome.audit.models import AccessEntry
from safehome.organisation.models import User
from safehome.residents.models import Cohabitant, Resident
from tests.factories import CohabitantFactory

HandOver = Callable[..., Client]


@pytest.fixture
def hand_over(resident: Resident, her_carer: User) -> HandOver:
    """`hand_over()`: the browser of a tablet that Björn has handed to Astrid."""

    def give(whom: Resident = resident, by: User = her_carer, **noted: object) -> Client:
        request, response = begin(by, whom, **noted)
        client = Client()
        client.cookies["sessionid"] = str(request.session.session_key)
        for name, cookie in response.cookies.items():
            client.cookies[name] = cookie.value
        return client

    return give


def begin(by: User, resident: Resident, **noted: object) -> tuple[HttpRequest, HttpResponse]:
    """What the staff's page does when somebody presses its button."""
    request = RequestFactory().post("/")
    request.user = by
    for middleware in (SessionMiddleware, MessageMiddleware):
        middleware(lambda _request: HttpResponse()).process_request(request)
    response = assisted.begin(request, resident=resident, **noted)  # type: ignore[arg-type]
    request.session.save()
    return request, response


def tablet(name: str, *args: object) -> str:
    return reverse(f"my:{name}", args=["tablet", *args])


def answer(client: Client, purpose: Purpose, said: str) -> None:
    address = tablet("question", purpose.pk)
    digest = client.get(address).context["form"]["digest"].value()
    client.post(address, {"said": said, "digest": digest})
    client.post(tablet("check"))


def test_the_staff_member_is_signed_out_and_the_questions_open(her_carer: User, resident: Resident) -> None:
    request, response = begin(her_carer, resident)
    assert not request.user.is_authenticated
    assert dict(request.session.items()).keys() == {assisted.KEY, "_session_expiry"}
    assert response.url == tablet("questions")  # type: ignore[attr-defined]


def test_the_frame_says_who_answers(hand_over: HandOver, purpose: Purpose) -> None:
    page = hand_over().get(tablet("questions")).content.decode()
    assert "Astrid Lindqvist" in page
    assert "portal--tablet" in page


def test_the_answer_says_how_it_was_given(hand_over: HandOver, her_carer: User, purpose: Purpose) -> None:
    noted = {"presence": "Björn, dottern", "helped_by": "Björn", "aids": "Pictogram", "interpreter": "Leila"}
    answer(hand_over(**noted), purpose, "no")
    decision = Decision.objects.get()
    assert (decision.how, decision.given_by, decision.user) == ("staff_tablet", "self", None)
    assert decision.registered_by == her_carer
    kept = (decision.presence, decision.helped_by, decision.aids, decision.interpreter)
    assert kept == tuple(noted.values())


def test_the_text_is_served_in_the_staffs_name_and_the_answer_is_the_persons(
    hand_over: HandOver, her_carer: User, purpose: Purpose
) -> None:
    client = hand_over()
    client.get(tablet("question", purpose.pk))
    assert ConsentEvent.objects.get(kind=EventKind.SERVED).by == her_carer.pk
    assert Consent.objects.get().resident.given_name == "Astrid"


@pytest.mark.parametrize(
    "address", ["/", "/board/", "/residents/", "/my/", "/my/self/", "/accounts/login/", "/api/v1/"]
)
def test_nothing_else_opens_from_it(hand_over: HandOver, address: str) -> None:
    answer = hand_over().get(address)
    assert answer.status_code == 302
    assert answer.url == tablet("questions")  # type: ignore[attr-defined]


def test_it_is_no_ones_seat_but_that_browsers(hand_over: HandOver, client: Client, purpose: Purpose) -> None:
    hand_over()
    assert client.get(tablet("questions")).status_code == 302


def test_a_signed_in_person_has_no_tablet(client_of: Callable[[User], Client], resident_user: User) -> None:
    assert client_of(resident_user).get(tablet("questions")).status_code == 302


def test_giving_it_back_ends_it_and_leads_staff_to_the_persons_page(hand_over: HandOver, resident: Resident) -> None:
    client = hand_over()
    answer = client.post(reverse("my:give-back"))
    page = reverse("desk:resident", args=[resident.pk])
    assert answer.url == f"{reverse('account_login')}?next={page.replace('/', '%2F')}"  # type: ignore[attr-defined]
    assert AssistedSession.objects.get().ended_at is not None
    assert client.get(tablet("questions")).status_code == 302
    assert client.get("/accounts/login/").status_code == 200


def test_leaving_quickly_ends_it_too(hand_over: HandOver) -> None:
    client = hand_over()
    client.post(reverse("my:leave"))
    assert AssistedSession.objects.get().ended_at is not None
    assert client.get(tablet("questions")).status_code == 302


def test_it_ends_by_itself_after_four_hours(hand_over: HandOver, purpose: Purpose) -> None:
    client = hand_over()
    with time_machine.travel(timezone.now() + timedelta(hours=3, minutes=59)):
        assert client.get(tablet("questions")).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=4, minutes=1)):
        assert client.get(tablet("questions")).status_code == 302


def test_it_ends_with_the_staff_members_account(hand_over: HandOver, her_carer: User) -> None:
    client = hand_over()
    her_carer.is_active = False
    her_carer.save()
    assert client.get(tablet("questions")).status_code == 302


def test_handing_over_stands_in_the_log(hand_over: HandOver, her_carer: User, resident: Resident) -> None:
    hand_over()
    row = AccessEntry.objects.get(resource="assisted session")
    assert (row.user, row.resident) == (her_carer.pk, resident.pk)


def test_who_has_no_part_in_the_care_hands_nothing_over(carer_elsewhere: User, resident: Resident) -> None:
    with pytest.raises(NotVisible):
        begin(carer_elsewhere, resident)
    assert not AssistedSession.objects.exists()


def test_who_may_not_ask_hands_nothing_over(alarm_operator: User, resident: Resident) -> None:
    with pytest.raises(NotAllowed):
        begin(alarm_operator, resident)


def test_a_protected_persons_name_is_opened_by_those_who_are_named_for_it(
    her_carer: User, named_carer: User, protected_resident: Resident, hand_over: HandOver
) -> None:
    with pytest.raises(NotAllowed):
        begin(her_carer, protected_resident)
    page = hand_over(protected_resident, named_carer).get(tablet("questions")).content.decode()
    assert "Petra Palm" in page


@pytest.fixture
def evert(resident: Resident) -> Cohabitant:
    return CohabitantFactory.create(home=resident.home, name="Evert Lindqvist")


def test_who_lives_there_can_answer_on_it(hand_over: HandOver, evert: Cohabitant, purpose: Purpose) -> None:
    purpose.cohabitants = True
    purpose.save()
    client = hand_over(cohabitant=evert)
    assert "Evert Lindqvist" in client.get(tablet("questions")).content.decode()
    answer(client, purpose, "no")
    assert Decision.objects.get().given_by == "cohabitant"


def test_the_pages_speak_the_persons_language(hand_over: HandOver, purpose: Purpose) -> None:
    assert '<html lang="en"' in hand_over(language="en").get(tablet("questions")).content.decode()
