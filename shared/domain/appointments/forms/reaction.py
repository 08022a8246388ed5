"""What a guest tells of a reaction after the card was signed, and how it is answered.

Form: F05 reaction; what F06 will take over.
"""

from marshmallow import Schema, fields

from shared.domain.appointments.rules.visits import REACTIONS, Reaction
from shared.forms.fields import Choice, Form, Key, Text

BAD = {code: text for code, text in REACTIONS.items() if code is not Reaction.NONE}


class NewLateReaction(Form):
    """A reaction told later; `key` sent again is the same."""

    key = Key(required=True)
    reaction = Choice(("不良反应", "Reaction"), BAD, required=True, secrecy="sensitive")
    words = Text(("顾客原话", "The guest's words"), max_length=500, multiline=True, secrecy="free")


class LateReaction(Schema):
    """A reaction that was told later."""

    id = fields.Integer(required=True)
    reaction = Choice(("不良反应", "Reaction"), BAD, required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    treated_on = fields.Date(required=True)
    told_on = fields.Date(required=True)
    told_at = fields.AwareDateTime(required=True)
    told_to = fields.UUID(required=True, allow_none=True)


class LateReactions(Schema):
    """What was told after one card was signed, the first first."""

    items = fields.List(fields.Nested(LateReaction), required=True)
