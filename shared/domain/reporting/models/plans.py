"""The productivity plan, its split, what a month adds to it and what became of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.reporting.rules.plan import Number, PlanState

_PLAN_STATES = ", ".join(f"'{state}'" for state in PlanState)
_PLAN_NAMES = ", ".join(f"'{name}'" for name in Number)
_FIRST_OF_MONTH = "extract(day FROM month) = 1"


class Plan(Base):
    """One revision of a year's plan; an approved one changes only by the next revision.

    Form: F11 营业生产力计划表. At most one revision of a year is being written, one is approved.
    `decided_by_name` is who at the headquarters approved it or sent it back: no member here.
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
    decided_by_name: Mapped[str | None] = mapped_column(String(80))


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
