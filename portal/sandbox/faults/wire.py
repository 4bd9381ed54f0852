"""Breaking the connection itself.

Servers put the client's socket into the environment: gunicorn's threads as `gunicorn.socket`, werkzeug as
`werkzeug.socket`; an adapter for another server can put it there as `sandbox.socket`. Shutting it down and raising a
broken-pipe error makes each of them close the connection quietly, without an answer of its own. Bytes written to the
socket before that reach the client as they are.
Under Flask's test client there is no socket: the same faults raise ConnectionResetError out of the call.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import Any, NoReturn

from werkzeug.wrappers import Response

_SOCKET_NAMES = ("gunicorn.socket", "werkzeug.socket", "sandbox.socket")
_LINGER_ZERO = struct.pack("ii", 1, 0)


def cut(environ: dict[str, Any], *, reset: bool = False) -> NoReturn:
    """End the connection without an answer: an orderly close, or with `reset` a TCP reset."""
    connection = _socket(environ)
    if connection is None:
        raise ConnectionResetError(errno.ECONNRESET, "the sandbox dropped the connection")
    if reset:
        _reset(connection)
    else:
        _shut(connection)
    raise BrokenPipeError(errno.EPIPE, "the sandbox dropped the connection")


def half_answer(environ: dict[str, Any], response: Response, *, chunked: bool) -> NoReturn:
    """Send the status, the headers and half of the body, then end the connection."""
    connection = _socket(environ)
    body = response.get_data()
    if connection is not None:
        half = body[: max(1, len(body) // 2)]
        connection.sendall(_head(response, chunked=chunked) + (_chunk(half, len(body)) if chunked else half))
    cut(environ)


def _socket(environ: dict[str, Any]) -> socket.socket | None:
    found = next((environ[name] for name in _SOCKET_NAMES if name in environ), None)
    return found if isinstance(found, socket.socket) else None


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The client was faster: it has gone already.
        return


def _reset(connection: socket.socket) -> None:
    """Send a TCP reset. The last close with a zero linger time does that, but a server's own close begins with an
    orderly shutdown; so the descriptor is pointed at a dead socket, on which the server may do what it likes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    ours, theirs = socket.socketpair()
    theirs.close()
    os.dup2(ours.fileno(), connection.fileno(), inheritable=False)
    ours.close()


def _head(response: Response, *, chunked: bool) -> bytes:
    headers = [(name, value) for name, value in response.headers if name.lower() != "content-length"]
    length = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(response.get_data())))
    lines = [f"HTTP/1.1 {response.status}", *(f"{name}: {value}" for name, value in [*headers, length])]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _chunk(data: bytes, announced: int) -> bytes:
    """A chunk that announces more bytes than follow."""
    return f"{announced:x}\r\n".encode() + data
