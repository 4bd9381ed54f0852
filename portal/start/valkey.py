"""An embedded Valkey: a foreground child on a Unix socket that writes its queue to disk every second."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from portal.start.accounts import own_folder, socket_folder
from portal.start.binaries import valkey_program
from portal.start.children import Child


class EmbeddedValkey:
    """A Valkey that keeps its data in `folder`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, durable: bool = True) -> None:
        self.folder = folder
        self.environment = environment
        self.durable = durable
        self.socket = socket_folder(folder) / "valkey.sock"

    def url(self, database: int = 0) -> str:
        return f"unix://{quote(str(self.socket))}?db={database}"

    def child(self, log: Path, kept_open: Sequence[int] = ()) -> Child:
        """The server as a part to start. Raises StartError where its folder can't be made."""
        own_folder(self.folder, None)
        own_folder(self.socket.parent, None)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
            "databases": "64",
            # A queue must never lose jobs to make room: it refuses new ones instead.
            "maxmemory-policy": "noeviction",
        }
        command = [str(valkey_program())]
        for name, value in settings.items():
            command += [f"--{name}", value]
        return Child(
            name="valkey",
            command=command,
            log=log,
            environment={name: self.environment[name] for name in ("PATH", "TZ") if name in self.environment},
            grace_seconds=5,
            folder=self.folder,
            ready=self._answers,
            kept_open=kept_open,
        )

    def _answers(self) -> bool:
        """Whether it takes commands: it says LOADING while it reads its data."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
