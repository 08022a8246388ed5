"""F09: one opinion a visit, anonymous ones name nobody, bad ones are told at once."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.surveys.service.opinions import OPINIONS
from shared.errors import FormInvalid
from shared.records import service
from tests.factories.records import editor
from tests.factories.sales import new_customer


def keep(session: Session, **typed: Any) -> Any:
    """Keep an opinion."""
    return service.keep_new(session, OPINIONS, typed={"overall": "SATISFIED", **typed}, by=editor())


def refused_codes(session: Session, **typed: Any) -> set[tuple[str, str]]:
    """Name what is refused of an opinion."""
    with pytest.raises(FormInvalid) as refused:
        keep(session, **typed)
    return {(p.field, p.code) for p in refused.value.problems}


def published(session: Session) -> list[tuple[str, str | None]]:
    """List kind and event of the jobs asked for."""
    rows = session.execute(text("SELECT kind, args->>'event' FROM ops.job ORDER BY id"))
    return [(kind, event) for kind, event in rows]


def test_a_displeased_guest_says_why_and_the_desk_is_told(store_session: Session) -> None:
    assert refused_codes(store_session, overall="DISSATISFIED") == {("reason", "REQUIRED")}
    keep(store_session, overall="VERY_DISSATISFIED", reason="等了四十分钟")
    assert ("notifications.notify", "opinion.negative") in published(store_session)


def test_an_anonymous_one_names_nobody(store_session: Session) -> None:
    customer = new_customer(store_session)
    assert refused_codes(
        store_session, anonymous=True, customer=customer.id, contact_phone="13812345678",
        want_contact=True,
    ) == {("customer", "ENUM"), ("contact_phone", "ENUM"), ("want_contact", "ENUM")}  # fmt: skip
    assert keep(store_session, anonymous=True).customer is None


def test_one_form_a_visit_and_guest(store_session: Session) -> None:
    customer = new_customer(store_session)
    first = keep(store_session, customer=customer.id)
    assert refused_codes(store_session, customer=customer.id) == {("customer", "DUPLICATE")}
    assert keep(store_session, customer=customer.id, visit_on="2025-06-01").id
    service.void(store_session, OPINIONS, record_id=first.id, version=1, reason="误", by=editor())
    assert keep(store_session, customer=customer.id).id


def test_who_wants_a_call_leaves_a_phone_unless_known(store_session: Session) -> None:
    customer = new_customer(store_session)
    assert refused_codes(store_session, want_contact=True) == {("contact_phone", "REQUIRED")}
    assert keep(store_session, want_contact=True, customer=customer.id).want_contact


def test_what_a_guest_said_stands(store_session: Session) -> None:
    row = keep(store_session, likes="安静", suggestion="加一面镜子")
    with pytest.raises(FormInvalid) as refused:
        service.keep_change(
            store_session, OPINIONS, record_id=row.id, version=1,
            typed={"likes": "热闹", "suggestion_state": "DONE"}, by=editor(),
        )  # fmt: skip
    assert [(p.field, p.code) for p in refused.value.problems] == [("likes", "STATE")]


def test_an_adopted_suggestion_is_told_to_its_guest_once(store_session: Session) -> None:
    customer = new_customer(store_session)
    row = keep(store_session, suggestion="加一面镜子", customer=customer.id)
    assert row.suggestion_state == "NEW"
    for version, state in ((1, "ADOPTED"), (2, "DONE"), (3, "ADOPTED")):
        service.keep_change(
            store_session, OPINIONS, record_id=row.id, version=version,
            typed={"suggestion_state": state}, by=editor(),
        )  # fmt: skip
    told = [event for _, event in published(store_session) if event]
    assert told == ["suggestion.adopted"]
