"""Hand one mail to the server that takes mail, by SMTP; the only place that does.

Shape: ROLLBOOK_MAIL_URL is smtp://, smtp+starttls:// or smtps://, with user and secret if the
server asks for them.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from shared.config import settings

TIMEOUT_SECONDS = 15.0
AWAY = (smtplib.SMTPException, OSError)  # what a server that is away or refuses raises


class NoMail(Exception):
    """ROLLBOOK_MAIL_URL is not set: this installation sends no mail."""


def written(*, to: str, subject: str, body: str, message_id: str) -> EmailMessage:
    """Write a mail from us as plain text; the same `message_id` is the same mail.

    Raises: ValueError for a line break in address or subject.
    """
    message = EmailMessage()
    sender = settings().mail_from
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2].rstrip('> ')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def send(message: EmailMessage) -> None:
    """Hand a mail over; when this returns the server has taken it.

    Raises: NoMail, and one of AWAY.
    """
    current = settings()
    if not current.mail_url:
        raise NoMail
    parts, tls = urlsplit(current.mail_url), ssl.create_default_context()
    with _connected(parts, tls) as server:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=tls)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _connected(parts: SplitResult, tls: ssl.SSLContext) -> smtplib.SMTP:
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=tls)
    return smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
