"""The treatment card.

Form: F05 护理服务记录卡, all columns.
"""

from shared.domain.appointments.rules.visits import (
    ASSIGNED_BY,
    FEELINGS,
    LOWEST,
    MAX_FEN,
    PAY_BY,
    REACTIONS,
)
from shared.forms.conditions import OneOf, Present
from shared.forms.fields import Choice, Day, Fen, Id, Text, Whole
from shared.forms.kinds import Instant, Picture, Reference, References, Signature, Staff
from shared.forms.record import Record, Sheet

_SIGNED = Present("guest_sign")  # what a whole card has; until then it is open


class Treatment(Record):
    """One performed service.

    Units: what of it a card paid stands in `unit_value_fen` by specification 4.5; bonus money and
    gift sessions are 0.
    """

    sheet = Sheet(
        code="F05",
        name=("护理服务记录卡", "Treatment service card"),
        path="treatments",
        short=("护理卡", "Treatments"),
        resource="F05",
        sections={
            "what": ("护理", "Treatment"),
            "pay": ("结算", "Payment"),
            "skin": ("护理前后", "Before and after"),
            "used": ("产品与仪器", "Products and devices"),
            "guest": ("顾客感受", "The guest"),
            "next": ("下次护理", "Next time"),
        },
        columns=(
            "number", "started_at", "customer", "item", "beautician", "pay_by", "guest_feeling",
            "reaction", "state",
        ),
        filters=(
            "business_date", "customer", "item", "beautician", "pay_by", "guest_feeling",
            "reaction", "state",
        ),
        sorts=("-started_at", "started_at", "-id", "number"),
        searched=("number",),
        is_hand_made=True,
    )  # fmt: skip

    line = Id(("到店单行", "Line of the visit"), required=True, section="what", width=2)
    visit = Reference(("到店单", "Visit"), to="visits", dump_only=True, section="what", width=4)
    customer = Reference(("顾客", "Guest"), to="customers", dump_only=True, section="what", width=6)
    item = Reference(("项目", "Item"), to="items", dump_only=True, section="what", width=6)
    beautician = Staff(("美容师", "Beautician"), required=True, section="what", width=3)
    assistant = Staff(("助理", "Assistant"), section="what", width=3)
    assigned_by = Choice(
        ("派单方式", "Assigned by"), ASSIGNED_BY, required=True, section="what", width=4
    )
    started_at = Instant(
        ("开始时间", "Begun at"), past=True, required=True, section="what", width=4
    )
    ended_at = Instant(
        ("结束时间", "Ended at"), past=True, required_if=_SIGNED, section="what", width=4
    )

    pay_by = Choice(("结算方式", "Paid by"), PAY_BY, dump_only=True, section="pay", width=3)
    unit_value_fen = Fen(
        ("单次价值", "Value"), maximum=MAX_FEN, dump_only=True, section="pay", width=3
    )
    sessions_before = Whole(
        ("护理前余次", "Sessions before"), minimum=0, maximum=10_000, dump_only=True, section="pay",
        width=3,
    )  # fmt: skip
    sessions_after = Whole(
        ("护理后余次", "Sessions after"), minimum=0, maximum=10_000, dump_only=True, section="pay",
        width=3,
    )  # fmt: skip

    skin_before = Text(
        ("护理前状况", "Before"), max_length=300, multiline=True, secrecy="sensitive",
        section="skin", width=6,
    )  # fmt: skip
    skin_after = Text(
        ("护理后状况", "After"), max_length=300, multiline=True, secrecy="sensitive",
        section="skin", width=6,
    )  # fmt: skip
    photo_before = Picture(
        ("护理前照片", "Photo before"), secrecy="sensitive", section="skin", width=6
    )
    photo_after = Picture(
        ("护理后照片", "Photo after"), secrecy="sensitive", section="skin", width=6
    )
    reaction = Choice(
        ("不良反应", "Reaction"), REACTIONS, required_if=_SIGNED, secrecy="sensitive",
        section="skin", width=6,
    )  # fmt: skip

    products_used = Text(
        ("使用产品", "Products used"), max_length=600, dump_only=True, section="used", width=12
    )
    equipment = Reference(("仪器", "Device"), to="devices", section="used", width=6)
    parameters = Text(("参数", "Parameters"), max_length=100, section="used", width=6)

    guest_feeling = Choice(
        ("顾客感受", "The guest's feeling"), FEELINGS, required_if=_SIGNED, section="guest", width=4
    )
    feeling_reason = Text(
        ("不满意原因", "Why not satisfied"), max_length=200, secrecy="free",
        required_if=OneOf("guest_feeling", LOWEST), section="guest", width=8,
    )  # fmt: skip
    preferences = Text(
        ("护理偏好", "Preferences"), max_length=200, secrecy="free", section="guest", width=12,
        help=("力度、话题;下次护理时可见", "pressure, topics; shown the next time"),
    )  # fmt: skip
    guest_sign = Signature(("顾客确认签字", "Guest's signature"), section="guest", width=12)

    recommended = References(
        ("推荐项目 / 产品", "Recommended"), to="items", most=6, section="next", width=12
    )
    next_date = Day(("下次护理日期", "Next date"), section="next", width=4)
    home_advice = Text(
        ("居家建议", "Advice for home"), max_length=200, secrecy="free", section="next", width=8
    )
