"""A receipt or refund as it stands in a form, before and after it is refused: texts as typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from shared.domain.cards.queries import offers as card_offers
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.domain.sales.forms import receipts as forms
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.rules import kinds, slips
from shared.errors import Problem, problem
from web.forms import fen, key_of, loaded, whole

SPARE_LINES = 3  # for a browser without scripts; with scripts the page adds as many as it needs


@dataclass(frozen=True, slots=True)
class LineText:
    """One line as typed."""

    item: str = ""
    quantity: str = "1"
    amount: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nobody filled it in; the quantity stands there from the start."""
        return not self.item.strip() and not self.amount.strip()


@dataclass(frozen=True, slots=True)
class TenderText:
    """One part of the money as typed."""

    tender: str = str(kinds.Tender.WECHAT)
    amount: str = ""


@dataclass(frozen=True, slots=True)
class SaleDraft:
    """A new receipt as typed."""

    key: UUID = field(default_factory=uuid4)
    customer: str = ""
    new_name: str = ""
    new_phone: str = ""
    lines: tuple[LineText, ...] = (LineText(),) * SPARE_LINES
    tenders: tuple[TenderText, ...] = (TenderText(),) * 2

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "SaleDraft":
        """Take what a browser sent; lines nobody filled in are left out."""
        lines = tuple(
            line
            for row in zip(
                form.getlist("item"),
                form.getlist("quantity"),
                form.getlist("amount"),
                strict=False,
            )
            if not (line := LineText(*row)).is_empty
        )
        tenders = tuple(
            TenderText(tender, amount)
            for tender, amount in zip(
                form.getlist("tender"), form.getlist("tender_amount"), strict=False
            )
            if amount.strip()
        )
        return cls(
            key=key_of(form.get("key")),
            customer=form.get("customer", "").strip(),
            new_name=form.get("new_name", "").strip(),
            new_phone=form.get("new_phone", "").strip(),
            lines=lines,
            tenders=tenders,
        )

    def shown(self) -> "SaleDraft":
        """Add an empty line and tender to type into, as the page wants them."""
        return SaleDraft(
            key=self.key,
            customer=self.customer,
            new_name=self.new_name,
            new_phone=self.new_phone,
            lines=(*self.lines, LineText()),
            tenders=self.tenders or (TenderText(),),
        )


def new_sale(
    session: Session, draft: SaleDraft, *, customer_id: int | None, also: tuple[Problem, ...] = ()
) -> slips.NewSale:
    """Read a draft as the form of a receipt; `also` is what is wrong beside its own fields.

    Raises: forms.Refused.
    """
    problems = list(also)
    codes = {_first_word(line.item) for line in draft.lines}
    items, cards = catalog.by_codes(session, codes), card_offers.by_codes(session, codes)
    lines = []
    for number, line in enumerate(draft.lines):
        item, offer = items.get(_first_word(line.item)), cards.get(_first_word(line.item))
        if item is None and offer is None and line.item.strip():
            problems.append(problem(f"lines.{number}.item_id", "NOT_FOUND"))
        lines.append(
            {
                "item_id": item.id if item else None,
                "offer_id": offer.id if offer and item is None else None,
                "quantity": whole(line.quantity),
                "amount_fen": fen(line.amount),
            }
        )
    typed: dict[str, Any] = {
        "key": str(draft.key),
        "lines": lines,
        "tenders": [
            {"tender": part.tender, "amount_fen": fen(part.amount)} for part in draft.tenders
        ],
    }
    if customer_id is not None:
        typed["customer_id"] = customer_id
    read: slips.NewSale = loaded(forms.NewSale(), typed, also=problems)
    return read


def known_customer(session: Session, typed: str) -> int | None:
    """Find the customer whose number begins the typed text; None when there is none."""
    number = _first_word(typed)
    return customers.by_numbers(session, [number]).get(number) if number else None


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """A refund as typed: texts by line id."""

    key: UUID = field(default_factory=uuid4)
    lines: Mapping[int, LineText] = field(default_factory=dict)
    tender: str = ""
    reason: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str], sale: Sale) -> "RefundDraft":
        """Take what a browser sent about the lines of this receipt."""
        return cls(
            key=key_of(form.get("key")),
            lines={
                line.id: LineText(
                    quantity=form.get(f"quantity-{line.id}", "0"),
                    amount=form.get(f"amount-{line.id}", ""),
                )
                for line in sale.lines
            },
            tender=form.get("tender", ""),
            reason=form.get("reason", ""),
        )


def new_refund(draft: RefundDraft, sale: Sale) -> slips.NewRefund:
    """Read a draft as the form of a refund, all of it by one tender.

    Raises: forms.Refused; its lines are counted as on the original receipt.
    """
    lines: list[dict[str, Any]] = []
    for line in sale.lines:
        typed = draft.lines[line.id]
        quantity, amount = whole(typed.quantity) or 0, fen(typed.amount) or 0
        if quantity or amount:
            lines.append({"line_id": line.id, "quantity": quantity, "amount_fen": amount})
    money = [part["amount_fen"] for part in lines if isinstance(part["amount_fen"], int)]
    data = loaded(
        forms.NewRefund(),
        {
            "key": str(draft.key),
            "lines": lines,
            "tenders": [{"tender": draft.tender, "amount_fen": sum(money)}],
            "reason": draft.reason,
        },
    )
    return forms.refund_value(sale.id, data)


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text.strip() else ""
