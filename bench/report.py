"""Figures in a table, each with its limit beside it."""

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTHS = (62, 6, 10, 10, 10)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass
class Table:
    """Prints each line as soon as it is known. Times are given in seconds and shown in milliseconds."""

    title: str
    _printed: bool = field(default=False, init=False)

    def times(self, way: str, seconds: Sequence[float], limit: str = "–") -> None:
        p50, p99, worst = (f"{1000 * percentile(seconds, share):.1f}" for share in (0.5, 0.99, 1.0))
        self._line((way, str(len(seconds)), p50, p99, worst), limit)

    def rate(self, way: str, per_second: float, seconds: Sequence[float] = (), limit: str = "–") -> None:
        p99 = f"{1000 * percentile(seconds, 0.99):.1f}" if seconds else ""
        self._line((way, str(len(seconds) or ""), f"{per_second:,.0f}/s", p99, ""), limit)

    def _line(self, cells: Iterable[str], limit: str) -> None:
        if not self._printed:
            self._printed = True
            print(f"\n{self.title}")
            machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before"
            print(f"{machine}: what else runs here makes every figure worse.\n")
            self._line(("milliseconds, or readings a second", "n", "p50", "p99", "max"), "limit")
        columns = [f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)]
        print(f"{columns[0].lstrip():<{WIDTHS[0]}}{''.join(columns[1:])}   {limit}", flush=True)
