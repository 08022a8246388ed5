"""A real SMTP server in the test, and the settings that lead to it."""

import email
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.ports import free_port
from shared.config import settings

USER, SECRET = "rollbook", "p@ss/w:rd"


@dataclass
class Mailbox:
    """What the server took; `refusals` are answers it gives before it takes anything again."""

    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, or refuse it as told."""
        if self.refusals:
            return self.refusals.pop(0)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    def link(self) -> str:
        """Give the path of the link in the newest mail."""
        body = self.taken[-1].get_content()
        (line,) = [line for line in body.splitlines() if line.startswith("http")]
        return line.removeprefix(settings().public_url)


def _authenticated(server: Any, session: Any, envelope: Any, how: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login, data.password) == (USER.encode(), SECRET.encode())
    return AuthResult(success=right)


@contextmanager
def mail_server(*, strict: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Serve SMTP and point this process's settings to it; `strict` wants TLS and a password."""
    box = Mailbox()
    options: dict[str, Any] = {}
    if strict:
        options = {"tls_context": strict, "require_starttls": True, "auth_required": True}
        options["authenticator"] = _authenticated
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        how, who = ("+starttls", "rollbook:p%40ss%2Fw%3Ard@") if strict else ("", "")
        with told(f"smtp{how}://{who}127.0.0.1:{controller.port}"):
            yield box
    finally:
        controller.stop()


def certificate_in(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate of 127.0.0.1 that signs itself; gives its file, and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "mail.pem", folder / "mail.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


@contextmanager
def told(url: str) -> Iterator[None]:
    """Point this process's settings to a mail server."""
    wanted = {"ROLLBOOK_MAIL_URL": url, "ROLLBOOK_MAIL_FROM": "连锁簿 <rollbook@example.test>"}
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(wanted: Mapping[str, str | None]) -> None:
    for name, value in wanted.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    settings.cache_clear()
