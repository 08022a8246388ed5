"""What a manager does: check a month, enter its costs, close it; import a file."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from shared import days
from shared.domain.reporting.events import RollUpDays
from shared.events.jobs import publish
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.seeds import close_day, last_month, sell_a_month
from tests.browser.test_front_desk import stock
from workers.testing import drain


def roll_up(store: Tenant) -> None:
    """Let the night's job run now."""
    with tenant_session(store) as session:
        publish(session, RollUpDays())
        session.commit()
    drain()


def test_the_manager_closes_a_month_of_a_store_without_headquarters(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    month = last_month(store, datetime.now(UTC))
    sell_a_month(store, month, leave_open=1)
    roll_up(store)
    with visit() as visitor:
        page = visitor.sign_in(person((store, "MGR")))
        visitor.open(f"/s/{store.slug}/")
        visitor.picture("home")
        page.get_by_role("link", name="月报").first.click()
        visitor.picture("months")
        page.locator("tbody a").first.click()
        page.get_by_text("以下营业日尚未日结").wait_for()
        page.locator("[data-chart] svg").wait_for()
        visitor.picture("month-gaps")

        # the last cash day is closed by two people
        last = max(day for day in days.days_of(month) if day.weekday() != 1)
        with tenant_session(store) as session:
            close_day(session, store, last)
            session.commit()
        page.reload()
        page.get_by_role("button", name="计算本月").click()
        page.get_by_text("本月已计算").wait_for()

        for kind, yuan in (("WAGES", "12000"), ("RENT", "8,000.00"), ("MATERIALS", "1500.5")):
            page.locator(f"[id='costs.{kind}']").fill(yuan)
        page.get_by_role("button", name="保存成本").click()
        page.get_by_text("成本已录入").wait_for()
        expect(page.locator("#costs .total").last).to_have_text("¥21,500.50")

        page.get_by_label("可以缺少的原因").fill("水电账单未到")
        page.get_by_role("button", name="复核无误").click()
        page.get_by_text("本月已复核").wait_for()
        page.get_by_role("button", name="确认月结").click()
        page.get_by_text("本月已结").wait_for()
        page.locator("[data-chart] svg").wait_for()
        visitor.picture("month-closed")
        visitor.open(f"/s/{store.slug}/jobs")
        visitor.picture("jobs")


def test_a_file_with_a_bad_row_is_imported_repaired_and_imported_again(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str], tmp_path: Path
) -> None:
    stock(store)
    day = f"{last_month(store, datetime.now(UTC)):%Y-%m}-03"
    file = tmp_path / "销售.csv"
    good = f"日期,顾客编号,项目,数量,金额,支付方式\n{day},V0001,F001,1,298.00,微信\n"
    file.write_text(good + f"{day},V0002,F9,1,398.00,现金\n", encoding="utf-8")
    with visit() as visitor:
        page = visitor.sign_in(person((store, "MGR")))
        visitor.open(f"/s/{store.slug}/imports")
        visitor.picture("imports-empty")
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="导入").click()
        page.get_by_text("已收到").wait_for()
        drain()
        page.get_by_role("heading", name="有误的行").wait_for()
        visitor.picture("import-bad-row")
        with page.expect_download() as bad:
            page.get_by_role("link", name="下载有误的行").click()
        text = Path(bad.value.path()).read_text(encoding="utf-8-sig")
        assert "原因" in text
        assert "F9" in text

        file.write_text(good + f"{day},V0002,B001,1,398.00,现金\n", encoding="utf-8")
        visitor.open(f"/s/{store.slug}/imports")
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="导入").click()
        page.get_by_text("已收到").wait_for()
        drain()
        page.get_by_text("已完成").wait_for()
        values = page.locator(".fig .value").all_inner_texts()
        assert values == ["1", "1", "0"]  # saved, known before, bad
        visitor.picture("import-done")
