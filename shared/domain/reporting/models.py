"""Tables of reporting: day rows, months with their revisions, costs, plans."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.reporting.rules.plan import Number, PlanState
from shared.domain.reporting.rules.states import CostKind, MonthState

_STATES = ", ".join(f"'{state}'" for state in MonthState)
_COSTS = ", ".join(f"'{kind}'" for kind in CostKind)
_PLAN_STATES = ", ".join(f"'{state}'" for state in PlanState)
_PLAN_NAMES = ", ".join(f"'{name}'" for name in Number)
_FIRST_OF_MONTH = "extract(day FROM month) = 1"


class DayItem(Base):
    """One business day's turnover of one category.

    Form: F10 matrix. Recomputed whole from the slips whenever the day changes.
    """

    __tablename__ = "day_items"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    quantity: Mapped[int]
    turnover_fen: Mapped[Fen]
    consumption_fen: Mapped[Fen]
    direct_cost_fen: Mapped[Fen]


class DayTender(Base):
    """One business day's receipts by one means of payment, less refunds."""

    __tablename__ = "day_tenders"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    tender: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount_fen: Mapped[Fen]


class DayTotal(Base):
    """One business day's counts and sums.

    Form: F10 customers block, F17 head.
    Units: `refunds_fen` is what was given back, positive; `prepaid_fen` how the money changed that
    is still to be earned with cards.
    """

    __tablename__ = "day_totals"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    visits: Mapped[int]
    new_customers: Mapped[int]
    receipts: Mapped[int]
    turnover_fen: Mapped[Fen]
    consumption_fen: Mapped[Fen]
    cash_sales_fen: Mapped[Fen]
    refunds_fen: Mapped[Fen]
    product_fen: Mapped[Fen]
    topups_fen: Mapped[Fen] = mapped_column(server_default="0")
    packages_fen: Mapped[Fen] = mapped_column(server_default="0")
    prepaid_fen: Mapped[Fen] = mapped_column(server_default="0")


class MonthCost(Base):
    """What a month cost, one line per kind, entered by the manager.

    Form: F10 cost block.
    """

    __tablename__ = "month_costs"
    __table_args__ = (
        CheckConstraint(_FIRST_OF_MONTH, name="month"),
        CheckConstraint(f"kind IN ({_COSTS})", name="kind"),
        CheckConstraint("amount_fen >= 0", name="amount"),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount_fen: Mapped[Fen]


class Month(Base):
    """A month and how far its close has come.

    Form: W9. `revision` is the last one computed, 0 before the first. `stale` marks a closed month
    whose days have moved since: its figures stand until somebody reopens it.
    """

    __tablename__ = "months"
    __table_args__ = (
        CheckConstraint(_FIRST_OF_MONTH, name="month"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("state IN ('OPEN', 'REOPENED') OR revision > 0", name="computed"),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    stale: Mapped[bool]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class MonthRevision(Base):
    """One computation of a month; kept for ever, except revision 0: the live figures.

    Shape: `inputs_hash` SHA-256 over the ordered day rows, costs and counts it was made from.
    """

    __tablename__ = "month_revisions"

    month: Mapped[date] = mapped_column(ForeignKey("months.month"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inputs_hash: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MonthFigure(Base):
    """One additive number of a revision, as whole units: fen or a count.

    Shape: `indicator` one of `rules.figures.Indicator`; `part` a category, tender or cost kind,
    empty for the whole.
    """

    __tablename__ = "month_figures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["month", "revision"],
            ["month_revisions.month", "month_revisions.revision"],
        ),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    indicator: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[Fen]


class MonthCell(Base):
    """One day x category of a computed revision; the live figures read the day rows themselves."""

    __tablename__ = "month_cells"
    __table_args__ = (
        ForeignKeyConstraint(
            ["month", "revision"],
            ["month_revisions.month", "month_revisions.revision"],
        ),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    turnover_fen: Mapped[Fen]
    quantity: Mapped[int]


class MonthStep(Base):
    """One step of a month's close: who, when, from where to where, why.

    `by_id` is empty for a job, and for a headquarters' decision, whose name stands in `by_name`.
    """

    __tablename__ = "month_steps"
    __table_args__ = {"info": ledger_but_for("reason")}  # noqa: RUF012 SQLAlchemy's own form

    id: Mapped[IdPk]
    month: Mapped[date] = mapped_column(ForeignKey("months.month"), index=True)
    revision: Mapped[int]
    from_state: Mapped[str] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    authority: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(String(500))


class Plan(Base):
    """One revision of a year's plan; an approved one changes only by the next revision.

    Form: F11 营业生产力计划表. At most one revision of a year is being written, one is approved.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("year BETWEEN 1901 AND 2999", name="year"),
        CheckConstraint(f"state IN ({_PLAN_STATES})", name="state"),
        CheckConstraint(
            "state NOT IN ('APPROVED', 'REPLACED') OR approved_by <> submitted_by",
            name="two_people",
        ),
        UniqueConstraint("year", "revision"),
        Index(
            "uq_plans_year_open",
            "year",
            unique=True,
            postgresql_where=text("state IN ('DRAFT', 'SUBMITTED')"),
        ),
        Index(
            "uq_plans_year_approved",
            "year",
            unique=True,
            postgresql_where=text("state = 'APPROVED'"),
        ),
    )

    id: Mapped[IdPk]
    year: Mapped[int]
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(500))
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rejection: Mapped[str | None] = mapped_column(String(500))


class PlanFigure(Base):
    """One base number of a plan, of last year or of this one.

    Form: F11 R, W, E, I, H, V, N, K. Units: fen, headcount in tenths of a person, counts.
    """

    __tablename__ = "plan_figures"
    __table_args__ = (
        CheckConstraint("side IN ('PRIOR', 'PLAN')", name="side"),
        CheckConstraint(f"name IN ({_PLAN_NAMES})", name="name"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(1), primary_key=True)
    amount: Mapped[Fen]


class PlanLine(Base):
    """One cell of the split of a plan's revenue: a month of the store, a consultant, a category.

    Shape: `part` is empty for the store, a person's id, or a category. The parts of a kind add up
        to the store's month, the months to the plan.
    """

    __tablename__ = "plan_lines"
    __table_args__ = (
        CheckConstraint(_FIRST_OF_MONTH, name="month"),
        CheckConstraint("kind IN ('STORE', 'CONSULTANT', 'CATEGORY')", name="kind"),
        CheckConstraint("amount_fen >= 0", name="amount"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    part: Mapped[str] = mapped_column(String(36), primary_key=True)
    amount_fen: Mapped[Fen]


class PlanInput(Base):
    """What the plan's comparison needs of a month and nobody keeps elsewhere.

    Form: F11 to date: interest, people at the month's end (in tenths), what is invested.
    """

    __tablename__ = "plan_inputs"
    __table_args__ = (
        CheckConstraint(_FIRST_OF_MONTH, name="month"),
        CheckConstraint("name IN ('I', 'H', 'K')", name="name"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(1), primary_key=True)
    amount: Mapped[Fen]


class PlanVariance(Base):
    """A month's revenue beside the approved plan's, as the calendar computed it (J24)."""

    __tablename__ = "plan_variances"
    __table_args__ = (CheckConstraint(_FIRST_OF_MONTH, name="month"),)

    month: Mapped[date] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    plan_fen: Mapped[Fen]
    actual_fen: Mapped[Fen]
    revision: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PlanSolution(Base):
    """Why a month stayed below its plan and what is done about it; the last one counts.

    Form: F11 差异原因与对策.
    """

    __tablename__ = "plan_solutions"
    __table_args__ = (
        CheckConstraint(_FIRST_OF_MONTH, name="month"),
        {"info": ledger_but_for("text")},
    )

    id: Mapped[IdPk]
    month: Mapped[date] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(String(1000))
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
