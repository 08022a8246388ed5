"""What must be signed and comes by workbook was signed on paper."""

from shared.domain.customers.service.profiles import PROFILES
from shared.records import queries
from shared.records.columns import blank_columns
from shared.records.queries import Asked
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.workers.records.test_imports import Desk, workbook

HEADER = [
    "日期*", "前台编号*", "姓名*", "性别*", "电话*", "顾客来源*", "责任顾问*", "个人信息同意*",
]  # fmt: skip


def test_an_empty_workbook_asks_for_no_picture() -> None:
    assert not {"customer_sign", "photos"} & {one.name for one in blank_columns(PROFILES)}


def test_a_profile_comes_in_and_is_whole_once_it_is_signed(store: Tenant) -> None:
    desk = Desk(store, PROFILES)
    row = ["2025-06-10", desk.name, "王小丽", "女", "138 1234 5678", "路过", desk.name, "是"]

    run_id = desk.bring(workbook(HEADER, row))
    assert desk.problems(run_id) == {}
    desk.confirm(run_id)

    with tenant_session(store) as session:
        (kept,) = queries.page(session, PROFILES, Asked(text="王小丽"))
    assert (kept.customer_sign, kept.is_complete) == (None, False)
