"""Cards on the page of a guest."""

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.cards.queries import cards as queries
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.rules.kinds import CardKind
from web.frame import formats, labels
from web.frame.guest_parts import Guest, Line, Part

MOST = 8


def part(session: Session, guest: Guest) -> Part | None:
    """Give the newest cards and what is left on them to who may see the guest's account."""
    if g.actor.reach("F04", "R") not in ("all", "own"):
        return None
    held = queries.cards_of(session, guest.id)
    return Part(
        key="cards",
        title=_("Cards"),
        icon="cards",
        empty=_("No card was bought yet."),
        count=len(held),
        more=url_for("card_pages.of_guest", record_id=guest.id),
        lines=[
            Line(
                day=one.issued_on,
                text=one.name,
                note=one.number,
                end=_left(one),
                stamp=labels.label(one.state, "card_state"),
                tone=labels.tone(one.state, "card_state"),
                url=url_for("card_pages.card", card_id=one.id),
            )
            for one in held[:MOST]
        ],
    )


def _left(card: Held) -> str:
    if card.kind == CardKind.PACKAGE:
        return str(_("%(num)s left", num=card.sessions))
    return formats.money(card.balances.principal_fen + card.balances.bonus_fen)
