"""The verbs of kept forms: numbers without gaps, one version at a time, a history of everything."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.errors import FormInvalid
from shared.records import periods, queries, service
from shared.records.register import Editor
from tests.factories.sales import new_item

NOW = datetime(2025, 6, 10, 3, 0, tzinfo=UTC)
TODAY = date(2025, 6, 10)
ANNA, BERTA = UUID(int=1), UUID(int=2)


def _editor(person: UUID = ANNA) -> Editor:
    return Editor(id=person, permits=lambda resource, verb: True, now=NOW, today=TODAY)


def _typed(session: Session, **more: Any) -> dict[str, Any]:
    item = new_item(session)
    return {
        "handed_at": "2025-06-10T10:00:00+08:00", "kind": "SAMPLE", "item": item.id, "qty": 2,
        "reason": "CAMPAIGN", "campaign": "夏日", "handed_by": str(ANNA), **more,
    }  # fmt: skip


def test_forms_are_numbered_without_gaps_within_a_month(store_session: Session) -> None:
    typed = _typed(store_session)
    kept = [
        service.keep_new(store_session, HANDOUTS, typed=typed, by=_editor()).number
        for _ in range(2)
    ]
    with pytest.raises(FormInvalid):
        service.keep_new(store_session, HANDOUTS, typed={**typed, "qty": 0}, by=_editor())
    last = service.keep_new(store_session, HANDOUTS, typed=typed, by=_editor()).number
    assert [*kept, last] == ["F01-202506-0001", "F01-202506-0002", "F01-202506-0003"]


def test_everything_wrong_is_told_at_once(store_session: Session) -> None:
    wrong = {
        "handed_at": "2025-06-11T10:00:00+08:00", "kind": "X", "qty": 100,
        "reason": "COMPLAINT", "item": 999,
    }  # fmt: skip
    with pytest.raises(FormInvalid) as refused:
        service.keep_new(store_session, HANDOUTS, typed=wrong, by=_editor())
    assert {(p.field, p.code) for p in refused.value.problems} == {
        ("handed_at", "FUTURE"), ("kind", "ENUM"), ("qty", "RANGE"), ("item", "NOT_FOUND"),
        ("customer", "REQUIRED"), ("case_ref", "REQUIRED"), ("handed_by", "REQUIRED"),
    }  # fmt: skip


def test_a_change_needs_the_version_that_was_seen_and_leaves_a_history(
    store_session: Session,
) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=_typed(store_session), by=_editor())
    changed = service.keep_change(
        store_session, HANDOUTS, record_id=row.id, version=1,
        typed={"qty": 3, "change_reason": "数错"}, by=_editor(BERTA),
    )  # fmt: skip
    assert (changed.qty, changed.version, changed.changed_by) == (3, 2, BERTA)
    with pytest.raises(service.ChangedMeanwhile):
        service.keep_change(
            store_session, HANDOUTS, record_id=row.id, version=1, typed={"qty": 4}, by=_editor()
        )
    newest, first = queries.history(store_session, HANDOUTS, row.id)
    assert (newest.action, newest.reason, newest.values["qty"]) == ("CHANGE", "数错", (2, 3))
    assert (first.action, first.values["kind"]) == ("CREATE", (None, "SAMPLE"))


def test_a_voided_form_keeps_its_number_and_leaves_the_list(store_session: Session) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=_typed(store_session), by=_editor())
    service.void(store_session, HANDOUTS, record_id=row.id, version=1, reason="误录", by=_editor())
    assert queries.page(store_session, HANDOUTS, queries.Asked()) == []
    asked = queries.Asked(filters={"state": "VOID"})
    assert [found.number for found in queries.page(store_session, HANDOUTS, asked)] == [row.number]
    with pytest.raises(service.NotInThisState):
        service.keep_change(
            store_session, HANDOUTS, record_id=row.id, version=2, typed={"qty": 4}, by=_editor()
        )


def test_nobody_approves_their_own_form(store_session: Session) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=_typed(store_session), by=_editor())
    with pytest.raises(service.OwnWork):
        service.approve(store_session, HANDOUTS, record_id=row.id, version=1, by=_editor())
    done = service.approve(store_session, HANDOUTS, record_id=row.id, version=1, by=_editor(BERTA))
    assert (done.state, done.reviewed_by) == ("APPROVED", BERTA)


def test_a_closed_month_takes_no_form_and_no_change(store_session: Session) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=_typed(store_session), by=_editor())
    periods.close(store_session, date(2025, 6, 1))
    with pytest.raises(periods.MonthClosed):
        service.keep_new(store_session, HANDOUTS, typed=_typed(store_session), by=_editor())
    with pytest.raises(periods.MonthClosed):
        service.keep_change(
            store_session, HANDOUTS, record_id=row.id, version=1, typed={"qty": 4}, by=_editor()
        )
    periods.reopen(store_session, date(2025, 6, 1))
    service.void(store_session, HANDOUTS, record_id=row.id, version=1, reason="x", by=_editor())


def test_a_page_goes_on_where_the_last_one_ended(store_session: Session) -> None:
    typed = _typed(store_session)
    numbers = [
        service.keep_new(
            store_session, HANDOUTS, typed={**typed, "batch_no": f"B{n % 3}"}, by=_editor()
        ).number
        for n in range(7)
    ]
    seen: list[str] = []
    after = None
    while True:
        asked = queries.Asked(sort="-handed_at", after=after, limit=3)
        rows = queries.page(store_session, HANDOUTS, asked)
        if not rows:
            break
        seen += [row.number for row in rows]
        after = queries.position(rows[-1], "-handed_at")
    assert seen == numbers[::-1]
    found = queries.page(store_session, HANDOUTS, queries.Asked(text="b1", own_of=ANNA))
    assert [row.batch_no for row in found] == ["B1", "B1"]
    assert queries.page(store_session, HANDOUTS, queries.Asked(own_of=uuid4())) == []
