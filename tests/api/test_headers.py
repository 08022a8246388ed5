"""Headers, hosts and redirects: what a liar writes is ignored or refused."""

import dataclasses
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import request
from flask.testing import FlaskClient

from deploy.local.ports import free_port
from deploy.local.postgres import Cluster
from shared.config import settings
from tests.api.visitors import send
from tests.waiting import until
from web.app import App, create_app
from web.headers import FIXED

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def served(cluster: Cluster) -> Iterator[int]:
    """The port of the application as gunicorn serves it, with the delivered settings."""
    port = free_port()
    own = {"ROLLBOOK_BIND": f"127.0.0.1:{port}", "ROLLBOOK_WEB_WORKERS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"],
        cwd=ROOT,
        env={**os.environ, **own},
        stderr=subprocess.DEVNULL,
    )
    try:
        asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        until(lambda: b" 200 " in _answer(port, asked), "the application answers", patience=60)
        yield port
    finally:
        process.terminate()
        process.wait(40)


def _answer(port: int, sent: bytes, *, wait: float = 3.0) -> bytes:
    """Send bytes as they are; gives everything that comes back until silence or the end."""
    received = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=wait) as wire:
            wire.settimeout(wait)
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
            while piece := wire.recv(65536):
                received += piece
    except OSError:
        pass
    return received


def _statuses(received: bytes) -> list[int]:
    lines = received.split(b"\r\n")
    return [int(line.split(b" ")[1]) for line in lines if line.startswith(b"HTTP/1.")]


@pytest.mark.parametrize(
    "host",
    [
        b"Host: evil.example",
        b"Host: localhost:80@evil.example",
        b"Host: localhost@evil.example",
        b"Host: localhost\r\nHost: evil.example",
        b"X-Nothing: here",
        b"Host: ",
        b"Host: localhost.evil.example",
    ],
)
def test_a_host_that_is_not_ours_is_refused(served: int, host: bytes) -> None:
    answer = _answer(served, b"GET /sign-in HTTP/1.1\r\n" + host + b"\r\n\r\n")
    assert _statuses(answer) == [400]
    assert b"evil" not in answer


def test_our_host_with_a_port_is_fine(served: int) -> None:
    answer = _answer(served, b"GET /sign-in HTTP/1.1\r\nHost: localhost:8000\r\n\r\n")
    assert _statuses(answer) == [200]


@pytest.mark.parametrize(
    "attack",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"Content-Length: +5\r\n\r\nabcde",
        b"X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        b"Bare-Feed: a\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_smuggled_request_is_never_a_second_one(served: int, attack: bytes) -> None:
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    statuses = _statuses(_answer(served, head + attack + smuggled))
    assert 200 not in statuses[:1]
    assert all(status >= 400 for status in statuses[:1])
    assert statuses.count(200) <= 1  # a next request of its own, never one out of a body


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: " + b"b" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: c\r\n" * 500 + b"\r\n",
    ],
)
def test_huge_heads_are_refused(served: int, request_line: bytes) -> None:
    statuses = _statuses(_answer(served, request_line))
    assert statuses in ([], [400], [414], [431])


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "PROPFIND"])
def test_unknown_methods_do_nothing(served: int, method: str) -> None:
    answer = _answer(served, f"{method} /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert _statuses(answer)[0] in (400, 405, 501)


def test_headers_with_an_underscore_or_of_the_gateway_are_dropped(served: int) -> None:
    head = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    for liar in (
        b"X_Forwarded_Host: evil.example",
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-Proto: https",
        b"Forwarded: host=evil.example;proto=https",
        b"Script-Name: /evil",
        b"Path-Info: /stores",
        b"X-Original-URL: /stores",
        b"X-HTTP-Method-Override: DELETE",
    ):
        answer = _answer(served, head + liar + b"\r\n\r\n")
        assert _statuses(answer)[0] in (200, 400), liar
        assert b"evil" not in answer, liar
        assert b"Strict-Transport-Security" not in answer, liar


def test_who_asks_is_the_peer_unless_a_proxy_of_ours_says_otherwise(app: App) -> None:
    behind = create_app({"TESTING": True}, dataclasses.replace(settings(), trusted_proxies=1))
    liar = {"REMOTE_ADDR": "198.51.100.7", "HTTP_X_FORWARDED_FOR": "9.9.9.9, 203.0.113.9"}
    for site, address in ((app, "198.51.100.7"), (behind, "203.0.113.9")):
        with site.test_client() as client:
            client.get("/sign-in", environ_base=liar)
            assert request.remote_addr == address


def test_every_answer_carries_the_headers(anonymous: FlaskClient) -> None:
    for path in ("/sign-in", "/reset", "/nowhere", "/invitations/x", "/api/v1/s/x/me", "/healthz"):
        answer = anonymous.get(path)
        for name, value in FIXED.items():
            assert answer.headers[name] == value, (path, name)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]


@pytest.mark.parametrize(
    "target", ["/\r\nSet-Cookie: a=b", "/x%0d%0aSet-Cookie: a=b", "//e.example"]
)
def test_a_line_break_in_a_redirect_makes_no_header(anonymous: FlaskClient, target: str) -> None:
    answer = send(anonymous, "/language", language="en", next=target)
    assert answer.status_code == 303
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))
    assert "e.example" not in (answer.location or "")


def test_bodies_have_an_end(anonymous: FlaskClient) -> None:
    big = b"login=" + b"x" * 1_100_000
    refused = anonymous.post("/sign-in", data=big, content_type="application/x-www-form-urlencoded")
    assert refused.status_code == 413
    json = anonymous.post("/reset", data=b"[" * 1_100_000, content_type="application/json")
    assert json.status_code in (400, 413)


def test_no_other_origin_is_let_in(anonymous: FlaskClient) -> None:
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        for method in ("OPTIONS", "GET"):
            answer = anonymous.open("/sign-in", method=method, headers={"Origin": origin})
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
