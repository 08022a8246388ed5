"""The post: writes and sends the mails about people's accounts.

A person is not a tenant, so these are not jobs of a tenant's queue: the post takes rows of
registry.account_mails, one at a time; any number of posts may run. A link's token is made here, in
the moment the mail is written, and nowhere kept but in that mail.
"""

import time
from datetime import UTC, datetime

import structlog

from shared.config import settings
from tenants.people import account_mails, accounts, identity, invitations, links
from tenants.people.account_mails import AccountMail
from workers.outgoing import mail
from workers.outgoing.account_texts import TEXTS, Text

PAUSE_SECONDS = 1.0
TIDY_SECONDS = 600.0

log = structlog.get_logger(__name__)


class Post:
    """Sends what is due, and tidies up now and then."""

    def __init__(self) -> None:
        self._tidied_at = float("-inf")

    def step(self, now: datetime | None = None) -> bool:
        """Send one mail if one is due; say whether there may be more."""
        at = now or datetime.now(UTC)
        if time.monotonic() - self._tidied_at > TIDY_SECONDS:
            account_mails.tidy(now=at)
            self._tidied_at = time.monotonic()
        taken = account_mails.take(now=at) if settings().mail_url else None
        if taken is None:
            return False
        self._deliver(taken, now=at)
        return True

    def _deliver(self, taken: AccountMail, *, now: datetime) -> None:
        letter = _letter(taken, now=now)
        if letter is None:
            account_mails.done(taken, now=now, was_sent=False)
            return
        to, text, path = letter
        body = text.body.replace("{link}", settings().public_url.rstrip("/") + path)
        try:
            mail.send(
                mail.written(to=to, subject=text.subject, body=body, message_id=str(taken.id))
            )
        except (*mail.AWAY, ValueError) as error:
            # neither address nor answer of the server: both may name a person
            log.warning(
                "mail not taken",
                kind=taken.kind,
                attempt=taken.attempt,
                error_class=type(error).__name__,
            )
            if taken.is_last_try:
                account_mails.done(taken, now=now, was_sent=False)
            return
        account_mails.done(taken, now=now, was_sent=True)
        log.info("mail sent", kind=taken.kind)


def _letter(taken: AccountMail, *, now: datetime) -> tuple[str, Text, str] | None:
    """Say to whom, what, and with which link; None when there is nobody or nothing to tell."""
    if taken.kind == "reset":
        return _reset(taken, now=now)
    if taken.kind == "address":
        assert taken.person_id is not None
        token = links.make("address", taken.person_id, now=now, address=taken.name)
        return taken.name, _text(taken.kind, taken.locale), f"/account/address/{token}"
    assert taken.invitation_id is not None
    made = invitations.new_token(taken.invitation_id)
    if made is None:
        return None
    try:
        found = invitations.offer(made, now=now)
    except invitations.InvitationOver:  # the tenant is suspended, or a week has passed
        return None
    text = _text(taken.kind, taken.locale).filled(
        place=found.tenant.display_name, inviter=found.inviter, name=found.name
    )
    return taken.name, text, f"/invitations/{made}"


def _reset(taken: AccountMail, *, now: datetime) -> tuple[str, Text, str] | None:
    known = identity.credentials(taken.name)
    to = accounts.mail_of(known.person.id) if known else None
    if known is None or to is None:
        return None
    token = links.make("reset", known.person.id, now=now, address=to)
    return to, _text("reset", known.person.locale), f"/reset/{token}"


def _text(kind: str, locale: str) -> Text:
    return TEXTS[kind]["en" if locale.startswith("en") else "zh"]
