"""Whether what was given away brought sales.

Form: F01 derived: conversion rate 转化率, sales per cost 投入产出.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import CONVERSION_DAYS
from shared.domain.reporting.rules import figures
from shared.domain.sales.queries import receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A month's hand-outs and what followed within thirty days of each.

    Units: a customer counts once; the day of the hand-out itself does not count; a ratio without a
        base is None.
    """

    month: date
    handouts: int
    cost_fen: int
    received: int
    converted: int
    sales_fen: int
    conversion_rate: Decimal | None
    sales_per_cost: Decimal | None


def effect(session: Session, month: date) -> Effect:
    """Say what a month's samples and gifts cost and brought."""
    given = catalog.handouts_of(session, month)
    received = {row.customer for row in given if row.customer is not None}
    converted = {row.customer for row in given if row.customer is not None and row.converted_30d}
    spans = [
        (
            row.customer,
            row.business_date + timedelta(days=1),
            row.business_date + timedelta(days=CONVERSION_DAYS),
        )
        for row in given
        if row.customer is not None
    ]
    cost_fen = sum(row.cost_fen for row in given)
    sales_fen = receipts.paid_within_fen(session, spans)
    return Effect(
        month=month,
        handouts=len(given),
        cost_fen=cost_fen,
        received=len(received),
        converted=len(converted),
        sales_fen=sales_fen,
        conversion_rate=figures.ratio(len(converted), len(received)),
        sales_per_cost=figures.ratio(sales_fen, cost_fen),
    )
