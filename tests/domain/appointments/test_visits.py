"""W2 step by step: every step that is allowed, and every other one refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.stages import CancelReason
from shared.domain.appointments.rules.visits import LeftReason, Line, PayBy, Step, VisitStage
from shared.domain.appointments.service import (
    carding,
    moving,
    quoting,
    reception,
    visit_steps,
    visits,
)
from shared.domain.catalog.rules import Category
from shared.errors import DomainError
from shared.records.judging import ChangedMeanwhile
from tests.factories import visits as made
from tests.factories.appointments import AT, booked, device
from tests.factories.cards import package, stored
from tests.factories.records import ANNA, BERTA, editor
from tests.factories.sales import new_customer, new_item

DESK = editor()
S = VisitStage


def told(session: Session, event: str) -> int:
    """Count how often an event was told."""
    found = text("SELECT count(*) FROM ops.job WHERE args->>'event' = :event OR kind = :event")
    return int(session.execute(found, {"event": event}).scalar_one())


def codes(refused: DomainError) -> set[tuple[str, str]]:
    """Name what was refused: field and code."""
    return {(one.field, one.code) for one in refused.problems}


def brought_to(session: Session, stage: VisitStage) -> Visit:
    """Bring a new guest to a stage."""
    item = new_item(session).id
    if stage is S.WAITING:
        return made.arrived(session)
    if stage is S.CONSULTING:
        visit = made.arrived(session)
        reception.consult(session, visit, is_health_declined=False, needs=None, by=DESK)
        return visit
    if stage is S.QUOTED:
        return made.quoted(session, made.single(item))
    visit, card = made.begun(session, made.single(item))
    if stage is S.IN_SERVICE:
        return visit
    made.sign(session, card)
    visits.check_result(session, visit, by=DESK)
    if stage in (S.SETTLED, S.LEFT):
        visits.settle(session, visit, key=made.uuid4(), sale_id=None, by=DESK)
    if stage is S.LEFT:
        visits.farewell(session, visit, next_on=None, home_advice=None, by=DESK)
    return visit


def act(session: Session, step: Step, visit: Visit) -> None:
    """Take one step with a guest."""
    item = new_item(session).id
    lines = [made.single(item)]
    doing: dict[Step, Callable[[], Any]] = {
        Step.CONSULT: lambda: reception.consult(
            session, visit, is_health_declined=False, needs=None, by=DESK
        ),
        Step.QUOTE: lambda: quoting.quote(session, visit, lines=lines, is_agreed=False, by=DESK),
        Step.EXTRA: lambda: quoting.quote(
            session, visit, step=Step.EXTRA, lines=lines, is_agreed=False, by=DESK
        ),
        Step.START: lambda: visits.start(session, visit, visits.Begun(), by=DESK),
        Step.CHECK: lambda: visits.check_result(session, visit, by=DESK),
        Step.SETTLE: lambda: visits.settle(session, visit, key=made.uuid4(), sale_id=None, by=DESK),
        Step.FAREWELL: lambda: visits.farewell(
            session, visit, next_on=None, home_advice=None, by=DESK
        ),
        Step.LEAVE: lambda: reception.leave(
            session, visit, reason=LeftReason.CHANGED, note=None, by=DESK
        ),
    }
    doing[step]()


@pytest.mark.parametrize("stage", S)
@pytest.mark.parametrize("step", rules.STEPS)
def test_a_step_is_taken_from_its_stages_and_refused_from_all_others(
    store_session: Session, stage: VisitStage, step: Step
) -> None:
    visit = brought_to(store_session, stage)
    allowed, to = rules.STEPS[step]
    if step is Step.CHECK and stage is S.IN_SERVICE:
        (card,) = queries.cards_of(store_session, [visit.id])[visit.id]
        made.sign(store_session, card)
    if (step, stage) == (Step.QUOTE, S.QUOTED):
        return  # the same sheet is written anew: no step
    if stage in allowed:
        act(store_session, step, visit)
        assert made.stands(store_session, visit) is to
        last = queries.steps_of(store_session, [visit.id])[visit.id][-1]
        assert (last.step, last.stage, last.by_id, last.at) == (step, to, ANNA, DESK.now)
        return
    with pytest.raises(rules.VisitStepRefused) as refused:
        act(store_session, step, visit)
    assert refused.value.code == "STATE"
    assert made.stands(store_session, visit) is stage


def test_checking_in_opens_the_visit_of_a_booking_and_leads_it_along(
    store_session: Session,
) -> None:
    by = editor(now=AT - timedelta(minutes=2))
    guest, item = made.guest(store_session), new_item(store_session)
    row = booked(store_session, customer=guest.id, items=[item.id], requested_staff=str(BERTA))

    moving.arrive(store_session, appointment_id=row.id, version=row.version, by=by)
    visit = queries.of_appointment(store_session, row.id)
    assert visit is not None
    moving.greet(store_session, appointment_id=row.id, version=row.version, by=by)

    assert (visit.staff_id, visit.place_id, visit.is_requested) == (BERTA, row.room, True)
    assert (visit.planned_at, visit.arrived_at, visit.greeted_at) == (AT, by.now, by.now)
    assert visit.number == "V-202506-0001"
    reception.consult(store_session, visit, is_health_declined=False, needs=None, by=by)
    quoting.quote(store_session, visit, lines=[made.single(item.id)], is_agreed=True, by=by)
    card = visits.start(store_session, visit, visits.Begun(), by=by)
    assert card is not None
    assert (row.stage, card.assigned_by, card.state) == ("IN_SERVICE", "REQUESTED", "DRAFT")
    done = made.later(by)
    made.sign(store_session, card, by=done)
    visits.check_result(store_session, visit, by=done)
    assert (row.stage, visit.is_on_time) == ("COMPLETED", True)
    assert visit.promised_end_at == by.now + timedelta(minutes=60)


def test_who_is_in_the_house_is_not_let_in_twice(store_session: Session) -> None:
    visit = made.arrived(store_session)
    with pytest.raises(visit_steps.IsHereAlready):
        made.arrived(store_session, visit.customer_id)
    reception.leave(store_session, visit, reason=LeftReason.WAITED, note="太久", by=DESK)
    assert made.arrived(store_session, visit.customer_id).number == "V-202506-0002"
    assert told(store_session, "visit.left") == 1


def test_leaving_unserved_cancels_the_booking_with_the_reason(store_session: Session) -> None:
    by = editor(now=AT)
    row = booked(store_session)
    moving.arrive(store_session, appointment_id=row.id, version=row.version, by=by)
    visit = queries.of_appointment(store_session, row.id)
    assert visit is not None
    reception.leave(store_session, visit, reason=LeftReason.WAITED, note=None, by=by)
    assert (row.stage, row.cancel_reason, visit.stage) == ("CANCELLED", "STORE", "LEFT")


def test_cancelling_the_booking_of_who_is_there_ends_the_visit(store_session: Session) -> None:
    by = editor(now=AT)
    row = booked(store_session)
    moving.arrive(store_session, appointment_id=row.id, version=row.version, by=by)
    moving.cancel(
        store_session, appointment_id=row.id, version=row.version, why=CancelReason.CUSTOMER, by=by
    )
    visit = queries.of_appointment(store_session, row.id)
    assert visit is not None
    assert (visit.stage, visit.left_reason) == ("LEFT", "OTHER")


def test_the_manager_hears_once_of_a_guest_who_waits(store_session: Session) -> None:
    visit = made.arrived(store_session)
    assert told(store_session, "appointments.watch_waiting") == 1
    for _ in range(2):
        reception.watch_waiting(store_session, visit_id=visit.id, by=made.later(DESK, 10))
    assert told(store_session, "visit.waiting") == 1


def test_nobody_waits_any_more_is_told_to_nobody(store_session: Session) -> None:
    visit = brought_to(store_session, S.CONSULTING)
    reception.watch_waiting(store_session, visit_id=visit.id, by=made.later(DESK, 10))
    assert told(store_session, "visit.waiting") == 0


def test_an_interview_needs_consent_to_health_data_or_a_clear_no(store_session: Session) -> None:
    visit = made.arrived(store_session, new_customer(store_session).id)
    with pytest.raises(errors.FormInvalid) as refused:
        reception.consult(store_session, visit, is_health_declined=False, needs=None, by=DESK)
    assert codes(refused.value) == {("is_health_declined", "CONSENT")}
    reception.consult(store_session, visit, is_health_declined=True, needs=None, by=DESK)
    line = made.single(new_item(store_session).id)
    with pytest.raises(quoting.Contraindicated) as without_note:
        quoting.quote(store_session, visit, lines=[line], is_agreed=True, by=DESK)
    assert codes(without_note.value) == {("lines.0.note", "CONTRAINDICATED")}
    noted = made.single(line.item_id, note="顾客拒绝提供,已口头确认无禁忌")
    quoting.quote(store_session, visit, lines=[noted], is_agreed=True, by=DESK)


def test_what_is_bad_for_the_guest_asks_for_the_consultants_note(store_session: Session) -> None:
    item = new_item(store_session, contraindications=("PREGNANT",))
    guest = made.guest(store_session, contraindications=["PREGNANT"])
    with pytest.raises(quoting.Contraindicated):
        made.quoted(store_session, made.single(item.id), customer_id=guest.id)
    visit = queries.open_visit_of(store_session, [guest.id])
    assert visit is not None
    noted = [made.single(item.id, note="孕晚期,仅做面部清洁")]
    with pytest.raises(errors.FormInvalid) as refused:
        quoting.quote(store_session, visit, lines=noted, is_agreed=True, by=editor(may=False))
    assert codes(refused.value) == {("lines.0.note", "FORBIDDEN")}


def test_a_quote_tells_everything_that_is_wrong_at_once(store_session: Session) -> None:
    visit = brought_to(store_session, S.CONSULTING)
    product = new_item(store_session, category=Category.PRODUCT).id
    other = package(store_session)
    assert other.item_id is not None
    lines = [
        Line(item_id=2**40, pay_by=PayBy.SINGLE),
        Line(item_id=product, pay_by=PayBy.GIFT),
        Line(item_id=other.item_id, pay_by=PayBy.PACKAGE, card_id=other.id),
        Line(item_id=other.item_id, pay_by=PayBy.SINGLE, card_id=other.id, quantity=2),
    ]
    with pytest.raises(errors.FormInvalid) as refused:
        quoting.quote(store_session, visit, lines=lines, is_agreed=True, by=DESK)
    assert codes(refused.value) == {
        ("lines.0.item", "NOT_FOUND"),
        ("lines.1.pay_by", "ENUM"),
        ("lines.2.card", "BALANCE_SHORT"),
        ("lines.3.quantity", "RANGE"),
        ("lines.3.card", "RANGE"),
    }


def test_a_quote_promises_no_more_than_the_cards_hold(store_session: Session) -> None:
    card = stored(store_session)
    made.known(store_session, card.customer_id).consent_sensitive = True
    made.known(store_session, card.customer_id).contraindications = ["NONE"]
    visit = made.arrived(store_session, card.customer_id)
    reception.consult(store_session, visit, is_health_declined=False, needs=None, by=DESK)
    items = [new_item(store_session, price_fen=700_00).id for _ in range(2)]
    lines = [Line(item_id=one, pay_by=PayBy.STORED) for one in items]
    with pytest.raises(errors.FormInvalid) as refused:
        quoting.quote(store_session, visit, lines=lines, is_agreed=True, by=DESK)
    assert codes(refused.value) == {("lines.1.card", "BALANCE_SHORT")}
    quoting.quote(store_session, visit, lines=lines[:1], is_agreed=True, by=DESK)
    (line,) = queries.lines_of(store_session, [visit.id])[visit.id]
    assert (line.price_fen, line.card_id, line.asked_by) == (700_00, card.id, ANNA)


def test_nothing_is_begun_before_the_guest_agrees(store_session: Session) -> None:
    visit = brought_to(store_session, S.CONSULTING)
    line = made.single(new_item(store_session).id)
    quoting.quote(store_session, visit, lines=[line], is_agreed=False, by=DESK)
    with pytest.raises(errors.FormInvalid) as refused:
        visits.start(store_session, visit, visits.Begun(), by=DESK)
    assert codes(refused.value) == {("lines", "CONSENT")}
    quoting.decide(store_session, visit, is_agreed=False, by=DESK)
    with pytest.raises(errors.FormInvalid):
        visits.start(store_session, visit, visits.Begun(), by=DESK)
    quoting.quote(store_session, visit, lines=[line], is_agreed=True, by=DESK)
    assert visits.start(store_session, visit, visits.Begun(), by=DESK)


def test_an_extra_item_stops_is_priced_agreed_and_goes_on(store_session: Session) -> None:
    visit, _ = made.begun(store_session, made.single(new_item(store_session).id))
    mask = made.single(new_item(store_session, price_fen=100_00, duration_minutes=20).id)
    quoting.quote(store_session, visit, step=Step.EXTRA, lines=[mask], is_agreed=False, by=DESK)
    with pytest.raises(rules.VisitStepRefused):
        reception.leave(store_session, visit, reason=LeftReason.OTHER, note=None, by=DESK)
    quoting.decide(store_session, visit, is_agreed=True, by=DESK)
    extra = visits.start(store_session, visit, visits.Begun(), by=DESK)
    assert extra is not None
    assert visit.promised_end_at == DESK.now + timedelta(minutes=80)
    lines = queries.lines_of(store_session, [visit.id])[visit.id]
    assert [line.is_extra for line in lines] == [False, True]


def test_an_extra_item_that_is_declined_lets_the_treatment_go_on(store_session: Session) -> None:
    visit, card = made.begun(store_session, made.single(new_item(store_session).id))
    mask = made.single(new_item(store_session).id)
    quoting.quote(store_session, visit, step=Step.EXTRA, lines=[mask], is_agreed=False, by=DESK)
    quoting.decide(store_session, visit, is_agreed=False, by=DESK)
    assert visits.start(store_session, visit, visits.Begun(), by=DESK) is None
    made.sign(store_session, card)
    visits.check_result(store_session, visit, by=made.later(DESK, 61))
    assert visit.is_on_time is False
    assert visits.check_settled(store_session, visit)[0].id == card.line


def test_the_result_is_looked_at_when_every_card_says_how_it_went(store_session: Session) -> None:
    items = [new_item(store_session).id for _ in range(2)]
    visit, card = made.begun(store_session, *map(made.single, items))
    with pytest.raises(visits.CardsOpen) as refused:
        visits.check_result(store_session, visit, by=DESK)
    assert len(refused.value.problems) == 2
    rest = queries.lines_of(store_session, [visit.id])[visit.id][1]
    visits.drop_line(store_session, visit, rest.id, by=DESK)
    by = made.later(DESK)
    carding.save(
        store_session, treatment_id=card.id, version=card.version, typed=made.filled(card, by=by),
        products=None, by=by,
    )  # fmt: skip
    visits.check_result(store_session, visit, by=by)
    with pytest.raises(visits.CardsOpen):
        visits.check_settled(store_session, visit)
    made.sign(store_session, card)
    assert [line.price_fen for line in visits.check_settled(store_session, visit)] == [200_00]


def test_a_device_that_is_down_treats_nobody(store_session: Session) -> None:
    visit = made.quoted(store_session, made.single(new_item(store_session).id))
    broken = device(store_session, condition="DOWN")
    with pytest.raises(errors.FormInvalid) as refused:
        visits.start(store_session, visit, visits.Begun(equipment=broken.id), by=DESK)
    assert codes(refused.value) == {("equipment", "EQUIPMENT_DOWN")}


def test_the_farewell_offers_what_the_cards_say(store_session: Session) -> None:
    visit, card = made.begun(store_session, made.single(new_item(store_session).id))
    made.sign(store_session, card, next_date="2025-06-24", home_advice="注意防晒")
    visits.check_result(store_session, visit, by=DESK)
    visits.settle(store_session, visit, key=made.uuid4(), sale_id=None, by=DESK)
    with pytest.raises(errors.FormInvalid):
        visits.farewell(store_session, visit, next_on=DESK.today, home_advice=None, by=DESK)
    visits.farewell(store_session, visit, next_on=None, home_advice=None, by=DESK)
    assert (f"{visit.next_on}", visit.home_advice) == ("2025-06-24", "注意防晒")
    assert told(store_session, "visit.settled") == 1


def test_a_step_seen_in_an_old_version_is_refused(store_session: Session) -> None:
    visit = made.arrived(store_session)
    store_session.flush()
    with pytest.raises(ChangedMeanwhile):
        visit_steps.hold(store_session, visit.id, version=visit.version + 1, by=DESK)
    with pytest.raises(queries.NoSuchVisit):
        visit_steps.hold(store_session, visit.id, version=1, by=DESK, own_of=ANNA)
