"""The forms of cards: what is on offer, what is deducted, frozen, passed on, given back.

Form: F05 pay_by; F08 kinds TOPUP, PACKAGE, REFUND.
Units: amounts are whole fen.
"""

from typing import Any

from marshmallow import fields

from shared import money
from shared.domain.cards.rules import kinds
from shared.forms.fields import Choice, Day, Fen, Form, Id, Key, Person, Text, Whole

_ITEM = ("项目", "Item")
_CARD = ("卡", "Card")
_REASON = ("原因", "Reason")
_PRICE = ("售价", "Price")
_BONUS = ("赠送金", "Bonus")
_PRINCIPAL = ("本金", "Principal")
_PAID = ("付费次数", "Paid sessions")
_GIFT = ("赠送次数", "Gift sessions")
_LAST = ("有效期至", "Last day")
_SIGN = ("顾客签字", "Guest's signature")
_CODE = ("编号", "Code")
_NAME = ("名称", "Name")
_KIND = ("卡种", "Kind of card")
_MONTHS = ("有效月数", "Valid for months")


class NewOffer(Form):
    """A card put on offer; loads as a dict for `offers.NewOffer`."""

    code = Text(_CODE, max_length=40, required=True)
    name = Text(_NAME, max_length=120, required=True)
    kind = Choice(_KIND, kinds.KIND_LABELS, required=True)
    price_fen = Fen(_PRICE, maximum=money.MAX_FEN, required=True)
    bonus_fen = Fen(_BONUS, maximum=money.MAX_FEN, load_default=0)
    item_id = Id(_ITEM)
    paid_sessions = Whole(_PAID, minimum=0, maximum=kinds.MAX_SESSIONS, load_default=0)
    gift_sessions = Whole(_GIFT, minimum=0, maximum=kinds.MAX_SESSIONS, load_default=0)
    valid_months = Whole(_MONTHS, minimum=1, maximum=kinds.MAX_MONTHS)
    on_sale_from = Day(("起售日", "On sale from"), required=True)
    on_sale_to = Day(("停售日", "Last day on sale"))


class Offer(NewOffer):
    """A card on offer as it stands."""

    id = Id(("序号", "Id"))
    version = fields.Integer(metadata={"label": ("版本", "Version")})


class Balances(Form):
    """What a card holds."""

    principal_fen = fields.Integer(metadata={"label": _PRINCIPAL, "unit": "fen"})
    bonus_fen = fields.Integer(metadata={"label": _BONUS, "unit": "fen"})
    paid = fields.Integer(metadata={"label": _PAID})
    gift = fields.Integer(metadata={"label": _GIFT})


class Card(Form):
    """A card as it stands; `principal_fen` of a package is what its paid sessions stand for."""

    id = Id(("序号", "Id"))
    number = Text(("卡号", "Card no."), max_length=20)
    customer_id = Id(("顾客", "Customer"))
    offer_id = Id(("卡项", "Card on offer"))
    name = Text(_NAME, max_length=120)
    kind = Choice(_KIND, kinds.KIND_LABELS)
    item_id = Id(_ITEM)
    unit_fen = fields.Integer(metadata={"label": ("单次价值", "Session's value"), "unit": "fen"})
    state = Choice(("状态", "State"), kinds.STATE_LABELS)
    issued_on = Day(("开卡日", "Issued on"))
    valid_until = Day(_LAST)
    version = fields.Integer(metadata={"label": ("版本", "Version")})
    balances = fields.Nested(Balances)


class Entry(Form):
    """One entry of a card's ledger."""

    id = Id(("序号", "Id"))
    card_id = Id(_CARD)
    seq = fields.Integer(metadata={"label": ("流水号", "Entry no.")})
    kind = Choice(("类型", "Kind"), kinds.ENTRY_LABELS)
    key = Key()
    business_date = Day(("营业日", "Business day"))
    at = fields.AwareDateTime(metadata={"label": ("时间", "Time")})
    by_id = Person(("经办人", "By"))
    approver_id = Person(("批准人", "Approver"))
    sign = fields.UUID(allow_none=True, metadata={"label": _SIGN})
    second_sign = fields.UUID(allow_none=True, metadata={"label": ("受让人签字", "Taker's sign")})
    item_id = Id(_ITEM)
    quantity = fields.Integer(metadata={"label": ("数量", "Quantity")})
    principal_before_fen = fields.Integer(metadata={"label": _PRINCIPAL, "unit": "fen"})
    principal_after_fen = fields.Integer(metadata={"label": _PRINCIPAL, "unit": "fen"})
    bonus_before_fen = fields.Integer(metadata={"label": _BONUS, "unit": "fen"})
    bonus_after_fen = fields.Integer(metadata={"label": _BONUS, "unit": "fen"})
    paid_before = fields.Integer(metadata={"label": _PAID})
    paid_after = fields.Integer(metadata={"label": _PAID})
    gift_before = fields.Integer(metadata={"label": _GIFT})
    gift_after = fields.Integer(metadata={"label": _GIFT})
    value_fen = fields.Integer(metadata={"label": ("消耗业绩", "Consumption"), "unit": "fen"})
    source = Text(("来源单据", "Source"), max_length=40)
    reason = Text(_REASON, max_length=200, secrecy="free")
    reverses = fields.Integer(allow_none=True, metadata={"label": ("冲正流水", "Reverses")})


class NewDeduction(Form):
    """What the guest signs for: a session of a package, or an amount of stored value."""

    key = Key(required=True)
    item_id = Id(_ITEM, required=True)
    amount_fen = Fen(("金额", "Amount"), minimum=1, maximum=money.MAX_FEN)
    quantity = Whole(("数量", "Quantity"), minimum=1, maximum=kinds.MAX_SESSIONS, load_default=1)
    sign = fields.UUID(
        allow_none=True, load_default=None, metadata={"label": _SIGN},
        error_messages={"invalid": "TYPE", "invalid_uuid": "TYPE"},
    )  # fmt: skip


class Because(Form):
    """Why a card is frozen, released, written off, or an entry reversed."""

    key = Key(required=True)
    reason = Text(_REASON, max_length=200, required=True, secrecy="free")


class NewTransfer(Form):
    """A card passed on within the family: both guests sign, the manager approves."""

    key = Key(required=True)
    to_customer_id = Id(("受让顾客", "Taker"), required=True)
    relation = Text(("与持卡人关系", "Relation"), max_length=200, required=True, secrecy="free")
    giver_sign = fields.UUID(
        allow_none=True, load_default=None, metadata={"label": ("转让人签字", "Giver's signature")},
        error_messages={"invalid": "TYPE", "invalid_uuid": "TYPE"},
    )  # fmt: skip
    taker_sign = fields.UUID(
        allow_none=True, load_default=None, metadata={"label": ("受让人签字", "Taker's signature")},
        error_messages={"invalid": "TYPE", "invalid_uuid": "TYPE"},
    )  # fmt: skip
    approver_login = Text(("批准人登录名", "Approver's login"), max_length=120)
    approver_password = Text(("批准人密码", "Approver's password"), max_length=200, load_only=True)


class Readings(Form):
    """What would go back for a card, read both ways; `rule` is the store's."""

    paid_fen = fields.Integer(metadata={"label": ("实付合计", "Paid in all"), "unit": "fen"})
    used_fen = fields.Integer(metadata={"label": ("已用(实付价)", "Used, at the price paid")})
    used_list_fen = fields.Integer(metadata={"label": ("已用(门市价)", "Used, at list prices")})
    by_paid_fen = fields.Integer(metadata={"label": kinds.RULE_LABELS[kinds.RefundRule.PAID]})
    by_list_fen = fields.Integer(metadata={"label": kinds.RULE_LABELS[kinds.RefundRule.LIST]})
    rule = Choice(("退卡口径", "Refund rule"), kinds.RULE_LABELS)
    refund_fen = fields.Integer(metadata={"label": ("应退金额", "To give back"), "unit": "fen"})


class RefundRule(Form):
    """How the store reckons refunds of cards."""

    rule = Choice(("退卡口径", "Refund rule"), kinds.RULE_LABELS, required=True)


def without_signature(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out who approves: name and password are read at the door."""
    return {name: value for name, value in data.items() if not name.startswith("approver_")}
