"""A guest's copy: all of it and nobody else's, for who asked, once."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.events import CopyPerson
from shared.domain.customers.service import merging
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.privacy.queries import persons
from shared.domain.surveys.service.opinions import OPINIONS
from shared.events.jobs import publish
from shared.files import Shelf
from shared.records import attachments, runs, service
from shared.records.models import RecordRun
from tenants import provisioning
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.records import ANNA, NOW, editor, handout, opinion, png, profile
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.tenants import new_person
from tests.tenancy import canaries
from tests.workers.privacy import subjects
from workers.testing import drain

AT = datetime.now(UTC)


def signed(session: Session, store: Tenant) -> UUID:
    """Put a signature on the shelf, as the form's page does."""
    key = uuid4()
    Shelf(store.name, "attachments").put(key, png())
    sent = attachments.Sent(
        id=key, field="customer_sign", content_type="image/png", size=1, sha256="x"
    )
    attachments.note(session, PROFILES.code, sent, by=ANNA, now=NOW)
    session.flush()
    return key


def settled(store: Tenant) -> tuple[int, int]:
    """Keep two guests of one name with a gift, an opinion and a receipt each."""
    ids = []
    with tenant_transaction(store) as session:
        item = new_item(session)
        for n, phone in enumerate(("13811112222", "13833334444")):
            typed = profile(
                phone=phone, wishes=f"=愿望{n}", customer_sign=str(signed(session, store))
            )
            row = service.keep_new(session, PROFILES, typed=typed, by=editor())
            gift = handout(session, customer=row.id, feedback=f"很好{n}")
            service.keep_new(session, HANDOUTS, typed=gift, by=editor())
            said = opinion(customer=row.id, likes=f"环境好{n}")
            service.keep_new(session, OPINIONS, typed=said, by=editor())
            new_sale(session, (item.id, 100_00 + n), customer_id=row.id)
            ids.append(row.id)
    return ids[0], ids[1]


def asked_for(store: Tenant, person: UUID, customer_id: int, *, chinese: bool = True) -> int:
    """Ask for a copy as the page does."""
    with tenant_transaction(store) as session:
        by = runs.Asker(id=person, now=AT, chinese=chinese, purpose="本人要求")
        run = runs.begin(
            session, PROFILES, "COPY", by, file_name="x.zip", asked={"record_id": customer_id}
        )
        publish(session, CopyPerson(run_id=run.id))
        return run.id


def run_of(store: Tenant, run_id: int) -> RecordRun:
    with tenant_session(store) as session:
        found = session.get(RecordRun, run_id)
        assert found is not None
        return found


def fetched(store: Tenant, run_id: int, *, now: datetime = AT) -> zipfile.ZipFile:
    with tenant_transaction(store) as session:
        run = session.get(RecordRun, run_id)
        assert run is not None
        content = runs.fetch(session, Shelf(store.name, "runs"), run, now=now)
    return zipfile.ZipFile(io.BytesIO(content))


def data_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(archive.read("data.json"))
    return read["tables"]


def test_a_copy_holds_all_of_one_guest_and_nothing_of_a_namesake(store: Tenant) -> None:
    mine, other = settled(store)
    run_id = asked_for(store, new_person((store, "MGR")), mine)

    drain(store)

    with fetched(store, run_id) as archive:
        tables = data_of(archive)
        (row,) = tables["customers"]["rows"]
        assert (row["name"], row["phone"]) == ("王小丽", "13811112222")
        assert tables["customers"]["classes"]["allergies"] == "sensitive"
        assert tables["sales"]["rows"][0]["total_fen"] == 100_00
        assert {"handouts", "opinions", "record_changes", "record_change_values"} <= tables.keys()
        everything = "".join(archive.read(name).decode(errors="replace") for name in
                             archive.namelist())  # fmt: skip
        pictures = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(pictures[0]) == png()
        sheet = archive.read("tables/顾客档案登记.csv").decode("utf-8-sig")
    assert len(pictures) == 1
    assert "环境好0" in everything
    assert "很好0" in everything
    for word in ("13833334444", "环境好1", "很好1", "愿望1"):
        assert word not in everything
    assert '"姓名*"' in sheet
    assert "'=愿望0" in sheet  # no formula in a spreadsheet
    assert str(ANNA) not in everything  # who works here is nobody else's business
    assert other


def test_a_copy_is_for_all_profiles_that_became_one(store: Tenant) -> None:
    with tenant_transaction(store) as session:
        kept = service.keep_new(session, PROFILES, typed=profile(), by=editor())
        gone = new_customer(session, name="王小丽", phone="13900000000")
        made = merging.merge(
            session, kept_id=kept.id, gone_id=gone.id, reason="同一人", by=editor()
        )
        assert made.id
    run_id = asked_for(store, new_person((store, "MGR")), kept.id, chinese=False)
    drain(store)
    with fetched(store, run_id) as archive:
        assert len(data_of(archive)["customers"]["rows"]) == 2
        assert "tables/Customer profile.csv" in archive.namelist()


def test_a_copy_is_fetched_once_and_in_time_by_who_still_may(store: Tenant) -> None:
    mine, _ = settled(store)
    person = new_person((store, "MGR"))
    first, late = asked_for(store, person, mine), asked_for(store, person, mine)
    drain(store)
    fetched(store, first)
    with pytest.raises(runs.NotReady):
        fetched(store, first)
    with pytest.raises(runs.NotReady):
        fetched(store, late, now=AT + timedelta(hours=24))

    lost = asked_for(store, person, mine)
    provisioning.revoke_role(person, store, "MGR")
    drain(store)
    assert run_of(store, lost).refusal[0]["code"] == "FORBIDDEN"


def test_everything_that_is_erased_can_be_copied_before(store: Tenant) -> None:
    nest = subjects.planted(store)
    kept = subjects.planted_in_copies(nest)
    run_id = asked_for(store, new_person((store, "MGR")), 1)
    drain(store)
    with fetched(store, run_id) as archive:
        seen = canaries.found_in("".join(archive.read(one).decode() for one in archive.namelist()))
    assert {str(one) for one in kept - seen} == set()


def test_a_copy_of_an_erased_guest_is_refused_and_one_that_waits_is_gone(store: Tenant) -> None:
    mine, _ = settled(store)
    person = new_person((store, "MGR"))
    ready = asked_for(store, person, mine)
    drain(store)
    waiting = asked_for(store, person, mine)
    subjects.ask(store, mine)
    drain(store)
    assert run_of(store, ready).state == "EXPIRED"
    assert run_of(store, waiting).state in ("EXPIRED", "REFUSED")
    with pytest.raises(runs.NotReady):
        fetched(store, ready)


def test_what_was_left_under_a_phone_alone_is_whose_phone_it_is(store: Tenant) -> None:
    with tenant_transaction(store) as session:
        row = service.keep_new(session, PROFILES, typed=profile(phone="13811112222"), by=editor())
        said = opinion(likes="没留姓名", want_contact=True, contact_phone="13811112222")
        service.keep_new(session, OPINIONS, typed=said, by=editor())
        person, mine = persons.person_of(session, row.id), {"customers", "opinions"}
        held = {
            part.holding.table.name
            for part in persons.parts(person)
            if session.execute(select(part.holding.table).where(part.condition)).first()
        }
        assert mine <= held
        new_customer(session, name="同住的人", phone="13811112222")
        assert persons.person_of(session, row.id).phones == frozenset()  # it may be either's
