"""A task of the first start, in a process of its own: queues the import, and prints how far the workers are."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

from portal.app import create_app
from portal.config import Settings
from portal.sync.imports import begin_import, is_over, progress

LOOK_SECONDS = 0.5


def main() -> int:
    app = create_app(Settings.from_environment(os.environ), "start")
    with app.app_context():
        begin_import(requested_by="portal up")
        for line in news():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0


def news() -> Iterator[str]:
    """Lines of progress that changed, until the import is over."""
    told: set[str] = set()
    over = False
    while not over:
        # Asked before the lines, so that the last ones are told too.
        over = is_over()
        for line in progress():
            if line not in told and ": queued" not in line:
                told.add(line)
                yield line
        if not over:
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
