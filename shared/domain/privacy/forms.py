"""What is asked and answered about personal data."""

from marshmallow import Schema, fields

from shared.forms.fields import Form, Id, Text


class NewCopy(Form):
    """Why a copy of all that is held about a guest is made."""

    purpose = Text(("用途", "Purpose"), max_length=100, required=True, secrecy="free")


class NewErasure(Form):
    """Why a guest is erased; the number of the profile, typed, so that it is meant."""

    reason = Text(("原因", "Reason"), max_length=200, required=True, secrecy="free")
    number = Text(("档案编号", "Number of the profile"), max_length=40, required=True)


class Copy(Schema):
    """A copy and how far it has come; READY can be fetched once, by who asked for it."""

    id = Id(("序号", "Id"))
    state = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    file_name = fields.String(required=True)


class Erasure(Schema):
    """The receipt of an erasure; without `finished_at` it is still to be done.

    Shape: `erased` is table -> rows; `words` counts rows elsewhere that named the guest.
    """

    id = Id(("序号", "Id"))
    customer_id = Id(("顾客", "Guest"))
    reason = fields.String(required=True)
    asked_by = fields.UUID(required=True, allow_none=True)
    asked_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    erased = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    files = fields.Integer(required=True)
    words = fields.Integer(required=True)
