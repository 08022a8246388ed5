"""Lead a guest from the quote to the door: served, looked at, settled, seen off.

Form: W2. The steps there are stand in rules/visits.py.
Locks: the visit, then its appointment; its month, shared.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.events import GuestLeft
from shared.domain.appointments.models.visits import Treatment, Visit, VisitLine
from shared.domain.appointments.queries import board
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.stages import Stage
from shared.domain.appointments.rules.visits import (
    AssignedBy,
    PayBy,
    Step,
    VisitStage,
)
from shared.domain.appointments.service import moving, quoting, treating, visit_steps
from shared.domain.cards.queries import cards
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.errors import Problem, problem
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.forms.texts import yuan_text
from shared.records import service as records
from shared.records.register import Editor


class CardsOpen(errors.Conflict):
    """A treatment card of this visit is not finished."""

    zh = "有护理卡未完成"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Which treatment begins, and who does it; what is left out follows from the visit."""

    line_id: int | None = None
    beautician: UUID | None = None
    assistant: UUID | None = None
    equipment: int | None = None


def start(session: Session, visit: Visit, begun: Begun, *, by: Editor) -> Treatment | None:
    """Begin the next treatment that the guest agreed to, or go on after an extra item was declined.

    Opens its card F05; the promised end counts from the first one.
    Raises: FormInvalid (CONSENT while something is undecided or nothing agreed), rules.
        VisitStepRefused, periods.MonthClosed.
    """
    agreed = _agreed(session, visit)
    if visit.stage == VisitStage.QUOTED and (quoting.undecided(session, visit) or not agreed):
        _raise_if([problem("lines", "CONSENT", zh="顾客尚未同意估价", en="the guest has to agree")])
    line = _next_line(session, visit, agreed, begun)
    if visit.stage == VisitStage.QUOTED:
        visit_steps.move(session, visit, Step.START, by=by)
    elif line is None:
        raise rules.VisitStepRefused(now=visit.stage, step=str(Step.START))
    else:
        visit.version += 1
        visit_steps.note(session, visit, Step.START, by=by)
    visit.started_at = visit.started_at or by.now
    minutes = [one.minutes for one in agreed]
    visit.promised_end_at = rules.promised_end(visit.started_at, minutes)
    if booking := moving.booking_of(session, visit, Stage.ARRIVED):
        moving.step(session, booking, Stage.IN_SERVICE, by=by)
    if line is None:
        return None
    session.flush()  # the card is judged against the visit
    return _card_begun(session, visit, line, begun, by)


def drop_line(session: Session, visit: Visit, line_id: int, *, by: Editor) -> None:
    """Take back what the guest agreed to and was not begun.

    Raises: FormInvalid (NOT_FOUND), rules.VisitStepRefused.
    """
    if visit.stage not in (VisitStage.IN_SERVICE, VisitStage.CHECKED):
        raise rules.VisitStepRefused(now=visit.stage, step=str(Step.AGREE))
    free = {one.id: one for one in _without_card(session, visit, _agreed(session, visit))}
    if line_id not in free:
        _raise_if([problem("line", "NOT_FOUND")])
    free[line_id].agreed_at, free[line_id].declined_at = None, by.now
    visit.version += 1
    visit_steps.note(session, visit, Step.AGREE, by=by, reason="-")


def check_result(session: Session, visit: Visit, *, by: Editor) -> None:
    """Let the guest look at the result; on time or late against the promised end.

    Raises: CardsOpen naming each card that says no end or feeling yet, rules.VisitStepRefused.
    """
    rules.check_visit_step(VisitStage(visit.stage), Step.CHECK)
    agreed = _agreed(session, visit)
    missing = [
        _open_problem(one, "未护理", "not begun")
        for one in _without_card(session, visit, agreed)
        if one.minutes  # a product needs no card
    ]
    for card in queries.cards_of(session, [visit.id]).get(visit.id, []):
        if card.ended_at is None or card.guest_feeling is None:
            missing.append(_card_problem(card, "未填写结束时间与顾客感受", "has no end or feeling"))
    if missing:
        raise CardsOpen(problems=tuple(missing))
    visit_steps.move(session, visit, Step.CHECK, by=by)
    visit.checked_at = by.now
    visit.is_on_time = visit.promised_end_at is None or by.now <= visit.promised_end_at
    if booking := moving.booking_of(session, visit, Stage.IN_SERVICE):
        moving.step(session, booking, Stage.COMPLETED, by=by)


def check_settled(session: Session, visit: Visit) -> list[VisitLine]:
    """Make sure that a held visit may be settled; give what is paid at the till.

    Raises: CardsOpen for an unsigned card, rules.VisitStepRefused.
    """
    rules.check_visit_step(VisitStage(visit.stage), Step.SETTLE)
    agreed = _agreed(session, visit)
    missing = [
        _open_problem(one, "未护理", "not begun")
        for one in _without_card(session, visit, agreed)
        if one.minutes
    ]
    missing += [
        _card_problem(card, "未签字", "is not signed")
        for card in queries.cards_of(session, [visit.id]).get(visit.id, [])
        if card.signed_at is None
    ]
    if missing:
        raise CardsOpen(problems=tuple(missing))
    return [one for one in agreed if one.pay_by == PayBy.SINGLE]


def settle(session: Session, visit: Visit, *, key: UUID, sale_id: int | None, by: Editor) -> None:
    """Note that a held visit is paid: by the receipt, by cards, or by both.

    Emits: Notify `visit.settled` to the guest.
    Raises: rules.VisitStepRefused.
    """
    visit_steps.move(session, visit, Step.SETTLE, by=by)
    visit.settled_at, visit.settle_key, visit.sale_id = by.now, key, sale_id
    spent_fen = sum(one.price_fen for one in _agreed(session, visit))
    left = cards.balance_of(session, [visit.customer_id])[visit.customer_id]
    facts = {
        "amount": yuan_text(spent_fen),
        "balance": yuan_text(left.money_fen),
        "sessions": str(left.sessions),
    }
    told = Notify(
        event="visit.settled", key=str(visit.id), facts=facts, to_customer_id=visit.customer_id
    )
    publish(session, told)


def farewell(
    session: Session, visit: Visit, *, next_on: date | None, home_advice: str | None, by: Editor
) -> None:
    """See a guest off with the next date and advice for home; the cards' own when left out.

    Emits: GuestLeft.
    Raises: FormInvalid (RANGE for a date that is not to come), rules.VisitStepRefused.
    """
    rules.check_visit_step(VisitStage(visit.stage), Step.FAREWELL)
    if next_on is not None and next_on <= by.today:
        _raise_if([problem("next_on", "RANGE", zh="须为将来日期", en="a day to come")])
    done = queries.cards_of(session, [visit.id]).get(visit.id, [])
    visit_steps.move(session, visit, Step.FAREWELL, by=by)
    dates = [one.next_date for one in done if one.next_date is not None]
    advice = [one.home_advice for one in done if one.home_advice is not None]
    visit.next_on = next_on or min(dates, default=None)
    visit.home_advice = home_advice or (";".join(advice)[:200] or None)
    visit.left_at = by.now
    publish(session, GuestLeft(visit_id=visit.id, day=visit.business_date))


def _agreed(session: Session, visit: Visit) -> list[VisitLine]:
    found = queries.lines_of(session, [visit.id]).get(visit.id, [])
    return [one for one in found if one.agreed_at is not None]


def _without_card(session: Session, visit: Visit, agreed: list[VisitLine]) -> list[VisitLine]:
    begun = {card.line for card in queries.cards_of(session, [visit.id]).get(visit.id, [])}
    return [one for one in agreed if one.id not in begun]


def _next_line(
    session: Session, visit: Visit, agreed: list[VisitLine], begun: Begun
) -> VisitLine | None:
    items = catalog.by_ids(session, [one.item_id for one in agreed])
    free = [
        one
        for one in _without_card(session, visit, agreed)
        if items[one.item_id].category != Category.PRODUCT and begun.line_id in (None, one.id)
    ]
    if begun.line_id is not None and not free:
        _raise_if([problem("line", "NOT_FOUND")])
    return free[0] if free else None


def _card_begun(
    session: Session, visit: Visit, line: VisitLine, begun: Begun, by: Editor
) -> Treatment:
    beautician = begun.beautician or visit.staff_id or by.id
    in_turn = {one.person for one in board.turns(session, by.today)}
    assigned_by = AssignedBy.TURN if beautician in in_turn else AssignedBy.CONSULTANT
    if visit.is_requested and beautician == visit.staff_id:
        assigned_by = AssignedBy.REQUESTED
    typed = {
        "line": line.id,
        "beautician": str(beautician),
        "assistant": str(begun.assistant) if begun.assistant else None,
        "assigned_by": str(assigned_by),
        "started_at": by.now.isoformat(),
        "equipment": begun.equipment,
    }
    card: Treatment = records.keep_new(session, treating.TREATMENTS, typed=typed, by=by)
    return card


def _open_problem(line: VisitLine, zh: str, en: str) -> Problem:
    return problem(f"lines.{line.id}", "STATE", zh=zh, en=en)


def _card_problem(card: Treatment, zh: str, en: str) -> Problem:
    return problem("treatments", "STATE", zh=f"护理卡 {card.number} {zh}", en=f"{card.number} {en}")


def _raise_if(problems: list[Problem]) -> None:
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
