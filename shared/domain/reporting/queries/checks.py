"""Whether everything adds up: day rows against slips, months against days, revisions compared.

Form: reopened months' difference report (W9); F10 and F17 validation SUM_MISMATCH.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import days
from shared.domain.cards.queries import chains
from shared.domain.reporting.models.days import DayTotal
from shared.domain.reporting.models.months import Month
from shared.domain.reporting.queries import inputs, months, wholes
from shared.domain.reporting.rules import figures as rules
from shared.domain.reporting.rules import states
from shared.domain.sales.queries import figures as sales
from shared.domain.sales.queries import sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One number that is stored otherwise than the slips say.

    Shape: `day` empty for a month's figure; `what` the rows or the indicator; the two sides as
    text. `is_known` marks a closed month that is stale: its figures stand until it is reopened.
    """

    month: date
    day: date | None
    what: str
    stored: str
    expected: str
    is_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceReport:
    """What a later revision of a month states otherwise, and the slips that came in between.

    Shape: `cells` (day, category, old, new) in fen.
    """

    month: date
    old_revision: int
    new_revision: int
    old_computed_at: datetime
    new_computed_at: datetime
    figures: Sequence[rules.Difference]
    cells: Sequence[tuple[date, str, int, int]]
    slips: Sequence[sold.LateSlip]


def differing_days(session: Session, dates: Sequence[date]) -> list[date]:
    """List the days whose rows differ from what the slips say now."""
    stored, expected = inputs.day_rows(session, dates), inputs.slip_rows(session, dates)
    return sorted({key[0] for key in {*stored, *expected} if stored.get(key) != expected.get(key)})


def difference_report(session: Session, month: date, *, old: int, new: int) -> DifferenceReport:
    """Compare two revisions of a month; 0 is the live figures.

    Raises: months.NoSuchRevision.
    """
    before = months.revision(session, month, old)
    after = months.revision(session, month, new)
    return DifferenceReport(
        month=month,
        old_revision=old,
        new_revision=new,
        old_computed_at=before.computed_at,
        new_computed_at=after.computed_at,
        figures=rules.differences(
            months.figures(session, month, old), months.figures(session, month, new)
        ),
        cells=_differing_cells(session, month, old=old, new=new),
        slips=sold.recorded_after(session, month, before.computed_at),
    )


def verify(session: Session) -> list[Mismatch]:
    """Recompute everything from the slips and list what is stored otherwise, to the fen.

    Days that changed a moment ago and wait for their rollup are listed too: let it run first.
    """
    found: list[Mismatch] = []
    known = _all_months(session)
    for month in known:
        found += _verify_days(session, month)
        found += _verify_month(session, month)
    return [*found, *_verify_cards(session), *_verify_wholes(session, known)]


def _verify_days(session: Session, month: date) -> list[Mismatch]:
    dates = days.days_of(month)
    stored, expected = inputs.day_rows(session, dates), inputs.slip_rows(session, dates)
    found = [
        _mismatch(
            month, what, _text(stored.get((day, what))), _text(expected.get((day, what))), day
        )
        for day, what in sorted({*stored, *expected})
        if stored.get((day, what)) != expected.get((day, what))
    ]
    newcomers = sales.first_paid_counts(session, dates[0], dates[-1])
    remembered = _new_customers(session, month)
    found += [
        _mismatch(month, "new_customers", remembered.get(day, 0), newcomers.get(day, 0), day)
        for day in sorted({*remembered, *newcomers})
        if remembered.get(day, 0) != newcomers.get(day, 0)
    ]
    return found


def _verify_month(session: Session, month: date) -> list[Mismatch]:
    held = session.get(Month, month)
    if held is None:
        return [_mismatch(month, "month", "", "a row of months")]
    revision = states.shown_revision(held.state, held.revision)
    stored = months.figures(session, month, revision)
    summed = {key: amount for key, amount in stored.items() if key[0] in _SUMMED}
    found = [
        _mismatch(month, f"{change.indicator} {change.part}".strip(), change.old, change.new)
        for change in rules.differences(summed, _summed(session, month))
    ]
    return [dataclasses.replace(one, is_known=held.stale) for one in found]


def _verify_cards(session: Session) -> list[Mismatch]:
    return [
        _mismatch(days.month_of(one.day), f"card {one.what}", one.stored, one.expected, one.day)
        for one in chains.breaks(session)
    ]


def _verify_wholes(session: Session, known: Sequence[date]) -> list[Mismatch]:
    last = max(known, default=date.min)  # the month of what belongs to none
    found = [
        _mismatch(month, what, stored, expected)
        for month in known
        for _, what, stored, expected in wholes.of_month(session, month)
    ]
    return found + [
        _mismatch(days.month_of(day or last), what, stored, expected, day)
        for proof in (wholes.of_cards, wholes.of_journal)
        for day, what, stored, expected in proof(session)
    ]


def _mismatch(
    month: date, what: str, stored: int | str, expected: int | str, day: date | None = None
) -> Mismatch:
    return Mismatch(month=month, day=day, what=what, stored=str(stored), expected=str(expected))


_SUMMED = frozenset(
    {
        "turnover", "quantity", "consumption", "direct_cost", "product_sales", "cash_sales",
        "cash_receipts", "refunds", "receipts", "visits", "customers", "new_customers", "cost",
        "topups", "packages", "prepaid",
    }
)  # fmt: skip


def _summed(session: Session, month: date) -> dict[rules.Key, int]:
    """The month straight from the slips, added up here and not by the statement that stored it."""
    dates = days.days_of(month)
    found = sales.day_figures(session, dates)
    sums: dict[rules.Key, int] = {}

    def add(indicator: str, part: str, amount: int) -> None:
        sums[indicator, part] = sums.get((indicator, part), 0) + amount

    for item in found.categories:
        add("turnover", item.category, item.turnover_fen)
        add("quantity", item.category, item.quantity)
        add("consumption", item.category, item.consumption_fen)
        add("direct_cost", item.category, item.cost_fen)
    for tender in found.tenders:
        add("cash_receipts", tender.tender, tender.amount_fen)
    for total in found.totals:
        add("turnover", "", total.turnover_fen)
        add("consumption", "", total.consumption_fen)
        add("product_sales", "", total.product_fen)
        add("cash_sales", "", total.cash_sales_fen)
        add("refunds", "", total.refunds_fen)
        add("receipts", "", total.receipts)
        add("visits", "", total.visits)
        add("new_customers", "", total.new_customers)
        add("topups", "", total.topups_fen)
        add("packages", "", total.packages_fen)
    add("prepaid", "", sales.prepaid_fen(session, dates[-1]))
    add("customers", "", sales.distinct_customers(session, dates[0], dates[-1]))
    for kind, amount in months.costs(session, month).items():
        add("cost", kind, amount)
    return sums


def _differing_cells(
    session: Session, month: date, *, old: int, new: int
) -> list[tuple[date, str, int, int]]:
    before = {(day, name): fen for day, name, fen, _ in months.cells(session, month, old)}
    after = {(day, name): fen for day, name, fen, _ in months.cells(session, month, new)}
    return [
        (day, name, before.get((day, name), 0), after.get((day, name), 0))
        for day, name in sorted({*before, *after})
        if before.get((day, name), 0) != after.get((day, name), 0)
    ]


def _new_customers(session: Session, month: date) -> dict[date, int]:
    rows = session.execute(
        select(DayTotal.business_date, DayTotal.new_customers).where(
            DayTotal.business_date.between(month, days.last_day(month))
        )
    )
    return dict(rows.all())


def _all_months(session: Session) -> list[date]:
    known = set(session.scalars(select(Month.month)))
    sold = sales.days_with_sales(session, date.min, date.max)
    return sorted(known | {days.month_of(day) for day in sold})


def _text(rows: list[tuple[str | int, ...]] | None) -> str:
    return "; ".join(" ".join(str(value) for value in row) for row in rows or [])
