"""Say in words what a declaration asks for: what a field holds, when it has to be filled in.

Shape: texts are (中文, English).
"""

from collections.abc import Mapping
from typing import Any

from shared.forms import cells
from shared.forms.cells import Field
from shared.forms.conditions import AtLeast, Condition, Every, OneOf, Present, Unless
from shared.forms.fields import Choice, Day, Fen, Label, Month, Ratio, Text, Whole
from shared.forms.kinds import (
    BirthDay,
    Choices,
    Flag,
    Hours,
    Instant,
    Phone,
    Picture,
    Pictures,
    Reference,
    References,
    Staff,
)
from shared.forms.texts import yuan_text

_KINDS: Mapping[type[Field], Label] = {
    Reference: ("编号;或姓名+电话", "its number, or name and phone"),
    References: ("编号,每行一个", "their numbers, one a line"),
    Staff: ("员工姓名", "name of a member of staff"),
    Picture: ("已上传文件的编号", "id of a file sent before"),
    Pictures: ("已上传文件的编号,用顿号分隔", "ids of files sent before, with commas between"),
    Day: ("日期,如 2025-06-01", "a day, as 2025-06-01"),
    Month: ("月份,如 2025-06", "a month, as 2025-06"),
    Instant: ("日期和时间,如 2025-06-01 14:00", "day and time, as 2025-06-01 14:00"),
    Flag: ("是 或 否", "Yes or No"),
    Choice: ("选一项", "one of"),
    Choices: ("可选多项,用顿号分隔", "any of, with commas between"),
    Hours: ("时段,如 12:00-14:00,用顿号分隔", "ranges as 12:00-14:00, with commas between"),
    BirthDay: ("生日,如 1990-05-20 或 --05-20", "a birthday, as 1990-05-20 or --05-20"),
    Phone: ("11位手机号或+国家码", "11 digits, or + and country code"),
    Ratio: ("比率", "a ratio"),
}


def holds(found: Field) -> Label:
    """Say what a field holds, with its bounds and choices."""
    zh, en = next((said for kind, said in _KINDS.items() if isinstance(found, kind)), ("", ""))
    if isinstance(found, (Choice, Choices)):
        names = list(found.choices.values())
        return (
            f"{zh}:{cells.listed([name[0] for name in names], chinese=True)}",
            f"{en}: {cells.listed([name[1] for name in names], chinese=False)}",
        )
    if zh:
        return zh, en
    if isinstance(found, Fen):
        low, high = yuan_text(found.minimum), yuan_text(found.maximum)
        return f"金额(元){low} 到 {high}", f"money in yuan, {low} to {high}"
    if isinstance(found, Whole):
        low, high = str(found.minimum), str(found.maximum)
        return f"整数 {low} 到 {high}", f"a whole number, {low} to {high}"
    if isinstance(found, Text):
        return f"文字,最多 {found.max_length} 字", f"text, at most {found.max_length} characters"
    return "文字", "text"


def required(found: Field, known: Mapping[str, Field]) -> Label:
    """Say whether and when a field has to be filled in; nothing for one that never has to."""
    if found.required:
        return "必填", "always"
    condition: Condition | None = found.metadata.get("required_if")
    if condition is None:
        return "", ""
    zh, en = when(condition, known)
    return f"{zh}时必填", f"when {en}"


def when(condition: Condition, known: Mapping[str, Field]) -> Label:
    """Say a condition in words."""
    if isinstance(condition, OneOf):
        found = known[condition.field]
        names = [_value(found, value) for value in condition.values]
        zh, en = found.metadata["label"]
        return (
            f"「{zh}」为{'或'.join(name[0] for name in names)}",
            f"“{en}” is {' or '.join(name[1] for name in names)}",
        )
    if isinstance(condition, Present):
        zh, en = known[condition.field].metadata["label"]
        return f"填写了「{zh}」", f"“{en}” is filled in"
    if isinstance(condition, AtLeast):
        found = known[condition.field]
        bound = yuan_text(condition.bound) if isinstance(found, Fen) else str(condition.bound)
        zh, en = found.metadata["label"]
        return f"「{zh}」达到 {bound}", f"“{en}” is {bound} or more"
    if isinstance(condition, Every):
        parts = [when(part, known) for part in condition.parts]
        return "且".join(part[0] for part in parts), " and ".join(part[1] for part in parts)
    if isinstance(condition, Unless):
        zh, en = when(condition.part, known)
        return f"除{zh}外", f"not ({en})"
    raise TypeError(f"no words for {condition}")


def _value(found: Field, value: Any) -> Label:
    if isinstance(value, bool):
        return cells.YES_NO[value]
    label: Label | None = getattr(found, "choices", {}).get(value)
    return label or (str(value), str(value))
