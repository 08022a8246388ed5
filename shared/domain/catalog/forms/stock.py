"""Goods received, goods counted, and what is there."""

from marshmallow import fields

from shared.domain.catalog.rules import MOVE_KINDS
from shared.forms.fields import Choice, Day, Form, Label, Text, Whole

_BATCH: Label = ("批号", "Batch")
_QUANTITY: Label = ("数量", "Quantity")
_NOTE: Label = ("备注", "Note")
MOST = 100_000


class StockReceipt(Form):
    """Goods that came in; a batch number already known gets more."""

    quantity = Whole(_QUANTITY, minimum=1, maximum=MOST, required=True, unit="piece")
    batch_no = Text(_BATCH, max_length=30)
    expires_on = Day(("有效期至", "Expires on"))
    note = Text(_NOTE, max_length=200, secrecy="free")


class StockCount(Form):
    """What was counted of a batch; the difference is booked."""

    quantity = Whole(_QUANTITY, minimum=0, maximum=MOST, required=True, unit="piece")
    batch_no = Text(_BATCH, max_length=30)
    note = Text(_NOTE, max_length=200, secrecy="free")


class Batch(Form):
    """What is there of a batch; goods without a batch number have an empty one."""

    batch_no = Text(_BATCH, max_length=30)
    expires_on = Day(("有效期至", "Expires on"))
    quantity = Whole(_QUANTITY, minimum=-MOST, maximum=MOST)


class Move(Form):
    """One change of the stock."""

    kind = Choice(("类别", "Kind"), MOVE_KINDS)
    quantity = Whole(_QUANTITY, minimum=-MOST, maximum=MOST)
    batch_no = Text(_BATCH, max_length=30)
    source = Text(("单号", "Belongs to"), max_length=40)
    note = Text(_NOTE, max_length=200, secrecy="free")
    moved_at = fields.AwareDateTime(metadata={"label": ("时间", "Moved at"), "class": "none"})
    moved_by = fields.UUID(metadata={"label": ("经手人", "Moved by"), "class": "none"})


class StockOfItem(Form):
    """An item's stock: all of it, by batch, and its last fifty moves."""

    quantity = Whole(_QUANTITY, minimum=-MOST, maximum=MOST)
    batches = fields.List(fields.Nested(Batch))
    moves = fields.List(fields.Nested(Move))
