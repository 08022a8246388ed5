"""The month close row by row (W9): who may, the calendar's hours, and what is told."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy.orm import Session

from shared.domain.reporting.events import (
    MonthClosed,
    MonthComputed,
    MonthReopened,
    MonthReviewed,
)
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import Actor, Authority, MonthState, Why
from shared.domain.reporting.service import closing
from shared.events.messages import listeners
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import reporting
from tests.factories.reporting import HQ, JUNE, SHOP
from tests.factories.sales import new_item, new_sale
from tests.workers.calendars import at, clock_strikes
from tests.workers.conftest import jobs

# from, to: who may, in a store with a headquarters; nothing else is a move
ROWS = {
    ("OPEN", "COMPUTED"): {"JOB", "STORE"},
    ("COMPUTED", "COMPUTED"): {"JOB", "STORE"},
    ("COMPUTED", "REVIEWED"): {"STORE"},
    ("REVIEWED", "COMPUTED"): {"STORE", "HQ", "JOB"},  # the job: a figure moved after the review
    ("REVIEWED", "CLOSED"): {"HQ", "JOB"},
    ("CLOSED", "REOPENED"): {"HQ"},
    ("REOPENED", "COMPUTED"): {"JOB", "STORE"},
}


def may(move: tuple[MonthState, MonthState], who: Authority, *, has_hq: bool) -> bool:
    before, after = move
    try:
        states.check_move(
            month=JUNE, now_in=before, to=after, actor=Actor(authority=who), has_hq=has_hq
        )
    except (states.MonthNotThere, states.HeadquartersDecides):
        return False
    return True


def test_each_row_names_who_may_and_no_other_move_is_there() -> None:
    for move in product(MonthState, MonthState):
        named = ROWS.get((str(move[0]), str(move[1])), set())
        found = {str(who) for who in Authority if may(move, who, has_hq=True)}
        assert found == named, move
        alone = {str(who) for who in Authority if may(move, who, has_hq=False)}
        assert alone == named | ({"STORE"} if "HQ" in named else set()), move


def test_each_step_is_told() -> None:
    for fact in (MonthComputed, MonthReviewed, MonthClosed, MonthReopened):
        kinds = {type(one(fact(month=JUNE, revision=1))).__name__ for one in listeners(fact)}
        assert "Notify" in kinds, fact


def sold(session: Session) -> None:
    new_sale(session, (new_item(session).id, 200_00))


@pytest.mark.parametrize(("stands", "becomes"), [("REVIEWED", "CLOSED"), ("COMPUTED", "COMPUTED")])
def test_on_the_fifth_at_six_only_what_is_reviewed_is_closed(
    shop: Tenant, stands: str, becomes: str
) -> None:
    with tenant_session(shop) as session:
        sold(session)
        (reporting.reviewed if stands == "REVIEWED" else reporting.computed)(session)
        session.commit()
    fifth = date(2025, 7, 5)

    clock_strikes(shop, since=at(fifth, 17, 0), now=at(fifth, 17, 59))
    with tenant_session(shop) as session:
        assert months.get(session, JUNE).state == stands
    clock_strikes(shop, since=at(fifth, 17, 59), now=at(fifth, 18, 1))

    with tenant_session(shop) as session:
        assert months.get(session, JUNE).state == becomes
        last = months.steps(session, JUNE)[-1]
    assert (last.authority == "JOB") is (becomes == "CLOSED")
    told = [row.args["event"] for row in jobs(shop) if row.kind == "notifications.notify"]
    assert ("month.closed" in told) is (becomes == "CLOSED")


def test_a_closed_month_is_reopened_for_named_forms_and_closed_again(shop: Tenant) -> None:
    with tenant_session(shop) as session:
        sold(session)
        reporting.closed(session)
        moved = {"month": JUNE, "actor": HQ, "has_hq": True, "now": reporting.LATER}
        for why, missing in (
            (Why(), {"reason", "forms"}),
            (Why(reason="漏记"), {"forms"}),
            (Why(reason="漏记", forms=("F99",)), {"forms"}),
        ):
            with pytest.raises(states.ReasonMissing) as refused:
                closing.reopen_month(session, why=why, **moved)
            assert {problem.field for problem in refused.value.problems} == missing
        closing.reopen_month(session, why=Why(reason="漏记", forms=("F10", "SALES")), **moved)
        assert months.steps(session, JUNE)[-1].forms == ["SALES", "F10"]
        new_sale(session, (new_item(session).id, 30_00), day=date(2025, 6, 20))
        reporting.reviewed(session, now=reporting.LATER)
        closing.send_back(session, month=JUNE, reason="再核", actor=HQ, now=reporting.LATER)
        assert months.get(session, JUNE).state == "COMPUTED"
        closing.review_month(session, month=JUNE, actor=SHOP, now=reporting.LATER)
        closing.close_month(session, month=JUNE, actor=HQ, has_hq=True, now=reporting.LATER)

        month = months.get(session, JUNE)
        assert (month.state, month.revision) == ("CLOSED", 2)
        assert months.figures(session, JUNE, 1)["turnover", ""] == 200_00
        assert months.figures(session, JUNE, 2)["turnover", ""] == 230_00
