"""`make bench`: every measurement of this folder, or those that are named: `python -m bench pages --sizes 10000`.

Everything runs on this machine alone, in folders of its own that are removed at the end.
"""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from typing import NoReturn

from bench import dashboard, inbox, pages, start, storm
from bench.asked import Asked
from bench.report import say

MEASUREMENTS = {
    "pages": pages.measure,
    "inbox": inbox.measure,
    "storm": storm.measure,
    "dashboard": dashboard.measure,
    "start": start.measure,
}


def main() -> None:
    asked = arguments()
    # As an exception, so that servers are stopped and folders removed on the way out.
    signal.signal(signal.SIGTERM, stop)
    for name in asked.measurements:
        for line in MEASUREMENTS[name](asked):
            say(line)


def arguments() -> Asked:
    usual = Asked()
    parser = ArgumentParser("python -m bench", description="Measures the portal beside the barest page and inbox.")
    parser.add_argument("measurements", nargs="*", metavar="MEASUREMENT", help=f"some of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--sizes", type=int, nargs="+", default=usual.sizes, help="numbers of units in the database")
    parser.add_argument("--requests", type=int, default=usual.requests, help="of each page, to either side")
    parser.add_argument("--events", type=int, default=usual.events, help="to either inbox")
    parser.add_argument("--pushes", type=int, default=usual.pushes, help="queued at once")
    given = parser.parse_args()
    if unknown := set(given.measurements) - MEASUREMENTS.keys():
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    numbers = given.requests, given.events, given.pushes
    return Asked(tuple(given.measurements or MEASUREMENTS), tuple(sorted(given.sizes)), *numbers)


def stop(_number: int, _frame: object) -> NoReturn:
    sys.exit("stopped")


main()
