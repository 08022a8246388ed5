"""Columns that every kept form has, and the tables of numbers, months and histories."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.db.base import LEDGER, Base, IdPk
from shared.forms.record import State


class RecordColumns:
    """The columns of a kept form beside its own.

    Shape: `version` grows by one with each change; `search_text` holds what a search may find, in
        small letters, with the pinyin initials of names.
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
    void_reason: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    search_text: Mapped[str] = mapped_column(
        String(600), server_default="", info={"personal": True}
    )

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


class RecordChange(Base):
    """One change of one record: who, when, what was done and why. Never changed, never deleted."""

    __tablename__ = "record_changes"
    __table_args__ = (
        Index("ix_record_changes_form_record_id", "form", "record_id"),
        {"info": LEDGER},
    )

    id: Mapped[IdPk]
    form: Mapped[str] = mapped_column(String(8))
    record_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(200), info={"personal": True})


class RecordChangeValue(Base):
    """A field's old and new value of one change; kept apart, so that erasure can reach it."""

    __tablename__ = "record_change_values"

    change_id: Mapped[int] = mapped_column(ForeignKey("record_changes.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    old: Mapped[Any | None] = mapped_column(JSONB, info={"personal": True})
    new: Mapped[Any | None] = mapped_column(JSONB, info={"personal": True})
