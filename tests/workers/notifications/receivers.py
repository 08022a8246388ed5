"""Real servers on this machine: one that takes mail, one that takes posts and answers as told."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from aiosmtpd.controller import Controller


@dataclass
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """An HTTP server; `answers` are used up in turn, the last one again and again.

    An answer is a status, `hang`, `drip`, `flood` or (status, headers, body).
    """

    answers: list[Any] = field(default_factory=lambda: [200])
    posts: list[Post] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    server: Any = None

    def url(self, path: str = "/hook") -> str:
        """Give an address of it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def next(self) -> Any:
        """Take the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    receiver: ClassVar[Receiver]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.posts.append(Post(self.path, headers, body))
        answer = self.receiver.next()
        if answer == "hang":
            self.receiver.released.wait(60)
        elif answer == "drip":
            self._drip()
        elif answer == "flood":
            self._flood()
        else:
            self._say(answer)

    def _say(self, answer: Any) -> None:
        status, headers, body = answer if isinstance(answer, tuple) else (answer, {}, b"{}")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        for letter in "HTTP/1.1 200 OK\r\nX-Slow: yes\r\n" * 20:
            if self.receiver.released.wait(0.2):
                return
            self.wfile.write(letter.encode())

    def _flood(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(2**30))
        self.end_headers()
        while not self.receiver.released.is_set():
            self.wfile.write(b"x" * 65536)

    def handle(self) -> None:
        with suppress(OSError):  # who asked went away
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def receiving(*answers: Any) -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    receiver = Receiver(list(answers) or [200])
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    receiver.port, receiver.server = server.server_port, server
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """What the SMTP server took, and what it answers to recipients."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuses: str = ""

    @property
    def url(self) -> str:
        """Give its address."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients.append(envelope.rcpt_tos)
        return "250 taken"


@contextmanager
def taking_mail() -> Iterator[MailServer]:
    """Run a mail server until the block ends."""
    server = MailServer(port=free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
