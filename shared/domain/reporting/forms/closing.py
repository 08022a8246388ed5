"""The close of a month: where it stands, what moved it, what its manager may type in.

Form: W9 月结, F10 cost block.
Units: amounts are whole fen.
"""

from marshmallow import Schema, fields

from shared import money
from shared.domain.reporting.forms import shown
from shared.domain.reporting.rules.states import COST_LABELS, REOPENED_LABELS
from shared.forms.fields import Fen, Form, Text
from shared.forms.kinds import Choices

_REASON = ("原因", "Reason")


class MonthRow(Schema):
    """One month in the list of months."""

    month = fields.Date(required=True, format="%Y-%m")
    state = fields.String(required=True)
    revision = shown.count("版本", "Revision")
    is_stale = fields.Boolean(required=True)
    computed_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    turnover_fen = shown.fen("营业额", "Turnover")
    cash_sales_fen = shown.fen("现金业绩", "Cash sales")
    visits = shown.count("客次", "Visits")
    new_customers = shown.count("新顾客", "New customers")


class MonthStanding(Schema):
    """Where a month stands after a step."""

    month = fields.Date(required=True, format="%Y-%m")
    state = fields.String(required=True)
    revision = shown.count("版本", "Revision")


class FigureDifference(Schema):
    """A number that two revisions state differently."""

    indicator = fields.String(required=True)
    part = fields.String(required=True)
    old = fields.Integer(required=True)
    new = fields.Integer(required=True)
    delta = fields.Integer(required=True)


class CellDifference(Schema):
    """A day and category that two revisions state differently."""

    day = fields.Date(required=True)
    category = fields.String(required=True)
    old_fen = shown.fen("原", "Old")
    new_fen = shown.fen("新", "New")


class LateSlip(Schema):
    """A receipt that came after the older revision."""

    id = fields.Integer(required=True)
    receipt_no = fields.String(required=True)
    kind = fields.String(required=True)
    day = fields.Date(required=True)
    total_fen = shown.fen("合计", "Total")
    recorded_at = fields.AwareDateTime(required=True)


class Differences(Schema):
    """What a later revision of a month states otherwise, and the slips between."""

    month = fields.Date(required=True, format="%Y-%m")
    old_revision = fields.Integer(required=True)
    new_revision = fields.Integer(required=True)
    old_computed_at = fields.AwareDateTime(required=True)
    new_computed_at = fields.AwareDateTime(required=True)
    figures = fields.List(fields.Nested(FigureDifference), required=True)
    cells = fields.List(fields.Nested(CellDifference), required=True)
    slips = fields.List(fields.Nested(LateSlip), required=True)


class Review(Form):
    """The manager's signature; `acknowledged` says why cost lines are missing."""

    acknowledged = Text(("缺项说明", "Why costs are missing"), max_length=500, secrecy="free")


class Reason(Form):
    """Why a month goes back."""

    reason = Text(_REASON, max_length=500, required=True, secrecy="free")


class Reopening(Reason):
    """Why a closed month is opened again, and which forms are to be corrected."""

    forms = Choices(("待更正的表格", "Forms to be corrected"), REOPENED_LABELS, required=True)


MonthCosts = type(
    "MonthCosts",
    (Form,),
    {
        "__doc__": "Cost lines of a month; those left out stay as they are.",
        **{str(kind): Fen(label, maximum=money.MAX_FEN) for kind, label in COST_LABELS.items()},
    },
)
