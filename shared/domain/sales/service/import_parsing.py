"""Read the lines of a sales file: columns, values, and which lines make one receipt.

Units: amounts are yuan with at most two decimals; dates are written year first.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from shared import money
from shared.domain.sales.rules import kinds, slips
from shared.errors import Problem, problem
from shared.forms import texts
from shared.forms.tables import Table, header_key, refused

NAMESPACE = UUID("6a0b3f0e-6b2c-5f53-9d0c-7a3f0a1c9b11")  # of keys made from file contents
MAX_LINES = 100  # of one receipt

# field -> the headers it is found under, brought into one form by header_key
HEADERS: dict[str, tuple[str, ...]] = {
    "store": ("store", "门店", "店铺", "门店编号", "门店名称"),
    "date": ("date", "日期", "营业日", "business date", "business_date"),
    "customer": ("customer", "顾客编号", "顾客", "会员号", "customer number", "customer_number"),
    "name": ("name", "姓名", "顾客姓名", "customer name"),
    "phone": ("phone", "电话", "手机", "手机号"),
    "item": ("item", "项目", "项目编号", "item code", "item_code"),
    "quantity": ("quantity", "数量"),
    "amount": ("amount", "金额"),
    "tender": ("tender", "支付方式", "付款方式"),
    "receipt": ("receipt", "单号", "receipt no.", "receipt_no"),
    "kind": ("kind", "种类", "类型"),
}
NEEDED = ("date", "item", "quantity", "amount", "tender")
REASON_COLUMNS = ("原因", "reason")

_TENDERS = {
    **{str(code).casefold(): code for code in kinds.Tender},
    **{word.casefold(): code for code, both in kinds.TENDER_LABELS.items() for word in both},
    "银行卡": kinds.Tender.BANKCARD,
    "card": kinds.Tender.BANKCARD,
    "微信支付": kinds.Tender.WECHAT,
    "团购": kinds.Tender.VOUCHER,
}
_KINDS = {
    **{str(code).casefold(): code for code in kinds.LineKind},
    **{word.casefold(): code for code, both in kinds.LINE_KIND_LABELS.items() for word in both},
    "单次": kinds.LineKind.SINGLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A line that makes sense by itself; without a customer it is a walk-in's."""

    day: str  # as 2025-06-01, for JSON
    customer: str
    name: str
    phone: str
    item: str
    quantity: int
    amount_fen: int
    tender: str
    kind: str
    receipt: str


@dataclass(slots=True, kw_only=True)
class Line:
    """A line on its way into the import: parsed, with its receipt's first line and key."""

    line_no: int
    cells: list[str]
    parsed: Parsed | None
    problems: list[Problem]
    sale_no: int = 0
    key: UUID | None = None

    @property
    def parsed_values(self) -> dict[str, Any] | None:
        """Give the parsed values by field."""
        if self.parsed is None:
            return None
        return {field: getattr(self.parsed, field) for field in Parsed.__dataclass_fields__}


def parse(table: Table, *, own_store: set[str]) -> list[Line]:
    """Read all lines of a file that was sent to one store.

    Shape: lines of one receipt share `sale_no` and `key`; when one is bad, all are. Equal lines
        without a receipt number are told apart by counting, so a repaired file meets its old keys.
    Raises: FileRefused when a column is missing or there twice.
    """
    columns = find_columns(table.columns)
    own = {store_key(name) for name in own_store}
    lines = [_line(number, cells, columns, own) for number, cells in table.rows]
    _group(lines, columns)
    return lines


def find_columns(header: Iterable[str]) -> dict[str, int]:
    """Find out which column holds which field.

    Raises: FileRefused when a needed column is missing or a field is there twice.
    """
    fields = {alias: field for field, aliases in HEADERS.items() for alias in aliases}
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        field = fields.get(header_key(name))
        if field in found:
            raise refused("DUPLICATE", f"列“{name}”重复", "a column is there twice", field=field)
        if field is not None:
            found[field] = index
    missing = [field for field in NEEDED if field not in found]
    if missing:
        names = "、".join(HEADERS[field][1] for field in missing)
        raise refused("REQUIRED", f"缺少列:{names}", f"missing columns: {', '.join(missing)}")
    return found


def split_by_store(table: Table) -> dict[str, Table]:
    """Part a file by what its store column says; lines keep their numbers.

    Raises: FileRefused without a store column.
    """
    columns = find_columns(table.columns)
    if "store" not in columns:
        raise refused("REQUIRED", "缺少列:门店", "missing columns: store")
    parts: dict[str, Table] = {}
    for number, cells in table.rows:
        store = cells[columns["store"]].strip()
        if store not in parts:
            parts[store] = Table(file_format=table.file_format, columns=table.columns, rows=[])
        parts[store].rows.append((number, cells))
    return parts


def store_key(name: str) -> str:
    """Bring what people call a store into one form: width and case of letters do not matter."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class _Cells:
    """Reads the cells of one line and collects what is wrong with them."""

    def __init__(self, cells: list[str], columns: dict[str, int]) -> None:
        self._cells = cells
        self._columns = columns
        self.problems: list[Problem] = []

    def text(self, field: str, *, most: int) -> str:
        try:
            value = _clean(self._raw(field))
        except ValueError:
            self.problems.append(problem(field, "TYPE"))
            return ""
        if len(value) > most:
            zh, en = f"内容过长(最多 {most} 字)", f"at most {most} characters"
            self.problems.append(problem(field, "LENGTH", zh=zh, en=en))
        return value

    def needed(self, field: str, *, most: int) -> str:
        value = self.text(field, most=most)
        if not value and not any(found.field == field for found in self.problems):
            self.problems.append(problem(field, "REQUIRED"))
        return value

    def number(self, field: str, read: Callable[[str], int], *, low: int, high: int) -> int:
        raw = self._raw(field).strip()
        if not raw:
            self.problems.append(problem(field, "REQUIRED"))
            return 0
        try:
            value = read(raw)
        except ValueError:
            self.problems.append(problem(field, "TYPE"))
            return 0
        if not low <= value <= high:
            self.problems.append(problem(field, "RANGE"))
        return value

    def day(self, field: str) -> str:
        raw = self._raw(field).strip()
        if not raw:
            self.problems.append(problem(field, "REQUIRED"))
            return ""
        try:
            return _day(raw)
        except ValueError:
            zh, en = "日期请写成 2025-06-01", "write the date as 2025-06-01"
            self.problems.append(problem(field, "TYPE", zh=zh, en=en))
            return ""

    def choice(self, field: str, codes: dict[str, Any], *, is_needed: bool) -> str:
        raw = self._raw(field).strip()
        if raw and raw.casefold() in codes:
            return str(codes[raw.casefold()])
        if raw or is_needed:
            self.problems.append(problem(field, "ENUM" if raw else "REQUIRED"))
        return ""

    def _raw(self, field: str) -> str:
        column = self._columns.get(field)
        return "" if column is None else self._cells[column]


# One file says the same days, amounts and names over and over.
@lru_cache(maxsize=4096)
def _day(text: str) -> str:
    day = texts.day_of(text)
    if not date(1900, 1, 1) <= day <= date(2999, 12, 31):
        raise ValueError(text)
    return day.isoformat()


_clean = lru_cache(maxsize=8192)(texts.clean)
_fen = lru_cache(maxsize=8192)(texts.fen_of)


def _line(number: int, cells: list[str], columns: dict[str, int], own: set[str]) -> Line:
    read = _Cells(cells, columns)
    if "store" in columns and store_key(cells[columns["store"]]) not in own:
        zh, en = "不是本店的记录", "this row belongs to another store"
        read.problems.append(problem("store", "NOT_FOUND", zh=zh, en=en))
    parsed = Parsed(
        day=read.day("date"),
        customer=read.text("customer", most=40),
        name=read.text("name", most=80),
        phone=read.text("phone", most=20),
        item=read.needed("item", most=120),
        quantity=read.number("quantity", texts.whole_of, low=1, high=slips.MAX_QUANTITY),
        amount_fen=read.number("amount", _fen, low=0, high=money.MAX_FEN),
        tender=read.choice("tender", _TENDERS, is_needed=True),
        kind=read.choice("kind", _KINDS, is_needed=False),
        receipt=read.text("receipt", most=40),
    )
    is_good = not read.problems
    return Line(
        line_no=number,
        cells=cells,
        parsed=parsed if is_good else None,
        problems=read.problems,
    )


def _group(lines: list[Line], columns: dict[str, int]) -> None:
    receipts: dict[str, list[Line]] = {}
    equal: Counter[str] = Counter()
    for line in lines:
        line.sale_no = line.line_no
        name = _receipt_name(line, columns)
        if name is not None:
            receipts.setdefault(name, []).append(line)
        elif line.parsed is not None:
            content = _content(line.parsed)
            line.key = uuid5(NAMESPACE, f"line|{equal[content]}|{content}")
            equal[content] += 1
    for name, members in receipts.items():
        _join(members, key=uuid5(NAMESPACE, f"receipt|{name}"))


def _receipt_name(line: Line, columns: dict[str, int]) -> str | None:
    if "receipt" not in columns:
        return None
    read = _Cells(line.cells, columns)  # a bad line belongs to its receipt all the same
    receipt = read.text("receipt", most=40)
    day = read.day("date") or line.cells[columns["date"]]
    return json.dumps([day, receipt, read.text("customer", most=40)]) if receipt else None


def _content(parsed: Parsed) -> str:
    own = (parsed.day, parsed.customer, parsed.item, parsed.quantity, parsed.amount_fen)
    return json.dumps([*own, parsed.tender, parsed.kind])


def _join(members: list[Line], *, key: UUID) -> None:
    if len(members) > MAX_LINES:
        for line in members:
            zh, en = f"一张单据最多 {MAX_LINES} 行", f"a receipt has at most {MAX_LINES} lines"
            line.problems.append(problem("receipt", "RANGE", zh=zh, en=en))
    is_bad = any(line.problems for line in members)
    for line in members:
        line.sale_no = members[0].line_no
        line.key = None if is_bad else key
        if is_bad:
            line.parsed = None
            line.problems = line.problems or [spoiled()]


def spoiled() -> Problem:
    """Say that a line is fine but another one of its receipt is not."""
    return problem(
        "receipt", "STATE", zh="同一单据的其他行有误", en="another line of this receipt is wrong"
    )
