"""Links through which guests give opinions."""

from marshmallow import fields

from shared.domain.surveys.rules import WAYS, Way
from shared.forms.fields import Choice, Day, Form, Id
from shared.forms.kinds import Reference

_KINDS = {way: label for way, label in WAYS.items() if way is not Way.PAPER}


class NewLink(Form):
    """For whom a link is; a tablet's is for nobody in particular."""

    kind = Choice(("类别", "Kind"), _KINDS, required=True)
    customer = Reference(("顾客", "Guest"), to="customers")
    visit_on = Day(("到店日期", "Day of the visit"))


class Link(Form):
    """A link as it stands, without its address."""

    id = Id(("序号", "Id"))
    kind = Choice(("类别", "Kind"), _KINDS)
    customer = Reference(("顾客", "Guest"), to="customers")
    made_at = fields.AwareDateTime(metadata={"label": ("生成时间", "Made at"), "class": "none"})
    expires_at = fields.AwareDateTime(
        metadata={"label": ("有效期至", "Valid until"), "class": "none"}
    )


class MadeLink(Link):
    """A link just made, with its address."""

    url = fields.String(required=True, metadata={"label": ("链接", "Address"), "class": "none"})
