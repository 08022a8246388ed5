"""What a headquarters does: read its page, look into a store's month, accept it, reopen it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from playwright.sync_api import expect

from shared import days
from shared.domain.franchise.rules.stores import StoreDetails
from shared.domain.franchise.service import stores as franchise
from shared.domain.reporting.events import ComputeMonth
from shared.domain.reporting.rules import states
from shared.domain.reporting.service import closing
from shared.events.jobs import publish
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.seeds import last_month, sell_a_month
from tests.factories.tenants import new_hq, new_store
from workers.testing import drain


def chain(month: date) -> tuple[Tenant, list[Tenant]]:
    """Make a headquarters with three stores; two have sold and computed, one says nothing."""
    hq = new_hq()
    names = ("丽影美容院 朝阳店", "丽影美容院 徐汇店", "丽影美容院 天河店")
    stores = [new_store(hq=hq, name=name) for name in names]
    with tenant_session(hq) as session:
        for store, region in zip(stores, ("华北", "华东", "华南"), strict=True):
            details = StoreDetails(
                tenant=store.name,
                code=store.code,
                name=store.display_name,
                region=region,
                opened_on=days.previous_month(month),
            )
            franchise.register_store(session, details=details)
        session.commit()
    for seed, store in enumerate(stores[:2]):
        sell_a_month(store, month, seed=seed)
        with tenant_session(store) as session:
            publish(session, ComputeMonth(month=month))
            session.commit()
    drain()
    return hq, stores


def review(store: Tenant, month: date) -> None:
    """Sign a month as the store's manager."""
    manager = states.Actor(authority=states.Authority.STORE, name="王店长")
    with tenant_session(store) as session:
        closing.review_month(
            session, month=month, actor=manager, now=datetime.now(UTC), acknowledged="账单未到"
        )
        session.commit()
    drain()


def test_the_analyst_reads_the_chain_and_accepts_a_month_and_the_admin_reopens_it(
    cluster: object, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    month = last_month(new_hq(), datetime.now(UTC))
    hq, stores = chain(month)
    review(stores[0], month)
    with visit() as visitor:
        page = visitor.sign_in(person((hq, "HQN")))
        visitor.open(f"/s/{hq.slug}/")
        page.get_by_text("含 2/3 家").first.wait_for()
        expect(page.locator(".notice.warn").last).to_contain_text(stores[2].display_name)
        page.locator("[data-chart] svg").wait_for()
        visitor.picture("hq-dashboard")
        page.get_by_label("排名指标").select_option("spend_per_customer")
        expect(page.locator("#ranking th").nth(2)).to_have_text("客单价")

        page.get_by_role("link", name=stores[0].display_name).first.click()
        page.get_by_role("heading", name="每日明细").wait_for()
        visitor.picture("hq-store-month")
        page.get_by_role("button", name="确认").click()
        page.get_by_text("决定已下发").first.wait_for()
        drain()
        page.reload()
        expect(page.locator(".head .stamp").first).to_have_text("已结")
        visitor.open(f"/s/{hq.slug}/stores")
        visitor.picture("hq-stores")

    with visit() as visitor:
        page = visitor.sign_in(person((hq, "HQA")))
        visitor.open(f"/s/{hq.slug}/stores/{stores[0].code}/months/{month:%Y-%m}")
        page.locator("summary", has_text="反结").click()
        page.locator("#reason-open").fill("漏记一张单据")
        page.locator("[name=forms]").first.check()
        page.get_by_role("button", name="反结").click()
        page.get_by_text("决定已下发").first.wait_for()
        drain()
        page.reload()
        expect(page.locator(".head .stamp").first).not_to_have_text("已结")
