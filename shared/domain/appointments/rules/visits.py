"""What a visit is: its stages and the only steps between them, how it is paid, what a card says.

Form: W2; F05. A step that is not in the table is refused with STATE.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import errors
from shared.domain.appointments.rules.stages import CancelReason

WAITS_AT_MOST = timedelta(minutes=10)
GREETED_WITHIN = timedelta(minutes=1)  # SLA-03
LONGEST = timedelta(hours=6)
MOST_LINES = 12
MAX_FEN = 1_000_000_00


class VisitStage(enum.StrEnum):
    """Where a guest is in the house."""

    WAITING = "WAITING"
    CONSULTING = "CONSULTING"
    QUOTED = "QUOTED"
    IN_SERVICE = "IN_SERVICE"
    CHECKED = "CHECKED"
    SETTLED = "SETTLED"
    LEFT = "LEFT"


VISIT_STAGES: dict[VisitStage, tuple[str, str]] = {
    VisitStage.WAITING: ("等候", "Waiting"),
    VisitStage.CONSULTING: ("咨询诊断", "Consulting"),
    VisitStage.QUOTED: ("估价确认", "Quoted"),
    VisitStage.IN_SERVICE: ("护理中", "In treatment"),
    VisitStage.CHECKED: ("效果确认", "Checked"),
    VisitStage.SETTLED: ("结算", "Settled"),
    VisitStage.LEFT: ("离店", "Left"),
}


class Step(enum.StrEnum):
    """What is done with a visit; ARRIVE and GREET change no stage."""

    ARRIVE = "ARRIVE"
    GREET = "GREET"
    CONSULT = "CONSULT"
    QUOTE = "QUOTE"
    AGREE = "AGREE"
    START = "START"
    EXTRA = "EXTRA"
    CHECK = "CHECK"
    SETTLE = "SETTLE"
    FAREWELL = "FAREWELL"
    LEAVE = "LEAVE"


STEP_NAMES: dict[Step, tuple[str, str]] = {
    Step.ARRIVE: ("到店登记", "Checked in"),
    Step.GREET: ("迎接", "Greeted"),
    Step.CONSULT: ("开始咨询", "Consultation begun"),
    Step.QUOTE: ("估价", "Quoted"),
    Step.AGREE: ("顾客同意", "Guest decided"),
    Step.START: ("开始护理", "Treatment begun"),
    Step.EXTRA: ("加做项目", "Extra item proposed"),
    Step.CHECK: ("效果确认", "Result checked"),
    Step.SETTLE: ("结算", "Settled"),
    Step.FAREWELL: ("送别", "Farewell"),
    Step.LEAVE: ("未护理离店", "Left without treatment"),
}

_S = VisitStage
STEPS: Mapping[Step, tuple[frozenset[VisitStage], VisitStage]] = {
    Step.CONSULT: (frozenset({_S.WAITING}), _S.CONSULTING),
    Step.QUOTE: (frozenset({_S.CONSULTING}), _S.QUOTED),
    Step.START: (frozenset({_S.QUOTED}), _S.IN_SERVICE),
    Step.EXTRA: (frozenset({_S.IN_SERVICE}), _S.QUOTED),
    Step.CHECK: (frozenset({_S.IN_SERVICE}), _S.CHECKED),
    Step.SETTLE: (frozenset({_S.CHECKED}), _S.SETTLED),
    Step.FAREWELL: (frozenset({_S.SETTLED}), _S.LEFT),
    Step.LEAVE: (frozenset({_S.WAITING, _S.CONSULTING, _S.QUOTED}), _S.LEFT),
}
OVER = frozenset({_S.SETTLED, _S.LEFT})  # nothing is left to be paid


class PayBy(enum.StrEnum):
    """F05 pay_by: how one item is paid."""

    SINGLE = "SINGLE"
    STORED = "STORED"
    PACKAGE = "PACKAGE"
    GIFT = "GIFT"
    REWORK = "REWORK"


PAY_BY: dict[PayBy, tuple[str, str]] = {
    PayBy.SINGLE: ("单次付费", "Single payment"),
    PayBy.STORED: ("储值卡", "Stored-value card"),
    PayBy.PACKAGE: ("疗程卡", "Package card"),
    PayBy.GIFT: ("赠送", "Gift"),
    PayBy.REWORK: ("返做", "Done again"),
}
BY_CARD = frozenset({PayBy.STORED, PayBy.PACKAGE})


class AssignedBy(enum.StrEnum):
    """F05: how the beautician was found."""

    REQUESTED = "REQUESTED"
    TURN = "TURN"
    CONSULTANT = "CONSULTANT"


ASSIGNED_BY: dict[AssignedBy, tuple[str, str]] = {
    AssignedBy.REQUESTED: ("点客", "Asked for"),
    AssignedBy.TURN: ("轮牌", "By turn"),
    AssignedBy.CONSULTANT: ("顾问安排", "By the consultant"),
}


class Reaction(enum.StrEnum):
    """F05: how the skin reacted."""

    NONE = "NONE"
    REDNESS = "REDNESS"
    ITCHING = "ITCHING"
    PAIN = "PAIN"
    SWELLING = "SWELLING"
    OTHER = "OTHER"


REACTIONS: dict[Reaction, tuple[str, str]] = {
    Reaction.NONE: ("无", "None"),
    Reaction.REDNESS: ("泛红", "Redness"),
    Reaction.ITCHING: ("瘙痒", "Itching"),
    Reaction.PAIN: ("疼痛", "Pain"),
    Reaction.SWELLING: ("红肿", "Swelling"),
    Reaction.OTHER: ("其他", "Other"),
}


class Feeling(enum.StrEnum):
    """C10: the five levels of satisfaction."""

    VERY_SATISFIED = "VERY_SATISFIED"
    SATISFIED = "SATISFIED"
    NEUTRAL = "NEUTRAL"
    DISSATISFIED = "DISSATISFIED"
    VERY_DISSATISFIED = "VERY_DISSATISFIED"


FEELINGS: dict[Feeling, tuple[str, str]] = {
    Feeling.VERY_SATISFIED: ("非常满意", "Very satisfied"),
    Feeling.SATISFIED: ("比较满意", "Satisfied"),
    Feeling.NEUTRAL: ("一般", "Neutral"),
    Feeling.DISSATISFIED: ("比较不满意", "Dissatisfied"),
    Feeling.VERY_DISSATISFIED: ("非常不满意", "Very dissatisfied"),
}
LOWEST = (Feeling.DISSATISFIED, Feeling.VERY_DISSATISFIED)


class LeftReason(enum.StrEnum):
    """Why a guest left without a treatment."""

    WAITED = "WAITED"
    PRICE = "PRICE"
    HEALTH = "HEALTH"
    CHANGED = "CHANGED"
    OTHER = "OTHER"


LEFT_REASONS: dict[LeftReason, tuple[str, str]] = {
    LeftReason.WAITED: ("等候过久", "Waited too long"),
    LeftReason.PRICE: ("价格", "Price"),
    LeftReason.HEALTH: ("不适合护理", "Not fit for the treatment"),
    LeftReason.CHANGED: ("改变主意", "Changed their mind"),
    LeftReason.OTHER: ("其他", "Other"),
}
CANCELS = {
    LeftReason.WAITED: CancelReason.STORE,
    LeftReason.OTHER: CancelReason.OTHER,
}  # the others are the guest's own


class VisitStepRefused(errors.Conflict):
    """The visit is not in a state in which this can be done."""

    zh = "当前状态不能执行该操作"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of a quote before it is kept; a price that is left out is the list price."""

    item_id: int
    pay_by: PayBy
    price_fen: int | None = None
    card_id: int | None = None
    quantity: int = 1
    note: str | None = None  # the consultant's, where the guest's health asks for one


def check_visit_step(now: VisitStage, step: Step) -> VisitStage:
    """Give the stage to which a step leads from one.

    Raises: VisitStepRefused.
    """
    allowed, to = STEPS[step]
    if now not in allowed:
        raise VisitStepRefused(now=str(now), step=str(step))
    return to


def promised_end(started_at: datetime, minutes: Iterable[int]) -> datetime:
    """Say when the guest will be done: the minutes of all agreed treatments after the start."""
    return started_at + timedelta(minutes=sum(minutes))


def cancel_reason(reason: LeftReason) -> CancelReason:
    """Say why the booking of a guest who left is cancelled."""
    return CANCELS.get(reason, CancelReason.CUSTOMER)
