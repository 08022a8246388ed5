"""The forms of the productivity plan: its numbers, split, comparison, solutions.

Form: F11 营业生产力计划表.
Units: amounts are whole fen, people tenths of a person; values of the comparison are texts in
yuan, persons or counts, null without a base.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from shared import money
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Number
from shared.forms.fields import Choice, Fen, Form, Month, Person, Rows, Text, Whole, declared
from shared.forms.kinds import Flag

_REASON = ("原因", "Reason")
_SOLUTION = ("差异原因与对策", "Reason and solution")

# the letters of C1 as fields
FIELDS: dict[Number, str] = {
    Number.R: "revenue_fen",
    Number.W: "wages_fen",
    Number.E: "expense_fen",
    Number.I: "interest_fen",
    Number.H: "headcount_tenths",
    Number.V: "visits",
    Number.N: "working_days",
    Number.K: "investment_fen",
}
_MOST = {Number.H: 99_999, Number.V: 9_999_999, Number.N: 366}


def _number(name: Number, **options: Any) -> Whole:
    zh, en, unit, _is_cost = rules.NUMBERS[name]
    label = (zh, en)
    if unit is rules.Unit.YUAN:
        return Fen(label, maximum=money.MAX_FEN, **options)
    return Whole(label, minimum=0, maximum=_MOST[name], **options)


PlanNumbers = type(
    "PlanNumbers",
    (Form,),
    {
        "__doc__": "The eight base numbers of a year.",
        **{field: _number(name, required=True) for name, field in FIELDS.items()},
    },
)


class NewPlan(Form):
    """A year's plan beside last year's actual numbers; a later revision says why."""

    prior = fields.Nested(PlanNumbers, **declared(("去年实绩", "Last year"), {"required": True}))
    plan = fields.Nested(PlanNumbers, **declared(("本年计划", "Plan"), {"required": True}))
    reason = Text(("修订原因", "Reason of the revision"), max_length=500, secrecy="free")


class SplitCell(Form):
    """One cell of the split; left empty, it takes of the rest when that is spread."""

    month = Month(("月份", "Month"), required=True)
    kind = Choice(("分解", "Split by"), rules.SPLIT_LABELS, required=True)
    part = Text(("对象", "Part"), max_length=36)
    amount_fen = Fen(("目标", "Target"), maximum=money.MAX_FEN)


class Split(Form):
    """All cells of the split; they add up exactly, or the rest is spread."""

    cells = Rows(("目标分解", "Split"), SplitCell, most=1200, required=True)
    spread = Flag(("分摊余额", "Spread the rest"))


class PlanRejection(Form):
    """Why a plan is not approved."""

    reason = Text(_REASON, max_length=500, required=True, secrecy="free")


class Solution(Form):
    """Why a month stayed below its plan, and what is done about it."""

    text = Text(_SOLUTION, max_length=1000, multiline=True, required=True, secrecy="free")


class PlanInputs(Form):
    """What the comparison needs of a month and nobody keeps elsewhere; left out, it stays."""

    interest_fen = _number(Number.I)
    headcount_tenths = _number(Number.H)
    investment_fen = _number(Number.K)


class PlanRow(Schema):
    """One revision of a year's plan."""

    year = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    state = Choice(("状态", "State"), rules.STATE_LABELS)
    reason = Text(("修订原因", "Reason of the revision"), max_length=500, secrecy="free")
    rejection = Text(("退回原因", "Reason of the rejection"), max_length=500, secrecy="free")
    made_by = Person(("制表人", "Made by"))
    submitted_by = Person(("提交人", "Submitted by"))
    approved_by = Person(("审核人", "Approved by"))
    approved_at = fields.AwareDateTime(allow_none=True)
    decided_by_name = fields.String(required=True, allow_none=True)


class Plans(Schema):
    """All revisions of all years, the latest first."""

    plans = fields.List(fields.Nested(PlanRow), required=True)


class PlanLine(Schema):
    """One line of the comparison."""

    code = fields.String(required=True)
    label_zh = fields.String(required=True)
    label_en = fields.String(required=True)
    unit = fields.String(required=True)
    prior = fields.String(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    plan_to_date = fields.String(required=True, allow_none=True)
    to_date = fields.String(required=True, allow_none=True)
    variance = fields.String(required=True, allow_none=True)
    variance_rate = fields.String(required=True, allow_none=True)
    is_favourable = fields.Boolean(required=True, allow_none=True)


class PlanMonth(Schema):
    """One month beside its target."""

    month = fields.Date(required=True, format="%Y-%m")
    plan_fen = fields.Integer(required=True)
    actual_fen = fields.Integer(required=True, allow_none=True)
    needs_solution = fields.Boolean(required=True)
    solution = fields.String(required=True, allow_none=True)


class PlanCell(Schema):
    """One cell of the split."""

    month = fields.Date(required=True, format="%Y-%m")
    kind = fields.String(required=True)
    part = fields.String(required=True)
    amount_fen = fields.Integer(required=True)


class PlanSheet(Schema):
    """A year's plan: its lines, months and split.

    Form: F11.
    """

    head = fields.Nested(PlanRow, required=True)
    months_counted = fields.Integer(required=True)
    missing = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(PlanLine), required=True)
    months = fields.List(fields.Nested(PlanMonth), required=True)
    cells = fields.List(fields.Nested(PlanCell), required=True)


class SavedMonth(Schema):
    """What was kept of a month."""

    month = fields.Date(required=True, format="%Y-%m")


def numbers_value(data: Mapping[str, int]) -> dict[str, int]:
    """Give loaded numbers by the letters of C1."""
    return {str(name): data[field] for name, field in FIELDS.items()}


def inputs_value(data: Mapping[str, int | None]) -> dict[str, int]:
    """Give what was entered of a month by the letters of C1."""
    return {
        str(name): amount
        for name, field in FIELDS.items()
        if (amount := data.get(field)) is not None
    }


def cells_value(rows: list[dict[str, Any]]) -> dict[tuple[date, str, str], int | None]:
    """Give loaded cells by month, kind and part."""
    return {(row["month"], str(row["kind"]), row["part"] or ""): row["amount_fen"] for row in rows}
