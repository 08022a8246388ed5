"""The appointment record.

Form: F03 客户预约记录表, all columns.
"""

from shared.domain.appointments.rules.stages import (
    CANCEL_REASONS,
    CHANNELS,
    STAGES,
    Channel,
)
from shared.forms.conditions import Present, Unless
from shared.forms.fields import Choice, Fen, Text, Whole
from shared.forms.kinds import Flag, Instant, PersonName, Phone, Reference, References, Staff
from shared.forms.record import Record, Sheet

MOST_ITEMS = 6
MAX_DEPOSIT_FEN = 1_000_000_00
MOST_EXTRA_MINUTES = 480
_FIRST_TIMER = Unless(Present("customer"))

# What a guest fills in without an account; the store adds the rest.
GUEST_FIELDS = ("contact_name", "contact_phone", "start_at", "items", "requested_staff", "wishes")


class Appointment(Record):
    """One booking.

    Units: `duration` holds ten minutes of change-over and `extra_minutes`; money is fen.
    """

    sheet = Sheet(
        code="F03",
        name=("客户预约记录表", "Appointment record"),
        path="appointments",
        short=("预约记录", "Appointments"),
        resource="F03",
        second="F03_overlap",
        sections={
            "guest": ("顾客", "Guest"),
            "what": ("预约内容", "What and when"),
            "who": ("人员、房间与仪器", "Staff, room and devices"),
            "result": ("状态", "State"),
        },
        columns=(
            "number", "start_at", "customer", "contact_name", "items", "assigned_staff", "room",
            "channel", "stage",
        ),
        filters=(
            "business_date", "start_at", "stage", "customer", "assigned_staff", "requested_staff",
            "channel", "cancel_reason", "is_late_cancel", "state",
        ),
        sorts=("-start_at", "start_at", "-id", "number"),
        searched=("number", "contact_name", "contact_phone"),
        is_landscape=True,
    )  # fmt: skip

    customer = Reference(("顾客", "Guest"), to="customers", section="guest", width=4)
    contact_name = PersonName(
        ("姓名", "Name"), required_if=_FIRST_TIMER, section="guest", width=3,
        help=("初次来店的顾客填写", "of somebody who comes for the first time"),
    )  # fmt: skip
    contact_phone = Phone(("电话", "Phone"), required_if=_FIRST_TIMER, section="guest", width=3)
    channel = Choice(("预约方式", "Booked by"), CHANNELS, required=True, section="guest", width=2)

    start_at = Instant(("预约时间", "Time"), required=True, section="what", width=3)
    end_at = Instant(("预计结束", "Until"), dump_only=True, section="what", width=3)
    duration = Whole(
        ("预计时长", "Duration"), minimum=0, maximum=10_000, dump_only=True, unit="minute",
        section="what", width=2,
    )  # fmt: skip
    extra_minutes = Whole(
        ("加时", "Extra time"), minimum=-MOST_EXTRA_MINUTES, maximum=MOST_EXTRA_MINUTES,
        unit="minute", section="what", width=2,
        help=("项目时长之外多留或少留的时间", "more or less than the items take"),
    )  # fmt: skip
    items = References(
        ("预约项目", "Items"), to="items", most=MOST_ITEMS, required=True, section="what", width=12
    )
    wishes = Text(
        ("特别交代", "Wishes"), max_length=300, multiline=True, secrecy="free", section="what",
        width=12,
    )  # fmt: skip

    requested_staff = Staff(("指定美容师(点客)", "Asked for"), section="who", width=3)
    assigned_staff = Staff(("服务美容师", "Served by"), section="who", width=3)
    room = Reference(("房间 / 床位", "Room or bed"), to="places", section="who", width=3)
    equipment = References(
        ("仪器", "Devices"), to="devices", most=MOST_ITEMS, section="who", width=12
    )

    readback_done = Flag(("已复述确认", "Read back"), section="result", width=3)
    deposit_fen = Fen(("定金", "Deposit"), maximum=MAX_DEPOSIT_FEN, section="result", width=3)
    deposit_paid_fen = Fen(
        ("已收定金", "Deposit paid"), maximum=MAX_DEPOSIT_FEN, dump_only=True, section="result",
        width=3,
    )  # fmt: skip
    stage = Choice(("预约状态", "Stage"), STAGES, dump_only=True, section="result", width=3)
    arrived_at = Instant(("到店时间", "Arrived at"), dump_only=True, section="result", width=3)
    greeted_at = Instant(("迎接时间", "Greeted at"), dump_only=True, section="result", width=3)
    cancel_reason = Choice(
        ("取消原因", "Why cancelled"), CANCEL_REASONS, dump_only=True, section="result", width=3
    )
    is_late_cancel = Flag(
        ("临时取消(<2小时)", "Cancelled late (< 2 h)"), dump_only=True, section="result", width=3
    )


READ_BACK = frozenset({Channel.PHONE})
