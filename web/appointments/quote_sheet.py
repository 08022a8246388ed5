"""The quote sheet: rows of item, way to pay, price and note, as typed and as they stand.

Form: W2, CONSULTING to QUOTED.
"""

from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.rules.visits import PayBy
from shared.domain.cards.queries import cards
from shared.domain.catalog import queries as catalog
from shared.forms.texts import yuan_text
from web.forms import fen, whole

ROWS = 3  # of an empty sheet


def typed_lines() -> list[dict[str, Any]]:
    """Read the rows of the sheet that name an item; `CARD-7` pays by a card."""
    columns = ("item", "pay", "price", "quantity", "note")
    rows = zip(*(request.form.getlist(name) for name in columns), strict=False)
    found = []
    for item, pay, price, quantity, note in rows:
        if not item:
            continue
        kind, _sep, card = pay.partition("-")
        found.append(
            {
                "item": whole(item), "pay_by": kind, "card": whole(card), "price_fen": fen(price),
                "quantity": whole(quantity) or 1, "note": note or None,
            }
        )  # fmt: skip
    return found


def ways(session: Session, found: Visit) -> list[tuple[str, str]]:
    """List how this guest may pay: at the till, by a card, as a gift."""
    held = [one for one in cards.cards_of(session, found.customer_id) if one.state == "ACTIVE"]
    names = catalog.by_ids(session, [one.item_id for one in held if one.item_id])
    listed = [(str(PayBy.SINGLE), _("at the till"))]
    for one in held:
        if one.kind == PayBy.PACKAGE and one.item_id is not None:
            text = _("%(card)s: %(item)s, %(num)s left", card=one.name,
                     item=names[one.item_id].name, num=one.sessions)  # fmt: skip
        else:
            text = _("%(card)s: %(fen)s left", card=one.name, fen=yuan_text(one.balances.money_fen))
        listed.append((f"{one.kind}-{one.id}", text))
    return [*listed, (str(PayBy.GIFT), _("gift")), (str(PayBy.REWORK), _("done again, free"))]


def rows(visit: dict[str, Any], typed: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Give the rows of the sheet: as typed, else what is not decided yet, and some empty ones."""
    standing = typed
    if standing is None:
        standing = [
            {
                "item": one["item_id"], "pay_by": one["pay_by"], "card": one["card_id"],
                "price_fen": one["price_fen"], "quantity": one["quantity"], "note": one["note"],
            }
            for one in visit["lines"]
            if not one["declined_at"] and (not visit["started_at"] or not one["agreed_at"])
        ]  # fmt: skip
    empty = [{"quantity": 1} for _n in range(max(ROWS - len(standing), 1))]
    return [*standing, *empty]
