"""One kept-open connection that does next to nothing, so that what is measured is the server."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from portal.start.ports import HOST

SECONDS = 60
END_OF_HEADERS = b"\r\n\r\n"
SETS = "set-cookie: "
LENGTH = b"\r\ncontent-length:"


@dataclass(frozen=True)
class Answer:
    """`cookies` as a browser would send them back; `seconds` from the first byte sent to the last one received."""

    status: int
    cookies: tuple[str, ...]
    body: bytes
    seconds: float


class Connection:
    """To one port of this machine; opened when first needed, and again where the server has closed it meanwhile."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def exchange(self, request: bytes) -> Answer:
        """Raises ConnectionError where no whole answer comes."""
        if self.socket is not None:
            try:
                return self._exchange(self.socket, request)
            except ConnectionError:
                self.close()
        self.socket = socket.create_connection((HOST, self.port), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._exchange(self.socket, request)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _exchange(self, connection: socket.socket, request: bytes) -> Answer:
        began = time.perf_counter()
        connection.sendall(request)
        received = b""
        while END_OF_HEADERS not in received:
            received += more(connection)
        head, _, body = received.partition(END_OF_HEADERS)
        parts, missing = [body], length_of(head) - len(body)
        while missing > 0:
            parts.append(more(connection))
            missing -= len(parts[-1])
        seconds = time.perf_counter() - began
        return Answer(int(head[9:12]), cookies_of(head), b"".join(parts), seconds)


def more(connection: socket.socket) -> bytes:
    received = connection.recv(1 << 18)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def length_of(head: bytes) -> int:
    """Both sides say how long their answers are; neither sends them in chunks."""
    found = head.lower().partition(LENGTH)[2]
    return int(found.partition(b"\r\n")[0])


def cookies_of(head: bytes) -> tuple[str, ...]:
    """The `name=value` of every cookie that is set."""
    lines = head.decode("latin-1").splitlines()
    return tuple(line[len(SETS) :].partition(";")[0] for line in lines if line.lower().startswith(SETS))


def get(path: str, cookie: str = "") -> bytes:
    """A GET as bytes."""
    sent = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{sent}\r\n".encode()


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST of JSON as bytes."""
    lines = {"Host": HOST, "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
