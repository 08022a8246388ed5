"""The codes of specification 4.3, written down once more: texts in both languages, and statuses."""

from shared import errors
from shared.errors import TEXTS
from web.errors import CLASHES, STATUS

INVALID = {
    "REQUIRED": ("必填项未填写", "required field missing"),
    "TYPE": ("格式不正确", "wrong format"),
    "RANGE": ("数值超出范围", "out of range"),
    "ENUM": ("不是允许的选项", "not an allowed value"),
    "LENGTH": ("内容过长", "too long"),
    "DATE_ORDER": ("时间先后不正确", "dates in wrong order"),
    "FUTURE": ("不能填写未来日期", "date lies in the future"),
    "OUT_OF_HOURS": ("不在营业时间内", "outside opening hours"),
    "CONSENT": ("未取得授权同意", "consent missing"),
    "SUM_MISMATCH": ("合计不符", "sums do not agree"),
}
CLASHING = {
    "DUPLICATE": ("记录重复", "already exists"),
    "STATE": ("当前状态不能执行该操作", "not allowed in this state"),
    "OVERLAP": ("时间冲突", "time conflict"),
    "EQUIPMENT_DOWN": ("仪器维修中或今日未点检", "equipment out of order or not checked today"),
    "CONTRAINDICATED": ("存在护理禁忌", "contraindication"),
    "STOCK_SHORT": ("库存不足", "not enough stock"),
    "BALANCE_SHORT": ("余额或次数不足", "not enough balance or sessions"),
}
# Of a record as a whole: its error's kind says the status.
WHOLE = {
    "CONFLICT": ("他人已修改,请刷新", "changed by somebody else meanwhile"),
    "CLOSED_PERIOD": ("账期已结,不能修改", "period is closed"),
    "NOT_FOUND": ("找不到该记录", "not found"),
    "FORBIDDEN": ("没有权限", "not permitted"),
}
WARNINGS = {
    "LIMIT": ("超出授权额度", "over the approval limit"),
    "NOT_ON_ROSTER": ("该员工未排班", "not on the roster"),
}


def test_every_code_has_its_words_in_both_languages() -> None:
    for codes in (INVALID, CLASHING, WHOLE, WARNINGS):
        assert {code: TEXTS[code] for code in codes} == codes


def test_what_clashes_with_the_data_is_409_and_the_rest_422() -> None:
    assert set(CLASHING) == CLASHES
    assert not CLASHES & {*INVALID, *WARNINGS}
    kinds = {
        errors.Invalid: 422, errors.Missing: 404, errors.Conflict: 409, errors.Forbidden: 403,
    }  # fmt: skip
    assert {kind: STATUS[kind.kind] for kind in kinds} == kinds
