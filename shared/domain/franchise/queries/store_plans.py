"""Questions of a headquarters about the plans of its stores.

Form: F11; calculation C1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.franchise.models.plans import StorePlan, StorePlanFigure, StorePlanLine
from shared.domain.franchise.models.stores import StoreFile
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.figures import CATEGORIES
from shared.domain.reporting.rules.plan import Number, PlanState, Unit

MOST_REVISIONS = 2**31 - 1


class NoSuchStorePlan(errors.Missing):
    """The store has not handed in such a plan."""

    zh = "该门店没有提交过此计划"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A store's plan in the list, with what it wants."""

    plan: StorePlan
    code: str
    name: str
    revenue_fen: int
    prior_fen: int | None

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for the headquarters' word."""
        return self.plan.state == PlanState.SUBMITTED and not self.is_pending

    @property
    def is_pending(self) -> bool:
        """Whether a decision is on its way and the store has not answered it."""
        return self.plan.decision_no > self.plan.answered_no

    @property
    def growth(self) -> Fraction | None:
        """How much more than last year is planned."""
        return (
            Fraction(self.revenue_fen - self.prior_fen, self.prior_fen) if self.prior_fen else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A base number or one of P01-P14, of last year and of the plan."""

    code: str
    labels: tuple[str, str]
    unit: Unit
    prior: Fraction | None
    plan: Fraction | None
    variance: rules.Variance


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """A store's plan with its numbers, as the store handed it in.

    Shape: `months` month -> category -> fen, "" is the store's.
    """

    row: PlanRow
    lines: Sequence[Line]
    months: Mapping[date, Mapping[str, int]]
    categories: Sequence[str]


def listed(session: Session, *, only_waiting: bool = False) -> list[PlanRow]:
    """List the plans: those that wait first, then the newest year, by store."""
    wanted = select(
        StorePlan, StoreFile.code, StoreFile.name, _revenue("PLAN"), _revenue("PRIOR")
    ).join(StoreFile, StoreFile.tenant == StorePlan.tenant)
    if only_waiting:
        wanted = wanted.where(
            StorePlan.state == PlanState.SUBMITTED, StorePlan.decision_no <= StorePlan.answered_no
        )
    rows = [
        PlanRow(plan=plan, code=code, name=name, revenue_fen=revenue_fen or 0, prior_fen=prior_fen)
        for plan, code, name, revenue_fen, prior_fen in session.execute(wanted)
    ]
    return sorted(
        rows, key=lambda row: (not row.is_waiting, -row.plan.year, row.code, -row.plan.revision)
    )


def plan_of(session: Session, tenant: str, year: int, revision: int) -> ShownPlan:
    """Give a store's plan with its numbers.

    Raises: NoSuchStorePlan.
    """
    is_number = revision <= MOST_REVISIONS
    plan = session.get(StorePlan, (tenant, year, revision)) if is_number else None
    store = session.get(StoreFile, tenant)
    if plan is None or store is None:
        raise NoSuchStorePlan(year=year, revision=revision)
    known: dict[str, dict[str, int]] = {"PRIOR": {}, "PLAN": {}}
    of = {"tenant": tenant, "year": year, "revision": revision}
    for figure in session.scalars(select(StorePlanFigure).filter_by(**of)):
        known[figure.side][figure.name] = figure.amount
    months: dict[date, dict[str, int]] = {date(year, number, 1): {} for number in range(1, 13)}
    for line in session.scalars(select(StorePlanLine).filter_by(**of)):
        months[line.month][line.category] = line.amount_fen
    row = PlanRow(
        plan=plan,
        code=store.code,
        name=store.name,
        revenue_fen=known["PLAN"].get("R", 0),
        prior_fen=known["PRIOR"].get("R"),
    )
    used = {category for cells in months.values() for category in cells}
    return ShownPlan(
        row=row,
        lines=_lines(known),
        months=months,
        categories=[category for category in CATEGORIES if category in used],
    )


def _revenue(side: str) -> ScalarSelect[int]:
    return (
        select(StorePlanFigure.amount)
        .where(
            StorePlanFigure.tenant == StorePlan.tenant,
            StorePlanFigure.year == StorePlan.year,
            StorePlanFigure.revision == StorePlan.revision,
            StorePlanFigure.side == side,
            StorePlanFigure.name == Number.R,
        )
        .scalar_subquery()
    )


def _lines(known: Mapping[str, Mapping[str, int]]) -> list[Line]:
    prior, plan = _column(known["PRIOR"]), _column(known["PLAN"])
    return [
        Line(
            code=str(code),
            labels=(zh, en),
            unit=unit,
            prior=prior.get(str(code)),
            plan=plan.get(str(code)),
            variance=rules.variance(
                plan.get(str(code)), prior.get(str(code)), more_is_worse=is_cost
            ),
        )
        for code, (zh, en, unit, is_cost) in (*rules.NUMBERS.items(), *rules.LINES.items())
    ]


def _column(known: Mapping[str, int]) -> dict[str, Fraction | None]:
    if not known:
        return {}
    whole = {str(name): known.get(str(name), 0) for name in Number}
    return {**rules.shown_values(whole), **rules.productivity(whole)}
