"""All that is known of one guest as JSON: what the page of the guest shows."""

from typing import Any

from marshmallow import fields

from shared.domain.customers.forms.standing import ActivityStanding, GradeStanding
from shared.forms.fields import Day, Form, Id, Text, Whole, declared
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.frame import guest

blueprint = ApiBlueprint("guests", __name__, description="顾客一览 all of one guest")


class GuestStep(Form):
    """Something to be done."""

    stamp = Text(("类别", "Kind"), max_length=80)
    text = Text(("内容", "What"), max_length=400)


class GuestLine(Form):
    """One line of a part."""

    day = Day(("日期", "Date"))
    text = Text(("内容", "What"), max_length=1000)
    note = Text(("编号", "Number"), max_length=200)
    end = Text(("金额", "Amount"), max_length=80)
    url = Text(("页面", "Page"), max_length=400)


class GuestPart(Form):
    """What one capability knows of the guest: the newest lines."""

    key = Text(("部分", "Part"), max_length=40)
    title = Text(("名称", "Title"), max_length=80)
    count = Whole(("总数", "In all"), minimum=0, maximum=10**9)
    lines = fields.List(fields.Nested(GuestLine), **declared(("明细", "Lines"), {}))


class WholeGuest(Form):
    """One guest; parts that the asking person may not read are not there."""

    id = Id(("序号", "Id"))
    profile = fields.Dict(**declared(("档案", "Profile, as its own call gives it"), {}))
    grade = fields.Nested(GradeStanding, **declared(("等级", "Grade"), {}))
    activity = fields.Nested(ActivityStanding, **declared(("活跃状态", "Activity"), {}))
    steps = fields.List(fields.Nested(GuestStep), **declared(("下一步", "Next steps"), {}))
    parts = fields.List(fields.Nested(GuestPart), **declared(("各部分", "Parts"), {}))


@blueprint.call("GET", "/customers/<id:customer_id>/overview")
@requires("F04", "R", only="store")
@blueprint.gives(200, WholeGuest)
def overview(customer_id: int) -> dict[str, Any]:
    """Show all of one guest, newest lines first; own guests only for who reads own ones."""
    return guest.overview(db.session(), customer_id)
