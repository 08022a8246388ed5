"""Columns that every kept form has; the tables of numbers, months, histories, the calendar."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, query_expression

from shared.db.base import Base, IdPk, ledger_but_for
from shared.forms.record import State


class RecordColumns:
    """The columns of a kept form beside its own.

    Shape: `version` grows by one with each change; `search_text` holds what a search may find, in
        small letters, with the pinyin initials of names. `is_locked` is no column: records/queries
        reads with the row whether its month is closed.
    """

    id: Mapped[IdPk]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    business_date: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10), server_default=State.SUBMITTED)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[UUID | None]
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    changed_by: Mapped[UUID | None]
    reviewed_by: Mapped[UUID | None]
    void_reason: Mapped[str | None] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(600), server_default="")

    @declared_attr
    @classmethod
    def is_locked(cls) -> Mapped[bool]:
        """Tell whether the row's month is closed, where that was asked."""
        return query_expression()

    @property
    def life(self) -> State:
        """Say where in its life a form is: what was not void when its month closed is locked."""
        return State.LOCKED if self.is_locked and self.state != State.VOID else State(self.state)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        return (state_check(),)


def state_check() -> CheckConstraint:
    """Make the check of a record's state; a table with constraints of its own adds them to it."""
    listed = ", ".join(f"'{state}'" for state in State)
    return CheckConstraint(f"state IN ({listed})", name="state")


class RecordNumber(Base):
    """The last number given to a form in a month."""

    __tablename__ = "record_numbers"

    form: Mapped[str] = mapped_column(String(8), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    last_no: Mapped[int] = mapped_column(Integer)


class RecordMonth(Base):
    """Whether records dated in a month may still be changed; a month without a row is open."""

    __tablename__ = "record_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    is_closed: Mapped[bool]


class ChangedDay(Base):
    """A business day whose figures must be computed again."""

    __tablename__ = "changed_days"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    marked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OpeningHours(Base):
    """When the store opens on a weekday (1 Monday .. 7 Sunday); no row: it stays shut that day.

    A store without any row is open every day.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("closes_at > opens_at", name="order"),
    )

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class ClosedDay(Base):
    """A day on which the store stays shut although its weekday is open."""

    __tablename__ = "closed_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))


class RecordRun(Base):
    """A file taken out or brought in, or a paper set: who asked for what, how far it has come.

    Shape: `asked` is what was asked for, as JSON; `columns` the header cells of an imported file;
        `position` the last line that has been dealt with; `refusal` a list of {field, code,
        message_zh, message_en} when nothing could be done; `forgotten_at`: the file is gone.
    """

    __tablename__ = "record_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('EXPORT', 'IMPORT', 'PAPER', 'COPY')", name="kind"),
        CheckConstraint("file_format IN ('XLSX', 'CSV', 'PDF', 'ZIP')", name="file_format"),
        CheckConstraint(
            "state IN ('WAITING', 'READY', 'TAKEN', 'JUDGED', 'SAVING', 'DONE', 'REFUSED', "
            "'CANCELLED', 'EXPIRED')",
            name="state",
        ),
        Index("ix_record_runs_form_asked_by", "form", "asked_by"),
    )

    id: Mapped[IdPk]
    form: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(9))
    language: Mapped[str] = mapped_column(String(2))
    file_format: Mapped[str] = mapped_column(String(4))
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    purpose: Mapped[str | None] = mapped_column(String(100))
    file_name: Mapped[str] = mapped_column(String(200))
    file_key: Mapped[UUID]
    columns: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    refusal: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    position: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_total: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_done: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_new: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_changed: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_same: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_conflict: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_bad: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_saved: Mapped[int] = mapped_column(Integer, server_default="0")
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    forgotten_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RecordLine(Base):
    """One line of a file that is brought in, until the file is forgotten.

    Shape: `raw` the cells as texts, in the order of `RecordRun.columns`; `typed` the fields that
        the line says, as JSON; `key` what makes a new line the same when it is sent again;
        `problems` as `RecordRun.refusal`.
    """

    __tablename__ = "record_lines"
    __table_args__ = (
        CheckConstraint(
            "state IN ('WAITING', 'NEW', 'CHANGED', 'SAME', 'CONFLICT', 'BAD', 'SAVED')",
            name="state",
        ),
    )

    run_id: Mapped[int] = mapped_column(
        ForeignKey("record_runs.id", ondelete="CASCADE"), primary_key=True
    )
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    raw: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(8))
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int | None] = mapped_column(Integer)
    typed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    key: Mapped[UUID | None]
    problems: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")


class RecordKey(Base):
    """A new line of a file that was kept: sent again, it is this record and no second one."""

    __tablename__ = "record_keys"

    form: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger)


class RecordChange(Base):
    """One change of one record: who, when, what was done and why; only erasure takes the why."""

    __tablename__ = "record_changes"
    __table_args__ = (
        Index("ix_record_changes_form_record_id", "form", "record_id"),
        {"info": ledger_but_for("reason")},
    )

    id: Mapped[IdPk]
    form: Mapped[str] = mapped_column(String(8))
    record_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class RecordChangeValue(Base):
    """A field's old and new value of one change; kept apart, so that erasure can reach it."""

    __tablename__ = "record_change_values"

    change_id: Mapped[int] = mapped_column(ForeignKey("record_changes.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    old: Mapped[Any | None] = mapped_column(JSONB)
    new: Mapped[Any | None] = mapped_column(JSONB)


class StoredAnswer(Base):
    """The answer to a request that carried an idempotency key, kept three days."""

    __tablename__ = "idempotency"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[str | None] = mapped_column(Text)
    headers: Mapped[Any | None] = mapped_column(JSONB)
    content_type: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Attachment(Base):
    """A photo or a signature of a form; the file lies on the tenant's shelf under this id."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint(
            "content_type IN ('image/jpeg', 'image/png', 'image/webp')", name="content_type"
        ),
        Index("ix_attachments_form_record_id", "form", "record_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(8))
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(String(60))
    content_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[UUID | None]
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
