"""Pages of cards: all of them, one guest's, one card with its ledger, the statement on paper."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.cards.queries import cards as queries
from shared.domain.cards.queries import entries
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.rules import terms, worth
from shared.domain.cards.rules.kinds import CardKind, CardState
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.forms import masking
from tenants.people.colleagues import colleagues
from web.auth import requires
from web.cards import access, api
from web.extensions import db
from web.forms import Reasons, sought, whole
from web.frame import labels
from web.frame.formats import money

blueprint = Blueprint(
    "card_pages", __name__, url_prefix="/s/<slug>/cards", template_folder="templates"
)

MOST = 50
NOTHING_TYPED: Mapping[str, str] = {}


@blueprint.get("")
@requires("F04", "R", only="store")
def cards() -> ResponseReturnValue:
    """List cards, the newest first, by guest or number and by state."""
    text, asked = sought(request.args.get("text")), request.args.get("state")
    state = asked if asked in dict(labels.choices("card_state")) else None
    before = whole(request.args.get("before"))
    found = _found(text, state, before if isinstance(before, int) else None)
    shown = found[:MOST]
    return render_template(
        "cards/cards.html",
        cards=shown,
        names=names_of(shown),
        text=text,
        state=state or "",
        next=shown[-1].id if len(found) > MOST else None,
        is_filtered=bool(text or state or before),
    )


@blueprint.get("/of/<id:record_id>")
@requires("F04", "R", only="store")
def of_guest(record_id: int) -> ResponseReturnValue:
    """Show all cards of one guest and what is left on them."""
    session = db.session()
    row = customers.get(session, access.guest(record_id))
    return render_template(
        "cards/guest.html",
        guest=row,
        name=names_of([], row.id)[row.id],
        cards=queries.cards_of(session, row.id),
        left=queries.balance_of(session, [row.id])[row.id],
    )


@blueprint.get("/<id:card_id>")
@requires("F04", "R", only="store")
def card(card_id: int) -> ResponseReturnValue:
    """Show one card: what it holds, what happened to it, what may be done with it."""
    return page(access.seen(card_id))


@blueprint.get("/<id:card_id>/statement")
@requires("F04", "R", only="store")
def statement(card_id: int) -> ResponseReturnValue:
    """Show a card's statement as the guest takes it along, to be printed on A4."""
    return render_template("cards/statement.html", **_shown(access.seen(card_id)))


def page(
    found: Held,
    *,
    refused: str = "",
    problems: Reasons | None = None,
    typed: Mapping[str, str] = NOTHING_TYPED,
) -> str:
    """Show a card; a refused form of it stands there again with its reasons."""
    session = db.session()
    is_usable = found.state == CardState.ACTIVE and not terms.is_over(found.valid_until, g.today)
    taker = whole(typed.get("to_customer_id"))
    return render_template(
        "cards/card.html",
        **_shown(found, taker if isinstance(taker, int) else None),
        is_usable=is_usable and not found.balances.is_empty,
        reversed=entries.reversed_seqs(session, found.id),
        items=_items() if found.kind == CardKind.STORED and g.actor.may("F05", "C") else [],
        refund=_refund(found),
        refused=refused,
        problems=problems or {},
        typed=typed,
        key=typed.get("key") or uuid4(),
    )


def names_of(cards: list[Held], *more: int) -> dict[int, str]:
    """Name the guests of cards, masked for who may not read names."""
    ids = {one.customer_id for one in cards} | set(more)
    is_masked = g.actor.reach("F04", "R") == "masked"
    return {
        row.id: f"{row.number} {masking.masked_name(row.name) if is_masked else row.name}"
        for row in customers.by_ids(db.session(), ids).values()
    }


def _found(text: str, state: str | None, before: int | None) -> list[Held]:
    session, own = db.session(), access.own_of()
    guests: set[int] | None = None
    if text:
        one = queries.by_number(session, text.upper())
        if one is not None:
            guests = {one.customer_id}
        else:
            is_masked = g.actor.reach("F04", "R") == "masked"
            found = customers.search(session, text, limit=MOST)
            # a name that can be asked for is not hidden
            guests = {
                row.id for row in found if not is_masked or text.casefold() == row.number.casefold()
            }
    return queries.page(
        session, limit=MOST + 1, before=before, state=state, customer_ids=guests, own_of=own
    )


def _shown(found: Held, taker: int | None = None) -> dict[str, Any]:
    session = db.session()
    ledger = entries.entries(session, found.id)
    people: dict[UUID, str] = {who: one.name for who, one in colleagues(g.tenant).items()}
    ids = {entry.item_id for entry in ledger if entry.item_id} | {found.item_id or 0}
    more = [taker] if taker else []
    return {
        "card": found,
        "entries": ledger,
        "people": people,
        "item_names": {one.id: one.name for one in catalog.by_ids(session, ids).values()},
        "names": names_of([found], *more),
    }


def _items() -> list[tuple[str, str]]:
    """Give what stored value may pay today, as the choices of a field."""
    on_sale = catalog.items(db.session(), on_sale_on=g.today)
    return [(f"{one.id}", f"{one.code} {one.name} {money(one.price_fen)}") for one in on_sale]


def _refund(found: Held) -> worth.Readings | None:
    live = (CardState.ACTIVE, CardState.FROZEN, CardState.EXPIRED)
    if found.state not in live or not g.actor.may("F08", "R"):
        return None
    return api.readings(found.id)
