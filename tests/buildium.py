"""The simulated Buildium inside the test's process: asked over HTTP, steered directly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from portal.config import Settings
from portal.sandbox.app import EXTENSION, create_app
from portal.sandbox.config import SandboxConfig
from portal.sandbox.control.state import restart
from portal.sandbox.simulation import Simulation


@dataclass(frozen=True)
class Sandbox:
    """`simulation` is the company behind `url`: its records, switches, faults and what was asked of it."""

    url: str
    simulation: Simulation

    def empty(self) -> None:
        """Back to a company without records, without faults and with an empty log."""
        restart(self.simulation, "empty")


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@contextmanager
def serve(reserved: socket.socket, settings: Settings, folder: Path) -> Iterator[Sandbox]:
    """Answer at the reserved address until the block ends."""
    config = SandboxConfig(
        home=folder,
        client_id=settings.buildium_client_id,
        client_secret=settings.buildium_client_secret,
        webhook_secret=settings.buildium_webhook_secrets[0],
        empty=True,
        rate=0,
    )
    app = create_app(config)
    host, port = reserved.getsockname()
    server = make_server(host, port, app, threaded=True, request_handler=Silent, fd=reserved.fileno())
    # The reserved socket only held the address until now.
    server.socket.listen(128)
    thread = threading.Thread(target=server.serve_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        yield Sandbox(f"http://{host}:{port}", app.extensions[EXTENSION])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions[EXTENSION].close()
