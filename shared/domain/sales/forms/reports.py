"""How the drawer is told: the cash report, payments, settlement totals, corrections, variances.

Form: F08; W12.
Units: amounts are whole fen.
"""

from marshmallow import fields

from shared.domain.sales.rules import kinds
from shared.forms.fields import (
    Choice,
    Day,
    Form,
    Id,
    Key,
    Person,
    Ratio,
    Text,
)

_AMOUNT = ("金额", "Amount")
_TENDER = ("支付方式", "Tender")
_REASON = ("原因", "Reason")
_DAY = ("营业日", "Business day")
_COUNTED = ("实点现金", "Counted cash")
_VARIANCE_REASON = ("差异原因", "Reason of the variance")
_PURPOSE = ("用途", "Purpose")
_PAYEE = ("收款人", "Payee")
_VOUCHER = ("凭证照片", "Voucher photo")
_FACE = ("面额", "Face value")
_PIECES = ("张数", "Pieces")
_SETTLED = ("结算合计", "Settlement total")
_DIFFERENCE_REASON = ("差额原因", "Reason of the difference")
_SIGNATURE = ("签署", "Signature")


class CashPayment(Form):
    """Money taken out of the drawer, as it stands."""

    id = Id(("序号", "Id"))
    key = Key()
    purpose = Choice(_PURPOSE, kinds.PURPOSE_LABELS)
    payee = Text(_PAYEE, max_length=80, secrecy="personal")
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})
    paid_at = fields.AwareDateTime(metadata={"label": ("时间", "Time")})
    paid_by = Person(("经手人", "Paid by"))
    approver_id = Person(("批准人", "Approver"))
    voucher = Key(_VOUCHER)


class TenderTotal(Form):
    """One tender that is not cash: by the receipts and by its provider."""

    tender = Choice(_TENDER, kinds.TENDER_LABELS)
    receipts_fen = fields.Integer(metadata={"label": ("小票合计", "By receipts"), "unit": "fen"})
    settled_fen = fields.Integer(allow_none=True, metadata={"label": _SETTLED, "unit": "fen"})
    difference_fen = fields.Integer(
        allow_none=True, metadata={"label": ("差额", "Difference"), "unit": "fen"}
    )
    reason = Text(_DIFFERENCE_REASON, max_length=200, secrecy="free")


class Block(Form):
    """Something that keeps the day from being closed."""

    field = fields.String(metadata={"label": ("事项", "What")})
    code = fields.String(metadata={"label": ("代码", "Code")})
    message_zh = fields.String(metadata={"label": ("说明", "In Chinese")})
    message_en = fields.String(metadata={"label": ("英文说明", "In English")})


class Correction(Form):
    """A late slip of a closed day, as it stands.

    Form: 更正单.
    """

    id = Id(("序号", "Id"))
    key = Key()
    number = fields.String(metadata={"label": ("编号", "Number")})
    of_day = Day(("更正营业日", "Day corrected"))
    business_date = Day(_DAY)
    kind = Choice(("种类", "Kind"), kinds.LATE_SLIP_LABELS)
    sale_id = Id(("小票", "Receipt"))
    payment_id = Id(("支出", "Payment"))
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})
    cash_fen = fields.Integer(metadata={"label": ("现金更正", "Book corrected by"), "unit": "fen"})
    reason = Text(_REASON, max_length=200, secrecy="free")
    made_by = Person(("制单人", "Made by"))
    approver_id = Person(("批准人", "Approver"))
    made_at = fields.AwareDateTime(metadata={"label": ("时间", "Time")})


class CashStep(Form):
    """One step of the day: who handed in, rejected or closed it."""

    state = fields.String(metadata={"label": ("状态", "State")})
    counted_fen = fields.Integer(allow_none=True, metadata={"label": _COUNTED, "unit": "fen"})
    by_id = Person(("经手人", "By"))
    at = fields.AwareDateTime(metadata={"label": ("时间", "Time")})
    reason = Text(_REASON, max_length=200, secrecy="free")


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
    corrections_fen = fields.Integer(
        metadata={"label": ("更正", "Corrections of closed days"), "unit": "fen"}
    )


class CashReport(Form):
    """The daily cash report as it stands.

    Form: F08.
    """

    day = Day(_DAY)
    number = fields.String(allow_none=True, metadata={"label": ("编号", "Number")})
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
    denominations = fields.Dict(
        keys=fields.Integer(),
        values=fields.Integer(),
        metadata={"label": ("券别张数", "Pieces by face in fen")},
    )
    cashier_sign = Key(_SIGNATURE)
    manager_sign = Key(_SIGNATURE)
    totals = fields.List(fields.Nested(TenderTotal))
    blocks = fields.List(fields.Nested(Block))
    corrections = fields.List(fields.Nested(Correction))
    late_slips = fields.List(fields.Nested(Correction))
    explained_fen = fields.Integer(
        allow_none=True,
        metadata={"label": ("更正后长短款", "Variance after late slips"), "unit": "fen"},
    )
    steps = fields.List(fields.Nested(CashStep))


class VarianceRow(Form):
    """One closed day in the history of variances."""

    day = Day(_DAY)
    closing_fen = fields.Integer(metadata={"label": ("期末现金", "Closing cash"), "unit": "fen"})
    counted_fen = fields.Integer(metadata={"label": _COUNTED, "unit": "fen"})
    fen = fields.Integer(metadata={"label": ("长短款", "Variance"), "unit": "fen"})
    left_fen = fields.Integer(
        metadata={"label": ("更正后长短款", "Variance after late slips"), "unit": "fen"}
    )
    counted_by = Person(("点款人", "Counted by"))
    closed_by = Person(("审核人", "Closed by"))
    variance_reason = Text(_VARIANCE_REASON, max_length=200, secrecy="free")
    manager_reason = Text(("店长说明", "Manager's reason"), max_length=200, secrecy="free")


class Pattern(Form):
    """Something striking in the history: PERSON, WEEKDAY, ROUND or ROW."""

    kind = fields.String(metadata={"label": ("种类", "Kind")})
    days = fields.Integer(metadata={"label": ("天数", "Days")})
    of = fields.Integer(metadata={"label": ("共", "Of")})
    fen = fields.Integer(metadata={"label": ("长短款", "Variance"), "unit": "fen"})
    who = Person(("人员", "Person"))
    weekday = fields.Integer(allow_none=True, metadata={"label": ("星期", "Weekday")})
    last = Day(("最后一天", "Last day"))


class Variances(Form):
    """The history of the drawer's variances and what is striking in it."""

    days = fields.List(fields.Nested(VarianceRow))
    patterns = fields.List(fields.Nested(Pattern))
