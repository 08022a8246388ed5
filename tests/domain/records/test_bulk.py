"""Many forms at one sitting: judged as one after the other, shown and kept alike."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from shared.domain.catalog import queries as catalog
from shared.domain.catalog.models import Handout
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.models import Customer
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.surveys.models import Opinion
from shared.domain.surveys.service.opinions import OPINIONS
from shared.records import bulk, periods, queries, service
from shared.records.bulk import Entry, Outcome
from shared.records.register import Register
from tests.factories.records import BERTA, contact, editor, handout, opinion
from tests.factories.sales import new_customer

Codes = list[set[tuple[str, str]]]


def codes(outcomes: list[Outcome]) -> Codes:
    """Name what was refused of each."""
    return [{(one.field, one.code) for one in outcome.problems} for outcome in outcomes]


def shown_and_kept(session: Session, register: Register, entries: list[Entry]) -> Codes:
    """Judge, then keep; both must say the same, and judging writes nothing."""
    before = session.scalar(select(func.count()).select_from(register.model))
    shown = codes(bulk.judge_all(session, register, entries, by=editor()))
    assert session.scalar(select(func.count()).select_from(register.model)) == before
    kept = bulk.keep_all(session, register, entries, by=editor())
    assert codes(kept) == shown
    assert [outcome.record_id is None for outcome in kept] == [bool(said) for said in shown]
    return shown


def test_a_phone_that_stands_twice_is_refused_the_second_time(store_session: Session) -> None:
    entries = [Entry(typed=contact(name=name)) for name in ("王一", "王二")]
    entries.insert(0, Entry(typed=contact(), is_spoilt=True))  # counts for nobody
    shown = codes(bulk.judge_all(store_session, PROFILES, entries, by=editor()))
    assert shown == [set(), set(), {("phone", "DUPLICATE")}]
    assert shown_and_kept(store_session, PROFILES, entries[1:]) == shown[1:]
    row = store_session.scalars(select(Customer)).one()
    assert (row.number, row.name) == ("F04-202506-0001", "王一")


def test_numbers_are_without_gaps_whatever_is_refused_in_between(store_session: Session) -> None:
    typed = handout(store_session)
    july = {**typed, "handed_at": "2025-06-30T16:00:00Z"}  # the first of July here
    wrong = {**typed, "qty": 0}
    late = editor(now=editor().now.replace(month=7))
    entries = [Entry(typed=one) for one in (typed, wrong, july, typed, wrong, july, typed)]
    bulk.judge_all(store_session, HANDOUTS, entries, by=late)

    outcomes = bulk.keep_all(store_session, HANDOUTS, entries, by=late)

    rows = [store_session.get(Handout, one.record_id) for one in outcomes if one.record_id]
    assert [row.number for row in rows if row] == [
        "F01-202506-0001", "F01-202507-0001", "F01-202506-0002", "F01-202507-0002",
        "F01-202506-0003",
    ]  # fmt: skip


def test_stock_that_runs_out_is_refused_from_there_on(store_session: Session) -> None:
    typed = handout(store_session, stocked=5)
    entries = [Entry(typed={**typed, "qty": qty}) for qty in (2, 4, 3, 1)]
    short = {("qty", "STOCK_SHORT")}
    assert shown_and_kept(store_session, HANDOUTS, entries) == [set(), short, set(), short]
    assert catalog.stock_of(store_session, [typed["item"]]) == {typed["item"]: 0}
    moves = catalog.moves(store_session, typed["item"])
    assert [(move.quantity, move.source) for move in moves] == [
        (-3, "F01-202506-0002"), (-2, "F01-202506-0001"), (5, None),
    ]  # fmt: skip


def test_the_months_limit_counts_what_stands_before_in_the_file(store_session: Session) -> None:
    guest = new_customer(store_session).id
    typed = handout(
        store_session, cost_fen=90_00, kind="GIFT", reason="BIRTHDAY", qty=1, customer=guest
    )
    entries = [Entry(typed=typed, confirmed="老客")] * 3
    limit = {("cost_fen", "LIMIT")}
    assert shown_and_kept(store_session, HANDOUTS, entries) == [set(), set(), limit]


def test_a_warning_is_confirmed_for_all_by_one_reason(store_session: Session) -> None:
    typed = [contact(phone=f"138{n:08d}", preferred_staff=str(BERTA)) for n in range(42)]
    entries = [Entry(typed=one, confirmed="约好" if n < 41 else "") for n, one in enumerate(typed)]
    refused = shown_and_kept(store_session, PROFILES, entries)
    assert refused == [set()] * 41 + [{("preferred_staff", "LIMIT")}]
    changes = queries.history(store_session, PROFILES, _newest(store_session))
    assert [change.reason for change in changes] == ["LIMIT: 约好"]


def test_changes_are_kept_in_the_version_seen_and_the_second_of_two_finds_it_moved(
    store_session: Session,
) -> None:
    typed = handout(store_session, stocked=9)
    rows = [service.keep_new(store_session, HANDOUTS, typed=typed, by=editor()) for _ in range(3)]
    said = [(rows[0].id, 1, 4), (rows[1].id, 7, 4), (rows[0].id, 1, 5), (999, 1, 1)]
    entries = [
        Entry(typed={"qty": qty}, record_id=record_id, version=version)
        for record_id, version, qty in said
    ]
    shown = shown_and_kept(store_session, HANDOUTS, entries)
    assert shown == [set(), {("", "CONFLICT")}, {("", "CONFLICT")}, {("", "NOT_FOUND")}]
    assert [row.qty for row in rows] == [4, 2, 2]
    assert catalog.stock_of(store_session, [typed["item"]]) == {typed["item"]: 1}
    newest = queries.history(store_session, HANDOUTS, rows[0].id)[0]
    assert (newest.action, newest.values["qty"]) == ("CHANGE", (2, 4))


def test_a_closed_month_refuses_its_own_alone(store_session: Session) -> None:
    typed = handout(store_session)
    may = {**typed, "handed_at": "2025-05-10T10:00:00+08:00"}
    periods.close(store_session, date(2025, 5, 1))
    entries = [Entry(typed=one) for one in (may, typed, may)]
    closed = {("", "CLOSED_PERIOD")}
    assert shown_and_kept(store_session, HANDOUTS, entries) == [closed, set(), closed]


def test_a_visit_has_one_opinion_also_within_a_file(store_session: Session) -> None:
    guest = new_customer(store_session).id
    days = ("2025-06-01", "2025-06-01", "2025-06-02")
    entries = [Entry(typed=opinion(customer=guest, visit_on=day)) for day in days]
    twice = {("customer", "DUPLICATE")}
    assert shown_and_kept(store_session, OPINIONS, entries) == [set(), twice, set()]
    assert store_session.scalar(select(func.count()).select_from(Opinion)) == 2


def test_what_only_the_database_sees_costs_no_other_form(store_session: Session) -> None:
    """A phone that its owner gives up in the same file is free only once that is written."""
    old = service.keep_new(store_session, PROFILES, typed=contact(), by=editor())
    entries = [
        Entry(typed={"phone": "13900000000"}, record_id=old.id, version=1),
        Entry(typed=contact(name="王二")),
        Entry(typed=contact(name="王三", phone="13700000000")),
    ]
    outcomes = bulk.keep_all(store_session, PROFILES, entries, by=editor())
    assert codes(outcomes) == [set(), set(), set()]
    numbers = store_session.scalars(select(Customer.number).order_by(Customer.id)).all()
    assert list(numbers) == ["F04-202506-0001", "F04-202506-0002", "F04-202506-0003"]


def test_one_that_the_database_refuses_is_told_and_the_others_stay(
    store_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another desk registers the phone after it was looked for: here the look finds nothing."""
    service.keep_new(store_session, PROFILES, typed=contact(), by=editor())
    monkeypatch.setattr("shared.domain.customers.queries.by_phones", lambda *_: {})
    entries = [
        Entry(typed=contact(name=f"王{n}", phone=phone))
        for n, phone in enumerate(("13700000000", contact()["phone"], "13900000000"))
    ]
    outcomes = bulk.keep_all(store_session, PROFILES, entries, by=editor())
    assert codes(outcomes) == [set(), {("", "DUPLICATE")}, set()]
    numbers = store_session.scalars(select(Customer.number).order_by(Customer.id)).all()
    assert list(numbers) == ["F04-202506-0001", "F04-202506-0002", "F04-202506-0003"]


@pytest.mark.parametrize("code", ["F01", "F04", "F09"])
def test_many_cost_as_many_statements_as_few(store_session: Session, code: str) -> None:
    if code == "F01":
        typed = handout(store_session, customer=new_customer(store_session).id, cost_fen=1)
    register = {"F01": HANDOUTS, "F04": PROFILES, "F09": OPINIONS}[code]

    def one(n: int) -> dict[str, Any]:
        if code == "F01":
            return {**typed, "qty": 1}
        return contact(phone=f"138{n:08d}") if code == "F04" else opinion(likes=str(n))

    sent = []
    for first, many in ((0, 3), (100, 60)):
        entries = [Entry(typed=one(first + n)) for n in range(many)]
        statements = _counted(store_session, register, entries)
        sent.append(len(statements))
    assert sent[1] <= sent[0] + 1
    assert sent[1] <= 16


def _counted(session: Session, register: Register, entries: list[Entry]) -> list[str]:
    statements: list[str] = []
    connection = session.connection()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    outcomes = bulk.keep_all(session, register, entries, by=editor())
    event.remove(connection, "before_cursor_execute", note)
    assert all(outcome.record_id for outcome in outcomes)
    return statements


def _newest(session: Session) -> int:
    found: int = session.scalar(text("SELECT max(id) FROM customers"))
    return found
