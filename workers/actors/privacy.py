"""Jobs of personal data: a guest's copy, a guest's erasure."""

from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.customers.events import ErasePerson
from shared.domain.customers.service import erasing as receipts
from shared.domain.privacy.queries import persons
from shared.domain.privacy.service import erasing
from tenants import tombstones
from workers.job import At, job


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
