"""The guests of a demo store who came: advised, treated, signed, settled, seen off.

Shape: by the same verbs as in the house. What they had is a gift, so that the days' figures stay
those of the story.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.visits import Line, PayBy
from shared.domain.appointments.service import carding, moving, quoting, reception, visits
from shared.domain.customers import queries as customers
from shared.domain.sales.service import settling
from shared.records.register import Editor

TIDYING = timedelta(minutes=10)
_BEFORE = ("两颊干燥,T区出油", "肤色暗沉,毛孔明显", "轻微泛红,角质偏薄")
_AFTER = ("水润透亮", "肤色均匀,触感细腻", "泛红消退")
_FEELINGS = ("VERY_SATISFIED", "VERY_SATISFIED", "SATISFIED", "NEUTRAL")


def receive(
    session: Session, row: Any, *, by: Editor, sign: Callable[[], str], chance: Random
) -> None:
    """Let the guest of an appointment come; who is done by now has signed and left."""
    come = replace(by, now=row.start_at, today=row.business_date)
    moving.arrive(session, appointment_id=row.id, version=row.version, by=come)
    moving.greet(session, appointment_id=row.id, version=row.version, by=come)
    visit = queries.of_appointment(session, row.id)
    if visit is None or by.now - row.start_at < TIDYING:
        return
    guest = customers.by_ids(session, [visit.customer_id])[visit.customer_id]
    reception.consult(session, visit, is_health_declined=True, needs=None, by=come)
    note = None if guest.consent_sensitive else "顾客未提供健康信息,已口头确认"
    lines = [Line(item_id=one, pay_by=PayBy.GIFT, note=note or "已确认") for one in row.items]
    quoting.quote(session, visit, lines=lines, is_agreed=True, by=come)
    for _line in lines:
        card = visits.start(session, visit, visits.Begun(), by=come)
        if card is None or row.end_at > by.now:
            return
        skin = {"skin_before": chance.choice(_BEFORE), "skin_after": chance.choice(_AFTER)}
        done = replace(come, now=row.end_at - TIDYING)
        typed = {
            "ended_at": done.now.isoformat(), "reaction": "NONE", "guest_sign": sign(),
            "guest_feeling": chance.choice(_FEELINGS), "home_advice": "注意补水和防晒",
            **(skin if guest.consent_sensitive else {}),
        }  # fmt: skip
        carding.sign(
            session, treatment_id=card.id, version=card.version, typed=typed, products=None,
            by=done,
        )  # fmt: skip
    done = replace(come, now=row.end_at - TIDYING)
    visits.check_result(session, visit, by=done)
    session.flush()  # the till asks for the version
    settling.settle_visit(
        session, visit_id=visit.id, version=visit.version, key=uuid4(), tenders=(), by=done
    )
    visits.farewell(session, visit, next_on=None, home_advice=None, by=done)
