"""Closed days and months in every state, for tests."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.rules.states import Actor, Authority, CostKind
from shared.domain.reporting.service import closing, entries, rollup
from shared.domain.sales.queries import cash as cash_queries
from shared.domain.sales.rules.tills import CashClosing, CashCount
from shared.domain.sales.service import cash
from tests.factories.sales import MANAGER, SELLER, settled

JUNE = date(2025, 6, 1)
NOW = datetime(2025, 7, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2025, 7, 2, 2, 0, tzinfo=UTC)
TODAY = date(2025, 7, 1)
SHOP = Actor(authority=Authority.STORE, id=MANAGER, name="李店长")
HQ = Actor(authority=Authority.HQ, name="总部 王敏")


def close_day(session: Session, day: date, *, now: datetime = NOW, off_fen: int = 0) -> None:
    """Count and close a cash day, without a difference when nothing else is said."""
    closing_fen = cash_queries.cash_report(session, day).figures.closing_fen
    cash.count_cash(
        session,
        count=CashCount(
            day=day,
            counted_fen=max(closing_fen + off_fen, 0),
            variance_reason="盘点",
            settlements=settled(session, day),
        ),
        actor_id=SELLER,
        now=now,
    )
    cash.close_cash_day(
        session,
        closing=CashClosing(day=day, manager_reason="核对"),
        actor_id=MANAGER,
        now=now,
    )


def close_days(session: Session, month: date = JUNE, *, now: datetime = NOW) -> None:
    """Close every open cash day of a month."""
    for day in cash_queries.open_cash_days(session, month):
        close_day(session, day, now=now)


def computed(session: Session, month: date = JUNE, *, now: datetime = NOW) -> closing.Computation:
    """Close a month's days and compute it."""
    close_days(session, month, now=now)
    today = days.next_month(month)
    return closing.compute_month(session, month=month, actor=SHOP, day=today, now=now)


def reviewed(session: Session, month: date = JUNE, *, now: datetime = NOW) -> None:
    """Compute a month and sign it, with all its cost lines."""
    for kind in CostKind:
        entries.set_cost(session, month=month, kind=kind, amount_fen=100_00, actor=SHOP, now=now)
    computed(session, month, now=now)
    closing.review_month(session, month=month, actor=SHOP, now=now)


def closed(session: Session, month: date = JUNE, *, now: datetime = NOW) -> None:
    """Bring a month to its close, on the headquarters' word."""
    reviewed(session, month, now=now)
    closing.close_month(session, month=month, actor=HQ, has_hq=True, now=now)


def roll_up(session: Session, *, now: datetime = NOW) -> tuple[date, ...]:
    """Roll up whatever changed."""
    return rollup.roll_up_days(session, now=now)
