"""Several people, or several processes, at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(*works: Callable[[], Result]) -> list[Result | Exception]:
    """Do all of it at the same time, each on a connection of its own; what each returned or raised, in order."""
    start = Barrier(len(works))

    def one(work: Callable[[], Result]) -> Result | Exception:
        start.wait(10)
        try:
            return work()
        except Exception as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))
