"""Report a store's months to its headquarters.

Form: snapshot publisher 快照上报 (J18): whatever differs from what was last sent goes out.
Units: an open month moves all day long; its figures go out at most every quarter of an hour. Each
step of a month goes out at once.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import days
from shared.domain.franchise.events import SendSnapshots
from shared.domain.franchise.models.post import MonthExchange
from shared.domain.franchise.rules import snapshots
from shared.domain.franchise.service import exchanges
from shared.domain.reporting.queries import months
from shared.domain.reporting.queries.months import ShownMonth
from shared.domain.reporting.rules.states import MonthState
from shared.events.jobs import publish
from shared.events.letters import Outgoing
from shared.records import opening

PROVISIONAL_EVERY = timedelta(minutes=15)


def send_snapshots(
    session: Session, *, hq: str | None, day: date, now: datetime, at_once: bool = False
) -> int:
    """Send a snapshot of every month that changed since its last one; tell how many went out.

    With `at_once` an open month does not wait for its turn: who loaded much wants to see it.

    A store without a headquarters sends nothing. A month that no contract covers is noted as
    refused and tried again with the next run.

    Units: `day` is the store's business day: the contract must cover it, or the month's last day
        when the month is over.
    Locks: the exchanges of the months to send.
    Emits: SendSnapshots for an open month whose turn comes later.
    """
    if hq is None:
        return 0
    changed = _changed(session, months.shown_months(session))
    held = exchanges.hold(session, MonthExchange, [shown.month for shown in changed])
    sent, later = 0, None
    for shown in changed:
        exchange = held[shown.month]
        due = None if at_once else _due_at(exchange, shown)
        if due is not None and due > now:
            later = min(due, later or due)
        elif _send(session, exchange, shown, hq=hq, day=day, now=now):
            sent += 1
    if later is not None:
        publish(session, SendSnapshots(), run_at=later)
    return sent


def _changed(session: Session, shown: Sequence[ShownMonth]) -> list[ShownMonth]:
    known = {row.month: row for row in session.scalars(select(MonthExchange))}
    return [one for one in shown if not _is_said(known.get(one.month), one)]


def _is_said(exchange: MonthExchange | None, shown: ShownMonth) -> bool:
    return (
        exchange is not None
        and exchange.refused_at is None
        and exchange.decision_no == exchange.answered_no
        and (exchange.state, exchange.revision) == (shown.state, shown.revision)
        and (exchange.is_stale, exchange.inputs_hash) == (shown.is_stale, shown.inputs_hash)
    )


def _due_at(exchange: MonthExchange, shown: ShownMonth) -> datetime | None:
    is_one_more = shown.state == exchange.state == MonthState.OPEN
    if not is_one_more or exchange.sent_at is None or exchange.refused_at is not None:
        return None
    return exchange.sent_at + PROVISIONAL_EVERY


def _send(
    session: Session,
    exchange: MonthExchange,
    shown: ShownMonth,
    *,
    hq: str,
    day: date,
    now: datetime,
) -> bool:
    if _is_said(exchange, shown):  # another run sent it while we waited
        return False
    letter = Outgoing(
        receiver=hq,
        kind=snapshots.SNAPSHOT,
        key=shown.month.isoformat(),
        revision=exchange.snapshot_no + 1,
        payload=snapshots.snapshot_payload(_snapshot(session, exchange, shown)),
        on=min(day, days.last_day(shown.month)),
        version=snapshots.VERSION,
    )
    if not exchanges.say(session, exchange, letter, now=now):
        return False
    exchange.snapshot_no += 1
    exchange.state, exchange.revision = shown.state, shown.revision
    exchange.is_stale, exchange.inputs_hash = shown.is_stale, shown.inputs_hash
    return True


def _snapshot(session: Session, exchange: MonthExchange, shown: ShownMonth) -> snapshots.Snapshot:
    month = shown.month
    return snapshots.Snapshot(
        month=month,
        revision=shown.revision,
        state=shown.state,
        is_stale=shown.is_stale,
        answered=exchange.decision_no,
        refusal=exchange.refusal,
        shut=tuple(opening.shut_days(session, month)),
        figures=tuple(
            (indicator, part, amount)
            for (indicator, part), amount in months.figures(session, month, shown.revision).items()
        ),
        cells=tuple(months.cells(session, month, shown.revision)),
    )
