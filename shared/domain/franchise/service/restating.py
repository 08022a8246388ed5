"""Book what a month closed again owes the next statement of its store.

Form: C12 adjustments, 9.5, W9. Whatever the order in which letters arrive, the bookings of a base
add up to the newest closed revision less the oldest known.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.franchise.events import AdjustmentBooked
from shared.domain.franchise.models.restating import Adjustment, ClosedFigure, ClosedMonth
from shared.domain.franchise.queries import adjustments
from shared.domain.franchise.rules.snapshots import Snapshot
from shared.domain.reporting.rules import restating as rules
from shared.events.jobs import publish
from shared.events.letters import Letter


class _Step(NamedTuple):
    older: int
    newer: int


def keep_closed(session: Session, letter: Letter, said: Snapshot, *, now: datetime) -> None:
    """Keep a closed revision for ever, and book what it states otherwise than its neighbour.

    The caller holds the store's month; a revision that is known changes nothing, also one that
    arrives late.

    Emits: AdjustmentBooked per base that differs.
    """
    tenant, month = letter.sender, said.month
    known = adjustments.closed_revisions(session, tenant, month)
    if said.revision in known:
        return
    session.execute(
        insert(ClosedMonth).values(
            tenant=tenant,
            month=month,
            revision=said.revision,
            letter_id=letter.id,
            published_at=letter.sent_at,
        )
    )
    if said.figures:
        of = {"tenant": tenant, "month": month, "revision": said.revision}
        session.execute(
            insert(ClosedFigure),
            [
                {**of, "indicator": indicator, "part": part, "amount": amount}
                for indicator, part, amount in said.figures
            ],
        )
    if (step := _step(known, said.revision)) is not None:
        _book(session, tenant, month, step, now=now)


def _step(known: list[int], revision: int) -> _Step | None:
    if not known:
        return None
    if revision > max(known):
        return _Step(max(known), revision)
    if revision < min(known):
        return _Step(revision, min(known))
    return None  # what was booked over it stands: it covers both parts


def _book(session: Session, tenant: str, month: date, step: _Step, *, now: datetime) -> None:
    old, new = (adjustments.closed_figures(session, tenant, month, one) for one in step)
    for change in rules.changes(old, new):
        booked = Adjustment(
            tenant=tenant,
            month=month,
            base=change.base,
            from_revision=step.older,
            to_revision=step.newer,
            old_fen=change.old_fen,
            new_fen=change.new_fen,
            difference_fen=change.difference_fen,
            booked_at=now,
        )
        session.add(booked)
        session.flush()  # the fact carries its id
        publish(session, AdjustmentBooked(adjustment_id=booked.id, month=month))
