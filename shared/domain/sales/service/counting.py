"""The steps of a cash day: keep a half-done count, take a count back, note who did what.

Form: W12 OPEN, COUNTING, SUBMITTED, CLOSED; F08 counted_cash by denomination.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import days, errors, money
from shared.domain.sales.models.cash import CashDay, CashDayStep, TenderSettlement
from shared.domain.sales.queries import variances
from shared.domain.sales.rules import tills
from shared.domain.sales.rules.kinds import DayState, Tender
from shared.domain.sales.service import drawer, periods
from shared.errors import Problem, problem
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.forms.texts import yuan_text
from shared.records import attachments

FORM = "F08"


class NotHandedIn(errors.Conflict):
    """The cashier has not handed in a count."""

    zh = "收银员尚未提交点钞"


def save_count(
    session: Session, *, count: tills.CashCount, actor_id: UUID, now: datetime
) -> CashDay:
    """Keep what is counted so far, so that a reload or another device goes on with it.

    Locks: the month, the cash day.
    Raises: FormInvalid, periods.PeriodClosed, drawer.CashDayClosed, drawer.AlreadySubmitted.
    """
    periods.lock_open_month(session, days.month_of(count.day))
    held = drawer.lock_open_day(session, count.day, now=now)
    if held.state == DayState.SUBMITTED:
        raise drawer.AlreadySubmitted(day=count.day)
    if problems := count_problems(count):
        raise errors.FormInvalid(problems=tuple(problems))
    held.state = DayState.COUNTING
    held.denominations = _as_json(count)
    held.counted_fen = count.sum_fen
    held.variance_reason = count.variance_reason
    note_settlements(session, count, by=actor_id, now=now)
    session.flush()  # the report of this transaction asks the table
    return held


def reject_count(
    session: Session, *, day: date, reason: str, actor_id: UUID, now: datetime
) -> CashDay:
    """Send a count back to the cashier, who counts again.

    Locks: the cash day.
    Raises: drawer.CashDayClosed, NotHandedIn.
    """
    held = drawer.lock_open_day(session, day, now=now)
    if held.state != DayState.SUBMITTED:
        raise NotHandedIn(day=day)
    held.state = DayState.COUNTING
    note_step(session, held, by=actor_id, now=now, reason=reason)
    session.flush()  # the report of this transaction asks the table
    return held


def count_problems(count: tills.CashCount) -> list[Problem]:
    """Say what is wrong with the numbers of a count."""
    problems = []
    for face, pieces in (count.denominations or {}).items():
        if face not in tills.FACES_FEN:
            problems.append(problem("denominations", "ENUM"))
        elif not 0 <= pieces <= tills.MAX_PIECES:
            problems.append(problem(f"denominations.{face}", "RANGE"))
    total_fen = count.sum_fen
    if total_fen is not None and not 0 <= total_fen <= money.MAX_FEN:
        problems.append(problem("counted_fen", "RANGE"))
    if count.denominations is not None and count.counted_fen not in (None, total_fen):
        problems.append(problem("counted_fen", "SUM_MISMATCH"))
    for said in count.settlements:
        if said.tender is Tender.CASH:
            problems.append(problem("settlements.CASH", "ENUM"))
    return problems


def note_count(session: Session, held: CashDay, *, count: tills.CashCount, by: UUID) -> None:
    """Write a count into its day.

    Raises: FormInvalid when the signature is no picture that this person sent for it.
    """
    held.denominations = _as_json(count)
    held.counted_fen = count.sum_fen
    held.counted_by = by
    held.variance_reason = count.variance_reason
    held.cashier_sign = count.signature
    if count.signature:
        sign(session, count.day, count.signature, field="cashier_sign", by=by)


def note_settlements(session: Session, count: tills.CashCount, *, by: UUID, now: datetime) -> None:
    """Write what the providers say; said again, the last number counts."""
    for said in count.settlements:
        row = {"amount_fen": said.amount_fen, "reason": said.reason, "by_id": by, "at": now}
        session.execute(
            insert(TenderSettlement)
            .values(business_date=count.day, tender=str(said.tender), **row)
            .on_conflict_do_update(index_elements=["business_date", "tender"], set_=row)
        )


def note_step(
    session: Session, held: CashDay, *, by: UUID, now: datetime, reason: str | None = None
) -> None:
    """Write down where a cash day stands now, and by whom."""
    session.add(
        CashDayStep(
            business_date=held.business_date,
            state=held.state,
            counted_fen=held.counted_fen,
            by_id=by,
            at=now,
            reason=reason,
        )
    )


def tell_variance(session: Session, day: date, figures: tills.CashFigures) -> None:
    """Tell of a variance above the limit, and of a third day with one in a row.

    Emits: Notify `cash.variance`.
    """
    if not figures.variance_fen:
        return
    in_a_row = variances.days_in_a_row(session, day)
    if not figures.tells_headquarters and in_a_row < tills.DAYS_IN_A_ROW:
        return
    amount = f"{'+' if figures.variance_fen > 0 else ''}{yuan_text(figures.variance_fen)}"
    facts = {"date": day.isoformat(), "amount": amount}
    publish(session, Notify(event="cash.variance", key=day.isoformat(), facts=facts))


def sign(session: Session, day: date, picture: UUID, *, field: str, by: UUID) -> None:
    """Take a drawn signature that this person sent.

    Locks: the picture.
    Raises: FormInvalid.
    """
    number = day.toordinal()  # a picture's row is named by a number
    if not attachments.take(
        session, picture, slot=(FORM, field), record_id=number, by=by, again=True
    ):
        raise errors.FormInvalid(problems=(problem("signature", "NOT_FOUND"),))


def _as_json(count: tills.CashCount) -> dict[str, int] | None:
    if count.denominations is None:
        return None
    return {str(face): pieces for face, pieces in count.denominations.items() if pieces}
