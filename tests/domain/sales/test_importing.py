"""Files of sales: imported once, chunk by chunk, with a reason beside each bad row."""

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.catalog.rules import Category
from shared.domain.customers import queries as customers
from shared.domain.sales.models.imports import ImportRun
from shared.domain.sales.queries import figures, imports, receipts
from shared.domain.sales.service import importing, periods
from shared.forms.tables import FileRefused, Table, read_table, write_table
from shared.records import marks
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import DAY, described_sale, new_item, new_sale

NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
TODAY = date(2025, 7, 1)
OWN = {"001", "朝阳店"}
HEADER = ["门店", "日期", "顾客编号", "项目", "数量", "金额", "支付方式"]
GOOD = ["朝阳店", "2025-06-10", "K1", "F1", "1", "198.00", "现金"]


def _csv(*rows: list[str], header: list[str] = HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def _receive(session: Session, content: bytes, name: str = "sales.csv") -> ImportRun:
    return importing.receive_file(
        session, file_name=name, content=content, actor_id=UUID(int=9), now=NOW, own_store=OWN
    )


def _import(session: Session, content: bytes, name: str = "sales.csv") -> ImportRun:
    run = _receive(session, content, name)
    while run.state != "DONE":
        importing.import_rows(session, run_id=run.id, now=NOW, today=TODAY)
    return run


def _counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.rows_total, run.rows_saved, run.rows_known, run.rows_bad


def _reasons(session: Session, run: ImportRun) -> dict[int, list[tuple[str, str]]]:
    return {
        row.line_no: [(found["field"], found["code"]) for found in row.problems]
        for row in imports.rows(session, run.id, state="BAD")
    }


def test_rows_become_receipts_with_customers_and_figures(store_session: Session) -> None:
    new_item(store_session, "F1")
    new_item(store_session, "P1", category=Category.PRODUCT)
    other = ["001", "2025/6/11", "", "P1", "2", "1,060", "wechat"]

    run = _import(store_session, _csv(GOOD, GOOD, other))

    assert _counts(run) == (3, 3, 0, 0)
    assert customers.by_numbers(store_session, ["K1"]).keys() == {"K1"}
    totals = figures.day_figures(store_session, [DAY, date(2025, 6, 11)]).totals
    assert [(t.visits, t.new_customers, t.turnover_fen) for t in totals] == [
        (1, 1, 396_00),
        (1, 0, 1060_00),
    ]
    numbers = {sale.receipt_no for sale in receipts.sales_of_day(store_session, DAY)}
    assert numbers == {"S-202506-0001", "S-202506-0002"}
    assert marks.take(store_session, 10) == [DAY, date(2025, 6, 11)]


def test_every_reason_stands_beside_its_row(store_session: Session) -> None:
    new_item(store_session, "F1")
    new_item(store_session, "OLD", on_sale_to=date(2025, 1, 1))
    periods.close_period(store_session, date(2025, 5, 1), NOW)
    bad = [
        ["海淀店", "06/10/25", "K" * 41, "", "1.5", "1.234", "比特币"],
        ["朝阳店", "2025-07-02", "K1", "F1", "1", "1", "现金"],
        ["朝阳店", "2025-05-31", "K1", "NOPE", "1", "1", "现金"],
        ["朝阳店", "2025-06-10", "K1", "OLD", "0", "-5", "现金"],
        ["朝阳店", "2025-06-10", "K1", "OLD", "1", "5", "现金"],
        ["朝阳店", "2025-02-30", "K1", "F1", "", "", ""],
    ]

    run = _import(store_session, _csv(GOOD, *bad))

    assert _counts(run) == (7, 1, 0, 6)
    assert _reasons(store_session, run) == {
        3: [
            ("store", "NOT_FOUND"),
            ("date", "TYPE"),
            ("customer", "LENGTH"),
            ("item", "REQUIRED"),
            ("quantity", "TYPE"),
            ("amount", "TYPE"),
            ("tender", "ENUM"),
        ],
        4: [("date", "FUTURE")],
        5: [("date", "CLOSED_PERIOD"), ("item", "NOT_FOUND")],
        6: [("quantity", "RANGE"), ("amount", "RANGE")],
        7: [("item", "RANGE")],
        8: [
            ("date", "TYPE"),
            ("quantity", "REQUIRED"),
            ("amount", "REQUIRED"),
            ("tender", "REQUIRED"),
        ],
    }


@pytest.mark.parametrize("name", ["sales.csv", "sales.xlsx"])
def test_a_repaired_file_sent_again_whole_makes_no_duplicates(
    store_session: Session, name: str
) -> None:
    new_item(store_session, "F1")
    wrong = [*GOOD[:5], "1.999", "现金"]
    rows = [(n, row) for n, row in enumerate([GOOD, GOOD, wrong], 2)]
    table = Table(
        file_format="XLSX" if name.endswith("x") else "CSV", columns=tuple(HEADER), rows=rows
    )
    first = _import(store_session, write_table(table), name)

    content, given_name = importing.bad_rows_file(store_session, first.id, everything=True)
    back = read_table(given_name, content)
    repaired = [(n, [*cells[:5], "198.00", *cells[6:]]) for n, cells in back.rows]
    again = Table(file_format=back.file_format, columns=back.columns, rows=repaired)
    second = _import(store_session, write_table(again), given_name)
    third = _import(store_session, write_table(again), given_name)

    assert _counts(first) == (3, 2, 0, 1)
    assert back.columns == (*HEADER, "原因", "reason")
    assert back.rows[2][1][7:] == ["金额:格式不正确", "amount: wrong format"]
    assert _counts(second) == (3, 1, 2, 0)
    assert _counts(third) == (3, 0, 3, 0)
    assert len(receipts.sales_of_day(store_session, DAY)) == 3


def test_only_the_bad_rows_come_back_and_nothing_runs_as_a_formula(
    store_session: Session,
) -> None:
    new_item(store_session, "F1")
    evil = ["朝阳店", "2025-06-10", "=cmd|' /C calc'!A0", "+F1", "1", "5", "@SUM(A1)"]
    run = _import(store_session, _csv(GOOD, evil))

    content, name = importing.bad_rows_file(store_session, run.id)

    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert name == "sales-bad-rows.csv"
    assert lines[1][2:4] == ["'=cmd|' /C calc'!A0", "'+F1"]
    assert read_table(name, content).rows[0][1][2] == "=cmd|' /C calc'!A0"


def test_rows_of_one_receipt_are_one_sale_or_none(store_session: Session) -> None:
    new_item(store_session, "F1")
    header = [*HEADER, "单号"]
    good = [*GOOD, "A-1"]
    mixed = [*GOOD[:6], "微信", "A-1"]
    spoiled = [[*GOOD, "A-2"], ["朝阳店", "2025-06-10", "K1", "NOPE", "1", "1", "现金", "A-2"]]

    run = _import(store_session, _csv(good, *spoiled, mixed, header=header))

    assert _counts(run) == (4, 2, 0, 2)
    assert _reasons(store_session, run) == {
        3: [("receipt", "STATE")],
        4: [("item", "NOT_FOUND")],
    }
    [sale] = receipts.sales_of_day(store_session, DAY)
    assert (len(sale.lines), sale.total_fen, sale.paper_no) == (2, 396_00, "A-1")
    assert {t.tender: t.amount_fen for t in sale.tenders} == {"CASH": 198_00, "WECHAT": 198_00}
    changed = _import(store_session, _csv([*GOOD[:5], "5", "现金", "A-1"], header=header))
    assert _reasons(store_session, changed) == {2: [("receipt", "DUPLICATE")]}


def test_known_rows_of_a_closed_month_are_known_and_not_bad(store_session: Session) -> None:
    new_item(store_session, "F1")
    _import(store_session, _csv(GOOD))
    periods.close_period(store_session, date(2025, 6, 1), NOW)

    assert _counts(_import(store_session, _csv(GOOD))) == (1, 0, 1, 0)
    assert _counts(_import(store_session, _csv(GOOD, GOOD))) == (2, 0, 1, 1)


def test_a_kill_in_the_middle_leaves_whole_chunks_and_goes_on(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 100)
    rows = [
        ["001", f"2025-06-{n % 28 + 1:02d}", f"K{n}", "F1", "1", "9.9", "现金"] for n in range(450)
    ]
    with tenant_session(store) as session:
        new_item(session, "F1")
        run_id = _receive(session, _csv(*rows)).id
        session.commit()

    def one_chunk(*, is_killed: bool) -> tuple[str, int]:
        with tenant_session(store) as session:
            importing.import_rows(session, run_id=run_id, now=NOW, today=TODAY)
            if not is_killed:
                session.commit()
        with tenant_session(store) as session:
            sales = session.execute(text("SELECT count(*) FROM sales")).scalar_one()
            return imports.get(session, run_id).state, sales

    steps = [one_chunk(is_killed=n in (1, 4, 6)) for n in range(8)]

    assert [sales for _, sales in steps] == [100, 100, 200, 300, 300, 400, 400, 450]
    assert steps[-1][0] == "DONE"
    with tenant_session(store) as session:
        numbers = session.execute(
            text("SELECT count(DISTINCT receipt_no), max(receipt_no) FROM sales")
        )
        assert tuple(numbers.one()) == (450, "S-202506-0450")


def test_twenty_thousand_rows_come_in_beside_a_sale_at_the_desk(store_session: Session) -> None:
    item = new_item(store_session, "F1")
    new_sale(store_session, *[(item.id, 100)])
    rows = [
        [
            "001",
            f"{2023 + n % 2}-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
            f"K{n % 3000}",
            "F1",
            "1",
            "9.90",
            "现金",
        ]
        for n in range(20_000)
    ]

    run = _import(store_session, _csv(*rows))

    assert _counts(run) == (20_000, 20_000, 0, 0)
    days = figures.days_with_sales(store_session, date(2023, 1, 1), date(2024, 12, 31))
    all_figures = figures.day_figures(store_session, days)
    assert sum(total.turnover_fen for total in all_figures.totals) == 20_000 * 990
    assert sum(total.new_customers for total in all_figures.totals) == 3000
    told = figures.first_paid_counts(store_session, days[0], days[-1])
    assert told == customers.new_counts(store_session, days[0], days[-1])
    assert _counts(_import(store_session, _csv(*rows))) == (20_000, 0, 20_000, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_chinese_files_are_told_apart(store_session: Session, encoding: str) -> None:
    new_item(store_session, "F1")

    run = _import(store_session, _csv(GOOD).decode().encode(encoding))

    assert _counts(run) == (1, 1, 0, 0)


def test_a_file_without_the_needed_columns_is_refused(store_session: Session) -> None:
    with pytest.raises(FileRefused) as refused:
        _receive(store_session, _csv(["x"], header=["门店"]))

    assert refused.value.problems[0].code == "REQUIRED"


def test_a_key_of_the_file_is_no_key_of_the_desk(store_session: Session) -> None:
    item = new_item(store_session, "F1")
    _import(store_session, _csv(GOOD))
    [sale] = receipts.sales_of_day(store_session, DAY)

    assert described_sale((item.id, 198_00)).key != sale.key
