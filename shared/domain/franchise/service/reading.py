"""Read letters that arrived: snapshots and plans at a headquarters, decisions at a store.

Units: each letter is applied or refused by itself; a refused one is kept with its reason and stops
no other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from shared import errors
from shared.domain.franchise.events import AggregateMonth, SendSnapshots
from shared.domain.franchise.models.post import MonthExchange, RefusedLetter
from shared.domain.franchise.models.stores import StoreFile, StoreMonth
from shared.domain.franchise.rules import plan_letters, snapshots
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision, Snapshot
from shared.domain.franchise.service import exchanges, plan_reading, restating
from shared.domain.franchise.service.arriving import UnknownSender, is_news
from shared.domain.notifications.service import upward
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules.states import Actor, Authority, Reopened, Why
from shared.domain.reporting.service import closing
from shared.events import letters as post
from shared.events.jobs import publish
from shared.events.letters import Letter


class UnknownKind(errors.Invalid):
    """Nobody here reads letters of this kind."""

    zh = "无法识别的信件类型"


class RevisionMoved(errors.Conflict):
    """The headquarters decided on a revision that is no longer the newest."""

    code = "CONFLICT"
    zh = "总部所依据的版本已更新"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: this tenant, and its headquarters if it is a store that has one."""

    name: str
    is_hq: bool
    hq: str | None


def read_letters(
    session: Session, *, letters: Iterable[UUID], reader: Reader, now: datetime
) -> None:
    """Apply letters that arrived, of each thing the oldest first; one read again changes nothing.

    Locks: the stores' months and plans at a headquarters, by kind, store and key; at a store as the
        decided verb does.
    Emits: AggregateMonth per touched month; SendSnapshots after a decision; Notify; as the verbs
        that follow a decision; AdjustmentBooked.
    """
    touched: set[date] = set()
    for letter in post.read(session, tuple(letters), receiver=reader.name):
        try:
            with session.begin_nested():
                touched |= _apply(session, letter, reader=reader, now=now)
        except (errors.DomainError, DataError, IntegrityError) as error:
            _refuse(session, letter, error, reader=reader, now=now)
    for month in sorted(touched):
        publish(session, AggregateMonth(month=month))


def _apply(session: Session, letter: Letter, *, reader: Reader, now: datetime) -> set[date]:
    if letter.kind == snapshots.SNAPSHOT and reader.is_hq:
        return _apply_snapshot(session, letter, now=now)
    if letter.kind == snapshots.MONTH_DECISION and letter.sender == reader.hq:
        _apply_decision(session, letter, now=now)
        return set()
    if letter.kind == plan_letters.PLAN and reader.is_hq:
        plan_reading.apply_plan(session, letter)
        return set()
    if letter.kind == plan_letters.PLAN_DECISION and letter.sender == reader.hq:
        plan_reading.apply_decision(session, letter, now=now)
        return set()
    if letter.kind == upward.NOTICE and reader.is_hq:
        upward.receive(session, letter)
        return set()
    raise UnknownKind(kind=letter.kind)


def _refuse(
    session: Session, letter: Letter, error: Exception, *, reader: Reader, now: datetime
) -> None:
    values = {
        "letter_id": letter.id,
        "sender": letter.sender,
        "kind": letter.kind[:40],
        "key": letter.key[:80],
        "revision": letter.revision,
        "error": type(error).__name__[:40],
        "detail": str(error)[:500],
        "refused_at": now,
    }
    session.execute(insert(RefusedLetter).values(values).on_conflict_do_nothing())
    if letter.kind == snapshots.MONTH_DECISION and letter.sender == reader.hq:
        _answer_refusal(session, letter, error)
    if letter.kind == plan_letters.PLAN_DECISION and letter.sender == reader.hq:
        plan_reading.answer_refusal(session, letter, error)


def _answer_refusal(session: Session, letter: Letter, error: Exception) -> None:
    try:
        month = date.fromisoformat(letter.key)
    except ValueError:
        return  # nothing of ours: the refused letter itself says so
    exchange = exchanges.hold(session, MonthExchange, [month])[month]
    exchanges.refuse(session, exchange, letter, error)


def _apply_decision(session: Session, letter: Letter, *, now: datetime) -> None:
    decided = snapshots.read_decision(letter.payload, version=letter.version)
    exchange = exchanges.hold(session, MonthExchange, [decided.month])[decided.month]
    if not exchanges.take_up(exchange, letter):
        return  # read before
    _follow(session, decided, now=now)
    publish(session, SendSnapshots())


def _follow(session: Session, decided: MonthDecision, *, now: datetime) -> None:
    month = decided.month
    actor = Actor(authority=Authority.HQ, name=decided.by_name)
    if months.get(session, month).revision != decided.revision:
        raise RevisionMoved(month=month, decided=decided.revision)
    if decided.decision is Decision.ACCEPT:
        closing.close_month(session, month=month, actor=actor, has_hq=True, now=now)
    elif decided.decision is Decision.BACK:
        closing.send_back(session, month=month, reason=decided.reason, actor=actor, now=now)
    else:
        why = Why(reason=decided.reason, forms=decided.forms or tuple(Reopened))
        closing.reopen_month(session, month=month, why=why, actor=actor, has_hq=True, now=now)


def _apply_snapshot(session: Session, letter: Letter, *, now: datetime) -> set[date]:
    said = snapshots.read_snapshot(letter.payload, version=letter.version)
    if letter.key != said.month.isoformat():
        raise snapshots.LetterUnreadable(why="the key names another month")
    store = session.get(StoreFile, letter.sender)
    if store is None:
        raise UnknownSender(sender=letter.sender)
    held = _hold(session, store, said)
    if said.state == "CLOSED":
        restating.keep_closed(session, letter, said, now=now)
    fingerprint = snapshots.content_hash(said)
    if not is_news(letter, last_no=held.snapshot_no, is_same=fingerprint == held.content_hash):
        return set()
    held.snapshot_no, held.content_hash = letter.revision, fingerprint
    held.revision, held.state, held.is_stale = said.revision, said.state, said.is_stale
    held.answered_no, held.refusal = said.answered, said.refusal
    held.shut_days = [day.isoformat() for day in said.shut]
    held.published_at, held.letter_id = letter.sent_at, letter.id
    if said.state == "CLOSED":
        held.first_closed_at = held.first_closed_at or letter.sent_at
    session.flush()  # the figures refer to the month
    _replace_figures(session, letter.sender, said)
    return {said.month}


def _hold(session: Session, store: StoreFile, said: Snapshot) -> StoreMonth:
    begun = {
        "tenant": store.tenant,
        "month": said.month,
        "revision": 0,
        "snapshot_no": 0,
        "state": said.state,
        "is_stale": False,
        "region": store.region,
        "content_hash": "",
        "published_at": datetime.min.replace(tzinfo=UTC),
        "letter_id": UUID(int=0),
        "shut_days": [],
        "decision_no": 0,
        "answered_no": 0,
    }
    session.execute(
        insert(StoreMonth).values(begun).on_conflict_do_nothing(index_elements=["tenant", "month"])
    )
    return session.scalars(
        select(StoreMonth)
        .where(StoreMonth.tenant == store.tenant, StoreMonth.month == said.month)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


_FORGET_FIGURES = text("DELETE FROM store_figures WHERE tenant = :tenant AND month = :month")
_FORGET_CELLS = text("DELETE FROM store_cells WHERE tenant = :tenant AND month = :month")
_KEEP_FIGURES = text(
    """
    INSERT INTO store_figures (tenant, month, indicator, part, amount)
    SELECT :tenant, CAST(:month AS date), entry ->> 0, entry ->> 1, (entry ->> 2)::bigint
    FROM jsonb_array_elements(:rows) AS entry
    """
).bindparams(bindparam("rows", type_=JSONB))
_KEEP_CELLS = text(
    """
    INSERT INTO store_cells (tenant, month, day, category, turnover_fen, quantity)
    SELECT :tenant, CAST(:month AS date), (entry ->> 0)::date, entry ->> 1, (entry ->> 2)::bigint,
           (entry ->> 3)::integer
    FROM jsonb_array_elements(:rows) AS entry
    """
).bindparams(bindparam("rows", type_=JSONB))


def _replace_figures(session: Session, tenant: str, said: Snapshot) -> None:
    key = {"tenant": tenant, "month": said.month}
    session.execute(_FORGET_FIGURES, key)
    session.execute(_FORGET_CELLS, key)
    session.execute(_KEEP_FIGURES, {**key, "rows": [list(row) for row in said.figures]})
    cells = [[row[0].isoformat(), *row[1:]] for row in said.cells]
    session.execute(_KEEP_CELLS, {**key, "rows": cells})
