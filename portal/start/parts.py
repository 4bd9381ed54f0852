"""The programs of a portal: how each is called, and how one knows that it is ready."""

from __future__ import annotations

import shutil
import sys
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from portal.start.children import Child
from portal.start.environment import Surroundings, of_the_sandbox
from portal.start.home import Home
from portal.start.ports import HOST, port

LANES = ("people", "bulk")
# While the portal stops: first what asks, then what is asked.
ASKING, ASKED, QUEUE, DATABASE = 1, 2, 3, 4


class Programs:
    """Makes the children of one portal, which all inherit `lock`; the web inherits the socket of its port too."""

    def __init__(self, around: Surroundings, environment: Mapping[str, str], lock: int, web_socket: int) -> None:
        self.around = around
        self.environment = environment
        self.lock = lock
        self.web_socket = web_socket

    @property
    def home(self) -> Home:
        return self.around.home

    def web(self) -> Child:
        command = [sys.executable, *web_arguments()]
        metrics = self.home.path / "metrics"
        environment = {**self.environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        environment["PORTAL_WEB_SOCKET"] = str(self.web_socket)
        child = self._child("web", command, environment, grace_seconds=12)
        child.kept_open = [self.lock, self.web_socket]
        child.before = lambda: emptied(metrics)
        address = f"{self.around.address}/readyz"
        child.ready = lambda: answers(address, HTTPStatus.OK)
        return child

    def sandbox(self) -> Child:
        number = port(self.around.given, "SANDBOX_PORT")
        environment = of_the_sandbox(self.around, self.environment)
        child = self._child("sandbox", portal_command("sandbox", "--port", str(number)), environment, grace_seconds=5)
        # Only ours knows these credentials: another sandbox at the port would answer 401.
        credentials = {
            "x-buildium-client-id": environment["SANDBOX_CLIENT_ID"],
            "x-buildium-client-secret": environment["SANDBOX_CLIENT_SECRET"],
        }
        child.ready = lambda: answers(f"http://{HOST}:{number}/v1/rentals?limit=1", HTTPStatus.OK, credentials)
        return child

    def scheduler(self) -> Child:
        return self._child("scheduler", portal_command("scheduler"), self.environment, grace_seconds=8)

    def workers(self) -> list[Child]:
        return [self.worker(lane) for lane in LANES]

    def worker(self, lane: str) -> Child:
        command = portal_command("worker", "--lane", lane)
        return self._child(f"worker-{lane}", command, self.environment, grace_seconds=8)

    def preparation(self, admin_password: str) -> Child:
        """Migrations and the first administrator: see prepare.py."""
        environment = {**self.environment, "PORTAL_ADMIN_PASSWORD": admin_password}
        environment["PORTAL_ADMIN_EMAIL"] = self.around.admin_email
        return self._task("prepare", environment)

    def first_import(self) -> Child:
        return self._task("first_import", self.environment)

    def _task(self, module: str, environment: Mapping[str, str]) -> Child:
        child = self._child(module, [sys.executable, "-m", f"portal.start.{module}"], environment, grace_seconds=3)
        child.output = self.home.logs / f"{module}.out"
        return child

    def _child(self, name: str, command: list[str], environment: Mapping[str, str], grace_seconds: float) -> Child:
        return Child(
            name=name,
            command=command,
            log=self.home.logs / f"{name}.log",
            environment=environment,
            grace_seconds=grace_seconds,
            kept_open=[self.lock],
        )


def emptied(folder: Path) -> None:
    """The counters of processes that are gone are nobody's."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)


def web_arguments() -> list[str]:
    return ["-m", "gunicorn", "-c", "python:portal.start.gunicorn", "wsgi:app"]


def portal_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "portal.cli", *arguments]


def answers(address: str, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a GET of our own address gets that status; no proxy is asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(address, headers=dict(headers or {})), timeout=1) as response:
            return bool(response.status == status)
    except OSError:
        # Among them every status from 400 on.
        return False
