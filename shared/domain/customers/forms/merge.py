"""Two profiles that are one person."""

from marshmallow import fields

from shared.forms.fields import Form, Id, Text
from shared.forms.kinds import Reference


class NewMerge(Form):
    """Which profile stays, which is given up for it, and why."""

    kept_id = Reference(("保留的档案", "Profile that stays"), to="customers", required=True)
    gone_id = Reference(("并入的档案", "Profile given up"), to="customers", required=True)
    reason = Text(("原因", "Reason"), max_length=200, required=True, secrecy="free")


class Merge(NewMerge):
    """A merge as it stands; it can be taken back for thirty days."""

    id = Id(("序号", "Id"))
    merged_at = fields.AwareDateTime(metadata={"label": ("合并时间", "Merged at"), "class": "none"})
    merged_by = fields.UUID(metadata={"label": ("合并人", "Merged by"), "class": "none"})
    undone_at = fields.AwareDateTime(
        allow_none=True, metadata={"label": ("撤销时间", "Undone at"), "class": "none"}
    )
