"""What a store's headquarters hears of: a letter up, and a notice of its own there.

Shape: letter `notice`, version 1: event, key, facts, facts_en, is_urgent. Only events whose row in
the catalogue names roles of the headquarters are written, and only those are read.
"""

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.notifications.rules import catalogue
from shared.events import letters
from shared.events.jobs import publish
from shared.events.letters import Letter
from shared.events.notices import Notify

NOTICE = "notice"
_VERSION = 1


class NoticeUnreadable(errors.Invalid):
    """The letter is no notice that this version understands."""

    zh = "无法识别的通知信件"


def report(
    session: Session, notice: Notify, *, to: str, store: str, on: date, now: datetime
) -> None:
    """Write to the headquarters what happened here; the same event and key goes up once."""
    payload = {
        "event": notice.event,
        "key": notice.key,
        "facts": {"store": store, **notice.facts},
        "facts_en": notice.facts_en,
        "is_urgent": notice.is_urgent,
    }
    told = letters.Outgoing(
        receiver=to,
        kind=NOTICE,
        key=hashlib.sha256(f"{notice.event}/{notice.key}".encode()).hexdigest(),
        revision=1,
        payload=payload,
        on=on,
        version=_VERSION,
    )
    letters.send(session, told, now=now)


def receive(session: Session, letter: Letter) -> None:
    """Tell the headquarters' own people what a store wrote.

    Emits: Notify.
    Raises: NoticeUnreadable.
    """
    said = letter.payload
    event = catalogue.events().get(str(said.get("event")))
    if letter.version != _VERSION or event is None or not event.hq:
        raise NoticeUnreadable(letter=letter.id)
    publish(
        session,
        Notify(
            event=event.name,
            key=f"{letter.sender}/{letter.key[:64]}",
            to_roles=tuple(sorted(event.hq)),
            facts=_texts(said.get("facts")),
            facts_en=_texts(said.get("facts_en")),
            is_urgent=said.get("is_urgent") is True,
        ),
    )


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise NoticeUnreadable
    return dict(value)
