"""A notice as a mail: in the reader's language, with the way to the inbox below."""

import smtplib

from shared.config import settings
from shared.domain.notifications.service.sending import Outcome, Parcel
from tenants.registry import Tenant
from workers.outgoing import mail

LONGEST_SUBJECT = 100


def send(parcel: Parcel, *, to: str, locale: str, tenant: Tenant) -> Outcome:
    """Hand one over to the mail server; its Message-ID stays the same at every try."""
    text = parcel.en if locale.startswith("en") else parcel.zh
    subject = f"{tenant.display_name}: {text.splitlines()[0]}"
    way = f"{settings().public_url.rstrip('/')}/s/{tenant.slug}/notices"
    try:
        mail.send(
            mail.written(
                to=to,
                subject=subject[:LONGEST_SUBJECT],
                body=f"{text}\n\n{way}\n" if parcel.person_id else f"{text}\n",
                message_id=f"notice-{parcel.uid.hex}",
            )
        )
    except mail.NoMail:
        return Outcome(error="NotSetUp")
    except ValueError:
        return Outcome(error="AddressRefused", is_final=True)
    except smtplib.SMTPRecipientsRefused as error:
        return Outcome(error="RecipientRefused", is_final=_is_for_good(error))
    except mail.AWAY as error:
        return Outcome(error=type(error).__name__)
    return Outcome()


def _is_for_good(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _ in error.recipients.values())
