"""The day board as it is answered: who works, what there is, what is booked, whose turn it is."""

from marshmallow import Schema, fields

from shared.domain.appointments.rules.resources import CONDITIONS, KINDS
from shared.domain.appointments.rules.stages import CHANNELS, STAGES
from shared.forms.fields import Choice


class Seat(Schema):
    """A person on the board, in the order of the turn queue."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    turn = fields.Integer(required=True, allow_none=True)
    is_paused = fields.Boolean(required=True)


class Thing(Schema):
    """A room or device on the board."""

    id = fields.Integer(required=True)
    kind = Choice(("类别", "Kind"), KINDS, required=True)
    name = fields.String(required=True)
    device_kind = fields.String(required=True, allow_none=True)
    condition = Choice(("状态", "Condition"), CONDITIONS, required=True)


class Booking(Schema):
    """An appointment on the board; `version` is what If-Match names when it is moved.

    Shape: `is_contraindicated` is told to whom the guest's health data are open, else it is false.
    """

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    number = fields.String(required=True)
    stage = Choice(("预约状态", "Stage"), STAGES, required=True)
    channel = Choice(("预约方式", "Booked by"), CHANNELS, required=True)
    start_at = fields.AwareDateTime(required=True)
    end_at = fields.AwareDateTime(required=True)
    customer = fields.Integer(required=True, allow_none=True)
    guest = fields.String(required=True)
    items = fields.List(fields.Integer(), required=True)
    item_names = fields.List(fields.String(), required=True)
    assigned_staff = fields.UUID(required=True, allow_none=True)
    requested_staff = fields.UUID(required=True, allow_none=True)
    room = fields.Integer(required=True, allow_none=True)
    equipment = fields.List(fields.Integer(), required=True)
    wishes = fields.String(required=True, allow_none=True)
    deposit_fen = fields.Integer(required=True, allow_none=True)
    deposit_paid_fen = fields.Integer(required=True)
    extra_minutes = fields.Integer(required=True)
    is_deliberate = fields.Boolean(required=True)
    is_contraindicated = fields.Boolean(required=True)
    arrived_at = fields.AwareDateTime(required=True, allow_none=True)
    greeted_at = fields.AwareDateTime(required=True, allow_none=True)


class OpenHours(Schema):
    """When the store is open on a day; a day on which it stays shut is not there."""

    day = fields.Date(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)


class Board(Schema):
    """Some days of the board in one answer."""

    zone = fields.String(required=True)
    hours = fields.List(fields.Nested(OpenHours), required=True)
    people = fields.List(fields.Nested(Seat), required=True)
    resources = fields.List(fields.Nested(Thing), required=True)
    appointments = fields.List(fields.Nested(Booking), required=True)
