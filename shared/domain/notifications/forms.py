"""The forms of the notifications: the inbox as it is asked for and answered.

Form: specification 11.
"""

from marshmallow import fields

from shared.forms.fields import Form, Id, Whole


class Notice(Form):
    """One notice in the inbox, in both languages."""

    id = Id(("序号", "Id"), required=True)
    event = fields.String(required=True)
    text_zh = fields.String(required=True)
    text_en = fields.String(required=True)
    count = Whole(("条数", "How many"), required=True, minimum=1, maximum=2**31 - 1)
    due_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class Unread(Form):
    """How much waits to be read; 100 stands for more."""

    unread = Whole(("未读", "Unread"), required=True, minimum=0, maximum=100)
