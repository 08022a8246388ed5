"""Tables of files from elsewhere: one run per file, one row per line of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, IdPk


class ImportRun(Base):
    """A file of sales and how far its import has come.

    Shape: `columns` the header cells as they stand in the file, in order. `position` is the last
    receipt (`ImportRow.sale_no`) that has been dealt with.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint("state IN ('RECEIVED', 'RUNNING', 'DONE')", name="state"),
        CheckConstraint("file_format IN ('CSV', 'XLSX')", name="file_format"),
    )

    id: Mapped[IdPk]
    file_name: Mapped[str] = mapped_column(String(200))
    file_format: Mapped[str] = mapped_column(String(4))
    sha256: Mapped[str] = mapped_column(String(64))
    columns: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    rows_total: Mapped[int]
    rows_done: Mapped[int]
    rows_saved: Mapped[int]
    rows_known: Mapped[int]
    rows_bad: Mapped[int]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ImportRow(Base):
    """One line of a file.

    Shape: `raw` the cells as texts, in the order of `ImportRun.columns`; `parsed` the fields of
    `import_parsing.Parsed`, empty when the line makes no sense; `problems` a list of
    {field, code, message_zh, message_en}. `sale_no` is the line number of the receipt's first line.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint("state IN ('NEW', 'SAVED', 'KNOWN', 'BAD')", name="state"),
        Index("ix_import_rows_run_id_sale_no", "run_id", "sale_no"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sale_no: Mapped[int]
    key: Mapped[UUID | None]
    raw: Mapped[list[str]] = mapped_column(JSONB)
    parsed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[str] = mapped_column(String(10))
    problems: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    sale_id: Mapped[int | None] = mapped_column(ForeignKey("sales.id"))
