"""A relative may be told things and decides nothing: a plain reason on the page, and a denial in the log."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from consents import actions
from consents.kinds import Answer, GivenBy
from consents.models import Consent, Decision, Purpose
from consents.policies import Giver, MayNotDecide
from safehome.audit.models import AccessEntry
from safehome.organisation.models import User
from safehome.residents.models import Resident

ClientOf = Callable[[User], Client]
SEATED = ("questions", "help", "talk", "how", "check", "answered", "later")
ABOUT_ONE = ("question", "view", "understanding", "no")


def addresses(purpose: Purpose, slug: str) -> list[str]:
    return [
        *(reverse(f"my:{name}", args=[slug]) for name in SEATED),
        *(reverse(f"my:{name}", args=[slug, purpose.pk]) for name in ABOUT_ONE),
    ]


def test_every_page_tells_a_relative_why_they_cannot_answer(
    client_of: ClientOf, relative: User, purpose: Purpose, god_man: Giver
) -> None:
    for slug in ("self", god_man.slug):
        for address in addresses(purpose, slug):
            page = client_of(relative).get(address)
            assert page.status_code == 403, address
            assert page.context["names"] == ["Astrid"]
            assert "Astrid" in page.content.decode()


def test_an_answer_that_a_relative_sends_changes_nothing(
    client_of: ClientOf, relative: User, purpose: Purpose, given: Consent
) -> None:
    client = client_of(relative)
    for address in addresses(purpose, "self"):
        assert client.post(address, {"said": "no", "go": "talk"}).status_code in (403, 405)
    given.refresh_from_db()
    assert (given.state, given.draft) == ("given", "")
    assert not Decision.objects.exists()


def test_the_try_stands_in_the_log_as_a_denial(
    client_of: ClientOf, relative: User, purpose: Purpose, resident: Resident
) -> None:
    client_of(relative).get(reverse("my:question", args=["self", purpose.pk]))
    denial = AccessEntry.objects.get(outcome="denied")
    assert (denial.user, denial.resident, denial.detail) == (relative.pk, resident.pk, "answer")


def test_a_relative_who_is_not_let_in_is_told_no_name(
    client_of: ClientOf, relative_not_let_in: User, purpose: Purpose
) -> None:
    page = client_of(relative_not_let_in).get(reverse("my:questions", args=["self"]))
    assert page.status_code == 403
    assert "Astrid" not in page.content.decode()


def test_the_verb_refuses_a_relative_too(relative: User, resident: Resident, given: Consent) -> None:
    pretended = Giver(GivenBy.REPRESENTATIVE, resident, relative)
    with pytest.raises(MayNotDecide):
        actions.answer(given.pk, Answer.NO, giver=pretended)
