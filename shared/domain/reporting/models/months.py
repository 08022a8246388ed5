"""A month, how far its close has come, and every revision of its figures."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.reporting.rules.states import CostKind, MonthState

_STATES = ", ".join(f"'{state}'" for state in MonthState)
_COSTS = ", ".join(f"'{kind}'" for kind in CostKind)
_FIRST_OF_MONTH = "extract(day FROM month) = 1"


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
    `forms` says which forms a reopened month is to be corrected in.
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
    forms: Mapped[list[str] | None] = mapped_column(ARRAY(String(10)))
