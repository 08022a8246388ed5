"""A believable month of one store, recorded through the verbs of the domain."""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import days
from shared.domain.catalog.models import Item
from shared.domain.catalog.rules import Category
from shared.domain.reporting.rules.plan import NewPlan
from shared.domain.reporting.service import planning
from shared.domain.sales.rules import tills
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.service import cash, recording
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import (
    MANAGER,
    NOW,
    SELLER,
    described_sale,
    new_customer,
    new_item,
    settled,
)

ITEMS = (
    ("F001", Category.FACIAL, 298_00),
    ("F002", Category.FACIAL, 468_00),
    ("B001", Category.BODY, 398_00),
    ("S001", Category.SLIMMING, 588_00),
    ("O001", Category.OTHER, 88_00),
    ("P001", Category.PRODUCT, 168_00),
)

PLANNED = {
    "R": 1_200_000_00, "W": 300_000_00, "E": 900_000_00, "I": 12_000_00,
    "H": 100, "V": 6000, "N": 300, "K": 400_000_00,
}  # fmt: skip


def last_month(store: Tenant, now: datetime) -> date:
    """Name the month before the store's present one."""
    today = days.business_day(now, zone=store.time_zone, change_hour=store.day_change_hour)
    return days.previous_month(days.month_of(today))


def sell_a_month(store: Tenant, month: date, *, leave_open: int = 0, seed: int = 7) -> None:
    """Record some receipts a day and close the cash days, but for the last `leave_open` ones."""
    chance = Random(seed)
    with tenant_session(store) as session:
        items = [new_item(session, code, category=c, price_fen=p) for code, c, p in ITEMS]
        guests = [new_customer(session, f"顾客{n:02d}").id for n in range(20)]
        dates = [day for day in days.days_of(month) if day.weekday() != 1]
        for day in dates:
            _sell_a_day(session, store, day, items, guests, chance)
        for day in dates[: len(dates) - leave_open]:
            close_day(session, store, day)
        session.commit()


def plan(store: Tenant, year: int) -> None:
    """Draft a year's productivity plan."""
    with tenant_session(store) as session:
        new = NewPlan(prior=PLANNED, plan=PLANNED, consultants=(SELLER,))
        planning.save_draft(session, year=year, new=new, actor_id=MANAGER, now=NOW)
        session.commit()


def close_day(session: Session, store: Tenant, day: date) -> None:
    """Count what the book says, and close."""
    evening = datetime.combine(day, time(20), ZoneInfo(store.time_zone))
    figures = cash.cash.cash_report(session, day).figures
    counted = tills.CashCount(
        day=day, counted_fen=figures.closing_fen, settlements=settled(session, day)
    )
    cash.count_cash(session, count=counted, actor_id=SELLER, now=evening)
    cash.close_cash_day(session, closing=tills.CashClosing(day=day), actor_id=MANAGER, now=evening)


def _sell_a_day(
    session: Session,
    store: Tenant,
    day: date,
    items: list[Item],
    guests: list[int],
    chance: Random,
) -> None:
    opening = datetime.combine(day, time(10), ZoneInfo(store.time_zone))
    for number in range(chance.randint(2, 5) + (3 if day.weekday() >= 5 else 0)):
        item = chance.choice(items)
        tender = chance.choice([Tender.CASH, Tender.WECHAT, Tender.ALIPAY])
        new = described_sale(
            (item.id, item.price_fen),
            customer_id=chance.choice([*guests, None]),
            tenders=[(tender, item.price_fen)],
        )
        recording.record_sale(
            session,
            seller_id=SELLER,
            new=new,
            day=day,
            now=opening + timedelta(minutes=40 * number),
        )
