"""Posting to addresses that people typed: inner ones, slow ones, endless ones (group W)."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests.adapters
import urllib3.util.connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.workers.notifications.receivers import Receiver, receiving
from workers.outgoing import outside

pytestmark = pytest.mark.usefixtures("cluster")  # the settings point there

PUBLIC = "93.184.216.34"
RESOLVE = socket.getaddrinfo


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name resolve to these in turn, the last one for ever; collect who is connected."""
    left, connected = list(addresses), []

    def resolved(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: tuple[str, int], *args: Any, **more: Any) -> socket.socket:
        connected.append(address[0])
        raise OSError("nobody is connected in this test")

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    return connected


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1"]
    + ["fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "224.0.0.1", "fec0::1", "::7f00:1"]
    + ["::ffff:0:7f00:1", "168.63.129.16", "2002:7f00:1::"],
)
def test_a_name_that_leads_inside_is_refused_when_sending(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    connected = answering(monkeypatch, address)
    assert outside.post("https://hooks.example.com/", b"", {}).error == "AddressRefused"
    assert connected == []


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected = answering(monkeypatch, PUBLIC, "127.0.0.1")
    assert outside.post("https://hooks.example.com/", b"", {}).error
    assert connected == [PUBLIC]


def test_a_typed_inner_address_is_refused_again_when_sending() -> None:
    with receiving() as inner:
        assert outside.post(inner.url(), b"", {}).error == "AddressRefused"
        assert inner.posts == []


@pytest.mark.parametrize("manner", ["hang", "drip"])
def test_whoever_takes_too_long_is_left(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, manner: str
) -> None:
    monkeypatch.setattr(outside, "WHOLE_SECONDS", 1.0)
    monkeypatch.setattr(outside._config(True), "default_timeout", (0.5, 0.7))
    receiver.answers = [manner]
    began = time.monotonic()

    answer = outside.post(receiver.url(), b"{}", {})

    assert answer.error in ("TookTooLong", "ReadTimeout")
    assert time.monotonic() - began < 4


def test_an_endless_answer_is_cut(receiver: Receiver) -> None:
    receiver.answers = ["flood"]
    assert outside.post(receiver.url(), b"{}", {}).error == "AnswerTooLong"


def test_a_packed_answer_is_not_unpacked(receiver: Receiver) -> None:
    packed = b"\x1f\x8b" + b"\x00" * 1000
    receiver.answers = [(200, {"Content-Encoding": "gzip"}, packed)]
    assert outside.post(receiver.url(), b"{}", {}).body == packed


def test_no_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert outside.post(receiver.url(), b"{}", {}).status == 200
        assert proxy.posts == []


@pytest.mark.parametrize(
    ("name", "days", "is_trusted", "error"),
    [
        ("hooks.example.com", 1, True, None),
        ("hooks.example.com", 1, False, "SSLError"),  # nobody vouches for it
        ("other.example.com", 1, True, "SSLError"),
        ("hooks.example.com", -1, True, "SSLError"),  # over
    ],
)
def test_a_certificate_counts_for_the_name_that_was_typed(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    days: int,
    is_trusted: bool,
    error: str | None,
) -> None:
    """The address is pinned, so names must be compared all the same: by a real handshake."""
    certificate, key = self_signed(tmp_path, name, days)
    with receiving() as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        running.server.socket = context.wrap_socket(running.server.socket, server_side=True)
        lead_to(monkeypatch, running.port)
        if is_trusted:
            monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
        answer = outside.post("https://hooks.example.com/", b"{}", {})
        assert (answer.error, len(running.posts)) == (error, 0 if error else 1)


def lead_to(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Let every name resolve to a public address behind which a receiver of ours stands."""
    connect = urllib3.util.connection.create_connection
    answering(monkeypatch, PUBLIC)

    def connected(address: tuple[str, int], *args: Any, **more: Any) -> socket.socket:
        assert address == (PUBLIC, 443)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", RESOLVE)
            return connect(("127.0.0.1", port), *args, **more)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connected)


def self_signed(folder: Path, name: str, days: int) -> tuple[Path, Path]:
    """Make a certificate of a name that only this test knows; it ends that many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private
