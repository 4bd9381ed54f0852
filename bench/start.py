"""How long `portal up` takes from nothing, and again with its data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.asked import Asked
from bench.figure import Figure
from bench.report import say
from portal.start.strays import children

READY = "The portal is at"


def measure(_: Asked) -> Iterator[str]:
    say("Start: starting the portal from nothing, and once more …")
    yield from map(str, figures())


def figures() -> list[Figure]:
    home = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    home.chmod(0o711)
    try:
        first, _ = start_and_stop(home)
        again, stop = start_and_stop(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return [
        Figure("first start until every part is ready", first, "s"),
        Figure("second start until every part is ready", again, "s"),
        Figure("stop after Ctrl-C", stop, "s"),
        Figure("processes left behind", len(list(children(os.getpid()))), "", limit=0),
    ]


def start_and_stop(home: Path) -> tuple[float, float]:
    """Seconds until it says that it is ready, and until it ended after Ctrl-C."""
    environment = {**os.environ, "PORTAL_HOME": str(home), "PORT": "8790", "SANDBOX_PORT": "8791"}
    for name in ("DATABASE_URL", "REDIS_URL", "BUILDIUM_BASE_URL"):
        environment.pop(name, None)
    began = time.perf_counter()
    command = [sys.executable, "-m", "portal.cli", "up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        next(line for line in process.stdout if line.startswith(READY))
        ready = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        process.wait()
    return ready - began, time.perf_counter() - ready
