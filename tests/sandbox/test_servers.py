"""The sandbox as it is really run: a gunicorn process, killed and broken; and under werkzeug's server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from werkzeug.serving import make_server as werkzeug_server

from portal.sandbox.app import EXTENSION, create_app
from portal.sandbox.command import command_line, environment
from portal.sandbox.config import SandboxConfig
from tests.sandbox import bodies
from tests.sandbox.running import Served, wait_for

CHECKOUT = Path(__file__).resolve().parents[2]


@contextmanager
def process(home: Path) -> Iterator[tuple[Served, subprocess.Popen[bytes]]]:
    """A real sandbox with its data in `home`; killed with all it started when the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**environment(size=12, home=home), "SANDBOX_RATE": "0"}
    with (home / "log").open("ab") as log:
        started = subprocess.Popen(
            command_line(port), env=settings, cwd=CHECKOUT, stdout=log, stderr=log, start_new_session=True
        )
    served = Served(f"http://127.0.0.1:{port}", None)
    try:
        wait_for(lambda: is_up(served), 30)
        yield served, started
    finally:
        served.close()
        kill(started)


def is_up(served: Served) -> bool:
    try:
        return served.plain.get("/_control/").is_success
    except httpx.TransportError:
        return False


def kill(started: subprocess.Popen[bytes]) -> None:
    """kill -9 for the master and its worker, which share a process group of their own."""
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def test_records_survive_kill_9_in_the_middle_of_a_request(tmp_path: Path) -> None:
    with process(tmp_path) as (served, started):
        answered = served.made("/v1/rentals/units", bodies.unit(PropertyId=1001))
        served.fault("commit_then_hold", method="POST")
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(served.api.post, "/v1/rentals/units", json=bodies.unit(PropertyId=1001))
            wait_for(lambda: served.control("GET", "/holds"))
            kill(started)
            with pytest.raises(httpx.TransportError):
                held.result()
    with process(tmp_path) as (served, _):
        assert served.api.get(f"/v1/rentals/units/{answered['Id']}").json() == answered
        assert served.count("units") == 14


def breaks_as_ordered(served: Served) -> None:
    """Fails unless every fault of the connection has its effect and the server goes on."""
    for fault in ("drop", "commit_then_drop", "hang", "commit_then_hang", "truncate", "chunk_trunc"):
        served.fault(fault, seconds=0.05)
        with pytest.raises(httpx.RemoteProtocolError):
            served.api.get("/v1/rentals")
    for fault in ("drop", "commit_then_drop"):
        served.fault(fault, how="reset")
        with pytest.raises(httpx.ReadError):
            served.api.get("/v1/rentals")
    served.fault("huge", size=3_000_000)
    assert len(served.api.get("/v1/rentals").content) == 3_000_000
    assert served.api.get("/v1/rentals").status_code == 200


def test_connections_break_as_ordered_under_gunicorn(tmp_path: Path) -> None:
    with process(tmp_path) as (served, _):
        breaks_as_ordered(served)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_connections_break_as_ordered_under_werkzeug(capfd: pytest.CaptureFixture[str]) -> None:
    app = create_app(SandboxConfig(size=12, rate=0))
    server = werkzeug_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served = Served(f"http://127.0.0.1:{server.server_port}", None)
    try:
        breaks_as_ordered(served)
    finally:
        served.close()
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions[EXTENSION].close()
    assert "Traceback" not in capfd.readouterr().err


def test_many_requests_can_hang_while_others_are_answered(tmp_path: Path) -> None:
    with process(tmp_path) as (served, _):
        served.fault("hold", path="/v1/rentals", times=None)
        with ThreadPoolExecutor(30) as pool:
            held = [pool.submit(served.api.get, "/v1/rentals") for _ in range(30)]
            wait_for(lambda: len(served.control("GET", "/holds")) == 30)
            assert served.api.get("/v1/users").status_code == 200
            served.control("DELETE", "/faults")
            assert {answer.result().status_code for answer in held} == {200}


def test_it_stops_at_once_when_asked(tmp_path: Path) -> None:
    with process(tmp_path) as (served, started):
        served.api.get("/v1/users")
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=5) == 0


def test_the_command_replaces_its_process_by_the_server() -> None:
    assert command_line(8001)[0] == sys.executable
    assert "127.0.0.1:8001" in command_line(8001)
    assert "--no-control-socket" in command_line(8001)
    assert environment(size=5, empty=True)["SANDBOX_EMPTY"] == "1"
