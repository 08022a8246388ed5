"""A month closed again owes the next statement a difference, once, whatever the letters' order."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import ProgrammingError

from shared.domain.franchise.models.restating import Adjustment, ClosedFigure, ClosedMonth
from shared.domain.franchise.queries import adjustments
from shared.domain.franchise.service import reading
from shared.domain.reporting.queries import months, restating
from shared.domain.reporting.rules.restating import Base
from shared.domain.reporting.rules.states import Why
from shared.domain.reporting.service import closing
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import franchise, reporting
from tests.factories.franchise import arrived, in_store, new_chain, read_all, reader, send
from tests.factories.reporting import HQ, JUNE, NOW

DAY = date(2025, 6, 3)


@pytest.fixture
def chain(cluster: object) -> tuple[Tenant, Tenant]:
    hq, (store,) = new_chain("华北")
    return hq, store


def restate(store: Tenant, fen: int, *, day: date) -> None:
    """Reopen the month, sell once more, close it again."""
    in_store(
        store,
        lambda session: closing.reopen_month(
            session,
            month=JUNE,
            why=Why(reason="漏记", forms=("SALES",)),
            actor=HQ,
            has_hq=True,
            now=NOW,
        ),
    )
    send(store)
    franchise.sell(store, fen, day=day)
    in_store(store, reporting.closed)
    send(store)


def closed_thrice(store: Tenant) -> None:
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.closed)
    send(store)
    restate(store, 30_00, day=date(2025, 6, 20))
    restate(store, 5_00, day=date(2025, 6, 21))


def booked(hq: Tenant) -> list[tuple[str, int, int, int]]:
    with tenant_session(hq) as session:
        rows = [one.booked for one in adjustments.listed(session)]
        return sorted(
            (row.base, row.from_revision, row.to_revision, row.difference_fen) for row in rows
        )


def read(own: Tenant, *letters: UUID) -> None:
    with tenant_session(own) as session:
        reading.read_letters(session, letters=letters, reader=reader(own), now=NOW)
        session.commit()


def test_each_base_is_booked_with_old_new_and_difference(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    closed_thrice(store)

    read_all(hq)
    read_all(hq)  # the same letters again

    assert booked(hq) == [
        ("CASH", 1, 2, 30_00),
        ("CASH", 2, 3, 5_00),
        ("TURNOVER", 1, 2, 30_00),
        ("TURNOVER", 2, 3, 5_00),
    ]
    with tenant_session(hq) as session:
        newest = adjustments.listed(session, limit=1)[0]
        behind = adjustments.behind(session, newest.booked.id)
        assert (newest.code, newest.booked.month) == ("001", JUNE)
        assert (newest.booked.old_fen, newest.booked.new_fen) == (130_00, 135_00)
        by_key = {(one.indicator, one.part): one.delta for one in behind.figures}
    assert by_key["turnover", ""] == by_key["turnover", "FACIAL"] == 5_00
    assert by_key["receipts", ""] == 1


def test_a_month_closed_again_with_the_same_money_books_nothing(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.closed)
    send(store)
    read_all(hq)
    assert booked(hq) == []  # a first close owes nothing

    restate(store, 0, day=date(2025, 6, 20))
    read_all(hq)

    with tenant_session(hq) as session:
        assert len(adjustments.closed_revisions(session, store.name, JUNE)) == 2
    assert booked(hq) == []


def test_whatever_the_order_of_letters_the_bookings_add_up(cluster: object) -> None:
    for order in permutations(range(3)):
        hq, (store,) = new_chain("华北")
        closed_thrice(store)
        with tenant_session(hq) as session:
            letters = list(arrived(session, hq))
            closed = [
                letter
                for letter in letters
                if session.execute(
                    text("SELECT payload ->> 'state' FROM ops.letter WHERE id = :id"),
                    {"id": letter},
                ).scalar_one()
                == "CLOSED"
            ]
        for place in order:
            read(hq, closed[place])
        read(hq, *letters)

        for base in Base:
            rows = [row for row in booked(hq) if row[0] == base]
            assert sum(row[3] for row in rows) == 35_00, (order, rows)
            assert len({row[1] for row in rows}) == len(rows)


def test_a_booking_stands_for_ever(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    closed_thrice(store)
    read_all(hq)
    for table in (Adjustment, ClosedMonth, ClosedFigure):
        for verb in (delete(table), update(table).values(month=table.month)):
            with tenant_session(hq) as session, pytest.raises(ProgrammingError):
                session.execute(verb)


def test_another_headquarters_has_none_of_it(chain: tuple[Tenant, Tenant]) -> None:
    _hq, store = chain
    stranger, _ = new_chain("华南")
    closed_thrice(store)
    with tenant_session(_hq) as session:
        letters = tuple(arrived(session, _hq))
    read(stranger, *letters)

    assert booked(stranger) == []
    with tenant_session(stranger) as session, pytest.raises(adjustments.NoSuchAdjustment):
        adjustments.behind(session, 1)


def test_the_store_knows_before_it_closes_what_it_will_state_otherwise(
    chain: tuple[Tenant, Tenant],
) -> None:
    _hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.closed)
    with tenant_session(store) as session:
        assert restating.restatement(session, JUNE, revision=1) is None
    in_store(
        store,
        lambda session: closing.reopen_month(
            session,
            month=JUNE,
            why=Why(reason="漏记", forms=("SALES",)),
            actor=HQ,
            has_hq=True,
            now=NOW,
        ),
    )
    franchise.sell(store, 30_00, day=date(2025, 6, 20))
    in_store(store, reporting.reviewed)

    with tenant_session(store) as session:
        number = months.get(session, JUNE).revision
        said = restating.restatement(session, JUNE, revision=number)
    assert said is not None
    assert (said.old_revision, number) == (1, 2)
    assert [(one.base, one.old_fen, one.new_fen) for one in said.changes] == [
        (Base.TURNOVER, 100_00, 130_00),
        (Base.CASH, 100_00, 130_00),
    ]
