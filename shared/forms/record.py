"""What makes a form a declaration: one class from which API, pages, workbooks, paper are made.

Shape: a `Record` names its fields and its `sheet`; fields that people fill in can be loaded,
derived ones are `dump_only`; `required_if` is asked when the form is kept (shared/records). Life,
number and version are the same for all records and declared here.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import fields

from shared.forms.conditions import Condition
from shared.forms.fields import Choice, Day, Form, Id, Label, Rows, Secrecy, Text, Whole


class State(enum.StrEnum):
    """The life of a form (specification 4.2)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    LOCKED = "LOCKED"
    VOID = "VOID"


STATES: dict[State, Label] = {
    State.DRAFT: ("草稿", "Draft"),
    State.SUBMITTED: ("已提交", "Submitted"),
    State.APPROVED: ("已审核", "Approved"),
    State.LOCKED: ("已锁定", "Locked"),
    State.VOID: ("作废", "Void"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a form is beyond its fields.

    Shape: `sections` are the blocks of the paper in order; `columns` of the list; `filters` may be
        asked for (choices, references and flags by value, days and instants by range); `sorts` may
        be asked for, the first one is the usual order, `-` is descending; `searched` are found by
        text, Chinese, pinyin initials of names, or the end of a number.
        `short` names the form where there is little room; `amendable` are the only fields that
        may be changed once it is kept, none named means all; `second` names the resource whose
        approvers sign what is doubtful as the second person, when it is not the form's own;
        `is_hand_made`: it is entered and changed on a page of its own;
        `is_made` marks a form whose rows a job makes: nobody enters, approves or voids one.
    Units: `guarded` says which permission covers fields of a class, beside the sheet's own
        `resource`, e.g. sensitive ones `F04_health`.
    """

    code: str
    name: Label
    path: str
    resource: str
    sections: Mapping[str, Label]
    columns: tuple[str, ...]
    filters: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ("-id",)
    searched: tuple[str, ...] = ()
    guarded: Mapping[Secrecy, str] = field(default_factory=dict)
    amendable: tuple[str, ...] = ()
    second: str = ""
    short: Label | None = None
    is_landscape: bool = False
    is_hand_made: bool = False
    is_made: bool = False

    @property
    def signed(self) -> str:
        """Name the resource whose approvers sign as the second person."""
        return self.second or self.resource


class ConfirmedWarning(Form):
    """A warning that somebody read and accepts, and why."""

    field = Text(("字段", "Field"), max_length=80, required=True)
    code = Text(("提示代码", "Code"), max_length=20, required=True)
    reason = Text(("原因", "Reason"), max_length=200, required=True)


class Record(Form):
    """A form that is kept: a row with a number, a life, a version and a history."""

    sheet: ClassVar[Sheet]

    id = Id(("序号", "Id"), dump_only=True)
    number = Text(("编号", "Number"), max_length=40, dump_only=True)
    business_date = Day(("日期", "Date"), dump_only=True)
    state = Choice(("状态", "State"), STATES, dump_only=True, attribute="life")
    version = Whole(("版本", "Version"), minimum=1, maximum=2**31 - 1, dump_only=True)
    created_at = fields.AwareDateTime(
        metadata={"label": ("制表时间", "Made at"), "class": "none"}, dump_only=True
    )
    created_by = fields.UUID(
        metadata={"label": ("制表人", "Made by"), "class": "none"}, dump_only=True
    )
    changed_at = fields.AwareDateTime(
        metadata={"label": ("修改时间", "Changed at"), "class": "none"}, dump_only=True
    )
    changed_by = fields.UUID(
        metadata={"label": ("修改人", "Changed by"), "class": "none"}, dump_only=True
    )
    reviewed_by = fields.UUID(
        metadata={"label": ("审核人", "Reviewed by"), "class": "none"}, dump_only=True
    )
    void_reason = Text(
        ("作废原因", "Reason of voiding"), max_length=200, secrecy="free", dump_only=True
    )

    confirmations = Rows(
        ("提示确认", "Confirmed warnings"), ConfirmedWarning, most=20, load_only=True
    )
    change_reason = Text(("修改原因", "Reason of the change"), max_length=200, load_only=True)


BESIDE = frozenset({"confirmations", "change_reason"})  # sent with a form, never part of it


def entered(form: type[Record]) -> dict[str, fields.Field[Any]]:
    """List the fields that people fill in, in the form's order."""
    return {
        name: found
        for name, found in declared_fields(form).items()
        if not found.dump_only and name not in BESIDE
    }


def derived(form: type[Record]) -> dict[str, fields.Field[Any]]:
    """List the form's own fields that are computed; what every record has is not among them."""
    common = declared_fields(Record)
    return {
        name: found
        for name, found in declared_fields(form).items()
        if found.dump_only and name not in common
    }


def conditions(form: type[Record]) -> dict[str, Condition]:
    """List the fields that are required on a condition."""
    return {
        name: found.metadata["required_if"]
        for name, found in declared_fields(form).items()
        if "required_if" in found.metadata
    }


def in_sections(form: type[Record]) -> dict[str, list[str]]:
    """Sort the form's own fields, entered and derived, under the sections of the paper."""
    own = {**entered(form), **derived(form)}
    placed: dict[str, list[str]] = {section: [] for section in form.sheet.sections}
    for name in declared_fields(form):
        if name in own:
            placed[own[name].metadata["section"]].append(name)
    return placed


def declared_fields(form: type[Record]) -> dict[str, fields.Field[Any]]:
    """Give every field of a declaration, in its order."""
    found: dict[str, fields.Field[Any]] = form._declared_fields  # noqa: SLF001 marshmallow names no other way
    return found
