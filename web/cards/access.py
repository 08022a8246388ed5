"""Whose cards somebody sees, and acts on them under their name.

Specification 3 has no row for cards. What a guest's cards hold is part of the profile (F04:
balance, sessions left), so who reads the profile reads them, own guests alone with reach `o`;
selling, giving back and passing on are the till's (F08), deducting is the treatment card's (F05),
taking a deduction back is its approval; freezing and writing off are the approval at the till.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import g

from shared.domain.cards.models import CardEntry
from shared.domain.cards.queries import cards as queries
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.rules.chaining import Act
from shared.domain.customers import queries as customers
from web.extensions import db


def own_of() -> UUID | None:
    """Narrow to own guests whoever has reach `o` alone."""
    return g.actor.id if g.actor.reach("F04", "R") == "own" else None


def seen(card_id: int) -> Held:
    """Give a card that the asking person may see; what is deducted from it is her own act.

    Raises: queries.NoSuchCard.
    """
    return queries.get(db.session(), card_id, own_of=own_of())


def guest(customer_id: int) -> int:
    """Make sure that a guest's cards may be seen.

    Raises: customers.NoSuchCustomer.
    """
    session = db.session()
    row = customers.get(session, customer_id)
    own = own_of()
    if own is not None and own not in (row.consultant, row.preferred_staff):
        raise customers.NoSuchCustomer(customer_id=customer_id)
    return row.id


def act(key: UUID, *, sign: UUID | None = None) -> Act:
    """Say that the asking person does it, now."""
    return Act(key=key, by_id=g.actor.id, day=g.today, now=g.now, sign=sign)


def because(
    verb: Callable[..., CardEntry], card_id: int, asked: dict[str, Any], **more: Any
) -> CardEntry:
    """Do what a loaded `forms.Because` asks with a card: the reason, and once by its key."""
    return verb(
        db.session(), card_id=card_id, reason=asked["reason"], act=act(asked["key"]), **more
    )
