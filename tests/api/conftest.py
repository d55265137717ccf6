"""Programs that speak for somebody of the cast."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from safehome.organisation.actions import issue_token
from safehome.organisation.models import User
from safehome.organisation.scopes import Scope

Api = Callable[..., Client]


def ask(client: Client, url: str, **query: object) -> Any:
    """The answer to a GET, which must be a good one."""
    answer = client.get(url, {name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """What earlier tests have asked for does not count against the rate."""
    cache.clear()


@pytest.fixture
def api() -> Api:
    """`api(user)`: a program with a token of the user's, by default with every scope."""

    def program(user: User, scopes: Iterable[str] = Scope.values) -> Client:
        token = issue_token(user, name="test", scopes=list(scopes))
        return Client(headers={"Authorization": f"Bearer {token}"})

    return program


@pytest.fixture
def questions() -> Callable[[Client, str], int]:
    """How many questions the database is asked for an address, once looks have been logged."""

    def asked(client: Client, url: str) -> int:
        assert client.get(url).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    return asked
