"""An erased guest leaves the books as they are: receipts, reports, the chain's sums."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from deploy.local.postgres import Cluster
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers import queries as customers
from shared.domain.customers.events import WatchProfiles
from shared.domain.customers.models import Customer, Erasure
from shared.domain.customers.service import merging
from shared.domain.customers.service.erasing import MARK, StillOwed
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.franchise.queries import checks as chain
from shared.domain.notifications.models import Delivery, Told
from shared.domain.reporting.queries import checks
from shared.domain.surveys.service import links
from shared.domain.surveys.service.opinions import OPINIONS
from shared.events.jobs import publish
from shared.records import queries as records
from shared.records import service
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.cards import package
from tests.factories.franchise import new_chain, reported
from tests.factories.records import NOW, TODAY, editor, handout, opinion, profile
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.tenants import new_person
from tests.workers.privacy import subjects
from workers.testing import drain

BOOKS = ("sale_lines", "sale_tenders", "day_totals", "day_items", "day_tenders", "month_figures",
         "stock", "cash_days", "store_figures", "chain_figures")  # fmt: skip


def kept(session: Session, **more: Any) -> Customer:
    """Keep a profile."""
    row: Customer = service.keep_new(session, PROFILES, typed=profile(**more), by=editor())
    return row


def books(tenant: Tenant) -> dict[str, list[Any]]:
    """Read what must not move."""
    with tenant_session(tenant) as session:
        return {
            name: list(session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3")))
            for name in BOOKS
            if session.scalar(text(f"SELECT to_regclass('{name}')"))
        }


def told(store: Tenant) -> list[str]:
    """Read all texts of messages."""
    with tenant_session(store) as session:
        return [*session.scalars(select(Delivery.text_zh)), *session.scalars(select(Told.text_zh))]


def test_totals_stay_and_verify_is_clean_after_an_erasure(cluster: Cluster) -> None:
    hq, (store,) = new_chain("华东")
    with tenant_transaction(store) as session:
        row, item = kept(session), new_item(session)
        for fen in (198_00, 2_00):
            new_sale(session, (item.id, fen), customer_id=row.id)
        service.keep_new(session, HANDOUTS, typed=handout(session, customer=row.id), by=editor())
        customer_id = row.id
    drain(hq, store)
    before = books(store), books(hq), reported(hq, store).detail

    subjects.ask(store, customer_id)
    drain(hq, store)

    assert before == (books(store), books(hq), reported(hq, store).detail)
    with tenant_session(store) as session:
        assert checks.verify(session) == []
        (receipt,) = session.scalars(select(Erasure)).all()
        assert receipt.erased["customers"] == 1
        assert receipt.erased["handouts"] == 1
        assert session.scalar(text("SELECT count(*) FROM sales WHERE customer_id = 1")) == 2
    with tenant_session(hq) as session:
        assert chain.verify_hq(session) == []


def test_no_job_ever_names_a_guest_and_messages_forget_one_guest_alone(store: Tenant) -> None:
    new_person((store, "MGR"))
    with tenant_transaction(store) as session:
        for name, phone in (("王小丽", "13811112222"), ("李大明", "13833334444")):
            row = kept(session, name=name, phone=phone)
            row.registered_on = TODAY.replace(day=1)
            row.is_complete, row.skin_type = False, None
            said = opinion(customer=row.id, overall="VERY_DISSATISFIED", reason=f"{name}等太久")
            service.keep_new(session, OPINIONS, typed=said, by=editor())
        publish(session, WatchProfiles(day=TODAY.replace(day=8)))
    drain(store)
    assert {name for name in ("王小丽", "李大明") for one in told(store) if name in one} == {
        "王小丽", "李大明",
    }  # fmt: skip
    with tenant_session(store) as session:
        args = str(session.scalars(text("SELECT args FROM ops.job")).all())
    assert "小丽" not in args
    assert "等太久" not in args

    subjects.ask(store, 1)
    drain(store)

    texts = "\n".join(told(store))
    assert "王小丽" not in texts
    assert "李大明等太久" in texts
    assert MARK in texts


def test_a_restricted_guest_is_shown_to_nobody_from_the_asking_on(store: Tenant) -> None:
    with tenant_transaction(store) as session:
        row = kept(session)
        link, secret = links.make_link(
            session, kind=links.Way.LINK, by_id=row.created_by, now=NOW, customer_id=row.id
        )  # type: ignore[arg-type]
        assert link.id
    subjects.ask(store)
    with tenant_session(store) as session:
        assert records.page(session, PROFILES, records.Asked(text="wxl")) == []
        with pytest.raises(records.NoSuchRecord):
            records.get(session, PROFILES, 1)
        with pytest.raises(customers.NoSuchCustomer):
            customers.get(session, 1)
        assert customers.search(session, "王小丽") == []
        assert list(customers.page(session, after=None, limit=9)) == []
        assert customers.birthdays(session, [TODAY.replace(month=5, day=20)], limit=9) == []
        assert customers.may_be_messaged(session, 1, purpose="service") is None
        assert not customers.known(session, [1])
        assert kept(session).id == 2  # the phone is free for who comes again
    drain(store)
    with tenant_session(store) as session, pytest.raises(links.LinkGone):
        links.open_link(session, secret, now=NOW)


def test_all_profiles_of_a_person_go_and_no_merge_is_undone(store: Tenant) -> None:
    with tenant_transaction(store) as session:
        stays, gone = kept(session), new_customer(session, name="王小莉", phone="13900000000")
        merge = merging.merge(
            session, kept_id=stays.id, gone_id=gone.id, reason="同一人 13900000000", by=editor()
        )
        merge_id, gone_id = merge.id, gone.id
    subjects.ask(store, gone_id)  # whichever of them is named
    with tenant_session(store) as session, pytest.raises(records.NoSuchRecord):
        merging.unmerge(session, merge_id=merge_id, by=editor())
    drain(store)
    with tenant_session(store) as session:
        assert {row.name for row in session.scalars(select(Customer))} == {MARK}
        assert merging.open_merges(session, now=NOW) == []
    assert "13900000000" not in subjects.everything(store)


def test_who_is_still_owed_something_is_not_erased(store: Tenant) -> None:
    with tenant_transaction(store) as session:
        kept(session)
        package(session, to=1)
    with pytest.raises(StillOwed):
        subjects.ask(store)
    with tenant_session(store) as session:
        assert records.get(session, PROFILES, 1).restricted_at is None


def test_words_of_others_lose_the_guest_and_keep_a_namesake(store: Tenant) -> None:
    with tenant_transaction(store) as session:
        kept(session)
        kept(session, name="李大明", phone="13833334444", family="王小丽的丈夫,电话138 1234 5678")
        kept(session, name="陈一", phone="13855556666", wishes="同王小丽")
        row = service.keep_new(
            session, HANDOUTS, typed=handout(session, feedback="致电13812345678"), by=editor()
        )
        handout_id = row.id
    subjects.ask(store)
    drain(store)
    with tenant_session(store) as session:
        family = session.scalar(select(Customer.family).where(Customer.id == 2))
        assert family == f"{MARK}的丈夫,电话{MARK}"
        assert records.get(session, HANDOUTS, handout_id).feedback == f"致电{MARK}"

    with tenant_transaction(store) as session:
        kept(session, name="陈一", phone="13877778888")
        kept(session, name="李大明明", phone="13899990000", wishes="同李大明")
    subjects.ask(store, 2)
    drain(store)
    with tenant_session(store) as session:
        wishes = session.scalar(select(Customer.wishes).where(Customer.phone == "13899990000"))
        assert wishes == "同李大明"  # part of another guest's name: it stays
