"""Import one chunk of rows: sort out what is known, check the rest, save the good ones."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.days import month_of
from shared.domain.catalog import queries as catalog
from shared.domain.customers.service import adding as customers
from shared.domain.sales.models.cash import CashDay, SalesMonth
from shared.domain.sales.models.imports import ImportRun
from shared.domain.sales.queries.imports import WaitingRow
from shared.domain.sales.rules import slips
from shared.domain.sales.service import import_checking, import_writing, periods
from shared.domain.sales.service.import_checking import Receipt
from shared.domain.sales.service.import_writing import NewReceipt, Outcome
from shared.errors import problem
from shared.records import marks


def import_chunk(
    session: Session, run: ImportRun, rows: list[WaitingRow], *, now: datetime, today: date
) -> list[Outcome]:
    """Import some rows that make sense by themselves; give what became of each.

    Locks: the months and cash days of the rows, customers, marks of changed days.
    """
    receipts = import_checking.receipts_of(rows)
    months = _lock_months(session, receipts, today=today)
    known = import_writing.known_sales(session, [receipt.key for receipt in receipts])
    outcomes, fresh = _sort_out_known(receipts, known)
    checks = import_checking.Checks(
        items=catalog.offers_by_texts(session, {row["item"] for r in fresh for row in r.rows}),
        closed_months={month for month, held in months.items() if held.closed_at is not None},
        closed_days=_closed_days(session, fresh),
        today=today,
    )
    good = []
    for receipt in fresh:
        found = import_checking.check(receipt, checks)
        outcomes += found
        good += [] if found else [receipt]
    outcomes += _save(session, run, good, months=months, checks=checks, now=now)
    import_writing.write_outcomes(session, run.id, outcomes)
    return outcomes


def _lock_months(
    session: Session, receipts: list[Receipt], *, today: date
) -> dict[date, SalesMonth]:
    # in order, so that two imports never wait for each other crosswise; a month to come has no row
    wanted = sorted({month_of(receipt.day) for receipt in receipts if receipt.day <= today})
    return {month: periods.lock_month(session, month) for month in wanted}


def _sort_out_known(
    receipts: list[Receipt], known: dict[UUID, tuple[int, int]]
) -> tuple[list[Outcome], list[Receipt]]:
    outcomes: list[Outcome] = []
    fresh = []
    for receipt in receipts:
        if receipt.key not in known:
            fresh.append(receipt)
            continue
        sale_id, total_fen = known[receipt.key]
        if total_fen == receipt.total_fen:
            outcomes += [
                Outcome(line_no=n, state="KNOWN", sale_id=sale_id) for n in receipt.line_nos
            ]
        else:
            zh, en = "该单号已导入过,内容不同", "this receipt was imported before with other lines"
            other = problem("receipt", "DUPLICATE", zh=zh, en=en)
            outcomes += [
                Outcome(line_no=n, state="BAD", problems=(other,)) for n in receipt.line_nos
            ]
    return outcomes, fresh


def _closed_days(session: Session, receipts: list[Receipt]) -> set[date]:
    # held, so that no day is closed between this look and our commit
    wanted = {receipt.day for receipt in receipts}
    held = session.scalars(
        select(CashDay)
        .where(CashDay.business_date.in_(wanted))
        .order_by(CashDay.business_date)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return {day.business_date for day in held if day.state == "CLOSED"}


def _save(
    session: Session,
    run: ImportRun,
    good: list[Receipt],
    *,
    months: dict[date, SalesMonth],
    checks: import_checking.Checks,
    now: datetime,
) -> list[Outcome]:
    if not good:
        return []
    named = [
        customers.NewCustomer(number=r.customer, name=r.name, phone=r.phone or None)
        for r in good
        if r.customer
    ]
    ids = customers.add_missing(session, named, now=now)
    news = [_numbered(receipt, ids, months, checks) for receipt in good]
    written = import_writing.write_receipts(session, run.id, news, now=now)
    visits: dict[int, date] = {}
    for new in news:
        if new.customer_id is not None and new.total_fen > 0:
            visits[new.customer_id] = min(new.day, visits.get(new.customer_id, new.day))
    changed = customers.note_paid_visits(session, visits) | {new.day for new in news}
    marks.mark_changed(session, changed, now=now)
    return [
        Outcome(line_no=n, state="SAVED", sale_id=written[receipt.key])
        for receipt in good
        for n in receipt.line_nos
    ]


def _numbered(
    receipt: Receipt,
    customer_ids: dict[str, int],
    months: dict[date, SalesMonth],
    checks: import_checking.Checks,
) -> NewReceipt:
    month = months[month_of(receipt.day)]
    month.last_no += 1
    return NewReceipt(
        key=receipt.key,
        receipt_no=slips.receipt_no(month.month, month.last_no),
        day=receipt.day,
        customer_id=customer_ids[receipt.customer] if receipt.customer else None,
        paper_no=receipt.paper_no or None,
        total_fen=receipt.total_fen,
        lines=[import_checking.sale_line(row, checks) for row in receipt.rows],
        tenders=receipt.tenders,
    )
