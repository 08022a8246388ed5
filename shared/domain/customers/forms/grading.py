"""The grading of customers, and what a manager says when a grade is set by hand.

Form: F02 顾客分级汇总表, all columns.
"""

from shared.domain.customers.rules.activity import ACTIVITIES
from shared.domain.customers.rules.grading import GRADES, MOVES, SEGMENTS
from shared.forms.fields import Choice, Day, Fen, Form, Ratio, Text, Whole
from shared.forms.kinds import Reference, Staff
from shared.forms.record import Record, Sheet

_MUCH = 10**12


class GradingRow(Record):
    """One guest of a grading; a job makes all of them."""

    sheet = Sheet(
        code="F02",
        name=("顾客分级汇总表", "Customer grading"),
        path="customer-gradings",
        short=("顾客分级", "Grades"),
        resource="F02",
        sections={
            "grade": ("等级", "Grade"),
            "spend": ("消费", "Spend"),
            "override": ("人工调整", "Set by hand"),
            "contact": ("拜访", "Contacts"),
        },
        columns=(
            "customer", "grade", "spend_12m_fen", "share", "cum_share", "rfm", "segment",
            "activity", "moved", "consultant", "next_contact",
        ),
        filters=("as_of", "grade", "segment", "activity", "moved", "consultant", "customer"),
        sorts=("-spend_12m_fen", "spend_12m_fen", "next_contact"),
        is_made=True,
        is_landscape=True,
    )  # fmt: skip

    as_of = Day(("截止日", "As of"), dump_only=True, section="grade", width=3)
    customer = Reference(
        ("顾客", "Customer"), to="customers", dump_only=True, section="grade", width=3
    )
    grade = Choice(("等级", "Grade"), GRADES, dump_only=True, section="grade", width=3)
    computed_grade = Choice(
        ("计算等级", "Computed grade"), GRADES, dump_only=True, section="grade", width=3
    )
    grade_before = Choice(
        ("上期等级", "Grade before"), GRADES, dump_only=True, section="grade", width=3
    )
    moved = Choice(("升降级", "Moved"), MOVES, dump_only=True, section="grade", width=3)
    activity = Choice(
        ("活跃状态", "Activity"), ACTIVITIES, dump_only=True, section="grade", width=6
    )

    spend_12m_fen = Fen(
        ("近12个月消费额", "Spend in 12 months"),
        maximum=_MUCH,
        dump_only=True,
        section="spend",
        width=3,
    )
    share = Ratio(("占比", "Share"), section="spend", width=3)
    cum_share = Ratio(("累计占比", "Cumulative share"), section="spend", width=3)
    visits_12m = Whole(
        ("近12个月到店", "Visits in 12 months"), minimum=0, maximum=10**6, dump_only=True,
        section="spend", width=3,
    )  # fmt: skip
    last_visit = Day(("最近到店", "Last visit"), dump_only=True, section="spend", width=3)
    rfm = Text(("RFM 码", "RFM"), max_length=3, dump_only=True, section="spend", width=3)
    segment = Choice(("客群", "Segment"), SEGMENTS, dump_only=True, section="spend", width=6)

    override_grade = Choice(
        ("人工等级", "Grade set by hand"), GRADES, dump_only=True, section="override", width=3
    )
    override_until = Day(("有效期", "Until"), dump_only=True, section="override", width=3)
    override_reason = Text(
        ("调整原因", "Why set by hand"), max_length=100, secrecy="free", dump_only=True,
        section="override", width=6,
    )  # fmt: skip

    consultant = Staff(("责任顾问", "Consultant"), dump_only=True, section="contact", width=3)
    contact_cycle = Whole(
        ("拜访周期(天)", "Contact cycle (days)"), minimum=1, maximum=365, dump_only=True,
        section="contact", width=3,
    )  # fmt: skip
    next_contact = Day(("下次联系日", "Next contact"), dump_only=True, section="contact", width=6)


class GradeOverride(Form):
    """A grade set by hand: which, why and until when."""

    grade = Choice(("等级", "Grade"), GRADES, required=True)
    reason = Text(("原因", "Reason"), max_length=100, required=True, secrecy="free")
    until = Day(("有效期", "Until"), required=True)
