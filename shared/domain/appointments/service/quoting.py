"""Quote what is to be done, and hear the guest's answer, before anything is done.

Form: W2, CONSULTING to QUOTED, and an extra item in the middle.
Locks: the visit.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.visits import Visit, VisitLine
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.visits import BY_CARD, Line, PayBy, Step, VisitStage
from shared.domain.appointments.service import visit_steps
from shared.domain.cards.queries import cards
from shared.domain.cards.queries.cards import Held
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.customers import queries as customers
from shared.errors import Problem, problem
from shared.records.register import Editor

FREE = frozenset({PayBy.GIFT, PayBy.REWORK})


class Contraindicated(errors.Conflict):
    """Something speaks against this for this guest; the consultant may write why it is done."""

    code = "CONTRAINDICATED"
    zh = "存在护理禁忌,须由顾问注明原因"


def quote(
    session: Session,
    visit: Visit,
    *,
    step: Step = Step.QUOTE,
    lines: Sequence[Line],
    is_agreed: bool,
    by: Editor,
) -> None:
    """Quote items to the guest of a held visit; EXTRA ones in the middle of a treatment.

    Until something was begun a new quote replaces the old one, afterwards only what the guest has
    not decided yet. Units: a price below the list price is agreed on the spot; gifts and what is
    done again cost nothing.
    Raises: FormInvalid with every mistake at once, Contraindicated, rules.VisitStepRefused.
    """
    stage = VisitStage(visit.stage)
    is_extra = visit.started_at is not None
    is_anew = stage is VisitStage.QUOTED and is_extra == (step is Step.EXTRA)
    if not is_anew:
        rules.check_visit_step(stage, step)
    judged = _Judged(session, visit, lines, by)
    judged.refuse()
    if is_anew:
        visit.version += 1
        visit_steps.note(session, visit, step, by=by)
    else:
        visit_steps.move(session, visit, step, by=by)
    old = delete(VisitLine).where(VisitLine.visit_id == visit.id)
    if is_extra:
        old = old.where(VisitLine.agreed_at.is_(None), VisitLine.declined_at.is_(None))
    session.execute(old)
    session.add_all(_row(visit, line, judged, is_extra=is_extra, by=by) for line in judged.lines)
    session.flush()  # what was quoted is asked for below
    if is_agreed:
        decide(session, visit, is_agreed=True, by=by)


def decide(session: Session, visit: Visit, *, is_agreed: bool, by: Editor) -> None:
    """Note the guest's answer to what a held visit's quote leaves undecided; who asked, and when.

    Raises: rules.VisitStepRefused.
    """
    open_ones = undecided(session, visit)
    if visit.stage != VisitStage.QUOTED or not open_ones:
        raise rules.VisitStepRefused(now=visit.stage, step=str(Step.AGREE))
    for line in open_ones:
        line.agreed_at = by.now if is_agreed else None
        line.declined_at = None if is_agreed else by.now
        line.asked_by = by.id
    visit.version += 1
    visit_steps.note(session, visit, Step.AGREE, by=by, reason=None if is_agreed else "-")


def undecided(session: Session, visit: Visit) -> list[VisitLine]:
    """List what was quoted and is neither agreed nor declined."""
    found = queries.lines_of(session, [visit.id]).get(visit.id, [])
    return [one for one in found if one.agreed_at is None and one.declined_at is None]


class _Judged:
    """The lines of a quote with what is wrong with them; prices and cards are filled in."""

    def __init__(self, session: Session, visit: Visit, lines: Sequence[Line], by: Editor) -> None:
        self.items = catalog.by_ids(session, [line.item_id for line in lines])
        self.lines: list[Line] = []
        self._session, self._visit, self._by = session, visit, by
        self._guest = customers.by_ids(session, [visit.customer_id])[visit.customer_id]
        self._problems: list[Problem] = []
        self._against: list[Problem] = []
        self._taken: Counter[int] = Counter()  # card -> sessions or fen of this quote
        for n, line in enumerate(lines):
            self._judge(f"lines.{n}", line)

    def refuse(self) -> None:
        """Raise what is wrong, a contraindication alone as such."""
        if self._problems:
            raise errors.FormInvalid(problems=(*self._problems, *self._against))
        if self._against:
            raise Contraindicated(problems=tuple(self._against))

    def _judge(self, field: str, line: Line) -> None:
        item = self.items.get(line.item_id)
        if item is None:
            self._problems.append(problem(f"{field}.item", "NOT_FOUND"))
            return
        offers = catalog.offers(self._session, [item.id])
        if not offers[item.id].is_on_sale(self._by.today):
            off = {"zh": "该项目当日不在售", "en": "not on sale that day"}
            self._problems.append(problem(f"{field}.item", "RANGE", **off))
        is_product = item.category == Category.PRODUCT
        if is_product and line.pay_by is not PayBy.SINGLE:
            till = {"zh": "产品须单次付费", "en": "products are paid at the till"}
            self._problems.append(problem(f"{field}.pay_by", "ENUM", **till))
        elif not is_product and line.quantity != 1:
            self._problems.append(problem(f"{field}.quantity", "RANGE"))
        if not is_product:
            self._judge_health(field, line, item)
        card = self._card(field, line, item.id)
        self.lines.append(
            Line(
                item_id=item.id,
                pay_by=line.pay_by,
                price_fen=self._price_fen(field, line, item, card),
                card_id=card.id if card else None,
                quantity=line.quantity,
                note=line.note,
            )
        )

    def _judge_health(self, field: str, line: Line, item: Any) -> None:
        """Ask for the consultant's note where something speaks against it, or nobody knows."""
        known = self._guest.contraindications if self._guest.consent_sensitive else None
        is_against = known is None or bool(set(known) & set(item.contraindications or ()))
        if is_against and line.note is None:
            unknown = {
                "zh": "未登记健康信息,须由顾问注明",
                "en": "no health data: the consultant writes a note",
            }
            texts = unknown if known is None else {}
            self._against.append(problem(f"{field}.note", "CONTRAINDICATED", **texts))
        elif is_against and not self._by.permits("F04_health", "U"):
            own = {"zh": "须由顾问注明", "en": "the consultant writes the note"}
            self._problems.append(problem(f"{field}.note", "FORBIDDEN", **own))

    def _card(self, field: str, line: Line, item_id: int) -> Held | None:
        if line.pay_by not in BY_CARD:
            if line.card_id is not None:
                self._problems.append(problem(f"{field}.card", "RANGE"))
            return None
        usable = [
            one
            for one in cards.usable_for(
                self._session, self._visit.customer_id, item_id, self._by.today
            )
            if one.kind == line.pay_by and line.card_id in (None, one.id)
        ]
        if not usable:
            none = {"zh": "没有可用的卡", "en": "no card that pays this"}
            self._problems.append(problem(f"{field}.card", "BALANCE_SHORT", **none))
            return None
        return usable[0]

    def _price_fen(self, field: str, line: Line, item: Any, card: Held | None) -> int:
        if line.pay_by in FREE:
            return 0
        if line.pay_by is PayBy.PACKAGE:
            if card is not None:
                self._take(field, card.id, 1, card.balances.sessions)
            return card.unit_fen if card else 0
        listed: int = item.price_fen * line.quantity
        price_fen = listed if line.price_fen is None else line.price_fen
        if card is not None:
            if price_fen < 1:
                self._problems.append(problem(f"{field}.price_fen", "RANGE"))
            self._take(field, card.id, price_fen, card.balances.money_fen)
        return price_fen

    def _take(self, field: str, card_id: int, wanted: int, there: int) -> None:
        self._taken[card_id] += wanted
        if self._taken[card_id] > there:
            self._problems.append(problem(f"{field}.card", "BALANCE_SHORT"))


def _row(visit: Visit, line: Line, judged: _Judged, *, is_extra: bool, by: Editor) -> VisitLine:
    item = judged.items[line.item_id]
    is_product = item.category == Category.PRODUCT
    return VisitLine(
        visit_id=visit.id,
        item_id=line.item_id,
        quantity=line.quantity,
        minutes=0 if is_product else item.duration_minutes,
        pay_by=line.pay_by,
        card_id=line.card_id,
        price_fen=line.price_fen or 0,
        is_extra=is_extra,
        note=line.note,
        quoted_at=by.now,
        quoted_by=by.id,
    )
