"""`python -m bench`: from a press of a help button to the boards, and how much the intake takes.

Everything runs on this machine: the processes of `make serve`, on a PostgreSQL database and two Redis databases of
their own, which are gone afterwards. `--embedded` measures the demo instead. Nothing fails for being slow: the
figures stand beside their limits, and a person judges.
"""

import argparse
import signal
import sys

import uvloop

from bench import place
from bench.report import Table
from scripts.serve import CannotServe


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--presses", type=int, default=150, help="presses a line (default %(default)s)")
    parser.add_argument("--sockets", type=int, default=20, help="boards that listen (default %(default)s)")
    parser.add_argument("--rate", type=int, default=300, help="readings a second behind (default %(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="leave Chromium out")
    parser.add_argument("--withdrawal", action="store_true", help="from a resident's no to each effect of it")
    parser.add_argument("--embedded", action="store_true", help="the demo in one process: 50 presses to a browser")
    return parser.parse_args(arguments)


def measure_server_mode(chosen: argparse.Namespace) -> None:
    browser = not chosen.no_browser
    with place.prepared(pages=browser) as environment:
        from bench.seed import seed  # models can be imported from here on
        from bench.server import WARM_UP, Measuring

        measuring = Measuring(environment, seed(chosen.sockets), presses=chosen.presses, rate=chosen.rate)
        with place.running(environment):
            table = Table(f"Server mode: {place.WHAT_RUNS}. The first {WARM_UP} of each line are left out.")
            uvloop.run(measuring.run(table, browser=browser))


def measure_withdrawal() -> None:
    with place.prepared(pages=True) as environment:
        from bench import withdrawal  # models can be imported from here on
        from bench.seed import seed

        seeded = seed(1)
        with place.running(environment):
            table = Table(f"A resident says no, {withdrawal.READINGS_PER_S} readings/s behind: {place.WHAT_RUNS}.")
            uvloop.run(withdrawal.measure(table, seeded, int(environment["PORT"])))


def measure_embedded_mode() -> None:
    with place.demo() as content:
        from bench import embedded  # models can be imported from here on

        table = Table(f"Embedded mode: one process, SQLite. The first {embedded.WARM_UP} are left out.")
        uvloop.run(embedded.measure(table, content))


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = options(sys.argv[1:])
    try:
        if chosen.withdrawal:
            measure_withdrawal()
        elif chosen.embedded:
            measure_embedded_mode()
        else:
            measure_server_mode(chosen)
    except KeyboardInterrupt:
        return 1
    except CannotServe as reason:
        print("\n  ".join(reason.args))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
