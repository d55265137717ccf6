"""From where somebody answers: each seat opens to those who hold it, and to nobody else."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from consents.kinds import GivenBy
from consents.models import Consent, Decision, Purpose
from consents.policies import Giver, givers_of
from consents.portal.seat import Seat
from safehome.organisation.models import User
from safehome.residents.models import ProtectedIdentity, Representative, Resident
from tests.factories import CohabitantFactory, RepresentativeFactory, ResidentFactory, UserFactory

ClientOf = Callable[[User], Client]


def questions(slug: str) -> str:
    return reverse("my:questions", args=[slug])


def test_everybody_else_than_the_resident_finds_nothing_at_her_seat(
    client_of: ClientOf, cast: dict[str, User], purpose: Purpose
) -> None:
    found = {name: client_of(user).get(questions("self")).status_code for name, user in cast.items() if user.is_active}
    assert found.pop("resident_user") == 200
    assert {found.pop("relative"), found.pop("relative_not_let_in")} == {403}
    assert set(found.values()) == {404}


def test_another_persons_mandate_is_not_found(client_of: ClientOf, resident_user: User, god_man: Giver) -> None:
    assert client_of(resident_user).get(questions(god_man.slug)).status_code == 404


def test_a_mandate_that_has_ended_is_not_found(client_of: ClientOf, god_man: Giver, representative: User) -> None:
    assert client_of(representative).get(questions(god_man.slug)).status_code == 200
    Representative.objects.update(valid_to="2001-01-01", valid_from="2000-01-01")
    assert client_of(representative).get(questions(god_man.slug)).status_code == 404


def test_who_is_not_signed_in_is_asked_to_and_comes_back(client: Client, purpose: Purpose) -> None:
    address = reverse("my:question", args=["self", purpose.pk])
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.url == f"{reverse('account_login')}?next={address}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["nobody", "for-", "home-1", "tablet-1", "for-1-2"])
def test_other_words_are_no_seats(client_of: ClientOf, resident_user: User, word: str) -> None:
    assert client_of(resident_user).get(f"/my/{word}/").status_code == 404


def test_who_answers_for_several_chooses_who_they_are(client_of: ClientOf, resident_user: User) -> None:
    mother = ResidentFactory.create(given_name="Maj", family_name="Sten")
    RepresentativeFactory.create(resident=mother, user=resident_user, name=resident_user.name)
    client = client_of(resident_user)
    assert client.post(questions("self"), {"go": "self"}).url == reverse("my:who")  # type: ignore[attr-defined]
    page = client.get(reverse("my:who")).content.decode()
    for giver in givers_of(resident_user):
        assert reverse("my:how", args=[giver.slug]) in page
    assert "Maj Sten" in page


def test_who_answers_for_one_is_not_asked_who_they_are(client_of: ClientOf, resident_user: User) -> None:
    answer = client_of(resident_user).post(questions("self"), {"go": "self"})
    assert answer.url == reverse("my:how", args=["self"])  # type: ignore[attr-defined]


def test_a_protected_persons_own_pages_say_nothing_to_others(client_of: ClientOf, resident: Resident) -> None:
    user = UserFactory.create()
    row = RepresentativeFactory.create(resident=resident, user=user)
    resident.protected_identity = ProtectedIdentity.MARKED
    resident.save()
    assert client_of(user).get(questions(f"for-{row.pk}")).status_code == 404
    assert Seat(Giver(GivenBy.COHABITANT, resident)).about == ""
    assert Seat(Giver(GivenBy.SELF, resident)).about == resident.given_name


def test_who_lives_there_is_not_asked_about_what_does_not_concern_the_home(
    client_of: ClientOf, resident: Resident, purpose: Purpose
) -> None:
    user = UserFactory.create()
    row = CohabitantFactory.create(home=resident.home, user=user)
    slug = f"home-{row.pk}-{resident.pk}"
    client = client_of(user)
    assert client.get(questions(slug)).status_code == 200
    assert client.get(reverse("my:question", args=[slug, purpose.pk])).status_code == 404
    assert not Consent.objects.exists()


def test_one_seat_does_not_answer_for_another(client_of: ClientOf, god_man: Giver, purpose: Purpose) -> None:
    """The same question, opened from two seats of the same person, are two answers."""
    own = ResidentFactory.create(user=god_man.user)
    for relation in god_man.resident.care_relations.all():
        own.care_relations.create(unit=relation.unit, valid_from=relation.valid_from)
    client = client_of(god_man.user)  # type: ignore[arg-type]
    for slug in ("self", god_man.slug):
        address = reverse("my:question", args=[slug, purpose.pk])
        digest = client.get(address).context["form"]["digest"].value()
        client.post(address, {"said": "talk", "digest": digest})
        client.post(reverse("my:check", args=[slug]))
    assert {(row.consent.resident, row.given_by) for row in Decision.objects.all()} == {
        (own, "self"),
        (god_man.resident, "representative"),
    }
