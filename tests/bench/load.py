"""A small client that asks as fast as it is answered: one thread, some connections at once.

Each request is a connection of its own, as the proxy in front of the product makes them; with
kept connections one of two web processes may get nearly all of them, and rates jump by two.
"""

import json
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CONNECTIONS = 16
LONGEST_SECONDS = 10


@dataclass(slots=True)
class _Asked:
    request: bytes
    began: float
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: answers a second, and how long each took."""

    rate: float
    seconds: list[float]


class Refused(Exception):
    """The server answered something that is no success."""


def ask(port: int, requests: Callable[[], bytes], *, seconds: float) -> Load:
    """Ask a server on this machine for a while.

    Raises: Refused with the first answer that is not 2xx.
    """
    waiting = selectors.DefaultSelector()
    taken: list[float] = []
    began = time.perf_counter()
    until = began + seconds
    for _ in range(CONNECTIONS):
        _begin(waiting, port, requests())
    while waiting.get_map():
        ready = waiting.select(LONGEST_SECONDS)
        if not ready:
            raise Refused("no answer")
        for key, events in ready:
            ended = _go_on(waiting, key, events)
            if ended is None:
                continue
            now = time.perf_counter()
            taken.append(now - ended.began)
            if now < until:
                _begin(waiting, port, requests())
    return Load(len(taken) / (time.perf_counter() - began), sorted(taken))


def answer(port: int, text: bytes) -> Any:
    """Ask once and read the JSON.

    Raises: Refused.
    """
    got = raw_answer(port, text)
    head, _, body = got.partition(b"\r\n\r\n")
    if b" 20" not in head.splitlines()[0]:
        raise Refused(got[:2000].decode(errors="replace"))
    return json.loads(body)


def raw_answer(port: int, text: bytes) -> bytes:
    """Ask once and give the whole answer as it came."""
    with socket.create_connection(("127.0.0.1", port), LONGEST_SECONDS) as made:
        made.sendall(text)
        return b"".join(iter(lambda: made.recv(262144), b""))


def parts(raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Take an answer apart: status, head by small names, body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    named = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, value in named.items()}, body


def request(
    method: str, path: str, host: str, *, token: str = "", scheme: str = "Bearer", body: bytes = b""
) -> bytes:
    """Write one request."""
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    if token:
        head.append(f"Authorization: {scheme} {token}")
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def _begin(waiting: selectors.BaseSelector, port: int, text: bytes) -> None:
    made = socket.socket()
    made.setblocking(False)
    made.connect_ex(("127.0.0.1", port))
    waiting.register(made, selectors.EVENT_WRITE, _Asked(text, time.perf_counter()))


def _go_on(
    waiting: selectors.BaseSelector, key: selectors.SelectorKey, events: int
) -> _Asked | None:
    made, asked = key.fileobj, key.data
    assert isinstance(made, socket.socket)
    if events & selectors.EVENT_WRITE:
        made.sendall(asked.request)  # small: it fits into the socket's buffer
        waiting.modify(made, selectors.EVENT_READ, asked)
        return None
    piece = made.recv(262144)
    if piece:
        asked.answer += piece
        return None
    waiting.unregister(made)
    made.close()
    if not asked.answer.startswith((b"HTTP/1.1 20", b"HTTP/1.0 20")):
        raise Refused(asked.answer[:2000].decode(errors="replace"))
    return asked
