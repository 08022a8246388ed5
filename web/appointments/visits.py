"""Visits as they are answered and shown: lines, steps, names, what is still to be paid.

Shape: forms/visit.py. Whoever serves sees the own visits alone; guests are named to whom their
profiles are shown.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Treatment, Visit, VisitLine
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.visits import OVER, PayBy
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.forms.masking import masked_name
from shared.records.register import Editor
from web.records import access

_PLAIN = (
    "id", "number", "version", "business_date", "customer_id", "appointment_id", "stage",
    "place_id", "staff_id", "is_requested", "planned_at", "arrived_at", "greeted_at",
    "is_health_declined", "needs", "started_at", "promised_end_at", "checked_at", "is_on_time",
    "settled_at", "sale_id", "next_on", "home_advice", "left_at", "left_reason",
)  # fmt: skip
_OF_LINES = (
    "id", "item_id", "quantity", "minutes", "pay_by", "card_id", "price_fen", "is_extra", "note",
    "agreed_at", "declined_at", "asked_by",
)  # fmt: skip


def own_of(resource: str = "visits", verb: str = "R") -> UUID | None:
    """Say whose visits alone the asking person reaches; None for all."""
    return g.actor.id if g.actor.reach(resource, verb) == "own" else None


def editor() -> Editor:
    """Say who acts on a visit, and when; whether they may, the route says."""
    return access.editor(TREATMENTS, "R")


def shown(session: Session, rows: Iterable[Visit]) -> list[dict[str, Any]]:
    """Write visits with what belongs to them: one question for each kind of thing."""
    listed = list(rows)
    ids = [one.id for one in listed]
    lines, steps = queries.lines_of(session, ids), queries.steps_of(session, ids)
    cards = {card.line: card for of in queries.cards_of(session, ids).values() for card in of}
    items = catalog.by_ids(session, [one.item_id for of in lines.values() for one in of])
    guests = customers.by_ids(session, [one.customer_id for one in listed])
    ahead = queries.deposits_of(session, [one.appointment_id for one in listed])
    sees_names = g.actor.reach("F04", "R") in ("all", "own")
    fills_all = g.actor.reach("F05", "U") == "all"

    def line(one: VisitLine) -> dict[str, Any]:
        card = cards.get(one.id)
        return {
            **{name: getattr(one, name) for name in _OF_LINES},
            "item": items[one.item_id].name,
            "treatment_id": card.id if card else None,
            "is_signed": card is not None and card.signed_at is not None,
            "is_mine": card is not None and (fills_all or _is_own(card, guests[card.customer])),
        }

    def whole(one: Visit) -> dict[str, Any]:
        own, name = lines.get(one.id, []), guests[one.customer_id].name
        price_fen = 0 if one.stage in OVER else _due_fen(own)
        deposit_fen = min(ahead.get(one.appointment_id, 0), price_fen)
        return {
            **{name: getattr(one, name) for name in _PLAIN},
            "guest": name if sees_names else masked_name(name),
            "deposit_fen": deposit_fen,
            "due_fen": price_fen - deposit_fen,
            "lines": [line(each) for each in own],
            "steps": steps.get(one.id, []),
        }

    return [whole(one) for one in listed]


def sees_health(session: Session, visit: Visit, guest: Any) -> bool:
    """Tell whether the asking person sees the guest's health part: a beautician's only today."""
    reach = g.actor.reach("F04_health", "R")
    if reach != "own":
        return bool(reach == "all")
    if g.actor.id in (guest.consultant, guest.created_by):
        return True
    is_todays = visit.business_date == g.today
    return is_todays and (bool(visit.staff_id == g.actor.id) or serves(session, visit))


def serves(session: Session, visit: Visit) -> bool:
    """Tell whether the asking person treats the guest of a visit."""
    found: list[Treatment] = queries.cards_of(session, [visit.id]).get(visit.id, [])
    return any(g.actor.id in (card.beautician, card.assistant) for card in found)


def _is_own(card: Treatment, guest: Any) -> bool:
    """Tell whether the asking person fills in a card: who treats, or looks after the guest."""
    staff = card.beautician, card.assistant, card.created_by, guest.consultant
    return bool(g.actor.id in (*staff, guest.preferred_staff))


def _due_fen(lines: Iterable[VisitLine]) -> int:
    return sum(
        one.price_fen for one in lines if one.agreed_at is not None and one.pay_by == PayBy.SINGLE
    )
