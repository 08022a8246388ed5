"""Put all that is held about a guest into one archive that the guest can read (PIPL 45).

Shape: a ZIP; `data.json` has every row as programs read it, `tables/` the same as CSV, declared
    forms under their own labels; `files/` the pictures; `readme.txt` says what it is. Whose
    rows they are is said by the same conditions that erasure follows (queries/persons.py).
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, BinaryIO

from sqlalchemy import Column, LargeBinary, Uuid, select
from sqlalchemy.orm import Session

from shared.domain.privacy.queries.inventory import Holding
from shared.domain.privacy.queries.persons import Part, Person, parts
from shared.domain.registers import REGISTERS
from shared.files import NoSuchFile, Shelf
from shared.forms import workbook
from shared.forms.fields import Label
from shared.forms.kinds import Staff
from shared.forms.record import declared_fields
from shared.forms.workbook import Head
from shared.records import exporting
from shared.records.columns import columns
from shared.records.directories import Around
from shared.records.register import Register
from shared.records.views import View

_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_OURS = ("search_text", "sha256")  # what only serves the program
_BY = frozenset({"created_by", "changed_by", "reviewed_by"})  # people who work here
_README: Label = (
    "{store} 保存的关于您的个人信息副本,制作于 {at}。\n\n"
    "data.json  全部记录(供程序读取)\n"
    "tables/    同样的记录,每类一张表(可用电子表格打开)\n"
    "files/     照片与签名\n\n"
    "员工姓名不在其中:那是他人的信息。如有不实,您可要求更正或删除。\n",
    "What {store} keeps about you, copied at {at}.\n\n"
    "data.json  all records, for programs\n"
    "tables/    the same records, a table for each kind, for spreadsheets\n"
    "files/     photos and signatures\n\n"
    "Who works at the store is not named: that is about others. You may ask for what is wrong to "
    "be corrected, or erased.\n",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """For whom and in which language a copy is made, and what surrounds it."""

    person: Person
    chinese: bool
    store: str
    at: datetime
    around: Around
    pictures: Shelf


def write(session: Session, out: BinaryIO, wanted: Wanted) -> int:
    """Write the archive; give how many rows there are in it.

    Raises: files.StoreAway.
    """
    told: dict[str, Any] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts(wanted.person):
            if part.holding.table.name == "deliveries":
                continue  # one message may tell of several guests; what it tells of each follows
            rows = _rows(session, part)
            if not rows:
                continue
            told[part.holding.table.name] = _as_data(part.holding, rows)
            label = part.holding.name[0 if wanted.chinese else 1]
            archive.writestr(f"tables/{label}.csv", _as_csv(session, part, rows, wanted))
            if part.holding.table.name == "attachments":
                for name, content in _pictures(rows, wanted.pictures):
                    archive.writestr(f"files/{name}", content)
        data = {"store": wanted.store, "made_at": wanted.at.isoformat(), "tables": told}
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1, default=str))
        said = _README[0 if wanted.chinese else 1]
        archive.writestr("readme.txt", said.format(store=wanted.store, at=f"{wanted.at:%Y-%m-%d}"))
    return sum(len(one["rows"]) for one in told.values())


def _rows(session: Session, part: Part) -> Sequence[Any]:
    register = part.holding.register
    table = part.holding.table
    wanted = select(register.model) if register else select(table)
    ordered = wanted.where(part.condition).order_by(*table.primary_key.columns)
    found = session.scalars(ordered).all() if register else session.execute(ordered).all()
    if table.name == "record_change_values":
        return [row for row in found if row.field not in _staff_fields()]
    return found


@cache
def _staff_fields() -> frozenset[str]:
    """Name the fields of all forms that say who works here."""
    return frozenset(
        name
        for register in REGISTERS
        for name, found in declared_fields(register.form).items()
        if isinstance(found, Staff)
    )


def _as_data(holding: Holding, rows: Sequence[Any]) -> dict[str, Any]:
    shown = _shown(holding)
    return {
        "name": list(holding.name),
        "classes": {one.name: holding.secrecy(one.name) for one in shown},
        "rows": [{one.name: getattr(row, one.name) for one in shown} for row in rows],
    }


def _shown(holding: Holding) -> list[Column[Any]]:
    """Give the columns that say something to the guest: not hashes, not who works at the store."""
    return [
        one
        for one in holding.table.columns
        if one.name not in _OURS
        and not (isinstance(one.type, LargeBinary | Uuid) and holding.secrecy(one.name) == "none")
    ]


def _as_csv(session: Session, part: Part, rows: Sequence[Any], wanted: Wanted) -> bytes:
    out = io.BytesIO()
    register = part.holding.register
    if register is not None:
        _write_form(session, out, register, rows, wanted)
    else:
        shown = _shown(part.holding)
        lines = [[_cell(getattr(row, one.name)) for one in shown] for row in rows]
        workbook.write(out, "CSV", "", [Head(text=one.name) for one in shown], lines)
    return out.getvalue()


def _write_form(
    session: Session, out: BinaryIO, register: Register, rows: Sequence[Any], wanted: Wanted
) -> None:
    known = declared_fields(register.form)
    listed = columns(register, View(closed=_staff_fields() | _BY))
    wanted.around.learn(session, known, rows)
    manner = wanted.around.manner(chinese=wanted.chinese)
    lines = [exporting.line(row, listed, manner, frozenset()) for row in rows]
    workbook.write(out, "CSV", "", [exporting.head(one, manner) for one in listed], lines)


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _pictures(rows: Sequence[Any], shelf: Shelf) -> Iterator[tuple[str, bytes]]:
    for row in rows:
        if row.erased_at is None:
            try:
                content = shelf.get(row.id)
            except NoSuchFile:  # a restored tenant has rows without files
                continue
            yield f"{row.id}.{_SUFFIXES[row.content_type]}", content
