"""A sandbox behind a real HTTP server, and a subscriber to its webhooks, for the tests of this folder."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingMixIn
from typing import Any, NamedTuple, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
from flask import Flask

from portal.sandbox.app import EXTENSION, create_app
from portal.sandbox.config import SandboxConfig
from tests.sandbox.referee import Referee

KEY = {"x-buildium-client-id": "sandbox-client", "x-buildium-client-secret": "sandbox-secret"}
T = TypeVar("T")


class Served:
    """A running sandbox. `api` sends the credentials and has every answer checked by the specification;
    `plain` sends none and checks nothing; both start at `url`."""

    def __init__(self, url: str, referee: Referee | None, app: Flask | None = None) -> None:
        self.url = url
        self._app = app
        hooks: dict[str, Any] = {"response": [referee.check]} if referee else {}
        # Certificates are never needed, and loading them costs more than a test.
        self.api = httpx.Client(base_url=url, headers=KEY, event_hooks=hooks, verify=False, trust_env=False, timeout=10)
        self.plain = httpx.Client(base_url=url, verify=False, trust_env=False, timeout=10)

    @property
    def app(self) -> Flask:
        """The application, where it runs in this process."""
        assert self._app is not None
        return self._app

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API and return its JSON; an error status fails the test."""
        response = self.plain.request(method, f"/_control{path}", json=body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def fault(self, fault: str, **rule: Any) -> Any:
        return self.control("POST", "/faults", {"fault": fault, **rule})

    def switch(self, **switches: Any) -> None:
        self.control("PATCH", "/switches", switches)

    def first(self, path: str) -> dict[str, Any]:
        """The first record of a list."""
        return dict(self.api.get(path, params={"limit": 1, "orderby": "Id"}).json()[0])

    def count(self, kind: str) -> int:
        return int(self.control("GET", "/records")[kind])

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Create a record and return the answer; anything but 201 fails the test."""
        response = self.api.post(path, json=body)
        assert response.status_code == 201, response.text
        return dict(response.json())

    def close(self) -> None:
        self.api.close()
        self.plain.close()


class Handler(WSGIRequestHandler):
    """Lets the faults reach the connection."""

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "sandbox.socket": self.connection}

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingMixIn, WSGIServer):
    """The standard library's: werkzeug's takes 10 ms more for every request. test_servers.py has the others."""

    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serve(config: SandboxConfig, referee: Referee | None = None) -> Iterator[Served]:
    """Run a sandbox in a thread of this process until the block ends."""
    app = create_app(config)
    server = make_server("127.0.0.1", 0, app, server_class=Server, handler_class=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    served = Served(f"http://127.0.0.1:{server.server_port}", referee, app)
    try:
        yield served
    finally:
        served.close()
        app.extensions[EXTENSION].close()
        server.shutdown()
        thread.join()
        server.server_close()


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class Subscriber:
    """Receives webhooks. `status` is what it answers; each delivery comes out of `next`."""

    def __init__(self) -> None:
        self.status = 204
        self.url = ""
        self._received: queue.Queue[Received] = queue.Queue()

    def took(self, received: Received) -> None:
        self._received.put(received)

    def next(self) -> Received:
        return self._received.get(timeout=10)

    def events(self, count: int) -> list[dict[str, Any]]:
        """The bodies of the next `count` deliveries, in the order in which they came."""
        return [self.next().event for _ in range(count)]

    def is_quiet(self) -> bool:
        return self._received.empty()


@contextmanager
def subscribe() -> Iterator[Subscriber]:
    """A subscriber at an address of its own until the block ends."""
    subscriber = Subscriber()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            subscriber.took(Received({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(subscriber.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    subscriber.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield subscriber
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wait_for(condition: Callable[[], T], seconds: float = 10) -> T:
    """Ask until the answer is true and return it; AssertionError after the seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it didn't happen in time"
        time.sleep(0.01)
    return answer
