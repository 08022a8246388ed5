"""`./rollbook import sales FILE`: one file, many stores, the bad rows in one file beside it."""

import argparse
from pathlib import Path

import pytest

from deploy.cli import _words
from deploy.commands import import_sales
from shared.domain.sales.queries import figures
from shared.forms.tables import FileRefused, Table, read_table, write_table
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.sales import DAY, new_item
from tests.factories.tenants import new_store

COLUMNS = ("门店", "日期", "顾客编号", "项目", "数量", "金额", "支付方式")


def _row(store: str, item: str = "F1", customer: str = "K1") -> list[str]:
    return [store, DAY.isoformat(), customer, item, "1", "10.00", "现金"]


def _file(folder: Path, name: str, *rows: list[str]) -> Path:
    path = folder / name
    file_format = "XLSX" if name.endswith(".xlsx") else "CSV"
    numbered = list(enumerate(rows, 2))
    table = Table(file_format=file_format, columns=COLUMNS, rows=numbered)
    path.write_bytes(write_table(table))
    return path


def _run(path: Path, chain: Tenant, *, no_wait: bool = False) -> int:
    parser = argparse.ArgumentParser()
    import_sales.add(parser)
    words = ["sales", str(path), "--chain", chain.slug, *(["--no-wait"] if no_wait else [])]
    return import_sales.run(parser.parse_args(words))


def _turnover(store: Tenant) -> int:
    with tenant_session(store) as session:
        return figures.day_figures(session, [DAY]).totals[0].turnover_fen


@pytest.fixture
def stores(hq: Tenant) -> list[Tenant]:
    """Two stores of one chain with an item on sale."""
    made = [new_store(hq=hq, name="朝阳店"), new_store(hq=hq, name="海淀店")]
    for store in made:
        with tenant_transaction(store) as session:
            new_item(session, "F1")
    return made


@pytest.mark.parametrize("name", ["june.csv", "june.xlsx"])
def test_every_store_gets_its_rows_and_the_bad_ones_come_back_together(
    tmp_path: Path, hq: Tenant, stores: list[Tenant], name: str
) -> None:
    first, second = stores
    rows = [
        _row(first.code),
        _row("海淀店"),
        _row("火星店"),
        _row("朝阳店", "NOPE"),
        _row("朝阳店"),
    ]
    path = _file(tmp_path, name, *rows)

    status = _run(path, hq)

    assert status == 1
    assert (_turnover(first), _turnover(second)) == (20_00, 10_00)
    bad = path.with_name(f"june-bad-rows{path.suffix}")
    back = read_table(bad.name, bad.read_bytes())
    assert back.columns == (*COLUMNS, "原因", "reason")
    assert [cells[-1] for _, cells in back.rows] == [
        "store: not found",
        "item: not found",
    ]

    repaired = _file(tmp_path, name, *rows[:2], _row("海淀店"), _row("朝阳店"), _row("朝阳店"))
    assert _run(repaired, hq) == 0
    assert (_turnover(first), _turnover(second)) == (30_00, 20_00)
    assert _run(repaired, hq) == 0
    assert (_turnover(first), _turnover(second)) == (30_00, 20_00)


def test_without_waiting_the_rows_stay_for_the_workers(
    tmp_path: Path, hq: Tenant, stores: list[Tenant]
) -> None:
    path = _file(tmp_path, "june.csv", _row("朝阳店"))

    assert _run(path, hq, no_wait=True) == 0
    assert _turnover(stores[0]) == 0


def test_what_is_no_table_is_refused_in_words(tmp_path: Path, hq: Tenant) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(b"\x00\x01")

    with pytest.raises(FileRefused) as refused:
        _run(path, hq)

    assert "不是有效的文本表格" in _words(refused.value)
