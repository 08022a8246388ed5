"""A key makes a call happen once: the same answer again, never a second effect (R-05 to R-08)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from shared.domain.catalog.models import Item
from shared.events.jobs import publish
from shared.records.events import ForgetAnswers
from shared.records.models import StoredAnswer
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.catalog.test_items import ITEM
from tests.api.clients import Caller, browser_of, csrf_of, fields_of
from tests.api.sales.test_imports import HEADER
from tests.factories import records
from tests.factories.tenants import new_store
from web.app import App
from workers.testing import drain

AsRole = Callable[[Tenant, Role], Caller]


def keyed(key: str | None = None) -> dict[str, str]:
    """The header with a key."""
    return {"Idempotency-Key": key or str(uuid4())}


def items_of(tenant: Tenant) -> int:
    """Count the items of a store."""
    with tenant_session(tenant) as session:
        return len(session.scalars(select(Item.id)).all())


def test_a_call_sent_again_gets_the_same_bytes_and_does_nothing(
    as_role: AsRole, store: Tenant
) -> None:
    manager, header = as_role(store, "MGR"), keyed()

    first = manager.post("/items", ITEM, headers=header)
    again = manager.post("/items", dict(reversed(ITEM.items())), headers=header)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert first.content_type == again.content_type
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert items_of(store) == 1


def test_a_record_and_its_etag_are_answered_again(
    as_role: AsRole, store: Tenant, store_session: Session
) -> None:
    typed = records.handout(store_session)
    store_session.commit()
    desk, header = as_role(store, "FD"), keyed()

    first, again = (desk.post("/handouts", typed, headers=header) for _ in range(2))

    assert first.status_code == 201
    assert (first.data, first.headers["ETag"]) == (again.data, again.headers["ETag"])


@pytest.mark.parametrize(
    "other",
    [
        {"json": {**ITEM, "code": "F-02"}},
        {"json": ITEM, "query_string": "a=1"},
        {"json": ITEM, "path": "/customers"},
    ],
)
def test_a_key_for_another_request_is_refused(
    as_role: AsRole, store: Tenant, other: dict[str, Any]
) -> None:
    manager, header = as_role(store, "MGR"), keyed()
    manager.post("/items", ITEM, headers=header)

    refused = manager.call("POST", other.pop("path", "/items"), headers=header, **other)

    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["code"] == "KEY_REUSED"


def test_what_was_refused_leaves_no_key(as_role: AsRole, store: Tenant) -> None:
    manager, header = as_role(store, "MGR"), keyed()

    assert manager.post("/items", {**ITEM, "price_fen": -1}, headers=header).status_code == 422
    assert manager.post("/items", ITEM, headers=header).status_code == 201


def test_a_key_belongs_to_one_person_in_one_tenant(as_role: AsRole, store: Tenant) -> None:
    header, other = keyed(), new_store()
    callers = [as_role(store, "MGR"), as_role(store, "MGR"), as_role(other, "MGR")]

    answers = [
        caller.post("/items", {**ITEM, "code": f"C-{number}"}, headers=header)
        for number, caller in enumerate(callers)
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert (items_of(store), items_of(other)) == (2, 1)


def test_fifty_at_once_do_it_once(as_role: AsRole, store: Tenant) -> None:
    manager, header = as_role(store, "MGR"), keyed()

    with ThreadPoolExecutor(10) as several:
        answers = list(
            several.map(lambda _: manager.post("/items", ITEM, headers=header), range(50))
        )

    kinds = {answer.status_code for answer in answers}
    assert 201 in kinds
    assert kinds <= {201, 409, 503}  # 503: more at once than a tenant has connections
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json is not None
            assert (answer.json["code"], answer.headers["Retry-After"]) == ("IN_FLIGHT", "1")
    assert items_of(store) == 1


def test_one_at_work_makes_the_next_wait_its_turn(as_role: AsRole, store: Tenant) -> None:
    manager, header = as_role(store, "MGR"), keyed()
    with tenant_session(store) as session:  # the first one, not yet committed
        session.add(
            StoredAnswer(
                user_id=manager.person_id, key=header["Idempotency-Key"], fingerprint="f",
                created_at=datetime.now(UTC),
            )
        )  # fmt: skip
        session.flush()

        second = manager.post("/items", ITEM, headers=header)
        session.rollback()

    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    assert manager.post("/items", ITEM, headers=header).status_code == 201


@pytest.mark.shares_store
@pytest.mark.parametrize("key", ["", " ", "x" * 201, "钥匙", "a b"])
def test_a_key_that_is_none_is_refused(as_role: AsRole, store: Tenant, key: str) -> None:
    answer = as_role(store, "MGR").post(
        "/items", ITEM, headers={"Idempotency-Key": key.encode().decode("latin1")}
    )

    assert fields_of(answer) == {"Idempotency-Key": "TYPE"}


def test_a_file_sent_again_is_imported_once(as_role: AsRole, store: Tenant) -> None:
    manager, header = as_role(store, "MGR"), keyed()
    row = f"{store.code},2025-06-10,K1,F-01,1,198.00,现金\n"

    def send() -> Any:
        file = (BytesIO((HEADER + row).encode()), "sales.csv")
        return manager.call("POST", "/imports", data={"file": file}, headers=header)

    first, again = send(), send()

    assert (first.status_code, again.headers.get("Idempotency-Replayed")) == (202, "true")
    assert first.data == again.data


def test_a_secret_is_not_kept_to_be_told_again(app: App, as_role: AsRole, store: Tenant) -> None:
    person = as_role(store, "MGR").person_id
    browser = browser_of(app, person)
    header = {**keyed(), **csrf_of(browser, store)}
    path = f"/api/v1/s/{store.slug}/tokens"

    made = browser.post(path, json={"label": "till"}, headers=header)
    again = browser.post(path, json={"label": "till"}, headers=header)

    assert made.status_code == 201, made.text
    assert (again.status_code, again.get_json()["code"]) == (409, "ANSWER_GONE")
    with tenant_session(store) as session:
        kept = session.execute(text("SELECT idempotency::text FROM idempotency")).scalars()
        assert all(made.get_json()["token"] not in row for row in kept)


def test_a_job_forgets_answers_after_three_days(as_role: AsRole, store: Tenant) -> None:
    manager, old, young = as_role(store, "MGR"), keyed(), keyed()
    for number, header in enumerate((old, young)):
        manager.post("/items", {**ITEM, "code": f"C-{number}"}, headers=header)
    with tenant_session(store) as session:
        session.execute(
            update(StoredAnswer)
            .where(StoredAnswer.key == old["Idempotency-Key"])
            .values(created_at=datetime.now(UTC) - timedelta(hours=73))
        )
        publish(session, ForgetAnswers())
        session.commit()

    assert drain(store) == [("records.forget_answers", "done")]

    assert manager.post("/items", ITEM, headers=old).status_code == 201  # a new request
    assert manager.post("/items", ITEM, headers=young).status_code == 422
