"""What can go wrong, in five kinds; the edges turn a kind into a status or a retry.

Form: the codes and texts of specification 4.3, both languages, in one table.
"""

import inspect
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Kind = Literal["invalid", "missing", "conflict", "forbidden", "unavailable"]

# code -> (中文, English); the status belongs to web/errors.py
TEXTS: dict[str, tuple[str, str]] = {
    "REQUIRED": ("必填项未填写", "required field missing"),
    "TYPE": ("格式不正确", "wrong format"),
    "RANGE": ("数值超出范围", "out of range"),
    "ENUM": ("不是允许的选项", "not an allowed value"),
    "LENGTH": ("内容过长", "too long"),
    "DATE_ORDER": ("时间先后不正确", "dates in wrong order"),
    "FUTURE": ("不能填写未来日期", "date lies in the future"),
    "DUPLICATE": ("记录重复", "already exists"),
    "NOT_FOUND": ("找不到该记录", "not found"),
    "CONSENT": ("未取得授权同意", "consent missing"),
    "STATE": ("当前状态不能执行该操作", "not allowed in this state"),
    "CONFLICT": ("他人已修改,请刷新", "changed by somebody else meanwhile"),
    "CLOSED_PERIOD": ("账期已结,不能修改", "period is closed"),
    "OVERLAP": ("时间冲突", "time conflict"),
    "OUT_OF_HOURS": ("不在营业时间内", "outside opening hours"),
    "NOT_ON_ROSTER": ("该员工未排班", "not on the roster"),
    "EQUIPMENT_DOWN": ("仪器维修中或今日未点检", "equipment out of order or not checked today"),
    "CONTRAINDICATED": ("存在护理禁忌", "contraindication"),
    "STOCK_SHORT": ("库存不足", "not enough stock"),
    "BALANCE_SHORT": ("余额或次数不足", "not enough balance or sessions"),
    "SUM_MISMATCH": ("合计不符", "sums do not agree"),
    "LIMIT": ("超出授权额度", "over the approval limit"),
    "CONFIRM": ("有需要确认的提示", "needs to be confirmed"),
    "FORBIDDEN": ("没有权限", "not permitted"),
    "UNKNOWN_FIELD": ("没有这个字段", "unknown field"),
    "TENANT_SUSPENDED": ("门店已停用,只能查看和导出", "this tenant is suspended: read only"),
    "UNAVAILABLE": ("系统繁忙,请稍后再试", "temporarily unavailable, try again"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field; `field` is a dotted path, empty for the whole form.

    Shape: with a `permission` it is a warning, which those who have it may confirm with a reason;
        with `needs_second` somebody else than the editor.
    """

    field: str
    code: str
    message_zh: str
    message_en: str
    permission: str | None = None
    needs_second: bool = False


def problem(field: str, code: str, *, zh: str | None = None, en: str | None = None) -> Problem:
    """Say what is wrong with a field, in the specification's words unless better ones are given."""
    text_zh, text_en = TEXTS[code]
    return Problem(field, code, zh or text_zh, en or text_en)


class DomainError(Exception):
    """Something the business refuses; the subclass's first docstring line is the English message.

    Shape: facts as keywords; `zh` the Chinese message; `code` one of TEXTS.
    """

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "TYPE"
    zh: ClassVar[str] = ""

    def __init__(self, *, problems: tuple[Problem, ...] = (), **facts: Any) -> None:
        self.facts = facts
        self.problems = problems
        super().__init__(self.message_en)

    @property
    def message_en(self) -> str:
        """English sentence for people."""
        return (inspect.getdoc(type(self)) or TEXTS[self.code][1]).splitlines()[0]

    @property
    def message_zh(self) -> str:
        """Chinese sentence for people."""
        return self.zh or TEXTS[self.code][0]

    def __str__(self) -> str:
        facts = ", ".join(f"{key}={value}" for key, value in self.facts.items())
        listed = "; ".join(f"{p.field}: {p.code}" for p in self.problems)
        return " ".join(part for part in (type(self).__name__, facts, listed) if part)


class Invalid(DomainError):
    """The input is not acceptable."""

    kind = "invalid"


class FormInvalid(Invalid):
    """The form has errors."""

    zh = "表单有误,请修改后再提交"


class Missing(DomainError):
    """Not found."""

    kind = "missing"
    code = "NOT_FOUND"


class Conflict(DomainError):
    """Not possible in this state."""

    kind = "conflict"
    code = "STATE"


class Forbidden(DomainError):
    """Not permitted."""

    kind = "forbidden"
    code = "FORBIDDEN"


class Unavailable(DomainError):
    """Temporarily unavailable, try again."""

    kind = "unavailable"
    code = "UNAVAILABLE"
