"""The till's pages as forms: saved once, kept when refused, a second person where four eyes ask."""

import re
from datetime import date
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.domain.sales.queries import cash, receipts
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import CHEAP_HASH, PASSWORD, browser_of, csrf_of
from tests.factories.sales import new_item
from tests.factories.tenants import new_person
from web.app import App


def till(app: App, store: Tenant) -> FlaskClient:
    """Sign a front desk in and put two items on sale."""
    with tenant_session(store) as session:
        new_item(session, "F001", price_fen=300_00)
        new_item(session, "P001", price_fen=100_00)
        session.commit()
    return signed_in(app, store, "FD")


def signed_in(app: App, store: Tenant, role: Role) -> FlaskClient:
    """A browser of somebody with this role; every form it sends carries its token."""
    client = browser_of(app, new_person((store, role)))
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, store)["X-CSRFToken"]
    return client


def typed(**more: object) -> dict[str, object]:
    """What a browser sends of one item paid by WeChat."""
    return {
        "key": str(uuid4()),
        "customer": "",
        "item": ["F001 补水护理", ""],
        "quantity": ["1", "1"],
        "amount": ["300.00", ""],
        "tender": ["WECHAT"],
        "tender_amount": ["300"],
        **more,
    }


def record(client: FlaskClient, store: Tenant, form: dict[str, object]) -> TestResponse:
    """Send the form."""
    return client.post(f"/s/{store.slug}/sales/new", data=form)


def test_a_sale_sent_twice_is_one_receipt(app: App, store: Tenant) -> None:
    client, form = till(app, store), typed()

    first = record(client, store, form)
    second = record(client, store, form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert client.get(first.location).text.count("¥300.00") >= 2


def test_a_refused_sale_keeps_what_was_typed_and_says_why_beside_the_fields(
    app: App, store: Tenant
) -> None:
    client = till(app, store)

    answer = record(
        client,
        store,
        typed(
            customer="没有此人",
            item=["F001", "不存在"],
            amount=["三百", "12.5"],
            quantity=["1", "2"],
        ),
    )

    assert answer.status_code == 422
    assert 'value="没有此人"' in answer.text
    assert 'value="三百"' in answer.text
    assert answer.text.count("field-error") == 3  # customer, first amount, second item
    with tenant_session(store) as session:
        assert receipts.sales_of_day(session, _today(answer)) == []


def test_a_new_customer_comes_with_the_sale_and_not_without_it(app: App, store: Tenant) -> None:
    client = till(app, store)

    refused = record(client, store, typed(new_name="李雷", tender_amount=["1"]))
    saved = record(client, store, typed(new_name="李雷"))

    assert (refused.status_code, saved.status_code) == (422, 303)
    found = client.get(f"/s/{store.slug}/sales/customers?customer=李雷").text
    assert found.count("<li>") == 1
    strange = client.get(f"/s/{store.slug}/sales/customers?customer=%00")
    assert (strange.status_code, strange.text.strip()) == (200, "")


def test_a_large_refund_needs_a_second_person_who_may_approve(app: App, store: Tenant) -> None:
    client = till(app, store)
    address = record(client, store, typed()).location.split("?")[0]
    page = client.get(address).text
    line = re.search(r'name="amount-(\d+)"', page)
    assert line
    manager = f"mgr-{store.slug}@example.test"
    new_person((store, "MGR"), login=manager, password_hash=CHEAP_HASH)
    form = {
        "key": str(uuid4()),
        f"quantity-{line[1]}": "1",
        f"amount-{line[1]}": "300.00",
        "tender": "WECHAT",
        "reason": "不满意",
    }

    alone = client.post(f"{address}/refund", data=form)
    wrong = client.post(
        f"{address}/refund", data={**form, "approver_login": manager, "approver_password": "x"}
    )
    both = client.post(
        f"{address}/refund",
        data={**form, "approver_login": manager, "approver_password": PASSWORD},
    )

    assert "超出授权额度" in alone.text
    assert [a.status_code for a in (alone, wrong, both)] == [422, 422, 303]
    assert "-¥300.00" in client.get(both.location).text


def test_the_cashier_counts_and_the_manager_closes(app: App, store: Tenant) -> None:
    client = till(app, store)
    record(client, store, typed(tender=["CASH"]))
    day = _today(client.get(f"/s/{store.slug}/"))
    address = f"/s/{store.slug}/days/{day}"

    short = client.post(f"{address}/count", data={"counted_fen": "290.00", "variance_reason": ""})
    counted = client.post(
        f"{address}/count", data={"counted_fen": "290.00", "variance_reason": "找零有误"}
    )
    own = client.post(f"{address}/closure", data={"counted_fen": "290.00"})
    manager = signed_in(app, store, "MGR")
    closed = manager.post(f"{address}/closure", data={"counted_fen": "290.00"})

    answers = (short, counted, own, closed)
    assert [a.status_code for a in answers] == [422, 303, 403, 303]
    with tenant_session(store) as session:
        report = cash.cash_report(session, day)
    assert (report.state, report.figures.variance_fen) == ("CLOSED", -10_00)


def test_the_sign_in_page_leads_back_only_to_ourselves(app: App) -> None:
    client = app.test_client()

    assert 'value="/s/x/"' in client.get("/sign-in?next=/s/x/").text
    assert 'name="next" value=""' in client.get("/sign-in?next=//evil.example/").text


def _today(answer: TestResponse) -> date:
    found = re.search(r"营业日 (\d{4}-\d{2}-\d{2})", answer.text)
    assert found
    return date.fromisoformat(found[1])
