"""An empty workbook of a register: drop-down lists, hints, a sheet that explains each column."""

from typing import BinaryIO

from shared.forms import cells, wording, workbook
from shared.forms.cells import Manner
from shared.forms.fields import Choice
from shared.forms.kinds import Flag, Staff
from shared.forms.record import declared_fields
from shared.forms.workbook import Head, Sheet
from shared.records.columns import EXTRA, Column, blank_columns, header_text
from shared.records.directories import Around
from shared.records.exporting import head, sheet_name
from shared.records.register import Register
from shared.records.views import View


def write_blank(
    out: BinaryIO, register: Register, view: View, around: Around, *, chinese: bool
) -> None:
    """Write an empty workbook with the columns that somebody may fill in."""
    manner = around.manner(chinese=chinese)
    listed = blank_columns(register, view)
    heads = [_head(column, register, manner) for column in listed]
    heads += [Head(text=manner.say(label), is_wide=True) for label, _ in EXTRA.values()]
    workbook.write_blank(
        out, sheet_name(register, manner), heads, [_explained(register, listed, manner)]
    )


def _head(column: Column, register: Register, manner: Manner) -> Head:
    known = declared_fields(register.form)
    plain = head(column, manner)
    needed = manner.say(wording.required(column.found, known))
    hint = [manner.say(wording.holds(column.found)), _help(column, manner), needed]
    return Head(
        text=plain.text, kind=plain.kind, is_required=plain.is_required, is_wide=plain.is_wide,
        choices=_choices(column, manner), hint="\n".join(part for part in hint if part),
    )  # fmt: skip


def _choices(column: Column, manner: Manner) -> list[str]:
    found = column.found
    if isinstance(found, Flag):
        return [manner.say(label) for label in cells.YES_NO.values()]
    if isinstance(found, Choice):
        return [manner.say(label) for label in found.choices.values()]
    return sorted(manner.people.values()) if isinstance(found, Staff) else []


def _explained(register: Register, listed: list[Column], manner: Manner) -> Sheet:
    sheet, known = register.form.sheet, declared_fields(register.form)
    titles = (
        ("列", "Column"), ("所属部分", "Section"), ("是否必填", "Needed"),
        ("填写内容", "What it holds"), ("说明", "Remarks"),
    )  # fmt: skip
    lines = [[manner.say(title) for title in titles]]
    lines += [
        [
            header_text(column, chinese=manner.chinese),
            manner.say(sheet.sections[column.found.metadata["section"]]),
            manner.say(wording.required(column.found, known)),
            manner.say(wording.holds(column.found)),
            _help(column, manner),
        ]
        for column in listed
    ]
    lines += [[manner.say(label), "", "", "", manner.say(why)] for label, why in EXTRA.values()]
    return Sheet(name=manner.say(("填写说明", "Columns")), lines=lines, widths=(24, 18, 30, 60, 40))


def _help(column: Column, manner: Manner) -> str:
    said = column.found.metadata.get("help")
    return manner.say(said) if said else ""
