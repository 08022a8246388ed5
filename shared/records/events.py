"""What workbooks, papers and stored answers ask of the jobs."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.messages import Queue, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeExport(Request):
    """Make a workbook of a register's rows."""

    wire: ClassVar[str] = "records.make_export"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per run."""
        return str(self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPaper(Request):
    """Set a record, or an empty form, as PDF."""

    wire: ClassVar[str] = "records.set_paper"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per run."""
        return str(self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadImport(Request):
    """Read a workbook that was sent."""

    wire: ClassVar[str] = "records.read_import"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per run."""
        return str(self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeLines(Request):
    """Judge the next lines of a workbook; asks for itself again until none is left."""

    wire: ClassVar[str] = "records.judge_lines"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per run."""
        return str(self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveLines(Request):
    """Keep the next good lines of a workbook; asks for itself again until none is left."""

    wire: ClassVar[str] = "records.save_lines"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per run."""
        return str(self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetFiles(Request):
    """Remove files whose time is over, and what their runs kept of them."""

    wire: ClassVar[str] = "records.forget_files"
    queue: ClassVar[Queue] = "bulk"

    def uniq(self) -> str:
        """One is enough."""
        return "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetAnswers(Request):
    """Delete the answers of requests that are older than three days."""

    wire: ClassVar[str] = "records.forget_answers"
    queue: ClassVar[Queue] = "bulk"

    def uniq(self) -> str:
        """One waiting request."""
        return ""
