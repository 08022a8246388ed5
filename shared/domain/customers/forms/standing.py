"""What programs read of a guest's grade and activity, of a grading summed up, of who stays away.

Form: F02, F07-B.
"""

from marshmallow import fields

from shared.domain.customers.rules.activity import ACTIVITIES
from shared.domain.customers.rules.grading import GRADES, MOVES, SEGMENTS
from shared.forms.fields import Choice, Day, Fen, Form, Id, Ratio, Text, Whole, declared
from shared.forms.kinds import Staff

_MUCH = 10**15
_MANY = 10**9


class GradeStanding(Form):
    """The grade of a guest, and why."""

    as_of = Day(("截止日", "As of"))
    grade = Choice(("等级", "Grade"), GRADES)
    computed_grade = Choice(("计算等级", "Computed grade"), GRADES)
    grade_before = Choice(("上期等级", "Grade before"), GRADES)
    moved = Choice(("升降级", "Moved"), MOVES)
    why_zh = Text(("分级说明(中文)", "Why, in Chinese"), max_length=200)
    why_en = Text(("分级说明(英文)", "Why, in English"), max_length=200)
    rfm = Text(("RFM 码", "RFM"), max_length=3)
    segment = Choice(("客群", "Segment"), SEGMENTS)
    spend_12m_fen = Fen(("近12个月消费额", "Spend in 12 months"), maximum=_MUCH)
    share = Ratio(("占比", "Share"))
    visits_12m = Whole(("近12个月到店", "Visits in 12 months"), minimum=0, maximum=_MANY)
    override_grade = Choice(("人工等级", "Grade set by hand"), GRADES)
    override_reason = Text(("调整原因", "Why set by hand"), max_length=100, secrecy="free")
    override_until = Day(("有效期", "Until"))
    contact_cycle = Whole(("拜访周期(天)", "Contact cycle (days)"), minimum=1, maximum=365)


class ActivityStanding(Form):
    """How active a guest is."""

    state = Choice(("活跃状态", "Activity"), ACTIVITIES)
    since = Day(("开始日", "Since"))
    judged_on = Day(("判定日", "Judged on"))
    last_visit = Day(("最近到店", "Last visit"))
    away_days = Whole(("未到店天数", "Days away"), minimum=0, maximum=_MANY)
    spend_12m_fen = Fen(("近12个月消费额", "Spend in 12 months"), maximum=_MUCH)
    at_risk_fen = Fen(("风险金额", "Value at risk"), maximum=_MUCH)
    next_contact = Day(("下次联系日", "Next contact"))


class GradeShare(Form):
    """One grade of a grading."""

    grade = Choice(("等级", "Grade"), GRADES)
    guests = Whole(("人数", "Guests"), minimum=0, maximum=_MANY)
    guests_share = Ratio(("人数占比", "Share of guests"))
    spend_fen = Fen(("消费额", "Spend"), maximum=_MUCH)
    spend_share = Ratio(("消费占比", "Share of spend"))
    visits = Whole(("到店次数", "Visits"), minimum=0, maximum=_MANY)
    average_spend_fen = Fen(("人均消费", "Average spend"), maximum=_MUCH, allow_none=True)
    moved_up = Whole(("升级", "Moved up"), minimum=0, maximum=_MANY)
    moved_down = Whole(("降级", "Moved down"), minimum=0, maximum=_MANY)
    without_consultant = Whole(("无责任顾问", "Without consultant"), minimum=0, maximum=_MANY)


class GradeSummary(Form):
    """A grading summed up; without one the day is empty."""

    as_of = Day(("截止日", "As of"), allow_none=True)
    grades = fields.List(
        fields.Nested(GradeShare), **declared(("各等级", "Grades"), {"dump_only": True})
    )


class LapsingGuest(ActivityStanding):
    """A guest who stays away."""

    id = Id(("序号", "Id"))
    number = Text(("顾客编号", "Customer number"), max_length=40)
    name = Text(("姓名", "Name"), max_length=80, secrecy="personal")
    phone = Text(("电话", "Phone"), max_length=20, secrecy="personal")  # masked
    grade = Choice(("等级", "Grade"), GRADES)
    consultant = Staff(("责任顾问", "Consultant"))
    balance_fen = Fen(("储值余额", "Stored value"), maximum=_MUCH)
    sessions_left = Whole(("剩余次数", "Sessions left"), minimum=0, maximum=_MANY)


class LapseAsked(Form):
    """Which guests who stay away; all of them when nothing is said."""

    state = Choice(("活跃状态", "Activity"), ACTIVITIES)
    grade = Choice(("等级", "Grade"), GRADES)
    consultant = Staff(("责任顾问", "Consultant"))


class BirthdayGuest(Form):
    """A guest whose birthday comes."""

    id = Id(("序号", "Id"))
    on = Day(("生日", "Birthday"))
    number = Text(("顾客编号", "Customer number"), max_length=40)
    name = Text(("姓名", "Name"), max_length=80, secrecy="personal")
    phone = Text(("电话", "Phone"), max_length=20, secrecy="personal")  # masked
    grade = Choice(("等级", "Grade"), GRADES)
    consultant = Staff(("责任顾问", "Consultant"))
    may_be_greeted = fields.Boolean(**declared(("可发祝福", "May be greeted"), {"dump_only": True}))
