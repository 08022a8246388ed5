"""Samples and gifts handed out.

Form: F01 样品及礼品派送记录表, all columns.
"""

from shared import money
from shared.domain.catalog.rules import (
    HANDOUT_KINDS,
    HANDOUT_REASONS,
    SIGNED_FROM_FEN,
    HandoutKind,
    HandoutReason,
)
from shared.forms.conditions import AtLeast, Every, OneOf, Unless
from shared.forms.fields import Choice, Fen, Text, Whole
from shared.forms.kinds import Flag, Instant, Reference, Signature, Staff
from shared.forms.record import Record, Sheet

_SIGNED = Every((OneOf("kind", (HandoutKind.GIFT,)), AtLeast("cost_fen", SIGNED_FROM_FEN)))
_STREET = Every((OneOf("kind", (HandoutKind.SAMPLE,)), OneOf("reason", (HandoutReason.CAMPAIGN,))))


class Handout(Record):
    """One sample, gift or trial treatment given to somebody.

    Units: money is fen; the cost is what the item costs when it is handed out.
    """

    sheet = Sheet(
        code="F01",
        name=("样品及礼品派送记录表", "Sample and gift log"),
        path="handouts",
        short=("样品与礼品", "Samples and gifts"),
        resource="F01",
        sections={
            "what": ("派送内容", "What was given"),
            "whom": ("派送对象与原因", "To whom and why"),
            "result": ("签收与跟进", "Receipt and follow-up"),
        },
        columns=(
            "number",
            "handed_at",
            "kind",
            "item",
            "qty",
            "cost_fen",
            "customer",
            "reason",
            "converted_30d",
        ),
        filters=(
            "handed_at",
            "kind",
            "item",
            "customer",
            "reason",
            "handed_by",
            "converted_30d",
            "state",
        ),
        sorts=("-handed_at", "handed_at", "-cost_fen", "number"),
        searched=("number", "batch_no", "campaign"),
        is_landscape=True,
    )

    handed_at = Instant(
        ("派送时间", "Handed out at"), past=True, required=True, section="what", width=3
    )
    kind = Choice(("类别", "Kind"), HANDOUT_KINDS, required=True, section="what", width=3)
    item = Reference(("品名", "Item"), to="items", required=True, section="what", width=6)
    batch_no = Text(("批号", "Batch"), max_length=30, section="what", width=3)
    qty = Whole(
        ("数量", "Quantity"),
        minimum=1,
        maximum=99,
        required=True,
        unit="piece",
        section="what",
        width=3,
    )
    unit_cost_fen = Fen(
        ("单位成本", "Unit cost"), maximum=money.MAX_FEN, dump_only=True, section="what", width=3
    )
    cost_fen = Fen(
        ("成本合计", "Cost"), maximum=money.MAX_FEN * 99, dump_only=True, section="what", width=3
    )

    customer = Reference(
        ("顾客", "Customer"), to="customers", required_if=Unless(_STREET), section="whom", width=6
    )
    reason = Choice(("派送原因", "Reason"), HANDOUT_REASONS, required=True, section="whom", width=6)
    case_ref = Text(
        ("投诉单号", "Complaint number"), max_length=40,
        required_if=OneOf("reason", (HandoutReason.COMPLAINT,)), section="whom", width=6,
    )  # fmt: skip
    campaign = Text(
        ("活动", "Campaign"), max_length=60,
        required_if=OneOf("reason", (HandoutReason.CAMPAIGN,)), section="whom", width=6,
    )  # fmt: skip

    handed_by = Staff(("派送人", "Handed out by"), required=True, section="result", width=3)
    approved_by = Staff(("批准人", "Approved by"), dump_only=True, section="result", width=3)
    receiver_sign = Signature(
        ("领取人签署", "Receiver's signature"),
        required_if=_SIGNED, section="result", width=6,
    )  # fmt: skip
    feedback = Text(
        ("使用反馈", "Feedback"), max_length=200, multiline=True, secrecy="free",
        section="result", width=9,
    )  # fmt: skip
    converted_30d = Flag(
        ("30天内成交", "Bought within 30 days"), dump_only=True, section="result", width=3
    )
