"""What is said of a visit, step by step, and how it is answered.

Form: W2.
"""

from marshmallow import Schema, fields

from shared.domain.appointments.rules import visits as rules
from shared.forms.fields import Choice, Day, Fen, Form, Id, Person, Rows, Text, Whole
from shared.forms.kinds import Flag, Instant, Reference


class NewVisit(Form):
    """A guest who comes without a booking."""

    customer = Reference(("顾客", "Guest"), to="customers", required=True)
    staff = Person(("美容师", "Served by"))
    is_requested = Flag(("点客", "Asked for"))
    place = Reference(("房间 / 床位", "Room or bed"), to="places")


class Seating(Form):
    """Who serves a guest, and where."""

    staff = Person(("美容师", "Served by"))
    place = Reference(("房间 / 床位", "Room or bed"), to="places")


class Consultation(Form):
    """The interview begins: the guest's answer about health data, when the profile has none."""

    is_health_declined = Flag(("顾客不同意提供健康信息", "The guest gives no health data"))
    needs = Text(("顾客需求", "Needs"), max_length=300, multiline=True, secrecy="free")


class QuoteLine(Form):
    """One item of the quote; a price that is left out is the list price."""

    item = Reference(("项目", "Item"), to="items", required=True)
    pay_by = Choice(("结算方式", "Paid by"), rules.PAY_BY, required=True)
    card = Id(("卡", "Card"))
    price_fen = Fen(("价格", "Price"), maximum=rules.MAX_FEN)
    quantity = Whole(("数量", "Quantity"), minimum=1, maximum=99, load_default=1)
    note = Text(("顾问说明", "Consultant's note"), max_length=200, secrecy="free")


class Quote(Form):
    """What is to be done, how long it takes, what it costs; `is_agreed` when the guest said yes."""

    lines = Rows(("项目", "Items"), QuoteLine, most=rules.MOST_LINES, required=True)
    is_agreed = Flag(("顾客已同意", "The guest agrees"))


class Decision(Form):
    """The guest's answer to what was quoted and is not decided yet."""

    is_agreed = Flag(("顾客同意", "The guest agrees"), required=True)


class Start(Form):
    """A treatment begins: of this line, else of the next one; by this person, else who serves."""

    line = Id(("到店单行", "Line of the visit"))
    beautician = Person(("美容师", "Beautician"))
    assistant = Person(("助理", "Assistant"))
    equipment = Reference(("仪器", "Device"), to="devices")


class UsedProduct(Form):
    """A product used in a treatment."""

    item = Reference(("产品", "Product"), to="items", required=True)
    batch_no = Text(("批号", "Batch"), max_length=30)
    quantity = Whole(("数量", "Quantity"), minimum=1, maximum=99, required=True)


class UsedProducts(Form):
    """All products used in a treatment; an empty list takes them away."""

    products = fields.List(
        fields.Nested(UsedProduct),
        required=True,
        metadata={"label": ("使用产品", "Products used"), "class": "none"},
    )


class Farewell(Form):
    """The next date and the advice for home; what the cards say stands when left out."""

    next_on = Day(("下次护理日期", "Next date"))
    home_advice = Text(("居家建议", "Advice for home"), max_length=200, secrecy="free")


class Leaving(Form):
    """Why a guest leaves without a treatment."""

    reason = Choice(("离店原因", "Why"), rules.LEFT_REASONS, required=True)
    note = Text(("说明", "Note"), max_length=200, secrecy="free")


class VisitAsked(Form):
    """Visits of a business day, today's when left out."""

    day = Day(("日期", "Day"))


class LineOfVisit(Schema):
    """One item of a visit."""

    id = fields.Integer(required=True)
    item_id = fields.Integer(required=True)
    item = fields.String(required=True)
    quantity = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    pay_by = Choice(("结算方式", "Paid by"), rules.PAY_BY, required=True)
    card_id = fields.Integer(required=True, allow_none=True)
    price_fen = fields.Integer(required=True)
    is_extra = fields.Boolean(required=True)
    note = fields.String(required=True, allow_none=True)
    agreed_at = fields.AwareDateTime(required=True, allow_none=True)
    declined_at = fields.AwareDateTime(required=True, allow_none=True)
    asked_by = fields.UUID(required=True, allow_none=True)
    treatment_id = fields.Integer(required=True, allow_none=True)
    is_signed = fields.Boolean(required=True)


class StepTaken(Schema):
    """One step of a visit: who, when, why."""

    step = Choice(("操作", "Step"), rules.STEP_NAMES, required=True)
    stage = Choice(("阶段", "Stage"), rules.VISIT_STAGES, required=True)
    at = fields.AwareDateTime(required=True)
    by_id = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class Visit(Schema):
    """A visit as it stands; `If-Match` names `version`, the till takes `due_fen`.

    Units: `due_fen` is what is left when the `deposit_fen` paid for its appointment is taken off.
    """

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    business_date = fields.Date(required=True)
    customer_id = fields.Integer(required=True)
    guest = fields.String(required=True)
    appointment_id = fields.Integer(required=True, allow_none=True)
    stage = Choice(("阶段", "Stage"), rules.VISIT_STAGES, required=True)
    place_id = fields.Integer(required=True, allow_none=True)
    staff_id = fields.UUID(required=True, allow_none=True)
    is_requested = fields.Boolean(required=True)
    planned_at = Instant(("预约时间", "Planned for"), required=True)
    arrived_at = fields.AwareDateTime(required=True)
    greeted_at = fields.AwareDateTime(required=True, allow_none=True)
    is_health_declined = fields.Boolean(required=True)
    needs = fields.String(required=True, allow_none=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    promised_end_at = fields.AwareDateTime(required=True, allow_none=True)
    checked_at = fields.AwareDateTime(required=True, allow_none=True)
    is_on_time = fields.Boolean(required=True, allow_none=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    sale_id = fields.Integer(required=True, allow_none=True)
    next_on = fields.Date(required=True, allow_none=True)
    home_advice = fields.String(required=True, allow_none=True)
    left_at = fields.AwareDateTime(required=True, allow_none=True)
    left_reason = Choice(("离店原因", "Why"), rules.LEFT_REASONS, required=True, allow_none=True)
    deposit_fen = fields.Integer(required=True)
    due_fen = fields.Integer(required=True)
    lines = fields.List(fields.Nested(LineOfVisit), required=True)
    steps = fields.List(fields.Nested(StepTaken), required=True)


class VisitBoard(Schema):
    """The visits of a day."""

    items = fields.List(fields.Nested(Visit), required=True)
