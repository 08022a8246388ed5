"""The forms of the till: receipts, refunds, the cash day, files from elsewhere.

Form: F08; W12.
Units: amounts are whole fen; a refund's are positive when entered, negative when shown.
"""

from datetime import date
from typing import Any

from marshmallow import fields, post_load

from shared.domain.sales import rules
from shared.forms.fields import (
    Choice,
    Day,
    Fen,
    Form,
    Id,
    Key,
    Person,
    Ratio,
    Rows,
    Text,
    Whole,
)

_ITEM = ("项目", "Item")
_QUANTITY = ("数量", "Quantity")
_AMOUNT = ("金额", "Amount")
_TENDER = ("支付方式", "Tender")
_REASON = ("原因", "Reason")
_DAY = ("营业日", "Business day")
_COUNTED = ("实点现金", "Counted cash")
_VARIANCE_REASON = ("差异原因", "Reason of the variance")


class SaleLineEntry(Form):
    """One item of a new receipt."""

    item_id = Id(_ITEM, required=True)
    quantity = Whole(_QUANTITY, minimum=1, maximum=rules.MAX_QUANTITY, required=True)
    amount_fen = Fen(_AMOUNT, maximum=rules.MAX_FEN, required=True)
    kind = Choice(("种类", "Kind"), rules.LINE_KIND_LABELS)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> rules.NewLine:
        return rules.NewLine(**data)


class TenderEntry(Form):
    """A part of the money by one means."""

    tender = Choice(_TENDER, rules.TENDER_LABELS, required=True)
    amount_fen = Fen(_AMOUNT, maximum=rules.MAX_FEN, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> rules.Paid:
        return rules.Paid(**data)


class NewDeposit(Form):
    """Money paid ahead for an appointment."""

    key = Key(required=True)
    appointment_id = Id(("预约", "Appointment"), required=True)
    tenders = Rows(("收款", "Tenders"), TenderEntry, most=10, required=True)


class NewSale(Form):
    """A receipt as the front desk keys it; loads as `rules.NewSale`."""

    key = Key(required=True)
    customer_id = Id(("顾客", "Customer"))
    lines = Rows(("项目明细", "Lines"), SaleLineEntry, most=100, required=True)
    tenders = Rows(("收款", "Tenders"), TenderEntry, most=10, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> rules.NewSale:
        return rules.NewSale(
            key=data["key"],
            customer_id=data["customer_id"],
            lines=tuple(data["lines"]),
            tenders=tuple(data["tenders"]),
        )


class RefundLineEntry(Form):
    """What of one line goes back."""

    line_id = Id(("原单明细", "Line"), required=True)
    quantity = Whole(_QUANTITY, minimum=0, maximum=rules.MAX_QUANTITY, required=True)
    amount_fen = Fen(_AMOUNT, maximum=rules.MAX_FEN, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> rules.RefundLine:
        return rules.RefundLine(**data)


class SecondSignature(Form):
    """Who else signs: name and password, typed on the spot; an id would prove nothing.

    Form: four eyes of specification 3: nobody approves what they did themselves.
    """

    approver_login = Text(("批准人登录名", "Approver's login"), max_length=120)
    approver_password = Text(("批准人密码", "Approver's password"), max_length=200, load_only=True)


class NewRefund(SecondSignature):
    """A refund of a receipt named by the address; loads as a dict for `refund_value`."""

    key = Key(required=True)
    lines = Rows(("退款明细", "Lines"), RefundLineEntry, most=100, required=True)
    tenders = Rows(("退款方式", "Tenders"), TenderEntry, most=10, required=True)
    reason = Text(_REASON, max_length=200, required=True, secrecy="free")


class SaleLine(Form):
    """One item of a receipt as it stands."""

    id = Id(("序号", "Id"))
    item_id = Id(_ITEM)
    kind = Choice(("种类", "Kind"), rules.LINE_KIND_LABELS)
    category = fields.String(metadata={"label": ("类别", "Category")})
    quantity = fields.Integer(metadata={"label": _QUANTITY})
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})
    refund_of = Id(("原单明细", "Refunded line"))


class SaleTender(Form):
    """A part of the money of a receipt as it stands."""

    tender = Choice(_TENDER, rules.TENDER_LABELS)
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})


class Sale(Form):
    """A receipt as it stands."""

    id = Id(("序号", "Id"))
    key = Key()
    receipt_no = Text(("单号", "Receipt no."), max_length=20)
    kind = Choice(("种类", "Kind"), rules.SALE_KIND_LABELS)
    refund_of = Id(("原单", "Refunded receipt"))
    customer_id = Id(("顾客", "Customer"))
    business_date = Day(_DAY)
    sold_at = fields.AwareDateTime(metadata={"label": ("时间", "Time")})
    recorded_at = fields.AwareDateTime(metadata={"label": ("录入时间", "Recorded at")})
    seller_id = Person(("销售人", "Seller"))
    approver_id = Person(("批准人", "Approver"))
    source = fields.String(metadata={"label": ("来源", "Source")})
    total_fen = fields.Integer(metadata={"label": ("合计", "Total"), "unit": "fen"})
    reason = Text(_REASON, max_length=200, secrecy="free")
    paper_no = Text(("原始单号", "Paper receipt no."), max_length=40)
    lines = fields.List(fields.Nested(SaleLine), metadata={"label": ("项目明细", "Lines")})
    tenders = fields.List(fields.Nested(SaleTender), metadata={"label": ("收款", "Tenders")})


class CashOpening(Form):
    """The morning's cash, when it is not what the evening before says."""

    opening_fen = Fen(("期初现金", "Opening cash"), maximum=rules.MAX_FEN, required=True)
    reason = Text(_REASON, max_length=200, secrecy="free")


class NewPayment(SecondSignature):
    """Money taken out of the drawer."""

    key = Key(required=True)
    purpose = Choice(("用途", "Purpose"), rules.PURPOSE_LABELS, required=True)
    payee = Text(("收款人", "Payee"), max_length=80, required=True, secrecy="personal")
    amount_fen = Fen(_AMOUNT, minimum=1, maximum=rules.MAX_FEN, required=True)


class BankDeposit(Form):
    """The day's money that went to the bank, in all."""

    total_fen = Fen(("缴存银行", "Bank deposit"), maximum=rules.MAX_FEN, required=True)


class CashCount(Form):
    """What the cashier counted."""

    counted_fen = Fen(_COUNTED, maximum=rules.MAX_FEN, required=True)
    variance_reason = Text(_VARIANCE_REASON, max_length=200, secrecy="free")


class CashClosing(Form):
    """The manager's signature under the count."""

    counted_fen = Fen(_COUNTED, maximum=rules.MAX_FEN)
    variance_reason = Text(_VARIANCE_REASON, max_length=200, secrecy="free")
    manager_reason = Text(("店长说明", "Manager's reason"), max_length=200, secrecy="free")


class CashPayment(Form):
    """Money taken out of the drawer, as it stands."""

    id = Id(("序号", "Id"))
    key = Key()
    purpose = Choice(("用途", "Purpose"), rules.PURPOSE_LABELS)
    payee = Text(("收款人", "Payee"), max_length=80, secrecy="personal")
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})
    paid_at = fields.AwareDateTime(metadata={"label": ("时间", "Time")})
    paid_by = Person(("经手人", "Paid by"))
    approver_id = Person(("批准人", "Approver"))


class CashFigures(Form):
    """What C2 computes; a ratio without a base is null."""

    closing_fen = fields.Integer(metadata={"label": ("期末现金", "Closing cash"), "unit": "fen"})
    variance_fen = fields.Integer(
        allow_none=True, metadata={"label": ("长短款", "Variance"), "unit": "fen"}
    )
    needs_manager_reason = fields.Boolean(
        metadata={"label": ("需店长说明", "Needs the manager's reason")}
    )
    all_receipts_fen = fields.Integer(
        metadata={"label": ("收款合计", "All receipts"), "unit": "fen"}
    )
    fund_use_rate = Ratio(("资金利用率", "Fund utilisation rate"))
    contribution = fields.Dict(
        keys=fields.String(),
        values=Ratio(("利润贡献率", "Profit contribution rate")),
        metadata={"label": ("利润贡献率", "Profit contribution rates")},
    )
    margin_rate = fields.Dict(
        keys=fields.String(),
        values=Ratio(("毛利率", "Margin")),
        metadata={"label": ("毛利率", "Margins")},
    )


class Drawer(Form):
    """What C2 computes from."""

    opening_fen = fields.Integer(metadata={"label": ("期初现金", "Opening cash"), "unit": "fen"})
    receipts_fen = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"label": ("收款", "Receipts by tender"), "unit": "fen"},
    )
    cash_payments_fen = fields.Integer(metadata={"label": ("现金支出", "Paid out"), "unit": "fen"})
    bank_deposit_fen = fields.Integer(
        metadata={"label": ("缴存银行", "Bank deposit"), "unit": "fen"}
    )
    counted_fen = fields.Integer(allow_none=True, metadata={"label": _COUNTED, "unit": "fen"})


class CashReport(Form):
    """The daily cash report as it stands.

    Form: F08.
    """

    day = Day(_DAY)
    state = fields.String(metadata={"label": ("状态", "State")})
    opening_is_carried = fields.Boolean(metadata={"label": ("期初自动结转", "Opening carried on")})
    opening_reason = Text(_REASON, max_length=200, secrecy="free")
    drawer = fields.Nested(Drawer)
    figures = fields.Nested(CashFigures)
    payments = fields.List(fields.Nested(CashPayment))
    variance_reason = Text(_VARIANCE_REASON, max_length=200, secrecy="free")
    manager_reason = Text(("店长说明", "Manager's reason"), max_length=200, secrecy="free")
    counted_by = Person(("点款人", "Counted by"))
    counted_at = fields.AwareDateTime(allow_none=True)
    closed_by = Person(("审核人", "Closed by"))
    closed_at = fields.AwareDateTime(allow_none=True)
    unsettled = fields.List(fields.Date(), metadata={"label": ("未日结", "Earlier days open")})


def payment_value(day: date, data: dict[str, Any]) -> rules.NewPayment:
    """Make the value that `pay_out` takes of a loaded `NewPayment`."""
    return rules.NewPayment(
        day=day,
        key=data["key"],
        purpose=data["purpose"],
        payee=data["payee"],
        amount_fen=data["amount_fen"],
    )


def refund_value(sale_id: int, data: dict[str, Any]) -> rules.NewRefund:
    """Make the value that `refund_sale` takes of a loaded `NewRefund`."""
    return rules.NewRefund(
        key=data["key"],
        sale_id=sale_id,
        lines=tuple(data["lines"]),
        tenders=tuple(data["tenders"]),
        reason=data["reason"],
    )
