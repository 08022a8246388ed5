"""Files of sales over the API: upload, progress, bad rows back."""

from collections.abc import Callable
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from shared.domain.sales.service import importing
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of
from tests.api.sales.test_sales import furnish
from tests.factories.sales import DAY, NOW
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]
HEADER = "门店,日期,顾客编号,项目,数量,金额,支付方式\n"


def _upload(caller: Caller, text: str, name: str = "sales.csv") -> TestResponse:
    return caller.call("POST", "/imports", data={"file": (BytesIO(text.encode()), name)})


def _rows(store: Tenant, *cells: str) -> str:
    return HEADER + "".join(f"{store.code},{row}\n" for row in cells)


def _work(store: Tenant, run_id: int) -> None:
    with tenant_session(store) as session:
        importing.import_rows(session, run_id=run_id, now=NOW, today=DAY)
        session.commit()


def test_a_file_is_taken_in_imported_and_its_bad_rows_come_back(
    as_role: AsRole, store: Tenant
) -> None:
    furnish(as_role, store)
    desk = as_role(store, "FD")
    text = _rows(
        store,
        "2025-06-10,K1,F-01,1,198.00,现金",
        "2025-06-10,K2,F-01,1,不是钱,现金",
        "2025-06-10,K3,NOPE,1,1.00,现金",
    )

    taken = _upload(desk, text)
    assert taken.status_code == 202
    assert taken.json is not None
    run = taken.json["id"]
    assert (taken.json["state"], taken.json["rows_total"]) == ("RECEIVED", 3)
    _work(store, run)

    done = as_role(store, "AUD").get(f"/imports/{run}").json
    assert done is not None
    assert (done["state"], done["rows_saved"], done["rows_bad"]) == ("DONE", 1, 2)
    bad = desk.get(f"/imports/{run}/bad-rows").json
    assert bad is not None
    assert [row["line_no"] for row in bad["items"]] == [3, 4]
    assert all(p["message_zh"] and p["message_en"] for r in bad["items"] for p in r["problems"])
    first = desk.get(f"/imports/{run}/bad-rows?limit=1").json
    assert first is not None
    second = desk.get(f"/imports/{run}/bad-rows?limit=1&cursor={first['next']}").json
    assert second is not None
    assert [row["line_no"] for row in second["items"]] == [4]

    back = desk.get(f"/imports/{run}/bad-rows/file")
    assert back.status_code == 200
    assert back.mimetype == "text/csv"
    assert "attachment" in back.headers["Content-Disposition"]
    assert "不是钱" in back.text
    listed = desk.get("/imports").json
    assert listed is not None
    assert [item["id"] for item in listed["items"]] == [run]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "sales.csv"),
        ("a,b\n1,2\n", "sales.csv"),
        ("PK\x03\x04 no zip", "sales.xlsx"),
        ("\x00\x01", "sales.csv"),
    ],
)
def test_what_is_no_table_of_sales_is_refused(
    as_role: AsRole, store: Tenant, content: str, name: str
) -> None:
    answer = _upload(as_role(store, "FD"), content, name)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]


def test_a_call_without_a_file_or_with_more_is_refused(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")

    none = desk.call("POST", "/imports", data={"x": "y"}, content_type="multipart/form-data")
    json = desk.post("/imports", {"file": "x"})
    two = desk.call(
        "POST",
        "/imports",
        data={"file": (BytesIO(b"x"), "a.csv"), "other": (BytesIO(b"x"), "b.csv")},
    )

    assert fields_of(none) == fields_of(json) == {"file": "REQUIRED"}
    assert fields_of(two) == {"other": "UNKNOWN_FIELD"}


def test_a_file_name_cannot_write_a_header(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")
    rows = _rows(store, "x,K1,F-01,1,1,现金")
    assert _upload(desk, rows, "a\r\nSet-Cookie: x=1.csv").status_code == 422
    taken = _upload(desk, rows, "../../王 丽;x=1.csv")
    assert taken.json is not None

    back = desk.get(f"/imports/{taken.json['id']}/bad-rows/file")

    assert back.status_code == 200
    assert "/" not in taken.json["file_name"]
    assert "filename*=UTF-8''" in back.headers["Content-Disposition"]


def test_an_auditor_sees_counts_but_no_rows(as_role: AsRole, store: Tenant) -> None:
    taken = _upload(as_role(store, "FD"), _rows(store, "x,K1,F-01,1,1,现金")).json
    assert taken is not None
    auditor = as_role(store, "AUD")

    assert auditor.get(f"/imports/{taken['id']}").status_code == 200
    assert auditor.get(f"/imports/{taken['id']}/bad-rows").status_code == 403
    assert auditor.get(f"/imports/{taken['id']}/bad-rows/file").status_code == 403
    assert _upload(auditor, HEADER).status_code == 403


def test_another_tenants_file_is_not_found(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    taken = _upload(as_role(other, "FD"), _rows(other, "x,K1,F-01,1,1,现金")).json
    assert taken is not None
    desk = as_role(store, "FD")

    for path in (f"/imports/{taken['id']}", f"/imports/{taken['id']}/bad-rows/file"):
        foreign, nowhere = desk.get(path), desk.get(path.replace(str(taken["id"]), "999"))
        assert foreign.status_code == 404
        assert foreign.data == nowhere.data
    assert desk.get("/imports").json == {"items": [], "next": None}
