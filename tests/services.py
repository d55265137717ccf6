"""Servers that some tests need: taken where they are, skipped where they are not, demanded in CI."""

import os
from typing import Never

import pytest


def demanded() -> bool:
    """Whether a missing service is a failure (`SAFEHOME_REQUIRE_SERVICES=1`)."""
    return os.environ.get("SAFEHOME_REQUIRE_SERVICES") == "1"


def missing(service: str, hint: str) -> Never:
    """Skip the test, or fail it where every service is demanded."""
    reason = f"{service} is missing: {hint}"
    if demanded():
        pytest.fail(reason)
    pytest.skip(reason)


def require(service: str, variable: str) -> str:
    """The address of a service as the environment names it; without one the test is skipped or fails."""
    return os.environ.get(variable) or missing(service, f"set {variable}")


def require_postgresql() -> str:
    return require("PostgreSQL", "SAFEHOME_TEST_DATABASE_URL")


def require_redis() -> str:
    return require("Redis", "SAFEHOME_TEST_REDIS_URL")
