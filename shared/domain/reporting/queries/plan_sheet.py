"""A year's plan beside last year and what it brought so far.

Form: F11; calculation C1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.reporting.models.months import Month, MonthFigure
from shared.domain.reporting.models.plans import Plan, PlanInput, PlanSolution, PlanVariance
from shared.domain.reporting.queries import plans
from shared.domain.reporting.queries.months import SHOWN
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.figures import Indicator
from shared.domain.reporting.rules.plan import Cell, Number, SplitBy, Unit
from shared.domain.reporting.rules.states import CostKind, MonthState


@dataclass(frozen=True, slots=True, kw_only=True)
class Actuals:
    """What months brought, in base units.

    Shape: `missing` says what nobody entered: `2025-06 I`, `2025-06 costs`; `unknown` names the
        numbers that nobody entered for any month.
    """

    numbers: Mapping[str, Fraction]
    months: tuple[date, ...]
    missing: tuple[str, ...]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the comparison, as people read it: yuan, persons, counts."""

    code: str
    labels: tuple[str, str]
    unit: Unit
    prior: Fraction | None
    plan: Fraction | None
    span: Fraction | None  # the plan of the months that are counted
    actual: Fraction | None
    variance: rules.Variance


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One month beside its target; `actual_fen` is empty until the calendar compared them."""

    month: date
    plan_fen: int
    actual_fen: int | None
    needs_solution: bool
    solution: str | None
    solved_by: UUID | None
    solved_at: datetime | None

    @property
    def rate(self) -> Fraction | None:
        """How far the month lies from its target."""
        if self.actual_fen is None or not self.plan_fen:
            return None
        return Fraction(self.actual_fen - self.plan_fen, self.plan_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSheet:
    """A year's plan beside last year and what it brought so far.

    Form: F11.
    """

    head: Plan
    actuals: Actuals
    lines: Sequence[Line]
    months: Sequence[MonthLine]
    cells: Mapping[Cell, int]
    numbers: Mapping[str, Mapping[str, int]]


def actuals(session: Session, year: int, *, only_closed: bool) -> Actuals:
    """Add up what a year's months brought: those that are closed, or all that have figures."""
    wanted = select(Month.month).where(Month.month.between(date(year, 1, 1), date(year, 12, 1)))
    if only_closed:
        wanted = wanted.where(Month.state == MonthState.CLOSED)
    counted = tuple(session.scalars(wanted.order_by(Month.month)))
    rows = session.execute(
        select(MonthFigure.month, MonthFigure.indicator, MonthFigure.part, MonthFigure.amount)
        .join(Month, (Month.month == MonthFigure.month) & (MonthFigure.revision == SHOWN))
        .where(MonthFigure.month.in_(counted))
    )
    known = {(month, name, part): amount for month, name, part, amount in rows}
    typed = {
        (month, name): amount
        for month, name, amount in session.execute(
            select(PlanInput.month, PlanInput.name, PlanInput.amount)
            .where(PlanInput.month.in_(counted))
            .order_by(PlanInput.month)
        )
    }

    def total(indicator: Indicator, parts: Sequence[str] = ("",)) -> Fraction:
        return Fraction(sum(known.get((m, indicator, p), 0) for m in counted for p in parts))

    people = [typed[month, "H"] for month in counted if (month, "H") in typed]
    invested = [typed[month, "K"] for month in counted if (month, "K") in typed]
    missing = [
        f"{m:%Y-%m} {name}" for m in counted for name in ("I", "H") if (m, name) not in typed
    ]
    missing += [
        f"{month:%Y-%m} costs"
        for month in counted
        if any((month, Indicator.COST, kind) not in known for kind in CostKind)
    ]
    return Actuals(
        numbers={
            Number.R: total(Indicator.TURNOVER),
            Number.W: total(Indicator.COST, [CostKind.WAGES]),
            Number.E: total(Indicator.COST, list(CostKind)),
            Number.I: Fraction(sum(typed.get((month, "I"), 0) for month in counted)),
            Number.H: Fraction(sum(people), len(people)) if people else Fraction(0),
            Number.V: total(Indicator.VISITS),
            Number.N: total(Indicator.OPEN_DAYS),
            Number.K: Fraction(invested[-1]) if invested else Fraction(0),
        },
        months=counted,
        missing=tuple(sorted(missing)),
        unknown=frozenset(
            name for name in ("I", "H") if not any((month, name) in typed for month in counted)
        ),
    )


def sheet(session: Session, year: int, *, revision: int | None = None) -> PlanSheet:
    """Give a year's plan beside last year and what it brought so far.

    Raises: plans.NoSuchPlan.
    """
    head = plans.shown(session, year, revision)
    known, split = plans.numbers(session, head.id), plans.cells(session, head.id)
    so_far = actuals(session, year, only_closed=True)
    return PlanSheet(
        head=head,
        actuals=so_far,
        lines=compare(known, so_far, split),
        months=month_lines(session, year, split),
        cells=split,
        numbers=known,
    )


def compare(
    known: Mapping[str, Mapping[str, int]], so_far: Actuals, split: Mapping[Cell, int]
) -> list[Line]:
    """Put base numbers and P01-P14 of last year, plan and so far side by side."""
    count = len(so_far.months)
    revenue = sum(split.get((month, SplitBy.STORE, ""), 0) for month in so_far.months)
    span = rules.pro_rata(known["PLAN"], months=count, revenue_fen=revenue)
    actual = dict(so_far.numbers)
    if not actual[Number.K]:
        actual[Number.K] = Fraction(known["PLAN"][Number.K])
    columns = [_column(known["PRIOR"], 12), _column(known["PLAN"], 12)]
    columns += [_column(span, count), _column(actual, count)] if count else [{}, {}]
    made = []
    for code, (zh, en, unit, is_cost) in (*rules.NUMBERS.items(), *rules.LINES.items()):
        prior, plan, of_span, of_actual = (column.get(str(code)) for column in columns)
        if code in so_far.unknown:
            of_actual = None
        variance = rules.variance(of_actual, of_span, more_is_worse=is_cost)
        made.append(
            Line(
                code=str(code),
                labels=(zh, en),
                unit=unit,
                prior=prior,
                plan=plan,
                span=of_span,
                actual=of_actual,
                variance=variance,
            )
        )
    return made


def month_lines(session: Session, year: int, split: Mapping[Cell, int]) -> list[MonthLine]:
    """Put each month of a year beside its target, with its solution."""
    within = (date(year, 1, 1), date(year, 12, 1))
    compared = {
        row.month: row
        for row in session.scalars(select(PlanVariance).where(PlanVariance.month.between(*within)))
    }
    solved = {
        row.month: row
        for row in session.scalars(
            select(PlanSolution)
            .where(PlanSolution.month.between(*within))
            .order_by(PlanSolution.id)
        )
    }
    made = []
    for number in range(1, 13):
        month = date(year, number, 1)
        row, solution = compared.get(month), solved.get(month)
        plan_fen = row.plan_fen if row else split.get((month, SplitBy.STORE, ""), 0)
        actual_fen = row.actual_fen if row else None
        made.append(
            MonthLine(
                month=month,
                plan_fen=plan_fen,
                actual_fen=actual_fen,
                needs_solution=actual_fen is not None
                and rules.needs_solution(actual_fen=actual_fen, plan_fen=plan_fen),
                solution=solution.text if solution else None,
                solved_by=solution.by_id if solution else None,
                solved_at=solution.at if solution else None,
            )
        )
    return made


def unsolved(session: Session) -> list[date]:
    """List the months that need a solution and have none, oldest first."""
    rows = session.execute(
        select(PlanVariance.month, PlanVariance.actual_fen, PlanVariance.plan_fen)
        .where(~select(PlanSolution.id).where(PlanSolution.month == PlanVariance.month).exists())
        .order_by(PlanVariance.month)
    )
    return [
        month
        for month, actual_fen, plan_fen in rows
        if rules.needs_solution(actual_fen=actual_fen, plan_fen=plan_fen)
    ]


def _column(known: rules.Numbers, months: int) -> dict[str, Fraction | None]:
    return {**rules.shown_values(known), **rules.productivity(known, months=months)}
