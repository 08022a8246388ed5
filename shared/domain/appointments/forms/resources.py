"""Rooms, devices and turns as they are entered and shown."""

from marshmallow import validate

from shared.domain.appointments.rules.resources import CONDITIONS, KINDS, Condition
from shared.forms.fields import Choice, Form, Id, Person, Rows, Text, Whole
from shared.forms.kinds import Flag

MOST_TURNS = 100


class NewResource(Form):
    """A room, a bed or a device."""

    kind = Choice(("类别", "Kind"), KINDS, required=True)
    name = Text(("名称", "Name"), max_length=40, required=True)
    device_kind = Text(("仪器种类", "Kind of device"), max_length=40)
    condition = Choice(("状态", "Condition"), CONDITIONS, load_default=Condition.GOOD)
    is_active = Flag(("可预约", "In use"), load_default=True)
    place_no = Whole(("顺序", "Order"), minimum=0, maximum=9_999, load_default=0)


class Resource(NewResource):
    """A room or device as it stands."""

    id = Id(("序号", "Id"), required=True)
    version = Whole(("版本", "Version"), minimum=1, maximum=2**31 - 1, required=True)


class Turn(Form):
    """A person's place in the turn queue 轮牌, by its position in the list."""

    person = Person(("员工", "Person"), required=True)
    is_paused = Flag(("暂停", "Pauses"))


def _places(label: tuple[str, str]) -> Rows:
    """Declare a queue's places; it may be empty."""
    return Rows(
        label, Turn, most=MOST_TURNS, required=True, validate=validate.Length(0, MOST_TURNS)
    )


class Queue(Form):
    """The turn queue of a day, in its order."""

    places = _places(("轮牌", "Turns"))


class QueueChange(Queue):
    """A turn queue as it is to stand; `seen` is the one that was changed."""

    seen = _places(("所见轮牌", "Turns seen"))
