"""The forms of the headquarters: store files, the dashboard, ranking, decisions on months.

Form: 门店档案 (9.1), aggregation (9.3), ranking 排名与对标 (9.4), W9.
Units: amounts are whole fen; a ratio is text with 4 decimals, null without a base.
"""

from marshmallow import Schema, fields

from shared.domain.franchise.rules.plan_letters import WORD_LABELS
from shared.domain.franchise.rules.snapshots import Decision
from shared.domain.franchise.rules.stores import KIND_LABELS
from shared.domain.reporting.forms import shown
from shared.domain.reporting.forms.closing import FigureDifference
from shared.domain.reporting.rules.states import REOPENED_LABELS
from shared.forms.fields import Choice, Day, Form, Month, Ratio, Text, Whole
from shared.forms.kinds import Choices

_REVISION = ("版本", "Revision")
# decision -> (中文, English)
DECISION_LABELS: dict[Decision, tuple[str, str]] = {
    Decision.ACCEPT: ("确认结账", "Accept"),
    Decision.BACK: ("退回", "Send back"),
    Decision.REOPEN: ("反结账", "Reopen"),
}


class StoreChange(Form):
    """What the headquarters keys of a store it already has."""

    code = Text(("门店编号", "Store code"), max_length=3, required=True)
    name = Text(("名称", "Name"), max_length=80, required=True)
    region = Text(("区域", "Region"), max_length=40)
    kind = Choice(("经营类型", "Kind"), KIND_LABELS, required=True)
    size_class = Text(("规模", "Size class"), max_length=10, required=True)
    city_tier = Text(("城市级别", "City tier"), max_length=10, required=True)
    opened_on = Day(("开业日期", "Opened on"), required=True)
    closed_on = Day(("停业日期", "Closed on"))


class StoreFile(Schema):
    """A store file as it stands."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    kind = fields.String(required=True)
    size_class = fields.String(required=True)
    city_tier = fields.String(required=True)
    opened_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)


class Coverage(Schema):
    """How many of the expected stores a total covers, and which are missing."""

    counted = fields.Integer(required=True)
    provisional = fields.Integer(required=True)
    expected = fields.Integer(required=True)
    missing = fields.List(fields.String(), required=True)
    as_of = fields.AwareDateTime(required=True, allow_none=True)
    is_provisional = fields.Boolean(required=True)
    text = fields.String(required=True)


class ChainMonth(Schema):
    """One month of the chain; growth is like-for-like."""

    month = fields.Date(required=True, format="%Y-%m")
    turnover_fen = shown.fen("营业额", "Turnover")
    closed_turnover_fen = shown.fen("已结营业额", "Turnover of closed months")
    visits = fields.Integer(required=True)
    new_customers = fields.Integer(required=True)
    spend_per_customer_fen = shown.fen("客单价", "Spend per visit", allow_none=True)
    coverage = fields.Nested(Coverage, required=True)
    growth = Ratio(("环比", "Growth"))
    same_stores = fields.Integer(required=True)
    growth_on_year = Ratio(("同比", "Growth on last year"))
    same_stores_on_year = fields.Integer(required=True)


class StoreCell(Schema):
    """One store's turnover in one month."""

    turnover_fen = shown.fen("营业额", "Turnover")
    state = fields.String(required=True)
    is_provisional = fields.Boolean(required=True)
    is_pending = fields.Boolean(required=True)


class StoreRow(Schema):
    """One store over the months; a month it did not report is left out."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    months = fields.Dict(
        keys=Month(("月份", "Month")), values=fields.Nested(StoreCell), required=True
    )
    total_fen = shown.fen("合计", "Total")


class RegionRow(Schema):
    """One region over the months."""

    name = fields.String(required=True)
    months = fields.Dict(keys=Month(("月份", "Month")), values=fields.Integer(), required=True)
    total_fen = shown.fen("合计", "Total")


class Dashboard(Schema):
    """Turnover by month and store, with what it covers."""

    months = fields.List(fields.Nested(ChainMonth), required=True)
    stores = fields.List(fields.Nested(StoreRow), required=True)
    regions = fields.List(fields.Nested(RegionRow), required=True)
    total_fen = shown.fen("合计", "Total")


class RankRow(Schema):
    """One store's place among its peers."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    peer_group = fields.String(required=True)
    value = Ratio(("数值", "Value"))
    rank = fields.Integer(required=True, allow_none=True)
    peers = fields.Integer(required=True)
    quartile = fields.Integer(required=True, allow_none=True)
    is_provisional = fields.Boolean(required=True)


class QuartileValues(Schema):
    """Where the quarters of a peer group lie."""

    q1 = Ratio(("下四分位", "First quartile"))
    median = Ratio(("中位数", "Median"))
    q3 = Ratio(("上四分位", "Third quartile"))


class PeerGroup(Schema):
    """A peer group; its quartiles are hidden under five peers."""

    peer_group = fields.String(required=True)
    peers = fields.Integer(required=True)
    quartiles = fields.Nested(QuartileValues, required=True, allow_none=True)


class RankingTable(Schema):
    """The ranking of a month by one indicator, or a part of it; `next` asks for more."""

    rows = fields.List(fields.Nested(RankRow), required=True)
    next = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.Nested(PeerGroup), required=True)


class StoreMonth(Schema):
    """A month of a store as it was last reported."""

    month = fields.Date(required=True, format="%Y-%m")
    state = fields.String(required=True)
    revision = fields.Integer(required=True)
    is_stale = fields.Boolean(required=True)
    published_at = fields.AwareDateTime(required=True)
    decision = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    refusal = fields.String(required=True, allow_none=True)


class MonthDecision(Form):
    """The headquarters' word on the revision of a month that it has seen."""

    decision = Choice(("决定", "Decision"), DECISION_LABELS, required=True)
    revision = Whole(_REVISION, minimum=0, maximum=2**31 - 1, required=True)
    reason = Text(("原因", "Reason"), max_length=500, secrecy="free")
    forms = Choices(("待更正的表格", "Forms to be corrected"), REOPENED_LABELS)


class PlanDecision(Form):
    """The headquarters' word on the numbers of a plan that it has seen."""

    decision = Choice(("决定", "Decision"), WORD_LABELS, required=True)
    fingerprint = Text(("版本指纹", "Fingerprint"), max_length=64, required=True)
    reason = Text(("原因", "Reason"), max_length=500, secrecy="free")


class StorePlanRow(Schema):
    """A store's plan, and how far the headquarters' word on it has come."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    year = fields.Integer(required=True, attribute="plan.year")
    revision = fields.Integer(required=True, attribute="plan.revision")
    state = fields.String(required=True, attribute="plan.state")
    fingerprint = fields.String(required=True, attribute="plan.fingerprint")
    reason = fields.String(required=True, allow_none=True, attribute="plan.reason")
    submitted_at = fields.AwareDateTime(
        required=True, allow_none=True, attribute="plan.submitted_at"
    )
    revenue_fen = shown.fen("总收入", "Revenue")
    prior_fen = shown.fen("去年总收入", "Revenue of last year", allow_none=True)
    is_waiting = fields.Boolean(required=True)
    is_pending = fields.Boolean(required=True)
    decision = fields.String(required=True, allow_none=True, attribute="plan.decision")
    refusal = fields.String(required=True, allow_none=True, attribute="plan.refusal")


class StorePlanLine(Schema):
    """A base number or one of P01-P14 of a store's plan."""

    code = fields.String(required=True)
    label_zh = fields.String(required=True)
    label_en = fields.String(required=True)
    unit = fields.String(required=True)
    prior = fields.String(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    variance_rate = fields.String(required=True, allow_none=True)


class StorePlanTarget(Schema):
    """A month's target, whole (`category` empty) or of a category."""

    month = fields.Date(required=True, format="%Y-%m")
    category = fields.String(required=True)
    amount_fen = shown.fen("目标", "Target")


class StorePlan(Schema):
    """A store's plan with its numbers, as it was handed in. Form: F11."""

    head = fields.Nested(StorePlanRow, required=True)
    lines = fields.List(fields.Nested(StorePlanLine), required=True)
    targets = fields.List(fields.Nested(StorePlanTarget), required=True)


class Adjustment(Schema):
    """What a month closed again owes the next statement of its store. Form: C12."""

    id = fields.Integer(required=True, attribute="booked.id")
    code = fields.String(required=True)
    name = fields.String(required=True)
    month = fields.Date(required=True, format="%Y-%m", attribute="booked.month")
    base = fields.String(required=True, attribute="booked.base")
    from_revision = fields.Integer(required=True, attribute="booked.from_revision")
    to_revision = fields.Integer(required=True, attribute="booked.to_revision")
    old_fen = shown.fen("原", "Before", attribute="booked.old_fen")
    new_fen = shown.fen("新", "After", attribute="booked.new_fen")
    difference_fen = shown.fen("差额", "Difference", attribute="booked.difference_fen")
    booked_at = fields.AwareDateTime(required=True, attribute="booked.booked_at")


class AdjustmentBehind(Schema):
    """A booking with every figure that its two closed revisions state differently."""

    adjustment = fields.Nested(Adjustment, required=True, attribute="row")
    figures = fields.List(fields.Nested(FigureDifference), required=True)
