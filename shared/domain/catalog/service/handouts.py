"""The register of samples and gifts and what it asks beyond the declaration.

Form: F01.
"""

from sqlalchemy.orm import Session

from shared.domain.catalog.forms.samples import Handout as HandoutForm
from shared.domain.catalog.models import Handout, Item
from shared.domain.catalog.rules import is_on_sale
from shared.records.register import Attempt, Register


def _check(session: Session, attempt: Attempt) -> None:
    values = attempt.values
    item = session.get(Item, values["item"]) if values["item"] is not None else None
    if values["item"] is not None and item is None:
        attempt.refuse("item", "NOT_FOUND")
    if item is None:
        return
    on_sale = is_on_sale(sale_from=item.on_sale_from, sale_to=item.on_sale_to, day=attempt.by.today)
    if attempt.before is None and not on_sale:
        attempt.refuse("item", "STATE")
    attempt.computed["unit_cost_fen"] = item.cost_fen
    if values["qty"] is not None:
        attempt.computed["cost_fen"] = item.cost_fen * values["qty"]
    attempt.computed["approved_by"] = attempt.by.approver_id


HANDOUTS = Register(
    form=HandoutForm, model=Handout, check=_check, owners=("handed_by", "created_by")
)
