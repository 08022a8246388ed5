"""A guest is erased: no word and no file is left, no amount moves, twice is once."""

from sqlalchemy import select, text

from shared.domain.customers.models import Customer, Erasure
from shared.domain.customers.service.erasing import MARK
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.tenancy import canaries
from tests.workers.privacy import subjects
from workers.testing import drain


def test_nothing_of_an_erased_guest_is_left_anywhere(store: Tenant) -> None:
    nest = subjects.planted(store)
    gone = subjects.personal(nest)
    places = {str(one).rpartition(" ")[2] for one in gone}
    assert places >= {"customers.skin_problems", "record_change_values.old", "import_rows.raw"}
    assert places >= {
        "told_events.text_zh",
        "opinions.dislikes",
        "sales.reason",
        "handouts.feedback",
    }

    subjects.ask(store)
    outcomes = drain(store)

    assert ("customers.erase_person", "done") in outcomes
    left = subjects.everything(store)
    assert {str(one) for one in gone & canaries.found_in(left)} == set()
    assert "a picture" not in left
    lost = {str(one).rpartition(" ")[2] for one in nest.planted - gone - canaries.found_in(left)}
    assert lost == {  # beside the words: what the guest chose, and what was made of it
        "customers.number", "customers.changed_by", "customers.no_call_times",
        "attachments.sha256", "guest_activities.*", "idempotency.headers", "record_lines.*",
        "record_lines.key",
    }  # fmt: skip
    with tenant_session(store) as session:
        row = session.get(Customer, 1)
        assert row is not None
        assert (row.name, row.phone, row.number, row.state) == (MARK, None, "C000001", "VOID")
        receipt = session.scalars(select(Erasure).order_by(Erasure.id.desc())).first()
        assert receipt is not None
        assert receipt.finished_at
        assert receipt.erased["customers"] == 1
        assert receipt.files == 1
        assert receipt.words > 5


def test_the_job_done_twice_is_done_once(store: Tenant) -> None:
    subjects.planted(store)
    erasure_id = subjects.ask(store)
    drain(store)
    before = canaries.rows_of(store)
    with tenant_session(store) as session:
        session.execute(
            text("UPDATE ops.job SET state = 'queued', attempt = 0 WHERE kind LIKE 'customers.er%'")
        )
        session.commit()
    assert ("customers.erase_person", "done") in drain(store)
    assert canaries.rows_of(store) == before
    assert erasure_id
