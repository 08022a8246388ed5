"""Cards as JSON: a guest's cards, their ledger, deductions, and what the manager does with them."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import g

from shared import images
from shared.domain.cards import forms
from shared.domain.cards.queries import cards as queries
from shared.domain.cards.queries import entries
from shared.domain.cards.rules import kinds, worth
from shared.domain.cards.service import deducting, ledger, standing, telling
from shared.domain.sales.forms.receipts import NewCardRefund, Sale, card_refund_value
from shared.domain.sales.service import card_refunds
from shared.forms.fields import Choice
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.cards import access
from web.extensions import db
from web.people.signatures import second_person
from web.records import attachments

blueprint = ApiBlueprint("cards", __name__, description="储值卡与疗程卡 cards")


class CardsAsked(paging.PageAsked):
    """All cards, or those of one state."""

    state = Choice(("状态", "State"), kinds.STATE_LABELS)


@blueprint.call("GET", "/cards")
@requires("F04", "R", only="store")
@blueprint.takes(CardsAsked, "query")
@blueprint.gives(200, paging.page_of(forms.Card))
def list_cards(asked: dict[str, Any]) -> paging.Page:
    """List cards, newest first."""
    after = paging.after(asked)
    rows = queries.page(
        db.session(),
        limit=asked["limit"] + 1,
        before=after[0] if after else None,
        state=asked["state"],
        own_of=access.own_of(),
    )
    return paging.page(rows, limit=asked["limit"], position=lambda card: [card.id])


@blueprint.call("GET", "/customers/<id:customer_id>/cards")
@requires("F04", "R", only="store")
@blueprint.gives(200, paging.page_of(forms.Card))
def cards_of(customer_id: int) -> paging.Page:
    """List a guest's cards, those in use first."""
    return paging.Page(queries.cards_of(db.session(), access.guest(customer_id)), None)


@blueprint.call("GET", "/cards/<id:card_id>")
@requires("F04", "R", only="store")
@blueprint.gives(200, forms.Card)
def get_card(card_id: int) -> Any:
    """Show one card."""
    return access.seen(card_id)


@blueprint.call("GET", "/cards/<id:card_id>/entries")
@requires("F04", "R", only="store")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(forms.Entry))
def list_entries(asked: dict[str, Any], card_id: int) -> paging.Page:
    """List what happened to a card, newest first."""
    after = paging.after(asked)
    rows = entries.entries(
        db.session(),
        access.seen(card_id).id,
        before=after[0] if after else None,
        limit=asked["limit"] + 1,
    )
    return paging.page(rows, limit=asked["limit"], position=lambda entry: [entry.seq])


@blueprint.call("POST", "/cards/<id:card_id>/signatures")
@requires("F04", "R", only="store")
@blueprint.takes(attachments.NewPicture, "files")
@blueprint.gives(201, attachments.Picture)
def send_signature(loaded: dict[str, Any], card_id: int) -> Any:
    """Keep a guest's signature until a deduction or a transfer takes it."""
    access.seen(card_id)
    form, field = ledger.SIGN_OF
    picture = images.made_anew(loaded["file"].read(images.MAX_BYTES + 1), field=field)
    return attachments.keep(form, field, picture)


@blueprint.call("POST", "/cards/<id:card_id>/deductions")
@requires("F05", "C", only="store")
@blueprint.takes(forms.NewDeduction)
@blueprint.gives(201, forms.Entry)
def deduct(asked: dict[str, Any], card_id: int) -> Any:
    """Use a session, or with an amount stored value; the guest has signed."""
    card = access.seen(card_id)
    return deducted(card.id, asked)


def deducted(card_id: int, asked: dict[str, Any]) -> Any:
    """Do what a loaded deduction asks, and tell the guest."""
    session, act = db.session(), access.act(asked["key"], sign=asked["sign"])
    if asked["amount_fen"] is None:
        entry = deducting.deduct_session(
            session, card_id=card_id, item_id=asked["item_id"], act=act
        )
    else:
        entry = deducting.deduct_value(
            session,
            card_id=card_id,
            item_id=asked["item_id"],
            amount_fen=asked["amount_fen"],
            quantity=asked["quantity"],
            act=act,
        )
    telling.tell_settled(session, entry)
    return entry


@blueprint.call("POST", "/cards/<id:card_id>/entries/<id:seq>/reversal")
@requires("F05", "A", only="store")
@blueprint.takes(forms.Because)
@blueprint.gives(201, forms.Entry)
def reverse(asked: dict[str, Any], card_id: int, seq: int) -> Any:
    """Take a mistaken deduction back."""
    return access.because(deducting.reverse, card_id, asked, seq=seq)


@blueprint.call("POST", "/cards/<id:card_id>/freeze")
@requires("F08", "A", only="store")
@blueprint.takes(forms.Because)
@blueprint.gives(201, forms.Entry)
def freeze(asked: dict[str, Any], card_id: int) -> Any:
    """Stop a card from paying until it is released."""
    return access.because(standing.freeze, card_id, asked)


@blueprint.call("POST", "/cards/<id:card_id>/release")
@requires("F08", "A", only="store")
@blueprint.takes(forms.Because)
@blueprint.gives(201, forms.Entry)
def release(asked: dict[str, Any], card_id: int) -> Any:
    """Let a frozen card pay again."""
    return access.because(standing.release, card_id, asked)


@blueprint.call("POST", "/cards/<id:card_id>/write-off")
@requires("F08", "A", only="store")
@blueprint.takes(forms.Because)
@blueprint.gives(201, forms.Entry)
def write_off(asked: dict[str, Any], card_id: int) -> Any:
    """Give up what is left on an expired card; it is no turnover."""
    return access.because(standing.write_off, card_id, asked)


@blueprint.call("POST", "/cards/<id:card_id>/transfer")
@requires("F08", "C", only="store")
@blueprint.takes(forms.NewTransfer)
@blueprint.gives(201, forms.Entry)
def transfer(asked: dict[str, Any], card_id: int) -> Any:
    """Pass a card on to a relative; gives the first entry of the new card."""
    return transferred(card_id, asked, second_person(asked, "F08", now=g.now))


def transferred(card_id: int, asked: dict[str, Any], approver_id: UUID | None) -> Any:
    """Do what a loaded transfer asks."""
    said = forms.without_signature(asked)
    act = access.act(said.pop("key"))
    passed = standing.Transfer(**said, approver_id=approver_id)
    return standing.transfer(db.session(), card_id=card_id, transfer=passed, act=act)


@blueprint.call("GET", "/cards/<id:card_id>/refund")
@requires("F08", "R", only="store")
@blueprint.gives(200, forms.Readings)
def reckon_refund(card_id: int) -> Any:
    """Reckon what would go back for a card, by the price paid and by list prices."""
    read = readings(card_id)
    return {**asdict(read), "refund_fen": read.refund_fen}


def readings(card_id: int) -> worth.Readings:
    """Reckon it by the store's rule of this moment."""
    session = db.session()
    card = queries.get(session, card_id)
    rule = entries.refund_rule(session, now=g.now)
    return entries.readings(session, card.id, rule=rule)


@blueprint.call("POST", "/cards/<id:card_id>/refund")
@requires("F08", "C", only="store")
@blueprint.takes(NewCardRefund)
@blueprint.gives(201, Sale)
def refund(loaded: dict[str, Any], card_id: int) -> Any:
    """Give a card's money back and close it; above the limit another person approves."""
    return card_refunds.refund_card(
        db.session(),
        seller_id=g.actor.id,
        refund=card_refund_value(card_id, loaded, by_token=g.actor.by_token),
        day=g.today,
        now=g.now,
        approver_id=second_person(loaded, "F08", now=g.now),
    )
