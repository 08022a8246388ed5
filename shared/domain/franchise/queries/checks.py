"""Whether a headquarters' sums are the sums of what its stores reported, and what they reported.

Units: the second comparison needs the store's own figures, read under the store's own login.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.domain.franchise.models.post import MonthExchange
from shared.domain.franchise.models.stores import StoreMonth
from shared.domain.franchise.queries import stores
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules import figures as rules
from shared.domain.reporting.rules.figures import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMismatch:
    """One number of the headquarters that differs from what it was made of.

    Shape: `what` names level or store and the indicator.
    """

    month: date
    what: str
    stored: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A month as one side has it: which snapshot, and its figures."""

    month: date
    snapshot_no: int
    figures: dict[Key, int]


_CHAIN = text(
    """
    WITH expected AS (
        SELECT f.month, 'CHAIN' AS level, '' AS name, f.indicator, f.part, sum(f.amount) AS amount
        FROM store_figures f GROUP BY f.month, f.indicator, f.part
        UNION ALL
        SELECT f.month, 'REGION', m.region, f.indicator, f.part, sum(f.amount)
        FROM store_figures f JOIN store_months m USING (tenant, month)
        WHERE m.region <> '' GROUP BY f.month, m.region, f.indicator, f.part
    )
    SELECT month, trim(level || ' ' || name || ' ' || indicator || ' ' || part),
           coalesce(c.amount, 0), coalesce(e.amount, 0)::bigint
    FROM expected e FULL JOIN chain_figures c USING (month, level, name, indicator, part)
    WHERE coalesce(c.amount, 0) <> coalesce(e.amount, 0)
    ORDER BY 1, 2
    """
)


def verify_hq(session: Session) -> list[ChainMismatch]:
    """List chain and region figures that are not the sum of the stores' figures."""
    return [
        ChainMismatch(month=month, what=what, stored=stored, expected=expected)
        for month, what, stored, expected in session.execute(_CHAIN)
    ]


def said_by_store(session: Session) -> list[Said]:
    """At a store: what it last sent, if its months still say the same."""
    shown = {one.month: one for one in months.shown_months(session)}
    found = []
    for sent in session.scalars(select(MonthExchange).order_by(MonthExchange.month)):
        now = shown.get(sent.month)
        if now and sent.snapshot_no and sent.inputs_hash == now.inputs_hash:
            figures = months.figures(session, sent.month, now.revision)
            found.append(Said(month=sent.month, snapshot_no=sent.snapshot_no, figures=figures))
    return found


def heard_by_hq(session: Session, tenant: str) -> list[Said]:
    """At a headquarters: what it has of one store."""
    heard = session.scalars(
        select(StoreMonth).where(StoreMonth.tenant == tenant).order_by(StoreMonth.month)
    )
    return [
        Said(
            month=row.month,
            snapshot_no=row.snapshot_no,
            figures=stores.figures(session, tenant, row.month),
        )
        for row in heard
    ]


def compare(store: str, said: Sequence[Said], heard: Sequence[Said]) -> list[ChainMismatch]:
    """Compare both sides of a store, named for the reader, for snapshots that have arrived."""
    by_month = {one.month: one for one in heard}
    found = []
    for one in said:
        other = by_month.get(one.month)
        if other is None or other.snapshot_no != one.snapshot_no:
            continue  # still on its way
        found += [
            ChainMismatch(
                month=one.month,
                what=f"{store} {change.indicator} {change.part}".strip(),
                stored=change.old,
                expected=change.new,
            )
            for change in rules.differences(other.figures, one.figures)
        ]
    return found
