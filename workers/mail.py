"""Hand one mail to the server that takes mail, by SMTP; the only place that does.

Shape: ROLLBOOK_MAIL_URL is smtp://, smtp+starttls:// or smtps://, with user and secret if the
server asks for them.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from shared.config import Settings, settings

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
    with _connected(current) as server:
        server.send_message(message)


def _connected(current: Settings) -> smtplib.SMTP:
    parts = urlsplit(current.mail_url)
    host, tls = parts.hostname or "", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=tls)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
