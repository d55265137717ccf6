"""What has been chosen and not sent is kept: one can leave, come back another day, and go on from there."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from consents import actions
from consents.kinds import Answer
from consents.models import Consent, Decision, Purpose
from consents.policies import Giver
from safehome.organisation.models import User

ClientOf = Callable[[User], Client]


def choose(client: Client, seat: str, purpose: Purpose, said: str) -> None:
    address = reverse("my:question", args=[seat, purpose.pk])
    digest = client.get(address).context["form"]["digest"].value()
    assert client.post(address, {"said": said, "digest": digest}).status_code == 302


def chosen(client: Client, seat: str, purpose: Purpose) -> object:
    """What is marked on the page when it is opened."""
    return client.get(reverse("my:question", args=[seat, purpose.pk])).context["form"]["said"].initial


def test_a_choice_is_there_after_signing_out_and_in_again(
    client_of: ClientOf, resident_user: User, purpose: Purpose
) -> None:
    client = client_of(resident_user)
    choose(client, "self", purpose, "no")
    client.post(reverse("my:leave"))
    later = client_of(resident_user)
    page = later.get(reverse("my:questions", args=["self"]))
    assert [item.draft.said for item in page.context["drafts"]] == [Answer.NO]
    assert chosen(later, "self", purpose) is Answer.NO
    assert not Decision.objects.exists()


def test_what_was_chosen_is_listed_before_one_leaves(
    client_of: ClientOf, resident_user: User, purpose: Purpose
) -> None:
    client = client_of(resident_user)
    choose(client, "self", purpose, "yes")
    assert len(client.get(reverse("my:later", args=["self"])).context["drafts"]) == 1


def test_a_choice_can_be_changed_from_the_check(client_of: ClientOf, resident_user: User, purpose: Purpose) -> None:
    client = client_of(resident_user)
    choose(client, "self", purpose, "yes")
    check = reverse("my:check", args=["self"])
    assert reverse("my:question", args=["self", purpose.pk]) in client.get(check).content.decode()
    choose(client, "self", purpose, "no")
    assert [item.draft.said for item in client.get(check).context["chosen"]] == [Answer.NO]


def test_a_choice_that_has_been_sent_is_a_choice_no_more(
    client_of: ClientOf, resident_user: User, purpose: Purpose
) -> None:
    client = client_of(resident_user)
    choose(client, "self", purpose, "no")
    client.post(reverse("my:check", args=["self"]))
    assert Consent.objects.get().draft == ""
    assert chosen(client, "self", purpose) is None


def test_one_guardians_choice_is_not_shown_to_the_other_and_is_not_lost(
    client_of: ClientOf, guardians: tuple[Giver, Giver], purpose: Purpose
) -> None:
    first, second = guardians
    assert first.user
    assert second.user
    hers, his = client_of(first.user), client_of(second.user)
    choose(hers, first.slug, purpose, "no")
    assert chosen(his, second.slug, purpose) is None
    assert not his.get(reverse("my:questions", args=[second.slug])).context["drafts"]
    assert chosen(hers, first.slug, purpose) is Answer.NO


def test_what_a_representative_wrote_of_the_person_is_kept_while_they_read_again(
    client_of: ClientOf, god_man: Giver, purpose: Purpose
) -> None:
    client = client_of(god_man.user)  # type: ignore[arg-type]
    choose(client, god_man.slug, purpose, "yes")
    address = reverse("my:view", args=[god_man.slug, purpose.pk])
    client.post(address, {"view": "cannot_say", "note": "Hon sover mest."})
    choose(client, god_man.slug, purpose, "yes")
    assert client.get(address).context["form"]["note"].initial == "Hon sover mest."


def test_a_representative_who_comes_back_is_asked_again_what_the_person_thinks(
    client_of: ClientOf, god_man: Giver, purpose: Purpose
) -> None:
    choose(client_of(god_man.user), god_man.slug, purpose, "yes")  # type: ignore[arg-type]
    later = client_of(god_man.user)  # type: ignore[arg-type]
    answer = later.get(reverse("my:check", args=[god_man.slug]))
    assert answer.url == reverse("my:view", args=[god_man.slug, purpose.pk])  # type: ignore[attr-defined]


def test_a_refusal_on_the_way_loses_nothing(
    client_of: ClientOf, god_man: Giver, representative: User, purpose: Purpose
) -> None:
    """The mandate is narrowed while the god man reads; the reason stands on the page, and so does the choice."""
    client = client_of(representative)
    choose(client, god_man.slug, purpose, "talk")
    assert god_man.representative
    god_man.representative.scopes = ["property"]
    god_man.representative.save()
    page = client.post(reverse("my:check", args=[god_man.slug]))
    assert page.status_code == 409
    assert "error-summary" in page.content.decode()
    assert Consent.objects.get().draft == "talk"
    assert not Decision.objects.exists()


def test_a_choice_is_kept_when_somebody_else_has_answered_meanwhile(
    client_of: ClientOf, resident_user: User, astrid: Giver, purpose: Purpose
) -> None:
    client = client_of(resident_user)
    choose(client, "self", purpose, "no")
    consent = Consent.objects.get()
    actions.answer(consent.pk, Answer.NO, giver=astrid)
    answer = client.post(reverse("my:check", args=["self"]))
    assert answer.status_code == 302
    assert Decision.objects.count() == 1


def test_the_session_lives_on_while_somebody_reads(client_of: ClientOf, resident_user: User, purpose: Purpose) -> None:
    answer = client_of(resident_user).get(reverse("my:question", args=["self", purpose.pk]))
    assert "sessionid" in answer.cookies
