"""The headquarters' page: turnover by month and store, coverage, growth.

Form: 总部看板; aggregation (9.3), calculation C13.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared import days
from shared.domain.franchise.models.chain import ChainFigure, ChainMonth
from shared.domain.franchise.models.stores import StoreFigure, StoreFile, StoreMonth
from shared.domain.franchise.rules import benchmark
from shared.domain.franchise.rules import stores as rules
from shared.domain.reporting.rules import figures as ratios

CHAIN, REGION = "CHAIN", "REGION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of the expected stores a total covers, and which are missing.

    Units: `counted` closed, `provisional` reported but not closed.
    """

    counted: int
    provisional: int
    expected: int
    missing: Sequence[str]  # names of stores that have not reported
    as_of: datetime | None

    @property
    def is_provisional(self) -> bool:
        """Whether the total is an estimate 预估: some store has not closed or not reported."""
        return self.counted < self.expected

    @property
    def text(self) -> str:
        """The words of the form: how many have reported, of how many."""
        return benchmark.coverage_text(
            counted=self.counted + self.provisional, expected=self.expected
        )

    @property
    def closed_text(self) -> str:
        """The same for closed months only."""
        return benchmark.coverage_text(counted=self.counted, expected=self.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainColumn:
    """One month of the chain.

    Shape: `growth` like-for-like against last month, `growth_on_year` against the same month of
    last year, over `same_stores` and `same_stores_on_year` stores present in both.
    """

    month: date
    turnover_fen: int
    closed_turnover_fen: int
    visits: int
    new_customers: int
    spend_per_customer_fen: int | None
    coverage: Coverage
    growth: Decimal | None
    same_stores: int
    growth_on_year: Decimal | None
    same_stores_on_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCell:
    """One store's turnover in one month."""

    turnover_fen: int
    state: str
    is_provisional: bool
    is_pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """One store over the months; a month it did not report is left out."""

    tenant: str
    code: str
    name: str
    region: str
    months: Mapping[date, StoreCell]
    total_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """One region over the months."""

    name: str
    months: Mapping[date, int]
    total_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Turnover by month and store, with what it covers."""

    months: Sequence[ChainColumn]
    stores: Sequence[StoreRow]
    regions: Sequence[RegionRow]
    total_fen: int


def dashboard(session: Session, first: date, last: date) -> Dashboard:
    """Give the months from `first` to `last`, both included, oldest first.

    Units: a handful of statements, however many stores and months.
    """
    files = session.scalars(select(StoreFile).order_by(StoreFile.code)).all()
    asked = days.months_between(first, last)
    columns = _columns(session, asked, files)
    return Dashboard(
        months=columns,
        stores=_store_rows(session, asked, files),
        regions=_region_rows(session, asked),
        total_fen=sum(column.turnover_fen for column in columns),
    )


def last_reported_month(session: Session) -> date | None:
    """Name the newest month any store has reported."""
    return session.scalars(select(func.max(StoreMonth.month))).one()


def _columns(
    session: Session, asked: Sequence[date], files: Sequence[StoreFile]
) -> list[ChainColumn]:
    # in this order: sums that a store has just come into are not yet counted, never the reverse
    coverage = _coverage(session, asked, files)
    sums, closed = _chain_sums(session, asked)
    month_ago = _same_stores(session, asked, {month: days.previous_month(month) for month in asked})
    year_ago = _same_stores(
        session, asked, {month: month.replace(year=month.year - 1) for month in asked}
    )
    return [
        ChainColumn(
            month=month,
            turnover_fen=sums.get((month, "turnover"), 0),
            closed_turnover_fen=closed.get((month, "turnover"), 0),
            visits=sums.get((month, "visits"), 0),
            new_customers=sums.get((month, "new_customers"), 0),
            spend_per_customer_fen=ratios.mean_fen(
                sums.get((month, "turnover"), 0), sums.get((month, "visits"), 0)
            ),
            coverage=coverage[month],
            growth=ratios.growth(month_ago[month].now, month_ago[month].before),
            same_stores=month_ago[month].stores,
            growth_on_year=ratios.growth(year_ago[month].now, year_ago[month].before),
            same_stores_on_year=year_ago[month].stores,
        )
        for month in asked
    ]


def _chain_sums(
    session: Session, asked: Sequence[date]
) -> tuple[dict[tuple[date, str], int], dict[tuple[date, str], int]]:
    rows = session.execute(
        select(
            ChainFigure.month, ChainFigure.indicator, ChainFigure.amount, ChainFigure.closed_amount
        ).where(ChainFigure.month.in_(asked), ChainFigure.level == CHAIN, ChainFigure.part == "")
    ).all()
    return (
        {(month, indicator): amount for month, indicator, amount, _ in rows},
        {(month, indicator): amount for month, indicator, _, amount in rows},
    )


def _coverage(
    session: Session, asked: Sequence[date], files: Sequence[StoreFile]
) -> dict[date, Coverage]:
    known = {
        row.month: row
        for row in session.scalars(
            select(ChainMonth).where(ChainMonth.month.in_(asked), ChainMonth.level == CHAIN)
        )
    }
    reported = set(
        session.execute(
            select(StoreMonth.month, StoreMonth.tenant).where(StoreMonth.month.in_(asked))
        ).all()
    )
    found = {}
    for month in asked:
        missing = [
            file.name
            for file in files
            if rules.is_expected(opened_on=file.opened_on, closed_on=file.closed_on, month=month)
            and (month, file.tenant) not in reported
        ]
        row = known.get(month)
        found[month] = Coverage(
            counted=row.stores_counted if row else 0,
            provisional=row.stores_provisional if row else 0,
            expected=row.stores_expected if row else len(missing),
            missing=missing,
            as_of=row.computed_at if row else None,
        )
    return found


_SAME_STORES = text(
    """
    SELECT pair.month, sum(now.amount)::bigint, sum(before.amount)::bigint, count(*)
    FROM unnest(:months, :earlier) AS pair (month, earlier)
    JOIN store_figures AS now ON now.month = pair.month
         AND now.indicator = 'turnover' AND now.part = ''
    JOIN store_figures AS before ON before.month = pair.earlier AND before.tenant = now.tenant
         AND before.indicator = 'turnover' AND before.part = ''
    GROUP BY pair.month
    """
).bindparams(bindparam("months", type_=ARRAY(Date)), bindparam("earlier", type_=ARRAY(Date)))


def _same_stores(
    session: Session, asked: Sequence[date], earlier: Mapping[date, date]
) -> dict[date, benchmark.LikeForLike]:
    pairs = {"months": list(earlier), "earlier": list(earlier.values())}
    found = {
        month: benchmark.LikeForLike(now=now, before=before, stores=stores)
        for month, now, before, stores in session.execute(_SAME_STORES, pairs)
    }
    none = benchmark.LikeForLike(now=0, before=0, stores=0)
    return {month: found.get(month, none) for month in asked}


def _store_rows(
    session: Session, asked: Sequence[date], files: Sequence[StoreFile]
) -> list[StoreRow]:
    rows = session.execute(
        select(StoreMonth, StoreFigure.amount)
        .join(
            StoreFigure,
            (StoreFigure.tenant == StoreMonth.tenant) & (StoreFigure.month == StoreMonth.month),
        )
        .where(StoreMonth.month.in_(asked))
        .where(StoreFigure.indicator == "turnover", StoreFigure.part == "")
        .order_by(StoreMonth.month)
    )
    by_store: dict[str, dict[date, StoreCell]] = {}
    for month, turnover_fen in rows:
        by_store.setdefault(month.tenant, {})[month.month] = StoreCell(
            turnover_fen=turnover_fen,
            state=month.state,
            is_provisional=month.state != "CLOSED",
            is_pending=month.decision_no > month.answered_no,
        )
    return [
        StoreRow(
            tenant=file.tenant,
            code=file.code,
            name=file.name,
            region=file.region,
            months=by_store.get(file.tenant, {}),
            total_fen=sum(cell.turnover_fen for cell in by_store.get(file.tenant, {}).values()),
        )
        for file in files
    ]


def _region_rows(session: Session, asked: Sequence[date]) -> list[RegionRow]:
    rows = session.execute(
        select(ChainFigure.name, ChainFigure.month, ChainFigure.amount)
        .where(ChainFigure.month.in_(asked), ChainFigure.level == REGION)
        .where(ChainFigure.indicator == "turnover", ChainFigure.part == "")
        .order_by(ChainFigure.name, ChainFigure.month)
    )
    by_name: dict[str, dict[date, int]] = {}
    for name, month, amount in rows:
        by_name.setdefault(name, {})[month] = amount
    return [
        RegionRow(name=name, months=found, total_fen=sum(found.values()))
        for name, found in by_name.items()
    ]
