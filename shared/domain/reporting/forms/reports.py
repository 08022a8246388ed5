"""How days and months are told: the day report, F10, F17, the records behind a number.

Form: F10 月营业明细表, F17 店月份销售业绩报表.
Units: amounts are whole fen; a ratio is text with 4 decimals, null without a base.
"""

from marshmallow import Schema, fields

from shared.domain.reporting.forms import shown
from shared.forms.fields import Ratio


class DayTotal(Schema):
    """One business day's counts and sums."""

    visits = shown.count("客次", "Visits")
    receipts = shown.count("小票数", "Receipts")
    new_customers = shown.count("新顾客", "New customers")
    turnover_fen = shown.fen("营业额", "Turnover")
    consumption_fen = shown.fen("消耗业绩", "Consumption")
    product_fen = shown.fen("产品销售", "Product sales")
    cash_sales_fen = shown.fen("现金业绩", "Cash sales")
    refunds_fen = shown.fen("退款", "Refunds")


class DayCategory(Schema):
    """One category on one business day."""

    category = fields.String(required=True)
    quantity = shown.count("数量", "Quantity")
    turnover_fen = shown.fen("营业额", "Turnover")
    consumption_fen = shown.fen("消耗业绩", "Consumption")


class DayTender(Schema):
    """Money received by one tender on one business day."""

    tender = fields.String(required=True)
    amount_fen = shown.fen("金额", "Amount")


class DayReport(Schema):
    """One business day, computed from the slips at the moment of asking."""

    day = fields.Date(required=True)
    is_shut = fields.Boolean(required=True)
    month_state = fields.String(required=True, allow_none=True)
    total = fields.Nested(DayTotal, required=True)
    categories = fields.List(fields.Nested(DayCategory), required=True)
    tenders = fields.List(fields.Nested(DayTender), required=True)


class MatrixDay(Schema):
    """One day of the monthly detail; `cells` category -> turnover."""

    day = fields.Date(required=True)
    is_open = fields.Boolean(required=True)
    cells = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    total_fen = shown.fen("合计", "Total")
    share = Ratio(("占比", "Share"))


class Marks(Schema):
    """The best and the worst open day; ties are all listed."""

    peak_days = fields.List(fields.Date(), required=True)
    peak_share = Ratio(("占比", "Share"))
    slack_days = fields.List(fields.Date(), required=True)
    slack_share = Ratio(("占比", "Share"))


class CategoryRow(Schema):
    """One category of the month beside the others and beside the month before."""

    category = fields.String(required=True)
    turnover_fen = shown.fen("营业额", "Turnover")
    quantity = shown.count("数量", "Quantity")
    share = Ratio(("占比", "Share"))
    margin_rate = Ratio(("毛利率", "Margin"))
    rank = fields.Integer(required=True, allow_none=True)
    previous_fen = shown.fen("上月", "Last month", allow_none=True)
    change = Ratio(("增减", "Change"))
    is_main_push = fields.Boolean(required=True)
    is_weak = fields.Boolean(required=True)


class CustomersBlock(Schema):
    """The customers of a month."""

    visits = shown.count("客次", "Visits")
    customers = shown.count("顾客人数", "Distinct customers")
    new = shown.count("新顾客", "New")
    returning = shown.count("老顾客", "Returning")
    previous_new = fields.Integer(required=True, allow_none=True)
    new_growth = Ratio(("新顾客增长率", "Growth of new customers"))


class CostBlock(Schema):
    """The costs of a month; a line that nobody entered is null."""

    lines = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
    total_fen = shown.fen("成本合计", "Total costs")
    ratio = Ratio(("成本率", "Cost ratio"))
    result_fen = shown.fen("结余", "Result")


class MonthDetail(Schema):
    """The monthly detail as one revision states it; revision 0 is the live view.

    Form: F10.
    """

    month = fields.Date(required=True, format="%Y-%m")
    state = fields.String(required=True)
    revision = shown.count("版本", "Revision")
    is_stale = fields.Boolean(required=True)
    computed_at = fields.AwareDateTime(required=True)
    total_fen = shown.fen("合计", "Total")
    days = fields.List(fields.Nested(MatrixDay), required=True)
    marks = fields.Nested(Marks, required=True)
    items = fields.List(fields.Nested(CategoryRow), required=True)
    open_days = shown.count("营业天数", "Open days")
    average_per_open_day_fen = shown.fen("日均", "Average per open day", allow_none=True)
    customers = fields.Nested(CustomersBlock, required=True)
    costs = fields.Nested(CostBlock, required=True)


class HeadRow(Schema):
    """One amount beside last month's and that of the same month last year."""

    indicator = fields.String(required=True)
    amount_fen = shown.fen("金额", "Amount")
    previous_fen = shown.fen("上月", "Last month", allow_none=True)
    growth = Ratio(("环比", "Growth"))
    last_year_fen = shown.fen("去年同月", "Same month last year", allow_none=True)
    growth_on_year = Ratio(("同比", "Growth on last year"))


class PrepaidBlock(Schema):
    """What was paid ahead, what of it is still to be earned, and how fast it is used up."""

    topups_fen = shown.fen("储值充值", "Top-ups")
    packages_fen = shown.fen("疗程卡销售", "Packages sold")
    balance_fen = shown.fen("未消耗余额", "Prepaid balance at the month's end")
    consumption_rate = Ratio(("消耗比", "Consumption ÷ cash sales"))


class TopItem(Schema):
    """One of the ten items with the highest turnover."""

    item_id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    category = fields.String(required=True)
    quantity = shown.count("数量", "Quantity")
    turnover_fen = shown.fen("营业额", "Turnover")
    share = Ratio(("占比", "Share"))


class MonthSales(Schema):
    """The monthly sales report.

    Form: F17.
    """

    month = fields.Date(required=True, format="%Y-%m")
    state = fields.String(required=True)
    revision = shown.count("版本", "Revision")
    is_stale = fields.Boolean(required=True)
    computed_at = fields.AwareDateTime(required=True)
    head = fields.List(fields.Nested(HeadRow), required=True)
    customers = fields.Nested(CustomersBlock, required=True)
    prepaid = fields.Nested(PrepaidBlock, required=True)
    spend_per_customer_fen = shown.fen("客单价", "Spend per visit", allow_none=True)
    categories = fields.List(fields.Nested(CategoryRow), required=True)
    tenders = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    top_items = fields.List(fields.Nested(TopItem), required=True)


class RecordBehind(Schema):
    """A line of a receipt, a part of its money, or a step of a card; `number` is whose it is."""

    day = fields.Date(required=True)
    number = fields.String(required=True)
    sale_id = fields.Integer(required=True, allow_none=True)
    card_id = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True)
    customer_id = fields.Integer(required=True, allow_none=True)
    item_id = fields.Integer(required=True, allow_none=True)
    tender = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True, allow_none=True)
    amount_fen = shown.fen("金额", "Amount")


class Records(Schema):
    """The records behind a number; `total` is what all of them add up to, or how many people."""

    rows = fields.List(fields.Nested(RecordBehind), required=True)
    people = fields.List(fields.Integer(), required=True)
    count = fields.Integer(required=True)
    total = fields.Integer(required=True)


class HandoutEffect(Schema):
    """What a month's samples and gifts cost and brought within thirty days."""

    month = fields.Date(required=True, format="%Y-%m")
    handouts = fields.Integer(required=True)
    cost_fen = shown.fen("成本合计", "Cost")
    received = fields.Integer(required=True)
    converted = fields.Integer(required=True)
    sales_fen = shown.fen("30天内销售", "Sales within 30 days")
    conversion_rate = Ratio(("转化率", "Conversion rate"))
    sales_per_cost = Ratio(("投入产出", "Sales per cost"))
