"""The day close over API and pages: pieces, settlement totals, signatures, late slips."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of, signature
from tests.api.sales.test_cash_days import today_of
from tests.api.sales.test_pages import signed_in
from tests.api.sales.test_sales import furnish, receipt
from tests.factories import reporting
from tests.factories.records import png
from tests.factories.sales import new_item, new_sale
from tests.factories.tenants import new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
DAY = date(2025, 6, 10)


def _sold(store: Tenant, *, off_fen: int = 0, is_closed: bool = True) -> None:
    with tenant_session(store) as session:
        new_sale(session, (new_item(session).id, 300_00), day=DAY)
        if is_closed:
            reporting.close_day(session, DAY, off_fen=off_fen)
        session.commit()


def test_a_count_by_piece_waits_for_settlement_totals(as_role: AsRole, store: Tenant) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")
    item = furnish(as_role, store)
    paid = {"tenders": [{"tender": "WECHAT", "amount_fen": 30000}]}
    sale = desk.post("/sales", {**receipt(item, 30000), **paid}).json
    assert sale is not None
    day = f"/cash-days/{sale['business_date']}"
    pieces = {"denominations": [{"face_fen": 10000, "pieces": 0}]}

    kept = desk.call("PUT", f"{day}/counting", json=pieces)
    blocked = desk.call("PUT", f"{day}/count", json=pieces)
    totals = [{"tender": "WECHAT", "amount_fen": 29900}]
    differs = desk.call("PUT", f"{day}/count", json={**pieces, "settlements": totals})
    totals[0]["reason"] = "手续费"
    done = desk.call("PUT", f"{day}/count", json={**pieces, "settlements": totals})

    assert kept.json is not None
    assert kept.json["state"] == "COUNTING"
    assert (blocked.status_code, fields_of(blocked)) == (409, {"settlements.WECHAT": "STATE"})
    assert (differs.status_code, fields_of(differs)) == (
        422, {"settlements.WECHAT": "SUM_MISMATCH"},
    )  # fmt: skip
    assert done.json is not None
    assert done.json["state"] == "SUBMITTED"
    assert done.json["totals"][0]["difference_fen"] == -100
    back = manager.post(f"{day}/rejection", {"reason": "再点一次"})
    assert (back.status_code, manager.post(f"{day}/closure", {}).status_code) == (201, 409)
    assert manager.post(f"{day}/rejection", {"reason": "x"}).status_code == 409
    assert fields_of(manager.post(f"{day}/rejection", {})) == {"reason": "REQUIRED"}


def test_all_that_is_wrong_with_a_count_is_said_at_once(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")
    wrong = {
        "counted_fen": -1,
        "denominations": [{"face_fen": 3, "pieces": -1}],
        "settlements": [{"tender": "SHELLS", "amount_fen": 1}],
        "signature": 5,
        "more": 1,
    }

    answer = desk.call("PUT", f"/cash-days/{today_of(store)}/count", json=wrong)

    assert answer.status_code == 422
    assert fields_of(answer) == {
        "counted_fen": "RANGE",
        "denominations.0.pieces": "RANGE",
        "settlements.0.tender": "ENUM",
        "signature": "TYPE",
        "more": "UNKNOWN_FIELD",
    }


def test_signatures_and_vouchers_are_ones_own_pictures(as_role: AsRole, store: Tenant) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")
    day = f"/cash-days/{today_of(store)}"

    def sent(who: Caller, path: str) -> str:
        answer = who.call("POST", path, data={"file": (io.BytesIO(png()), "x.png")})
        assert answer.status_code == 201, answer.text
        assert answer.json is not None
        return str(answer.json["id"])

    cashiers = sent(desk, "/cash-pictures/cashier_sign")
    voucher = sent(desk, "/cash-pictures/voucher")
    managers = sent(manager, "/cash-signatures/manager_sign")
    refused = desk.call(
        "POST", "/cash-pictures/manager_sign", data={"file": (io.BytesIO(png()), "x")}
    )
    assert fields_of(refused) == {"field": "ENUM"}
    assert desk.post("/cash-signatures/manager_sign").status_code == 403

    payment = {"purpose": "MISC", "payee": "物业", "amount_fen": 1000}
    stolen = {"key": str(uuid4()), **payment, "voucher": managers}
    assert fields_of(desk.post(f"{day}/payments", stolen)) == {"voucher": "NOT_FOUND"}
    paid = desk.post(f"{day}/payments", {"key": str(uuid4()), **payment, "voucher": voucher})
    assert paid.json is not None
    assert paid.json["voucher"] == voucher
    desk.call("PUT", f"{day}/opening", json={"opening_fen": 1000})
    count = {"counted_fen": 0, "signature": cashiers}
    assert desk.call("PUT", f"{day}/count", json=count).status_code == 200
    closed = manager.post(f"{day}/closure", {"signature": managers}).json
    assert closed is not None
    assert (closed["cashier_sign"], closed["manager_sign"]) == (cashiers, managers)
    assert closed["number"].startswith("F08-")
    page = signed_in(desk.app, store, "FD").get(f"/s/{store.slug}/files/{voucher}")
    beautician = signed_in(desk.app, store, "BEA").get(f"/s/{store.slug}/files/{voucher}")
    assert (page.status_code, page.mimetype) == (200, "image/png")
    assert beautician.status_code == 404


def test_a_late_payment_is_dated_today_and_signed_by_two(as_role: AsRole, store: Tenant) -> None:
    _sold(store, off_fen=-30_00)
    desk = as_role(store, "FD")
    path = f"/cash-days/{DAY}/corrections"
    late: dict[str, Any] = {
        "key": str(uuid4()), "kind": "PAYMENT", "purpose": "MISC", "payee": "物业",
        "amount_fen": 30_00, "reason": "凭证迟到",
    }  # fmt: skip

    short = {"key": str(uuid4()), "kind": "PAYMENT"}
    assert fields_of(desk.post(path, short)) == {"reason": "REQUIRED"}
    assert fields_of(desk.post(path, {**short, "reason": "x"})) == dict.fromkeys(
        ("purpose", "payee", "amount_fen"), "REQUIRED"
    )
    assert fields_of(desk.post(path, late)) == {"approver_login": "LIMIT"}
    signed = {**late, **signature((store, "MGR"))}
    first, again = desk.post(path, signed), desk.post(path, signed)
    assert first.status_code == 201
    assert first.json == again.json
    assert first.json is not None
    assert first.json["number"].startswith("F08G-")
    report = desk.get(f"/cash-days/{DAY}").json
    assert report is not None
    assert (report["figures"]["variance_fen"], report["explained_fen"]) == (-30_00, 0)


def test_variances_are_listed_in_their_own_store_alone(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    _sold(other, off_fen=-5_00)
    path = f"/cash-days/{DAY}/variances"

    theirs, mine = as_role(other, "MGR").get(path).json, as_role(store, "MGR").get(path).json

    assert theirs is not None
    assert [row["fen"] for row in theirs["days"]] == [-5_00]
    assert mine == {"days": [], "patterns": []}
    assert as_role(store, "BEA").get(path).status_code == 403


def test_the_day_is_counted_kept_and_closed_on_its_page(app: App, store: Tenant) -> None:
    with tenant_session(store) as session:
        new_sale(session, (new_item(session).id, 300_00), day=DAY)
        session.commit()
    desk, manager = signed_in(app, store, "FD"), signed_in(app, store, "MGR")
    address = f"/s/{store.slug}/days/{DAY}"
    pieces = {"denominations.10000": "2", "denominations.5000": "1", "then": "save"}

    assert desk.post(f"{address}/count", data=pieces).status_code == 303
    page = desk.get(address).text
    assert 'name="denominations.10000"' in page
    assert 'value="2"' in page
    wrong = desk.post(f"{address}/count", data={**pieces, "then": "submit"})
    assert wrong.status_code == 422
    done = {**pieces, "denominations.5000": "2", "then": "submit"}
    assert desk.post(f"{address}/count", data=done).status_code == 303
    assert manager.post(f"{address}/rejection", data={"reason": ""}).status_code == 422
    assert manager.post(f"{address}/closure", data={"counted_fen": "300"}).status_code == 303
    other = signed_in(app, store, "MGR").post(f"{address}/closure", data={"counted_fen": "300"})
    assert other.status_code == 409
    assert "已于" in other.text


def test_a_page_for_paper_a_workbook_and_balanced_postings(app: App, store: Tenant) -> None:
    _sold(store, off_fen=-5_00)
    auditor, desk = signed_in(app, store, "AUD"), signed_in(app, store, "FD")
    days = f"/s/{store.slug}/days"

    paper = desk.get(f"{days}/{DAY}/paper").text
    book = auditor.get(f"{days}/{DAY}/report.xlsx")
    journal = auditor.get(f"{days}/journal/2025-06.csv")

    assert "现金收支日报表" in paper
    assert book.data[:2] == b"PK"
    rows = list(csv.DictReader(io.StringIO(journal.data.decode("utf-8-sig"))))
    debit, credit = (sum(float(row[name] or 0) for row in rows) for name in ("借方", "贷方"))
    assert debit == credit == 305
    assert desk.get(f"{days}/{DAY}/report.xlsx").status_code == 403
    assert desk.get(f"{days}/journal/2025-06.csv").status_code == 403


def test_patterns_are_shown(app: App, store: Tenant) -> None:
    today = datetime.now(UTC).date()
    with tenant_session(store) as session:
        item = new_item(session)
        for number in range(1, 4):
            day = today - timedelta(days=number)
            new_sale(session, (item.id, 300_00), day=day)
            reporting.close_day(session, day, off_fen=-20_00)
        session.commit()

    page = signed_in(app, store, "MGR").get(f"/s/{store.slug}/days/variances").text

    assert "整数金额" in page
    assert "连续" in page
