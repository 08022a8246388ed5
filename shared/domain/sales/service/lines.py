"""Judge the lines of a receipt: items, cards on offer, deposits, and how they are paid.

Form: F08 receipt lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from shared import money
from shared.domain.cards.queries import offers as card_offers
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.service import selling
from shared.domain.cards.service.selling import Purchase
from shared.domain.catalog import queries as catalog
from shared.domain.sales.models.receipts import SaleLine
from shared.domain.sales.rules import kinds, slips
from shared.errors import Problem, problem

_OF_KIND = {"STORED": kinds.LineKind.TOPUP, "PACKAGE": kinds.LineKind.PACKAGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Lines that may be written, what each buys of cards, and what is wrong with any."""

    lines: Sequence[SaleLine]
    purchases: Sequence[tuple[SaleLine, Purchase]]
    problems: list[Problem]


def checked(session: Session, new: slips.NewSale, act: Act) -> Checked:
    """Judge all lines of a new receipt on the day of `act`."""
    items = catalog.offers(session, [line.item_id for line in new.lines if line.item_id])
    cards = card_offers.by_ids(session, [line.offer_id for line in new.lines if line.offer_id])
    made: list[SaleLine] = []
    purchases: list[tuple[SaleLine, Purchase]] = []
    problems = [] if new.lines else [problem("lines", "REQUIRED")]
    for n, line in enumerate(new.lines):
        field = f"lines.{n}"
        problems += _bound_problems(field, line.quantity, line.amount_fen)
        if line.offer_id is not None and (offer := cards.get(line.offer_id)):
            purchase = Purchase(
                offer=offer,
                customer_id=new.customer_id,
                amount_fen=line.amount_fen,
                card_id=line.card_id,
            )
            problems += _card_problems(line, _OF_KIND[offer.kind], field)
            problems += selling.problems_of(session, purchase, field, act)
            bought = _line(line, kind=_OF_KIND[offer.kind])
            purchases.append((bought, purchase))
            made.append(bought)
        elif line.kind == kinds.LineKind.DEPOSIT:
            problems += _card_problems(line, kinds.LineKind.DEPOSIT, field)
            made.append(_line(line, kind=kinds.LineKind.DEPOSIT))
        elif line.item_id is not None and (item := items.get(line.item_id)):
            problems += _item_problems(line, item, field, act)
            made.append(_item_line(line, item))
        else:
            asked = "offer_id" if line.offer_id is not None else "item_id"
            code = "NOT_FOUND" if line.offer_id or line.item_id else "REQUIRED"
            problems.append(problem(f"{field}.{asked}", code))
    if new.deposit_used_fen:
        made.append(
            SaleLine(
                kind=str(kinds.LineKind.DEPOSIT),
                quantity=1,
                amount_fen=-new.deposit_used_fen,
                cost_fen=0,
            )
        )
    return Checked(lines=made, purchases=purchases, problems=problems)


def tender_problems(amounts: Sequence[int], tenders: Sequence[slips.Paid]) -> list[Problem]:
    """Say what is wrong with the money of a receipt."""
    problems = [
        problem(f"tenders.{n}.amount_fen", "RANGE")
        for n, paid in enumerate(tenders)
        if not 0 <= paid.amount_fen <= money.MAX_FEN
    ]
    if not slips.sums_agree(amounts, [paid.amount_fen for paid in tenders]):
        problems.append(problem("tenders", "SUM_MISMATCH"))
    return problems


def _item_problems(line: slips.NewLine, item: catalog.Offer, field: str, act: Act) -> list[Problem]:
    problems = []
    if slips.line_kind(category=item.category, asked=line.kind) is None:
        problems.append(problem(f"{field}.kind", "ENUM"))
    if line.card_id is not None:
        problems.append(problem(f"{field}.card_id", "RANGE"))
    if not item.is_on_sale(act.day):
        off = {"zh": "该项目当日不在售", "en": "not on sale that day"}
        problems.append(problem(f"{field}.item_id", "RANGE", **off))
    return problems


def _card_problems(line: slips.NewLine, kind: kinds.LineKind, field: str) -> list[Problem]:
    """One line is one card: it names no item beside, no other kind and no more than one."""
    problems = []
    if line.kind not in (None, kind):
        problems.append(problem(f"{field}.kind", "ENUM"))
    if line.item_id is not None:
        problems.append(problem(f"{field}.item_id", "RANGE"))
    if line.quantity != 1:
        problems.append(problem(f"{field}.quantity", "RANGE"))
    return problems


def _item_line(line: slips.NewLine, item: catalog.Offer) -> SaleLine:
    kind = slips.line_kind(category=item.category, asked=line.kind)
    made = _line(line, kind=kind)
    made.item_id, made.category = item.id, item.category
    made.cost_fen = line.quantity * item.cost_fen
    return made


def _line(line: slips.NewLine, *, kind: kinds.LineKind | None) -> SaleLine:
    return SaleLine(
        kind=str(kind),
        offer_id=line.offer_id,
        quantity=line.quantity,
        amount_fen=line.amount_fen,
        cost_fen=0,
    )


def _bound_problems(field: str, quantity: int, amount_fen: int) -> list[Problem]:
    problems = []
    if not 1 <= quantity <= slips.MAX_QUANTITY:
        problems.append(problem(f"{field}.quantity", "RANGE"))
    if not 0 <= amount_fen <= money.MAX_FEN:
        problems.append(problem(f"{field}.amount_fen", "RANGE"))
    return problems
