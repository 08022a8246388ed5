"""What programs ask of traffic, and the answers: the heat map, windows, retention, arrivals.

Form: F07.
Units: averages are texts with four decimals, per open day; rates are texts, null without a base.
"""

from enum import StrEnum

from marshmallow import Schema, fields

from shared.domain.appointments.rules.stages import CHANNELS
from shared.domain.appointments.rules.visits import VISIT_STAGES
from shared.domain.catalog.rules import LABELS as CATEGORIES
from shared.domain.customers.rules.activity import ACTIVITIES
from shared.domain.traffic.rules.heat import MARK_LABELS
from shared.domain.traffic.rules.retention import GROUP_LABELS
from shared.forms.fields import Choice, Day, Fen, Form, Id, Ratio, Text, Whole
from shared.forms.kinds import Flag, Instant

_MANY = 10**9


class Guests(StrEnum):
    """Whose arrivals: new guests' or those of who came before."""

    NEW = "NEW"
    RETURNING = "RETURNING"


GUEST_LABELS: dict[Guests, tuple[str, str]] = {
    Guests.NEW: ("新客", "New"),
    Guests.RETURNING: ("老客", "Returning"),
}


class HeatCell(Form):
    """One hour of a weekday; `mark` is null for a normal or a closed hour."""

    weekday = Whole(("星期", "Weekday"), minimum=1, maximum=7)
    hour = Whole(("小时", "Hour"), minimum=0, maximum=23)
    arrivals = Whole(("到店人次", "Arrivals"), minimum=0, maximum=_MANY)
    average = Ratio(("营业日平均", "Average per open day"))
    is_open = Flag(("营业时间内", "Inside opening hours"))
    mark = Choice(("标记", "Mark"), MARK_LABELS, allow_none=True)
    suggested = Whole(
        ("建议美容师", "Suggested beauticians"), minimum=0, maximum=_MANY, allow_none=True
    )


class PromotionWindow(Form):
    """Slack hours in a row, from `first` to before `until`."""

    weekday = Whole(("星期", "Weekday"), minimum=1, maximum=7)
    first = Whole(("开始", "From"), minimum=0, maximum=23)
    until = Whole(("结束", "Until"), minimum=1, maximum=24)
    free_minutes = Whole(
        ("预计空闲分钟", "Free minutes"), minimum=0, maximum=_MANY, allow_none=True
    )


class OpenDays(Form):
    """How many open days of a weekday the range has."""

    weekday = Whole(("星期", "Weekday"), minimum=1, maximum=7)
    days = Whole(("营业天数", "Open days"), minimum=0, maximum=_MANY)


class TrafficMap(Form):
    """The heat map; nobody's roster is kept yet, so rostered people and the gap are not there."""

    first = Day(("开始日", "First day"))
    last = Day(("截止日", "Last day"))
    weeks = Whole(("有数据的周数", "Weeks with data"), minimum=0, maximum=53)
    is_small = Flag(("样本不足", "Small sample"))
    arrivals = Whole(("到店人次", "Arrivals"), minimum=0, maximum=_MANY)
    average_minutes = Whole(
        ("平均护理分钟", "Average treatment minutes"), minimum=0, maximum=_MANY, allow_none=True
    )
    base = Ratio(("营业时段平均", "Mean of the open hours"), allow_none=True)
    open_days = fields.List(fields.Nested(OpenDays))
    cells = fields.List(fields.Nested(HeatCell))
    windows = fields.List(fields.Nested(PromotionWindow))


class GroupCount(Form):
    """One group of guests."""

    group = Choice(("顾客群", "Group"), GROUP_LABELS)
    guests = Whole(("人数", "Guests"), minimum=0, maximum=_MANY)


class StateCount(Form):
    """How many guests are in a state of activity now."""

    state = Choice(("活跃状态", "Activity"), ACTIVITIES)
    guests = Whole(("人数", "Guests"), minimum=0, maximum=_MANY)
    at_risk_fen = Fen(("风险金额", "Value at risk"), maximum=10**15)


class RetentionShown(Form):
    """Who came again in the range, by number and rate; who stays away now."""

    first = Day(("开始日", "First day"))
    last = Day(("截止日", "Last day"))
    returning_rate = Ratio(("留存率", "Returning rate"), allow_none=True)
    second_visit_rate = Ratio(("新客二次到店率", "Second-visit rate"), allow_none=True)
    groups = fields.List(fields.Nested(GroupCount))
    states = fields.List(fields.Nested(StateCount))


class ArrivalShown(Form):
    """One arrival."""

    id = Id(("序号", "Id"))
    number = Text(("到店单号", "Visit"), max_length=20)
    business_date = Day(("营业日", "Business day"))
    arrived_at = Instant(("到店时间", "Arrived at"))
    stage = Choice(("状态", "Stage"), VISIT_STAGES)
    customer_id = Id(("顾客", "Customer"))
    channel = Choice(("预约渠道", "Channel"), CHANNELS)
    is_new = Flag(("新客", "New guest"))


class ArrivalsShown(Schema):
    """The arrivals behind a number, the newest first; `count` tells of more than are listed."""

    rows = fields.List(fields.Nested(ArrivalShown), required=True)
    count = fields.Integer(required=True)


CHOICES: dict[str, frozenset[str]] = {
    "category": frozenset(CATEGORIES),
    "guests": frozenset(GUEST_LABELS),
    "channel": frozenset(CHANNELS),
}
