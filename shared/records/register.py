"""A register: a declared form, its table, and what its capability adds to the common verbs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.errors import TEXTS, Problem, problem
from shared.forms.record import Record

Row: TypeAlias = Any  # a model with RecordColumns; each register says which


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Who changes a record, and when.

    Shape: `now` is the instant, `today` the store's business day, `day_of` that of any instant;
        `permits(resource, verb)` asks the matrix for this person here; `approver_id` is the second
        person who signed on the spot and may approve this form, or None; `own_of` narrows what may
        be changed to the rows of one person, who has reach `o`;
        `zone` is that of the store's clock; `members` gives who works here with their roles, where
        that is known;
        `sends_pictures`: the pictures named must have been sent before; `signs_on_paper`: what
        must be signed was signed there, so no signature is asked for.
    """

    id: UUID | None
    permits: Callable[[str, str], bool]
    now: datetime
    today: date
    day_of: Callable[[datetime], date]
    zone: str
    members: Callable[[], Mapping[UUID, tuple[str, ...]]] | None = None
    approver_id: UUID | None = None
    own_of: UUID | None = None
    sends_pictures: bool = False
    signs_on_paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something unusual that may be kept nevertheless, with a reason, by who has the permission.

    Shape: `permission` is (resource, verb) of those who may confirm; `needs_second` asks for an
        approver other than the editor.
    """

    field: str
    code: str
    zh: str
    en: str
    permission: tuple[str, str]
    needs_second: bool = False


@dataclass(slots=True, kw_only=True)
class Attempt:
    """A form about to be kept.

    Shape: `values` are the entered fields, loaded and whole (a partial change is filled up from the
        row); the capability's check adds computed columns to `computed`; `before` is the row as it
        stands, None for a new one, and `was` its own fields before the change.
    """

    values: dict[str, Any]
    before: Row | None
    by: Editor
    was: Mapping[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    computed: dict[str, Any] = field(default_factory=dict)

    def refuse(
        self, field_name: str, code: str, *, zh: str | None = None, en: str | None = None
    ) -> None:
        """Note a problem; all of them are told at once."""
        self.problems.append(problem(field_name, code, zh=zh, en=en))

    def warn(
        self, field_name: str, code: str, *, permission: tuple[str, str],
        zh: str | None = None, en: str | None = None, needs_second: bool = False,
    ) -> None:  # fmt: skip
        """Note something unusual that has to be confirmed."""
        text_zh, text_en = TEXTS[code]
        self.doubts.append(
            Doubt(
                field=field_name, code=code, zh=zh or text_zh, en=en or text_en,
                permission=permission, needs_second=needs_second,
            )
        )  # fmt: skip


class Sitting:
    """Forms that are judged, and kept, at one sitting: what all of them ask about is read once.

    Shape: a capability's own sitting is made with all attempts. `check` judges one, and sees None
        where a field is wrong or left out; `count_in` hears of each that is good, so that the next
        one is judged as if that one stood already; `kept` is called when the good ones have their
        rows, in the same transaction (stock, facts).
    """

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        self.session = session

    def check(self, attempt: Attempt) -> None:
        """Know nothing beyond the declaration."""

    def count_in(self, attempt: Attempt) -> None:
        """Remember nothing for the next one."""

    def kept(self, written: Sequence[tuple[Row, Attempt]]) -> None:
        """Cause nothing beyond the rows."""


def _no_effect(session: Session, row: Row, attempt: Attempt) -> None:
    """Cause nothing beyond the row."""


def _today(values: Mapping[str, Any], by: Editor) -> date:
    return by.today


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A declared form with its table.

    Shape: `sitting` judges and follows up what is kept together, one form or five hundred; `voided`
        runs when a row was voided, in the same transaction. `day` names the business date of the
        values; `owners` are the columns that make a row one's own (reach `o`), `own` asks for
        further ones; `in_period` is false for a form that no month close locks; `hidden_by` names a
        column: a row in which it is filled is shown to nobody any more.
    """

    form: type[Record]
    model: type[Any]
    sitting: type[Sitting] = Sitting
    voided: Callable[[Session, Row, Attempt], None] = _no_effect
    day: Callable[[Mapping[str, Any], Editor], date] = _today
    owners: tuple[str, ...] = ("created_by",)
    own: Callable[[UUID], ColumnElement[bool]] | None = None
    in_period: bool = True
    hidden_by: str | None = None

    @property
    def code(self) -> str:
        """Name the form, `F01`."""
        return self.form.sheet.code
