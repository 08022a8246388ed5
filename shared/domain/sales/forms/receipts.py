"""The forms of the till: receipts and refunds.

Form: F08 receipt lines.
Units: amounts are whole fen; a refund's are positive when entered, negative when shown.
"""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from shared import money
from shared.domain.sales.rules import kinds, slips
from shared.forms.fields import (
    Choice,
    Day,
    Fen,
    Form,
    Id,
    Key,
    Person,
    Rows,
    Text,
    Whole,
)

_ITEM = ("项目", "Item")
_OFFER = ("卡项", "Card on offer")
_CARD = ("卡", "Card")
_QUANTITY = ("数量", "Quantity")
_AMOUNT = ("金额", "Amount")
_TENDER = ("支付方式", "Tender")
_REASON = ("原因", "Reason")
_DAY = ("营业日", "Business day")


class SaleLineEntry(Form):
    """One line of a new receipt: an item, a card on offer, or a deposit."""

    item_id = Id(_ITEM)
    offer_id = Id(_OFFER)
    card_id = Id(_CARD)
    quantity = Whole(_QUANTITY, minimum=1, maximum=slips.MAX_QUANTITY, required=True)
    amount_fen = Fen(_AMOUNT, maximum=money.MAX_FEN, required=True)
    kind = Choice(("种类", "Kind"), kinds.LINE_KIND_LABELS)

    @validates_schema(skip_on_field_errors=False)
    def _names_something(self, data: dict[str, Any], **_: Any) -> None:
        said = [data.get(name, "wrong") for name in ("item_id", "offer_id")]
        if said == [None, None] and data.get("kind") != kinds.LineKind.DEPOSIT:
            raise ValidationError("REQUIRED", "item_id")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> slips.NewLine:
        return slips.NewLine(**data)


class TenderEntry(Form):
    """A part of the money by one means."""

    tender = Choice(_TENDER, kinds.TENDER_LABELS, required=True)
    amount_fen = Fen(_AMOUNT, maximum=money.MAX_FEN, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> slips.Paid:
        return slips.Paid(**data)


class NewDeposit(Form):
    """Money paid ahead for an appointment."""

    key = Key(required=True)
    appointment_id = Id(("预约", "Appointment"), required=True)
    tenders = Rows(("收款", "Tenders"), TenderEntry, most=10, required=True)


class NewSale(Form):
    """A receipt as the front desk keys it; loads as `slips.NewSale`."""

    key = Key(required=True)
    customer_id = Id(("顾客", "Customer"))
    lines = Rows(("项目明细", "Lines"), SaleLineEntry, most=100, required=True)
    tenders = Rows(("收款", "Tenders"), TenderEntry, most=10, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> slips.NewSale:
        return slips.NewSale(
            key=data["key"],
            customer_id=data["customer_id"],
            lines=tuple(data["lines"]),
            tenders=tuple(data["tenders"]),
        )


class RefundLineEntry(Form):
    """What of one line goes back."""

    line_id = Id(("原单明细", "Line"), required=True)
    quantity = Whole(_QUANTITY, minimum=0, maximum=slips.MAX_QUANTITY, required=True)
    amount_fen = Fen(_AMOUNT, maximum=money.MAX_FEN, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> slips.RefundLine:
        return slips.RefundLine(**data)


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


class NewCardRefund(SecondSignature):
    """A card given back; how much follows from the card, the tenders say what the desk saw."""

    key = Key(required=True)
    tenders = Rows(("退款方式", "Tenders"), TenderEntry, most=10, required=True)
    reason = Text(_REASON, max_length=200, required=True, secrecy="free")


class SaleLine(Form):
    """One line of a receipt as it stands."""

    id = Id(("序号", "Id"))
    item_id = Id(_ITEM)
    offer_id = Id(_OFFER)
    card_id = Id(_CARD)
    kind = Choice(("种类", "Kind"), kinds.LINE_KIND_LABELS)
    category = fields.String(allow_none=True, metadata={"label": ("类别", "Category")})
    quantity = fields.Integer(metadata={"label": _QUANTITY})
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})
    refund_of = Id(("原单明细", "Refunded line"))


class SaleTender(Form):
    """A part of the money of a receipt as it stands."""

    tender = Choice(_TENDER, kinds.TENDER_LABELS)
    amount_fen = fields.Integer(metadata={"label": _AMOUNT, "unit": "fen"})


class Sale(Form):
    """A receipt as it stands."""

    id = Id(("序号", "Id"))
    key = Key()
    receipt_no = Text(("单号", "Receipt no."), max_length=20)
    kind = Choice(("种类", "Kind"), kinds.SALE_KIND_LABELS)
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


def refund_value(sale_id: int, data: dict[str, Any]) -> slips.NewRefund:
    """Make the value that `refund_sale` takes of a loaded `NewRefund`."""
    return slips.NewRefund(
        key=data["key"],
        sale_id=sale_id,
        lines=tuple(data["lines"]),
        tenders=tuple(data["tenders"]),
        reason=data["reason"],
    )


def card_refund_value(
    card_id: int, data: dict[str, Any], *, by_token: bool = False
) -> slips.NewCardRefund:
    """Make the value that `refund_card` takes of a loaded `NewCardRefund`."""
    return slips.NewCardRefund(
        key=data["key"],
        card_id=card_id,
        tenders=tuple(data["tenders"]),
        reason=data["reason"],
        source=kinds.Source.API if by_token else kinds.Source.DESK,
    )


class Settlement(Form):
    """What a guest pays when a visit is settled; nothing where cards paid it all."""

    key = Key(required=True)
    tenders = Rows(("收款", "Tenders"), TenderEntry, most=10)


class Settled(Schema):
    """A settled visit, and its receipt when there is one."""

    visit_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    sale_id = fields.Integer(required=True, allow_none=True)
    receipt_no = fields.String(required=True, allow_none=True)
    total_fen = fields.Integer(required=True)
