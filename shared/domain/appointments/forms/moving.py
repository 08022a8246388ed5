"""What is said when an appointment moves on; free times; how well appointments are kept."""

from marshmallow import fields

from shared.domain.appointments.rules.stages import CANCEL_REASONS
from shared.forms.fields import Choice, Day, Form, Ratio, Text, Whole
from shared.forms.kinds import Instant


class Cancellation(Form):
    """Why an appointment is cancelled."""

    reason = Choice(("取消原因", "Why cancelled"), CANCEL_REASONS, required=True)
    note = Text(("说明", "Note"), max_length=200, secrecy="free")


class Slot(Form):
    """A free time: a person, a room and the devices that are needed, together."""

    start_at = Instant(("开始", "From"), required=True)
    end_at = Instant(("结束", "Until"), required=True)
    staff = fields.UUID(required=True, metadata={"label": ("美容师", "Served by"), "class": "none"})
    room = fields.Integer(required=True, metadata={"label": ("房间", "Room"), "class": "none"})
    equipment = fields.List(
        fields.Integer(), required=True, metadata={"label": ("仪器", "Devices"), "class": "none"}
    )


class Slots(Form):
    """Free times of a day."""

    slots = fields.List(fields.Nested(Slot), required=True)


class Span(Form):
    """Some business days, both ends included."""

    first = Day(("从", "From"), required=True)
    last = Day(("到", "To"), required=True)


class Kept(Form):
    """How well the appointments of some days were kept (C14); null without a base."""

    completed = Whole(("已完成", "Completed"), minimum=0, maximum=2**31 - 1)
    arrived = Whole(("已到店", "Arrived"), minimum=0, maximum=2**31 - 1)
    no_show = Whole(("爽约", "No-shows"), minimum=0, maximum=2**31 - 1)
    late_cancel = Whole(("临时取消", "Cancelled late"), minimum=0, maximum=2**31 - 1)
    requested = Whole(("点客", "Asked for"), minimum=0, maximum=2**31 - 1)
    no_show_rate = Ratio(("爽约率", "No-show rate"))
    keep_rate = Ratio(("到店率", "Keep rate"))
    requested_rate = Ratio(("点客率", "Requested share"))
