"""Snapshots go up, each once, whatever the post does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from shared.domain.franchise.queries import checks, stores
from shared.domain.franchise.rules import snapshots
from shared.domain.reporting.queries import detail
from shared.events import letters
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import franchise, reporting
from tests.factories.franchise import in_store, new_chain, read_all, reported, send
from tests.factories.reporting import JUNE, LATER, NOW
from tests.waiting import PATIENCE_SECONDS, is_waiting, until

DAY = date(2025, 6, 3)
JULY = date(2025, 7, 1)
HOLD = text("SELECT FROM store_months WHERE month = :month FOR UPDATE NOWAIT")


@pytest.fixture
def chain(cluster: object) -> tuple[Tenant, Tenant]:
    hq, (store,) = new_chain("华北")
    return hq, store


def turnover(hq: Tenant, store: Tenant) -> int:
    return reported(hq, store).detail.total_fen


def posted(
    store: Tenant,
    hq: Tenant,
    *,
    number: int,
    payload: dict[str, object],
    month: date = JUNE,
    now: datetime = NOW,
) -> None:
    """Post whatever a store might, past its own verbs."""
    with tenant_session(store) as session:
        letters.send(
            session,
            letters.Outgoing(
                receiver=hq.name,
                kind=snapshots.SNAPSHOT,
                key=month.isoformat(),
                revision=number,
                payload=payload,
                on=DAY,
            ),
            now=now,
        )
        session.commit()


def payload(turnover_fen: int, month: date = JUNE, **changes: object) -> dict[str, object]:
    said = snapshots.Snapshot(
        month=month,
        revision=1,
        state="COMPUTED",
        is_stale=False,
        answered=0,
        refusal=None,
        shut=(),
        figures=(("turnover", "", turnover_fen),),
        cells=(),
    )
    return {**snapshots.snapshot_payload(said), **changes}


def test_the_headquarters_sees_the_same_detail_as_the_store(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    franchise.sell(store, 40_00, day=date(2025, 6, 9))
    in_store(store, reporting.closed)

    assert send(store) == 1
    read_all(hq)

    with tenant_session(store) as session:
        own = detail.month_detail(session, JUNE)
    seen = reported(hq, store).detail
    assert (seen.total_fen, seen.days, seen.marks) == (own.total_fen, own.days, own.marks)
    assert (seen.items, seen.customers, seen.costs) == (own.items, own.customers, own.costs)
    assert seen.state == "CLOSED"
    assert reported(hq, store).is_provisional is False


def test_an_unchanged_month_is_not_sent_again(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.roll_up)

    assert send(store) == 1
    assert send(store, now=LATER) == 0
    in_store(store, reporting.computed)
    assert send(store, now=LATER) == 1
    in_store(store, lambda session: reporting.reviewed(session))
    assert send(store, now=LATER) == 1


def test_an_open_month_goes_out_at_most_every_quarter_of_an_hour(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.roll_up)
    assert send(store) == 1

    franchise.sell(store, 50_00, day=DAY)
    in_store(store, reporting.roll_up)
    assert send(store, now=NOW + timedelta(minutes=5)) == 0
    with tenant_session(store) as session:
        waiting = session.scalars(
            text("SELECT run_at FROM ops.job WHERE kind = 'franchise.send_snapshots'")
        ).all()
    assert waiting  # its turn comes without anybody asking again

    assert send(store, now=NOW + timedelta(minutes=15)) == 1
    read_all(hq)
    assert turnover(hq, store) == 150_00


def test_reading_a_letter_twice_changes_nothing(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.closed)
    send(store)
    read_all(hq)
    before = reported(hq, store)

    read_all(hq, now=LATER)

    assert reported(hq, store).detail == before.detail
    with tenant_session(hq) as session:
        assert stores.refused_letters(session) == []


def test_an_older_snapshot_never_overwrites_a_newer_one(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    posted(store, hq, number=2, payload=payload(200))
    read_all(hq)
    posted(store, hq, number=1, payload=payload(100))
    read_all(hq)

    assert turnover(hq, store) == 200


def test_two_readers_hold_months_in_one_order_whatever_was_sent_first(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain

    def both_posted(number: int) -> None:
        for month, at in ((JULY, NOW), (JUNE, LATER)):
            said = payload(number, month)
            posted(store, hq, number=number, payload=said, month=month, now=at)

    both_posted(1)
    read_all(hq)
    both_posted(2)
    with ThreadPoolExecutor(1) as threads, tenant_session(hq) as other:
        other.execute(HOLD, {"month": JUNE}).one()
        reading = threads.submit(read_all, hq)
        until(lambda: is_waiting(hq) or reading.done())
        assert not reading.done()

        other.execute(HOLD, {"month": JULY}).one()  # free: who reads comes to June first

        other.rollback()
        reading.result(PATIENCE_SECONDS)
    assert turnover(hq, store) == 2


def test_the_same_number_is_posted_once_and_keeps_its_first_content(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    posted(store, hq, number=1, payload=payload(100))
    posted(store, hq, number=1, payload=payload(999))  # altered: the post refuses it silently
    read_all(hq)

    assert turnover(hq, store) == 100


def test_a_bad_letter_is_kept_with_its_reason_and_stops_no_other(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    posted(store, hq, number=1, payload={"month": "never"})
    posted(store, hq, number=2, payload=payload(100, figures=[["turnover", "", 1]]))
    posted(store, hq, number=3, payload=payload(300))

    read_all(hq)
    read_all(hq)

    assert turnover(hq, store) == 300
    with tenant_session(hq) as session:
        refused = stores.refused_letters(session)
        assert sorted(row.revision for row in refused) == [1, 2]
        assert {row.error for row in refused} == {"LetterUnreadable"}


def test_a_store_without_a_file_waits_and_is_read_once_it_has_one(cluster: object) -> None:
    hq, _ = new_chain()
    store = franchise.new_store(hq=hq)
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.roll_up)
    send(store)
    read_all(hq)
    with tenant_session(hq) as session:
        (refused,) = stores.refused_letters(session)
        assert refused.error == "UnknownSender"

    franchise.register(hq, store, code="001")

    with tenant_session(hq) as session:
        assert stores.refused_letters(session) == []
        args = session.scalars(
            text("SELECT args FROM ops.job WHERE kind = 'franchise.read_letters'")
        ).all()
        assert {"letters": [str(refused.letter_id)]} in args
    read_all(hq)
    assert turnover(hq, store) == 100_00


def test_both_sides_agree_and_a_spoilt_copy_is_found(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.closed)
    send(store)
    read_all(hq)
    franchise.aggregate(hq, JUNE)

    with tenant_session(store) as session:
        said = checks.said_by_store(session)
    with tenant_session(hq) as session:
        assert checks.compare("001", said, checks.heard_by_hq(session, store.name)) == []
        assert checks.verify_hq(session) == []
        session.execute(text("UPDATE store_figures SET amount = 5 WHERE indicator = 'visits'"))
        spoilt = checks.compare("001", said, checks.heard_by_hq(session, store.name))
        session.execute(text("UPDATE chain_figures SET amount = 7 WHERE indicator = 'refunds'"))
        chain_found = {one.what for one in checks.verify_hq(session)}

    assert said
    assert [(one.what, one.stored, one.expected) for one in spoilt] == [("001 visits", 5, 1)]
    assert chain_found == {
        "CHAIN  refunds", "CHAIN  visits", "REGION 华北 refunds", "REGION 华北 visits",
    }  # fmt: skip
