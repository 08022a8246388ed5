"""Put cards on offer, change what they are; choose how refunds are reckoned.

Units: a changed offer moves no card: each has its own copy of what it was bought as.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.db.tenant_settings import change_setting
from shared.domain.cards.models import CardOffer
from shared.domain.cards.queries import offers
from shared.domain.cards.queries.entries import REFUND_RULE
from shared.domain.cards.rules import kinds
from shared.domain.cards.rules.kinds import CardKind, RefundRule
from shared.domain.catalog import queries as catalog
from shared.errors import Problem, problem
from shared.records.judging import ChangedMeanwhile


class OfferCodeTaken(errors.Conflict):
    """Another offer or item has this code."""

    code = "DUPLICATE"
    zh = "编号已被其他卡项或项目使用"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """What there is to say about an offer, for adding and for changing."""

    code: str
    name: str
    kind: CardKind
    on_sale_from: date
    price_fen: int
    bonus_fen: int = 0
    item_id: int | None = None
    paid_sessions: int = 0
    gift_sessions: int = 0
    valid_months: int | None = None
    on_sale_to: date | None = None


def add_offer(session: Session, *, new: NewOffer, now: datetime) -> CardOffer:
    """Put a new card on offer.

    Raises: FormInvalid, OfferCodeTaken.
    """
    _check(session, new)
    values = {**_values(new), "created_at": now}
    added = session.scalars(
        insert(CardOffer)
        .values(values)
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(CardOffer)
    ).one_or_none()
    if added is None:
        raise _code_taken(new)
    return added


def change_offer(session: Session, *, offer_id: int, version: int, new: NewOffer) -> CardOffer:
    """Say anew what an offer is, seen in a version; cards already sold stay as they are.

    Locks: the offer.
    Raises: FormInvalid, offers.NoSuchOffer, OfferCodeTaken, ChangedMeanwhile.
    """
    offer = offers.get(session, offer_id)
    session.refresh(offer, with_for_update=True)
    if offer.version != version:
        raise ChangedMeanwhile(offer_id=offer_id, version=offer.version)
    _check(session, new, kind=offer.kind)
    same_code = offers.by_codes(session, [new.code]).get(new.code)
    if same_code is not None and same_code.id != offer_id:
        raise _code_taken(new)
    for name, value in _values(new).items():
        setattr(offer, name, value)
    offer.version += 1
    session.flush()  # a code taken meanwhile shows here, not at commit
    return offer


def choose_refund_rule(session: Session, *, rule: RefundRule, by: UUID, now: datetime) -> None:
    """Say how refunds of cards are reckoned from now on."""
    change_setting(session, REFUND_RULE, {"rule": str(rule)}, by=by, now=now)


def _check(session: Session, new: NewOffer, *, kind: str | None = None) -> None:
    is_stored = new.kind == CardKind.STORED
    problems = _stored_problems(new) if is_stored else _package_problems(session, new)
    if kind not in (None, new.kind):
        problems.append(problem("kind", "STATE"))
    if new.on_sale_to is not None and new.on_sale_to < new.on_sale_from:
        problems.append(problem("on_sale_to", "DATE_ORDER"))
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    if catalog.by_codes(session, [new.code]):
        raise _code_taken(new)


def _stored_problems(new: NewOffer) -> list[Problem]:
    problems = [
        problem(name, "RANGE", zh="储值卡没有次数", en="stored value has no sessions")
        for name in ("paid_sessions", "gift_sessions")
        if getattr(new, name)
    ]
    if new.item_id is not None:
        problems.append(problem("item_id", "RANGE"))
    if new.bonus_fen and not new.price_fen:
        problems.append(problem("bonus_fen", "RANGE"))
    return problems


def _package_problems(session: Session, new: NewOffer) -> list[Problem]:
    problems = []
    if new.bonus_fen:
        problems.append(problem("bonus_fen", "RANGE"))
    if not new.paid_sessions:
        problems.append(problem("paid_sessions", "REQUIRED"))
    item = catalog.by_ids(session, [new.item_id]).get(new.item_id) if new.item_id else None
    if new.item_id is None:
        problems.append(problem("item_id", "REQUIRED"))
    elif item is None:
        problems.append(problem("item_id", "NOT_FOUND"))
    elif item.category == kinds.PRODUCT:
        goods = {"zh": "疗程卡只能用于护理项目", "en": "a package is of treatments"}
        problems.append(problem("item_id", "RANGE", **goods))
    return problems


def _values(new: NewOffer) -> dict[str, object]:
    return {**asdict(new), "kind": str(new.kind)}


def _code_taken(new: NewOffer) -> OfferCodeTaken:
    return OfferCodeTaken(code=new.code, problems=(problem("code", "DUPLICATE"),))
