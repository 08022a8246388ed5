"""What is typed in at the drawer: opening, payments, the count, its closing, corrections.

Form: F08; W12.
Units: amounts are whole fen.
"""

from datetime import date
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from shared import money
from shared.domain.sales.forms.receipts import SecondSignature
from shared.domain.sales.rules import kinds, slips, tills
from shared.forms.fields import (
    Choice,
    Fen,
    Form,
    Key,
    Rows,
    Text,
    Whole,
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


class CashOpening(Form):
    """The morning's cash, when it is not what the evening before says."""

    opening_fen = Fen(("期初现金", "Opening cash"), maximum=money.MAX_FEN, required=True)
    reason = Text(_REASON, max_length=200, secrecy="free")


class NewPayment(SecondSignature):
    """Money taken out of the drawer."""

    key = Key(required=True)
    purpose = Choice(_PURPOSE, kinds.PURPOSE_LABELS, required=True)
    payee = Text(_PAYEE, max_length=80, required=True, secrecy="personal")
    amount_fen = Fen(_AMOUNT, minimum=1, maximum=money.MAX_FEN, required=True)
    voucher = Key(_VOUCHER)


class BankDeposit(Form):
    """The day's money that went to the bank, in all."""

    total_fen = Fen(("缴存银行", "Bank deposit"), maximum=money.MAX_FEN, required=True)


class Denomination(Form):
    """How many pieces of one note or coin were counted."""

    face_fen = Whole(_FACE, minimum=1, maximum=tills.FACES_FEN[0], required=True, unit="fen")
    pieces = Whole(_PIECES, minimum=0, maximum=tills.MAX_PIECES, required=True)


class SettlementEntry(Form):
    """What a provider says it took by one tender; a difference is given a reason."""

    tender = Choice(_TENDER, kinds.TENDER_LABELS, required=True)
    amount_fen = Fen(_SETTLED, minimum=-money.MAX_FEN, maximum=money.MAX_FEN, required=True)
    reason = Text(_DIFFERENCE_REASON, max_length=200, secrecy="free")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> tills.Settlement:
        return tills.Settlement(**data)


class CashCount(Form):
    """What the cashier counted, piece by piece or in all, and the other tenders' totals."""

    counted_fen = Fen(_COUNTED, maximum=money.MAX_FEN)
    denominations = Rows(("券别", "Denominations"), Denomination, most=len(tills.FACES_FEN))
    settlements = Rows(("结算合计", "Settlement totals"), SettlementEntry, most=10)
    variance_reason = Text(_VARIANCE_REASON, max_length=200, secrecy="free")
    signature = Key(_SIGNATURE)


class CashRejection(Form):
    """Why the manager sends a count back."""

    reason = Text(_REASON, max_length=200, required=True, secrecy="free")


class CashClosing(Form):
    """The manager's signature under the count."""

    counted_fen = Fen(_COUNTED, maximum=money.MAX_FEN)
    variance_reason = Text(_VARIANCE_REASON, max_length=200, secrecy="free")
    manager_reason = Text(("店长说明", "Manager's reason"), max_length=200, secrecy="free")
    signature = Key(_SIGNATURE)


class NewCorrection(SecondSignature):
    """A late slip of a closed day: the receipt rung up today, or the payment itself.

    Form: 更正单.
    """

    key = Key(required=True)
    kind = Choice(("种类", "Kind"), kinds.LATE_SLIP_LABELS, required=True)
    receipt_no = Text(("小票号", "Receipt no."), max_length=20)
    purpose = Choice(_PURPOSE, kinds.PURPOSE_LABELS)
    payee = Text(_PAYEE, max_length=80, secrecy="personal")
    amount_fen = Fen(_AMOUNT, minimum=1, maximum=money.MAX_FEN)
    voucher = Key(_VOUCHER)
    reason = Text(_REASON, max_length=200, required=True, secrecy="free")

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        needed = {
            kinds.LateSlip.RECEIPT: ("receipt_no",),
            kinds.LateSlip.PAYMENT: ("purpose", "payee", "amount_fen"),
        }.get(data.get("kind", kinds.LateSlip.RECEIPT), ())
        missing = {name: ["REQUIRED"] for name in needed if data.get(name) is None}
        if missing:
            raise ValidationError(missing)


def payment_value(day: date, data: dict[str, Any]) -> slips.NewPayment:
    """Make the value that `pay_out` takes of a loaded `NewPayment`."""
    return slips.NewPayment(
        day=day,
        key=data["key"],
        purpose=data["purpose"],
        payee=data["payee"],
        amount_fen=data["amount_fen"],
        voucher=data["voucher"],
    )


def count_value(day: date, data: dict[str, Any]) -> tills.CashCount:
    """Make the value that `count_cash` takes of a loaded `CashCount`."""
    pieces = data["denominations"]
    return tills.CashCount(
        day=day,
        counted_fen=data["counted_fen"],
        variance_reason=data["variance_reason"],
        denominations=(
            None if pieces is None else {row["face_fen"]: row["pieces"] for row in pieces}
        ),
        settlements=tuple(data["settlements"] or ()),
        signature=data["signature"],
    )


def correction_value(of_day: date, data: dict[str, Any], *, today: date) -> slips.NewCorrection:
    """Make the value that `correct_day` takes of a loaded `NewCorrection`."""
    is_payment = data["kind"] is kinds.LateSlip.PAYMENT
    return slips.NewCorrection(
        key=data["key"],
        of_day=of_day,
        day=today,
        reason=data["reason"],
        receipt_no=None if is_payment else data["receipt_no"],
        payment=payment_value(today, data) if is_payment else None,
    )
