"""A real `portal up` in a folder of its own, with free ports."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from portal.start.accounts import credentials
from portal.start.home import taken
from portal.start.ports import HOST
from portal.start.strays import children
from tests.start.programs import command_lines
from tests.waiting import wait_until

SECONDS = 60
SETTINGS_OF_A_PORTAL = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BUILDIUM_", "PORTAL_", "SANDBOX_", "PORT")
# What its command line says, part by part.
PARTS = {
    "valkey": "valkey-server",
    "postgres": "-D",
    "web": "portal.start.gunicorn",
    "sandbox": "portal.sandbox.app",
    "scheduler": "portal.cli scheduler",
    "worker-people": "--lane people",
    "worker-bulk": "--lane bulk",
}


@dataclass
class Portal:
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    account: pwd.struct_passwd | None = None
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    reader: threading.Thread | None = None

    def __post_init__(self) -> None:
        port, sandbox_port = free_ports(2)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_A_PORTAL)}
        own = {
            "PORTAL_HOME": str(self.home),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "SANDBOX_SIZE": "12",
        }
        self.environment = {**kept, **own, **self.environment}

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.environment['PORT']}"

    def start(self) -> Portal:
        self.lines.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "up"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **credentials(self.account),
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def start_and_wait(self) -> Portal:
        """Until every part runs; the first import is still going on then."""
        self.start()
        self.wait_for("The portal is at")
        return self

    def start_and_import(self) -> Portal:
        self.start()
        self.wait_for("Ctrl-C stops everything")
        return self

    def wait_for(self, words: str) -> str:
        """The first line with these words; AssertionError where it ends without them."""
        assert self.reader

        def found() -> str:
            over = self.reader is not None and not self.reader.is_alive()
            assert self.said(words) or not over, self.text
            return self.said(words)

        return wait_until(found, SECONDS, f"“{words}”")

    def said(self, words: str) -> str:
        return next((line for line in list(self.lines) if words in line), "")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for its end, and return its exit code."""
        assert self.process
        assert self.reader
        code = self.process.wait(SECONDS)
        self.reader.join(SECONDS)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def stop(self) -> int:
        if self.running:
            self.send(signal.SIGINT)
        return self.end()

    def part(self, name: str) -> int:
        """The process id of a part, once it is there."""
        assert self.process
        parent = self.process.pid

        def found() -> int:
            lines = command_lines(PARTS[name])
            return next((pid for pid in children(parent) if pid in lines), 0)

        return wait_until(found, SECONDS, f"a process for {name}")

    def left(self) -> dict[int, str]:
        """The processes of this portal that run although it ended."""
        return command_lines(str(self.home))

    def wait_until_nothing_is_left(self) -> None:
        wait_until(lambda: not self.left() and lock_is_free(self.home), SECONDS, f"{self.left()} to end")

    def _read(self) -> None:
        assert self.process
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        found = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(number)]
        return [each.getsockname()[1] for each in found]


def lock_is_free(home: Path) -> bool:
    """Every part inherits a lock, however deep in whatever process: it is free when the last one is gone."""
    with (home / "parts.lock").open() as file:
        return taken(file)
