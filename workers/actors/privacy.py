"""Jobs of personal data: a guest's copy, a guest's erasure."""

from io import BytesIO

from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.customers.events import CopyPerson, ErasePerson
from shared.domain.customers.service import erasing as receipts
from shared.domain.directories import DIRECTORIES
from shared.domain.privacy.queries import persons
from shared.domain.privacy.service import copying, erasing
from shared.files import Shelf
from shared.records import exporting, runs
from shared.records.directories import Around
from tenants import tombstones
from tenants.people import permissions
from tenants.people.directory import members
from tenants.sessions import tenant_session
from workers.job import At, job


@job(CopyPerson, time_limit_s=900)
def copy_person(session: Session, request: CopyPerson, at: At) -> None:
    """Make a guest's copy, all of it in one snapshot; our own transaction begins at the end."""
    runs.settle(session, request.run_id, lambda: _copied(request.run_id, at), now=at.now)


@job(ErasePerson, time_limit_s=300)
def erase_person(session: Session, request: ErasePerson, at: At) -> None:
    """Erase a guest and set the tombstones."""
    receipt = receipts.for_update(session, request.erasure_id)
    if receipt.finished_at is not None:
        return
    person = persons.person_of(session, receipt.customer_id)
    made = customers.by_ids(session, person.profiles).values()
    tombstones.bury(session, [(row.id, row.created_at) for row in made], now=at.now)
    outcome = erasing.erase(session, person, house=erasing.house_of(at.tenant.name), now=at.now)
    receipts.finish(session, receipt, outcome, now=at.now)


def _copied(run_id: int, at: At) -> int:
    out = BytesIO()
    with tenant_session(at.tenant) as reading:
        exporting.one_snapshot(reading)
        run = runs.waiting(reading, run_id)
        asker = next((one for one in members(at.tenant) if one.id == run.asked_by), None)
        if asker is None or not permissions.allowed(asker.roles, "privacy", "X"):
            raise runs.NotPermittedAnyMore
        about = customers.get(reading, run.asked["record_id"])
        wanted = copying.Wanted(
            person=persons.person_of(reading, about.id), chinese=run.language == "zh",
            store=at.tenant.display_name, at=run.asked_at,
            pictures=Shelf(at.tenant.name, "attachments"),
            around=Around(
                zone=at.tenant.time_zone, people={}, directories=DIRECTORIES,
                readable=lambda resource: True,
            ),
        )  # fmt: skip
        rows = copying.write(reading, out, wanted)
        Shelf(at.tenant.name, "runs").put(run.file_key, out.getvalue())
    return rows
