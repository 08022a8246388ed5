"""Settle visits at the till, as JSON.

Form: W2, CHECKED to SETTLED.
"""

from typing import Any

from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.sales.forms.receipts import Settled, Settlement
from shared.domain.sales.service import settling
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.records import access
from web.versions import ETAG, IF_MATCH, seen_version

blueprint = ApiBlueprint("settlements", __name__, description="到店结算 settling of visits")


@blueprint.call("POST", "/visits/<id:visit_id>/settlement")
@requires("F08", "C", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(Settlement)
@blueprint.gives(200, Settled, headers=ETAG)
def settle(loaded: dict[str, Any], visit_id: int) -> Any:
    """Settle a visit: what the till takes becomes a receipt; the same key again is the same."""
    session = db.session()
    sale = settling.settle_visit(
        session, visit_id=visit_id, version=seen_version(), key=loaded["key"],
        tenders=loaded["tenders"] or [], by=access.editor(TREATMENTS, "R"),
    )  # fmt: skip
    visit = queries.get(session, visit_id)
    settled = {
        "visit_id": visit.id,
        "version": visit.version,
        "sale_id": visit.sale_id,
        "receipt_no": sale.receipt_no if sale else None,
        "total_fen": sale.total_fen if sale else 0,
    }
    return settled, {"ETag": f'"{visit.version}"'}
