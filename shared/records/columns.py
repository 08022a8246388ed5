"""The columns of a register's workbooks: which, in what order, under which headers.

Shape: number and version come first, by them a row is found again; then the form's own fields in
    the order of the paper; then what every record has. Derived and common ones are for reading.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from shared.forms import cells
from shared.forms.cells import Field
from shared.forms.fields import Label
from shared.forms.kinds import Picture, Pictures, Signature
from shared.forms.record import Record, declared_fields, derived, entered
from shared.records.register import Register
from shared.records.views import WHOLE, View

Use = Literal["key", "entered", "read"]

_KEYS = ("number", "version")
_COMMON = (
    "business_date", "state", "created_at", "created_by", "changed_at", "changed_by",
    "reviewed_by", "void_reason",
)  # fmt: skip
# Columns beside the form's own: field of a kept form -> (header, what it is for)
EXTRA: dict[str, tuple[Label, Label]] = {
    "change_reason": (
        ("修改原因", "Reason of the change"),
        ("修改已有记录时填写", "why a record that is there already changes"),
    ),
    "confirmations": (
        ("确认提示的原因", "Reason to confirm warnings"),
        (
            "出现提示(如超出额度)时,填写后视为确认",
            "accepts what is only warned of, such as a limit",
        ),
    ),
}
_UNITS: dict[str, Label] = {
    "fen": ("元", "yuan"),
    "piece": ("件", "pieces"),
    "minute": ("分钟", "minutes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `name` is the field's."""

    name: str
    found: Field
    use: Use
    header: Label
    is_required: bool = False

    def value(self, row: Any) -> Any:
        """Read it of a row."""
        return getattr(row, self.found.attribute or self.name)


def columns(register: Register, view: View = WHOLE) -> list[Column]:
    """List the columns of a workbook with a register's rows."""
    return [one for one in _all(register.form) if one.name not in view.closed_in_lists]


def blank_columns(register: Register, view: View = WHOLE) -> list[Column]:
    """List the columns of an empty workbook, to be filled in; no cell holds a picture."""
    pictures = (Picture, Pictures)
    listed = (one for one in columns(register, view) if one.use == "entered")
    return [one for one in listed if not isinstance(one.found, pictures)]


def header_text(column: Column, *, chinese: bool) -> str:
    """Write a header: the label, the unit, a star where it has to be filled in."""
    label = column.header[0 if chinese else 1]
    return f"{label}*" if column.is_required else label


def by_header(register: Register) -> dict[str, Column]:
    """Find columns by what a header may say, in either language or the field's own name."""
    listed = _all(register.form)
    names = {one.name: one for one in listed}
    return names | {header_key(text): one for one in listed for text in one.header}


def header_key(text: str) -> str:
    """Bring a header into one form: `成本合计（元）*` and ` 成本合计 ` are the same."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("*").casefold()
    return re.sub(r"\s*\([^()]*\)$", "", plain.strip())


@cache
def _all(form: type[Record]) -> tuple[Column, ...]:
    known, filled, computed = declared_fields(form), entered(form), derived(form)
    made = [_column(name, known[name], "key") for name in _KEYS]
    own = [name for name in known if name in filled or name in computed]
    made += [_column(name, known[name], "entered" if name in filled else "read") for name in own]
    taken = {header_key(text) for one in made for text in one.header}
    common = [_column(name, known[name], "read") for name in _COMMON]
    # A form whose own date is its business date shows it once.
    made += [c for c in common if not taken & {header_key(text) for text in c.header}]
    return tuple(made)


def _column(name: str, found: Field, use: Use) -> Column:
    cells.kind_of(found)
    zh, en = found.metadata["label"]
    unit = _UNITS.get(found.metadata.get("unit", ""))
    header = (f"{zh}({unit[0]})", f"{en} ({unit[1]})") if unit else (zh, en)
    return Column(
        name=name, found=found, use=use, header=header,
        is_required=use == "entered" and bool(found.required) and not isinstance(found, Signature),
    )  # fmt: skip
