"""Customers as JSON: their contact part.

Form: F04. Who may see own customers only sees none here; the profiles (web/records) know whose they
are. An auditor sees names masked; a phone is masked for everybody and opened on the profile.
"""

from typing import Any

from flask import g

from shared.domain.customers import queries
from shared.domain.customers.forms.contact import Customer, NewCustomer
from shared.domain.customers.service import adding as service
from shared.forms import masking
from shared.forms.fields import Text
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("customers", __name__, description="顾客 customers")


class CustomersAsked(paging.PageAsked):
    """All customers, or the best matches of a search."""

    q = Text(("查找", "Search"), max_length=80)


@blueprint.call("GET", "/customers")
@requires("F04", "R")
@blueprint.takes(CustomersAsked, "query")
@blueprint.gives(200, paging.page_of(Customer))
def list_customers(asked: dict[str, Any]) -> paging.Page:
    """List customers by number, or search by number, name or the end of a phone."""
    if g.actor.reach("F04", "R") == "own":
        return paging.Page([], None)
    limit = asked["limit"]
    if asked["q"]:
        found = queries.search(db.session(), asked["q"], limit=limit)
        if g.actor.reach("F04", "R") == "masked":  # a name that can be asked for is not hidden
            found = [row for row in found if asked["q"].casefold() in row.number.casefold()]
        return paging.Page([_shown(row) for row in found], None)
    after = paging.after(asked)
    rows = queries.page(db.session(), after=after[0] if after else None, limit=limit + 1)
    cut = paging.page(rows, limit=limit, position=lambda customer: [customer.number])
    return paging.Page([_shown(row) for row in cut.items], cut.next)


@blueprint.call("POST", "/customers")
@requires("F04", "C")
@blueprint.takes(NewCustomer)
@blueprint.gives(201, Customer)
def add_customer(loaded: dict[str, Any]) -> Any:
    """Add a customer."""
    new = service.NewCustomer(**loaded)
    return _shown(
        service.add_customer(db.session(), new=new, now=g.now, day=g.today, by=g.actor.id)
    )


@blueprint.call("GET", "/customers/<id:customer_id>")
@requires("F04", "R")
@blueprint.gives(200, Customer)
def get_customer(customer_id: int) -> Any:
    """Show one customer."""
    if g.actor.reach("F04", "R") == "own":
        raise queries.NoSuchCustomer(customer_id=customer_id)
    return _shown(queries.get(db.session(), customer_id))


def _shown(row: Any) -> dict[str, Any]:
    is_masked = g.actor.reach("F04", "R") == "masked"
    return {
        "id": row.id,
        "number": row.number,
        "name": masking.masked_name(row.name) if is_masked else row.name,
        "phone": masking.masked_phone(row.phone),
        "first_paid_on": row.first_paid_on,
    }
