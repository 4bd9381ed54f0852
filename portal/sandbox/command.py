"""Starts the simulated Buildium under gunicorn: one process, many threads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# A hung or held request occupies a thread, and tests hold many at once.
THREADS = 64


def command_line(port: int, host: str = "127.0.0.1") -> list[str]:
    """The gunicorn command. One worker, because the records live in its memory."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{host}:{port}",
        "--workers",
        "1",
        "--worker-class",
        "gthread",
        "--threads",
        str(THREADS),
        "--worker-connections",
        "1000",
        "--keep-alive",
        "30",
        "--graceful-timeout",
        "1",
        "--no-control-socket",
        "portal.sandbox.app:from_environment()",
    ]


def environment(
    *, size: int | None = None, empty: bool = False, home: Path | None = None, webhook_url: str | None = None
) -> dict[str, str]:
    """This process's environment with the given settings on top; None leaves what is there."""
    given = {
        "SANDBOX_SIZE": None if size is None else str(size),
        "SANDBOX_EMPTY": "1" if empty else None,
        "SANDBOX_HOME": None if home is None else str(home),
        "SANDBOX_WEBHOOK_URL": webhook_url,
    }
    return {**os.environ, **{name: value for name, value in given.items() if value is not None}}


def run(
    port: int,
    size: int | None = None,
    *,
    empty: bool = False,
    home: Path | None = None,
    webhook_url: str | None = None,
    host: str = "127.0.0.1",
) -> None:
    """Become the sandbox: replaces this process by gunicorn, so signals and the exit code are its own."""
    line = command_line(port, host)
    os.execvpe(line[0], line, environment(size=size, empty=empty, home=home, webhook_url=webhook_url))
