"""What happens in the product reaches people: months, drawers, failed jobs, and up to the chain."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text

from shared.domain.notifications.events import WatchJobs
from shared.domain.notifications.rules.endpoints import Kind
from shared.domain.reporting.events import ComputeMonth
from shared.domain.sales.events import WatchCashDays
from shared.domain.sales.rules import tills
from shared.domain.sales.service import cash
from shared.events.jobs import publish
from shared.events.messages import Request
from shared.events.notices import Notify
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import reporting
from tests.factories.franchise import new_chain
from tests.factories.sales import DAY, MANAGER, NOW, SELLER, new_customer, new_item, new_sale
from tests.factories.tenants import new_person, new_store
from tests.workers.notifications.conftest import NOON, add_endpoint, rows, tell
from tests.workers.notifications.receivers import MailServer, Receiver
from tests.workers.notifications.test_sending import outside
from workers.testing import drain


def ask(store: Tenant, *requests: Request) -> None:
    """Publish requests, due at noon."""
    with tenant_session(store) as session:
        for request in requests:
            publish(session, request, run_at=NOON)
        session.commit()


def texts(tenant: Tenant, event: str) -> list[str]:
    """What was told of an event, in English."""
    return [row.text_en for row in rows(tenant) if row.event == event and row.channel == "APP"]


def test_the_steps_of_a_month_reach_manager_and_analysts(store: Tenant) -> None:
    new_person((store, "MGR"))
    with tenant_session(store) as session:
        item = new_item(session)
        new_sale(session, (item.id, 500_00))
        reporting.closed(session)
        session.commit()
    drain(store)

    for step in ("computed", "reviewed", "closed"):
        (said,) = texts(store, f"month.{step}")
        assert said == f"{store.display_name} 2025-06: {step}"


def test_a_month_with_open_days_names_them(store: Tenant) -> None:
    new_person((store, "MGR"))
    with tenant_session(store) as session:
        item = new_item(session)
        new_sale(session, (item.id, 500_00))
        session.commit()
    ask(store, ComputeMonth(month=date(2025, 6, 1)))
    drain(store, now=datetime(2025, 7, 1, 2, tzinfo=UTC))
    drain(store)
    assert texts(store, "month.blocked") == ["2025-06 cannot be computed: not closed: 10"]


def test_a_variance_above_the_limit_reaches_the_manager_and_the_headquarters() -> None:
    hq, (store,) = new_chain("北区")
    new_person((store, "MGR"))
    new_person((hq, "HQA"))
    with tenant_session(store) as session:
        item = new_item(session)
        new_sale(session, (item.id, 500_00))
        count = tills.CashCount(day=DAY, counted_fen=250_00, variance_reason="少款")
        cash.count_cash(session, count=count, actor_id=SELLER, now=NOW)
        closing = tills.CashClosing(day=DAY, manager_reason="已报警")
        cash.close_cash_day(session, closing=closing, actor_id=MANAGER, now=NOW)
        session.commit()
    drain(store, hq)

    told = [f"Cash variance -250.00 on {DAY}."]
    assert texts(store, "cash.variance") == told
    assert texts(hq, "cash.variance") == told
    drain(store, hq)
    assert texts(hq, "cash.variance") == told


def test_an_open_day_is_told_at_noon_and_a_day_later_at_the_headquarters() -> None:
    hq, (store,) = new_chain("北区")
    new_person((store, "MGR"))
    new_person((hq, "HQA"))
    with tenant_session(store) as session:
        item = new_item(session)
        new_sale(session, (item.id, 500_00))
        session.commit()

    ask(store, WatchCashDays(day=DAY + timedelta(days=1)))
    drain(store, hq)
    assert texts(store, "cash.unclosed") == [f"Day close of {DAY} is missing."]
    assert rows(hq) == []

    ask(store, WatchCashDays(day=DAY + timedelta(days=2)))
    drain(store, hq)
    assert len(texts(store, "cash.unclosed")) == 1
    (late,) = texts(hq, "cash.still_unclosed")
    assert late.startswith(f"{store.display_name}: the day close of {DAY}")

    ask(store, WatchCashDays(day=date(2025, 9, 1)))
    drain(store, hq)
    assert len(rows(hq)) == 2  # inbox, and an SMS that nobody can carry


def test_a_forged_letter_is_refused_and_tells_nobody(store: Tenant) -> None:
    hq, (linked,) = new_chain("北区")
    new_person((hq, "HQA"))
    with tenant_session(linked) as session:
        for event in ("appt.requested", "no.such"):  # neither is for the headquarters
            session.execute(
                text(
                    "INSERT INTO ops.letter (receiver, kind, key, revision, version, payload, "
                    "on_date, sent_at) VALUES (:hq, 'notice', :key, 1, 1, CAST(:said AS jsonb), "
                    "current_date, now())"
                ),
                {"hq": hq.name, "key": event, "said": f'{{"event": "{event}", "facts": {{}}}}'},
            )
        session.commit()
    drain(hq)
    assert rows(hq) == []
    with tenant_session(hq) as session:
        assert (
            session.scalars(text("SELECT error FROM refused_letters")).all()
            == ["NoticeUnreadable"] * 2
        )
    assert rows(store) == []


def test_a_job_that_was_given_up_is_mailed_to_the_operator_once(
    store: Tenant, mail: MailServer, configured: object
) -> None:
    configured(OPERATOR_MAIL="operator@rollbook.test")  # type: ignore[operator]
    other = new_store()
    tell(store, Notify(event="no.such", key="1"))  # dies at once
    with tenant_session(store) as session:
        (dead,) = session.scalars(text("SELECT id FROM ops.job WHERE state = 'dead'"))

    for tenant in (store, other):
        ask(tenant, WatchJobs())
    drain(store, other)
    ask(store, WatchJobs())
    drain(store, other)

    (taken,) = mail.taken
    assert mail.recipients == [["operator@rollbook.test"]]
    body = taken.get_body()
    assert body is not None
    assert body.get_content().strip() == f"任务notifications.notify失败:{store.name} {dead}"
    assert rows(other) == []


def test_a_guest_hears_with_consent_alone_and_marketing_not_in_the_no_call_times(
    store: Tenant, receiver: Receiver
) -> None:
    add_endpoint(store, Kind.WX, receiver.url())
    with tenant_session(store) as session:
        guests = [new_customer(session, phone=f"1380000000{number}") for number in range(2)]
        session.execute(
            text(
                "UPDATE customers SET consent_service = true, consent_marketing = true "
                "WHERE id = :id"
            ),
            {"id": guests[0].id},
        )
        session.commit()
        ids = [guest.id for guest in guests]

    for number in ids:
        tell(
            store,
            Notify(event="suggestion.adopted", key=f"{number}", to_customer_id=number),
            Notify(event="customer.birthday", key=f"{number}/x", to_customer_id=number),
        )

    # noon lies in the default no-call time, 12:00 to 14:00
    (post,) = receiver.posts
    assert post.json["data"]["text"] == "您的建议已采纳,下次护理享8折。"
    assert post.json["data"]["to"] == "13800000000"
    drain(store, now=NOON + timedelta(hours=2))
    assert receiver.posts[-1].json["data"]["text"] == "祝您生日快乐!"
    assert outside(store, "WX") == [
        ("SENT", None, 1),
        ("SENT", None, 1),
        ("WITHHELD", "NO_CONSENT", 0),
        ("WITHHELD", "NO_CONSENT", 0),
    ]


def test_a_consent_that_is_taken_back_stops_what_waits(store: Tenant, receiver: Receiver) -> None:
    add_endpoint(store, Kind.WX, receiver.url())
    with tenant_session(store) as session:
        guest = new_customer(session, phone="13800000001").id
        session.execute(text("UPDATE customers SET consent_marketing = true"))
        session.commit()
    tell(store, Notify(event="customer.birthday", key=str(uuid4()), to_customer_id=guest))
    with tenant_session(store) as session:
        session.execute(text("UPDATE customers SET consent_marketing = false"))
        session.commit()
    drain(store, now=NOON + timedelta(hours=3))
    assert receiver.posts == []
    assert outside(store, "WX") == [("WITHHELD", "NO_CONSENT", 0)]
