"""Fill one store with its story, by the same verbs that pages and jobs call.

Every step knows what is there already, so a load that was killed goes on where it stopped.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from deploy.demo import files, people
from deploy.demo.forms import TELLING
from deploy.demo.shapes import DemoDrawer, DemoItem, StoreStory
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import items as catalog_service
from shared.domain.reporting.queries import months, plan_sheet, plans
from shared.domain.reporting.rules.plan import NewPlan
from shared.domain.reporting.rules.states import Actor, Authority, CostKind, MonthState
from shared.domain.reporting.service import closing, entries, guests, planning
from shared.domain.sales.queries import cash as cash_queries
from shared.domain.sales.queries import drawers
from shared.domain.sales.rules import kinds, slips, tills
from shared.domain.sales.service import cash, importing
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction

NAMESPACE = UUID("3c5a7a4e-5a0e-5d0b-8f43-6a1f0d8e2b77")  # of keys made from the story
FIRST_OPENING_FEN = 1_000_00
KEEP_FEN = 1_000_00  # what stays in the drawer when the rest is banked
_OPENS, _CLOSES, _COUNTED, _SIGNED = time(10), time(21), time(21, 10), time(21, 30)
_MANAGER_REASON = "已查监控并与当班人谈话"


class Filling:
    """One store being filled."""

    def __init__(
        self,
        tenant: Tenant,
        story: StoreStory,
        ids: Mapping[str, UUID],
        *,
        now: datetime,
    ) -> None:
        """Keep who is who: `ids` are the people's by login."""
        self.tenant = tenant
        self.story = story
        self._now = now
        self._cashiers = [ids[login] for login in people.cashiers(story.plan)]
        self._manager_id = ids[people.manager(story.plan)]
        self._manager = Actor(authority=Authority.STORE, id=self._manager_id)

    def open_books(self) -> None:
        """Put the price list on sale, say when the store opens, what months cost; send the file."""
        # takes its time: no transaction waits for it
        history = importing.read_upload(files.file_name(self.story), files.history_csv(self.story))
        with tenant_transaction(self.tenant) as session:
            if catalog.by_codes(session, [item.code for item in self.story.items]):
                return  # all of it went in together
            self._add_items(session)
            self._enter_costs(session)  # oldest month first: none may begin before the first
            self._say_when_open(session)
            importing.receive_table(
                session,
                upload=history,
                actor_id=self._manager_id,
                now=self._now,
                own_store={self.tenant.code},
            )

    def forget_receipts(self) -> None:
        """Drop what the file held already."""
        self.story = replace(self.story, receipts=())

    def count_drawers(self) -> None:
        """Let one count the drawer and another sign, day after day."""
        first_day = self.story.drawers[0].day if self.story.drawers else None
        for start in range(0, len(self.story.drawers), 10):
            with tenant_transaction(self.tenant) as session:
                for drawer in self.story.drawers[start : start + 10]:
                    row = cash_queries.cash_day(session, drawer.day)
                    if row is None or row.state != "CLOSED":
                        self._count(session, drawer, is_first=drawer.day == first_day)

    def finish_months(self, finished: list[date], *, today: date, unreviewed: date | None) -> None:
        """Compute and review the months that are over, grade guests as of the last of them.

        `unreviewed` is computed only. Where forms are kept guests are graded twice: of each whose
        grade moved somebody is told.
        """
        for month in finished:
            with tenant_transaction(self.tenant) as session:
                self._finish(session, month, today=today, is_reviewed=month != unreviewed)
        with tenant_transaction(self.tenant) as session:
            for month in finished[-2 if self.story.plan.code in TELLING else -1 :]:
                guests.grade_guests(session, month=month, now=self._now)
            guests.judge_activity(session, day=today, now=self._now)

    def plan_year(self, *, today: date) -> None:
        """Plan the running year from what it brought, a little above it, and hand it in."""
        year = today.year
        with tenant_transaction(self.tenant) as session:
            so_far = plan_sheet.actuals(session, year, only_closed=False)
            if plans.revisions(session, year) or not so_far.months:
                return
            whole = {
                str(name): round(amount * 12 / len(so_far.months))
                for name, amount in so_far.numbers.items()
            }
            known = whole | {"I": 12_000_00, "H": 95, "N": min(whole["N"], 366), "K": 800_000_00}
            target = known | {"R": known["R"] * 112 // 100, "V": known["V"] * 108 // 100}
            new = NewPlan(prior=known, plan=target)
            manager = self._manager_id
            planning.save_draft(session, year=year, new=new, actor_id=manager, now=self._now)
            planning.submit_plan(session, year=year, actor_id=manager, now=self._now)
            for month in so_far.months:
                typed = {"I": 1_000_00, "H": 95, "K": 800_000_00}
                planning.enter_inputs(session, month=month, amounts=typed)

    def _add_items(self, session: Session) -> None:
        for item in self.story.items:
            catalog_service.add_item(session, new=self._new_item(item), now=self._now)

    def _new_item(self, item: DemoItem) -> catalog_service.NewItem:
        return catalog_service.NewItem(
            code=item.code,
            name=item.name,
            category=Category(item.category),
            price_fen=item.price_fen,
            cost_fen=item.cost_fen,
            on_sale_from=item.on_sale_from or self.story.plan.opened_on,
            on_sale_to=item.on_sale_to,
        )

    def _say_when_open(self, session: Session) -> None:
        shut = self.story.plan.shut_weekdays
        hours = {day: (_OPENS, _CLOSES) for day in range(1, 8) if day not in shut}
        entries.set_opening_hours(session, hours=hours, actor=self._manager, now=self._now)
        for day, reason in self.story.shut_days.items():
            entries.close_on(session, day=day, reason=reason, actor=self._manager, now=self._now)

    def _enter_costs(self, session: Session) -> None:
        for month, lines in self.story.costs.items():
            amounts = {CostKind(kind): amount_fen for kind, amount_fen in lines.items()}
            entries.set_costs(
                session, month=month, amounts=amounts, actor=self._manager, now=self._now
            )

    def _count(self, session: Session, drawer: DemoDrawer, *, is_first: bool) -> None:
        day, cashier = drawer.day, self._cashiers[drawer.cashier]
        if is_first:
            opening = tills.CashOpening(day=day, opening_fen=FIRST_OPENING_FEN, reason=None)
            cash.open_cash_day(session, opening=opening, now=self._at(day, _OPENS))
        self._pay_out(session, drawer, cashier)
        standing = drawers.standing(session, day)
        book_fen = standing.figures.closing_fen
        if drawer.is_banking_day and book_fen > 2 * KEEP_FEN:
            banked_fen = (book_fen - KEEP_FEN) // 100_00 * 100_00
            cash.deposit(session, day=day, total_fen=banked_fen, now=self._at(day, _COUNTED))
            book_fen -= banked_fen
        variance_fen = max(drawer.variance_fen, -book_fen)
        count = tills.CashCount(
            day=day,
            counted_fen=book_fen + variance_fen,
            variance_reason=drawer.variance_reason if variance_fen else None,
            denominations=_pieces(book_fen + variance_fen),
            settlements=tuple(
                tills.Settlement(tender=one.tender, amount_fen=one.receipts_fen)
                for one in standing.totals
            ),
        )
        cash.count_cash(session, count=count, actor_id=cashier, now=self._at(day, _COUNTED))
        if drawer.is_signed:
            needs_reason = abs(variance_fen) > tills.VARIANCE_REASON_FEN
            signed = tills.CashClosing(
                day=day, manager_reason=_MANAGER_REASON if needs_reason else None
            )
            cash.close_cash_day(
                session, closing=signed, actor_id=self._manager_id, now=self._at(day, _SIGNED)
            )

    def _pay_out(self, session: Session, drawer: DemoDrawer, cashier: UUID) -> None:
        for number, paid in enumerate(drawer.payments):
            payment = slips.NewPayment(
                key=uuid5(NAMESPACE, f"{self.tenant.name}/{drawer.day}/{number}"),
                day=drawer.day,
                purpose=kinds.Purpose(paid.purpose),
                payee=paid.payee,
                amount_fen=paid.amount_fen,
            )
            cash.pay_out(
                session,
                payment=payment,
                actor_id=cashier,
                approver_id=self._manager_id,
                now=self._at(drawer.day, _COUNTED),
            )

    def _finish(self, session: Session, month: date, *, today: date, is_reviewed: bool) -> None:
        held = months.by_month(session, month)
        state = held.state if held else MonthState.OPEN
        if state == MonthState.OPEN:
            closing.compute_month(
                session, month=month, actor=self._manager, day=today, now=self._now
            )
            state = MonthState.COMPUTED
        if state == MonthState.COMPUTED and is_reviewed:
            closing.review_month(session, month=month, actor=self._manager, now=self._now)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.tenant.time_zone))


def _pieces(fen: int) -> dict[int, int]:
    """Lay an amount out in notes and coins, the largest first."""
    pieces = {}
    for face in tills.FACES_FEN:
        pieces[face], fen = divmod(fen, face)
    return {face: number for face, number in pieces.items() if number}
