"""The verbs of kept forms: numbers without gaps, one version at a time, a history of everything."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.errors import FormInvalid
from shared.records import judging, periods, queries, service
from tests.factories.records import ANNA, BERTA, editor, handout


def test_forms_are_numbered_without_gaps_within_a_month(store_session: Session) -> None:
    typed = handout(store_session)
    kept = [
        service.keep_new(store_session, HANDOUTS, typed=typed, by=editor()).number for _ in range(2)
    ]
    with pytest.raises(FormInvalid):
        service.keep_new(store_session, HANDOUTS, typed={**typed, "qty": 0}, by=editor())
    last = service.keep_new(store_session, HANDOUTS, typed=typed, by=editor()).number
    assert [*kept, last] == ["F01-202506-0001", "F01-202506-0002", "F01-202506-0003"]


def test_everything_wrong_is_told_at_once(store_session: Session) -> None:
    wrong = {
        "handed_at": "2025-06-11T10:00:00+08:00", "kind": "X", "qty": 100,
        "reason": "COMPLAINT", "item": 999,
    }  # fmt: skip
    with pytest.raises(FormInvalid) as refused:
        service.keep_new(store_session, HANDOUTS, typed=wrong, by=editor())
    assert {(p.field, p.code) for p in refused.value.problems} == {
        ("handed_at", "FUTURE"), ("kind", "ENUM"), ("qty", "RANGE"), ("item", "NOT_FOUND"),
        ("customer", "REQUIRED"), ("case_ref", "REQUIRED"), ("handed_by", "REQUIRED"),
    }  # fmt: skip


def test_a_change_needs_the_version_that_was_seen_and_leaves_a_history(
    store_session: Session,
) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=handout(store_session), by=editor())
    changed = service.keep_change(
        store_session, HANDOUTS, record_id=row.id, version=1,
        typed={"qty": 3, "change_reason": "数错"}, by=editor(BERTA),
    )  # fmt: skip
    assert (changed.qty, changed.version, changed.changed_by) == (3, 2, BERTA)
    with pytest.raises(judging.ChangedMeanwhile):
        service.keep_change(
            store_session, HANDOUTS, record_id=row.id, version=1, typed={"qty": 4}, by=editor()
        )
    newest, first = queries.history(store_session, HANDOUTS, row.id)
    assert (newest.action, newest.reason, newest.values["qty"]) == ("CHANGE", "数错", (2, 3))
    assert (first.action, first.values["kind"]) == ("CREATE", (None, "SAMPLE"))


def test_a_voided_form_keeps_its_number_and_leaves_the_list(store_session: Session) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=handout(store_session), by=editor())
    service.void(store_session, HANDOUTS, record_id=row.id, version=1, reason="误录", by=editor())
    assert queries.page(store_session, HANDOUTS, queries.Asked()) == []
    asked = queries.Asked(filters={"state": "VOID"})
    assert [found.number for found in queries.page(store_session, HANDOUTS, asked)] == [row.number]
    with pytest.raises(judging.NotInThisState):
        service.keep_change(
            store_session, HANDOUTS, record_id=row.id, version=2, typed={"qty": 4}, by=editor()
        )


def test_nobody_approves_their_own_form(store_session: Session) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=handout(store_session), by=editor())
    with pytest.raises(service.OwnWork):
        service.approve(store_session, HANDOUTS, record_id=row.id, version=1, by=editor())
    done = service.approve(store_session, HANDOUTS, record_id=row.id, version=1, by=editor(BERTA))
    assert (done.state, done.reviewed_by) == ("APPROVED", BERTA)


def test_a_closed_month_takes_no_form_and_no_change(store_session: Session) -> None:
    row = service.keep_new(store_session, HANDOUTS, typed=handout(store_session), by=editor())
    periods.close(store_session, date(2025, 6, 1))
    with pytest.raises(periods.MonthClosed):
        service.keep_new(store_session, HANDOUTS, typed=handout(store_session), by=editor())
    with pytest.raises(periods.MonthClosed):
        service.keep_change(
            store_session, HANDOUTS, record_id=row.id, version=1, typed={"qty": 4}, by=editor()
        )
    periods.reopen(store_session, date(2025, 6, 1))
    service.void(store_session, HANDOUTS, record_id=row.id, version=1, reason="x", by=editor())


def test_a_page_goes_on_where_the_last_one_ended(store_session: Session) -> None:
    typed = handout(store_session)
    numbers = [
        service.keep_new(
            store_session, HANDOUTS, typed={**typed, "campaign": f"B{n % 3}"}, by=editor()
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
    assert [row.campaign for row in found] == ["B1", "B1"]
    assert queries.page(store_session, HANDOUTS, queries.Asked(own_of=uuid4())) == []
