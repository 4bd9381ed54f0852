"""Where alerts arrive in tests: a little SMTP server and a little HTTP server, both real and on this machine."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Post:
    """What a receiver took, and how it is to behave."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refuses: str = ""  # an SMTP answer to every letter, such as "451 come back later"
    password: str = ""  # the only one that is let in
    status: int = 200
    location: str = ""


class MailSession(socketserver.StreamRequestHandler):
    """One connection of RFC 5321, as far as smtplib needs it."""

    def handle(self) -> None:
        post: Post = self.server.post  # type: ignore[attr-defined]
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self.data(post)
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say(self.answer(post, verb, line))
        return None

    def answer(self, post: Post, verb: str, line: str) -> str:
        if verb == "EHLO":
            return "250-test\r\n250 AUTH PLAIN"
        if verb == "AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            post.logins.append((user, password))
            return "235 in" if password == post.password else "535 no"
        if verb == "MAIL" and post.refuses:
            return post.refuses
        if verb == "RCPT":
            post.recipients.append(line.partition("<")[2].rstrip(">"))
        return "250 fine"

    def data(self, post: Post) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        post.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.say("250 kept")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Request(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        post: Post = self.server.post  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        post.requests.append((dict(self.headers.items()), body))
        self.send_response(post.status)
        if post.location:
            self.send_header("Location", post.location)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def mail_server() -> Iterator[Post]:
    with serving(MailServer(("127.0.0.1", 0), MailSession)) as post:
        yield post


@contextmanager
def web_server() -> Iterator[Post]:
    with serving(HTTPServer(("127.0.0.1", 0), Request)) as post:
        yield post


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[Post]:
    post = Post(port=server.server_address[1])
    server.post = post  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield post
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
