"""Guests in the house, from the door to the door, for tests."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Treatment, Visit
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.visits import Line, PayBy, VisitStage
from shared.domain.appointments.service import carding, quoting, reception, visits
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.appointments.service.visit_steps import Arrival
from shared.domain.customers import queries as customers
from shared.domain.customers.models import Customer
from shared.records import attachments
from shared.records.register import Editor
from tests.factories.records import BERTA, editor
from tests.factories.sales import new_customer

MINUTE = timedelta(minutes=1)


def guest(session: Session, **more: Any) -> Customer:
    """Add a guest who consents to health data and photos, and whom nothing is bad for."""
    called = {name: more.pop(name) for name in ("name", "phone") if name in more}
    made = new_customer(session, **called)  # found by these, so they go in by the verb
    known = {"consent_sensitive": True, "consent_photo": True, "contraindications": ["NONE"]}
    for name, value in {**known, **more}.items():
        setattr(made, name, value)
    session.flush()
    return made


def arrived(session: Session, customer_id: int | None = None, *, by: Editor | None = None) -> Visit:
    """Let a guest walk in to Berta."""
    by = by or editor()
    who = customer_id or guest(session).id
    return reception.walk_in(
        session, Arrival(customer_id=who, planned_at=by.now, staff_id=BERTA), by=by
    )


def quoted(session: Session, *lines: Line, by: Editor | None = None, **more: Any) -> Visit:
    """Lead a guest to a quote that they agree to."""
    by = by or editor()
    visit = arrived(session, by=by, **more)
    reception.consult(session, visit, is_health_declined=False, needs="补水", by=by)
    quoting.quote(session, visit, lines=lines, is_agreed=True, by=by)
    return visit


def begun(
    session: Session, *lines: Line, by: Editor | None = None, **more: Any
) -> tuple[Visit, Treatment]:
    """Begin the first treatment of a quote."""
    by = by or editor()
    visit = quoted(session, *lines, by=by, **more)
    card = visits.start(session, visit, visits.Begun(), by=by)
    assert card is not None
    return visit, card


def signature(session: Session, *, by: UUID) -> UUID:
    """Have the guest sign a card, as the pad sends it."""
    sent = attachments.Sent(
        id=uuid4(), field="guest_sign", content_type="image/png", size=1, sha256="0" * 64
    )
    attachments.note(session, TREATMENTS.code, sent, by=by, now=editor().now)
    session.flush()
    return sent.id


def filled(card: Treatment, *, by: Editor, **more: Any) -> dict[str, Any]:
    """Fill in a card as far as its signature."""
    whole = {
        "ended_at": by.now.isoformat(), "skin_before": "干燥", "skin_after": "水润",
        "reaction": "NONE", "guest_feeling": "VERY_SATISFIED", **more,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def later(by: Editor, minutes: int = 55) -> Editor:
    """Give the same person some minutes later."""
    assert by.id is not None
    return editor(by.id, now=by.now + minutes * MINUTE)


def sign(session: Session, card: Treatment, *, by: Editor | None = None, **more: Any) -> Treatment:
    """Fill in a card and have it signed, an hour after it was begun."""
    by = by or later(editor())
    products = more.pop("products", None)
    assert by.id is not None
    typed = {**filled(card, by=by, **more), "guest_sign": str(signature(session, by=by.id))}
    return carding.sign(
        session, treatment_id=card.id, version=card.version, typed=typed, products=products, by=by
    )


def single(item_id: int, price_fen: int | None = None, **more: Any) -> Line:
    """Quote an item that is paid at the till."""
    return Line(item_id=item_id, pay_by=PayBy.SINGLE, price_fen=price_fen, **more)


def stands(session: Session, visit: Visit) -> VisitStage:
    """Tell where a visit stands."""
    session.flush()
    return VisitStage(queries.get(session, visit.id).stage)


def at(hour: int, minute: int) -> datetime:
    """Give a moment of the sample day on the store's clock."""
    return editor().now.replace(hour=hour - 8, minute=minute, second=0, microsecond=0)


def known(session: Session, customer_id: int) -> Customer:
    """Give a guest."""
    return customers.get(session, customer_id)
