"""The register of opinions and what it asks beyond the declaration.

Form: F09.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.surveys.events import OpinionGiven, SuggestionAdopted
from shared.domain.surveys.forms.opinion import Opinion as OpinionForm
from shared.domain.surveys.models import Opinion
from shared.domain.surveys.rules import NEGATIVE, OVERALL, Level, SuggestionState, Way
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.forms.record import State
from shared.records.register import Attempt, Register, Row


def _check(session: Session, attempt: Attempt) -> None:
    values = attempt.values
    if values["anonymous"]:
        _check_anonymous(attempt)
    elif values["customer"] is not None:
        _check_customer(session, attempt)
    if values["visit_on"] is not None and values["visit_on"] > attempt.by.today:
        attempt.refuse("visit_on", "FUTURE")
    _check_suggestion(attempt)
    attempt.computed["way"] = attempt.was.get("way") or Way.PAPER


def _check_suggestion(attempt: Attempt) -> None:
    """Only what was suggested can become something; at first it is new."""
    values = attempt.values
    if values["suggestion"] is not None:
        values["suggestion_state"] = values["suggestion_state"] or SuggestionState.NEW
    elif values["suggestion_state"] is not None:
        attempt.refuse(
            "suggestion_state", "ENUM", zh="顾客没有提出建议", en="the guest suggested nothing"
        )


def _check_anonymous(attempt: Attempt) -> None:
    for name in ("customer", "contact_phone"):
        if attempt.values[name] is not None:
            attempt.refuse(
                name, "ENUM", zh="匿名意见不留顾客资料", en="an anonymous one names nobody"
            )
    if attempt.values["want_contact"]:
        attempt.refuse("want_contact", "ENUM", zh="匿名则无法联系", en="nobody could be called")


def _check_customer(session: Session, attempt: Attempt) -> None:
    values = attempt.values
    customer_id = values["customer"]
    if customer_id not in customers.by_ids(session, [customer_id]):
        attempt.refuse("customer", "NOT_FOUND")
        return
    if values["visit_on"] is None:
        values["visit_on"] = attempt.by.today
    same = select(Opinion.number).where(
        Opinion.customer.in_(customers.same_person(session, customer_id)),
        Opinion.visit_on == values["visit_on"],
        Opinion.state != State.VOID,
        Opinion.id != (attempt.before.id if attempt.before is not None else 0),
    )
    number = session.scalar(same)
    if number is not None:
        attempt.refuse(
            "customer", "DUPLICATE",
            zh=f"该顾客此次到店已填写 {number}", en=f"this visit has {number} already",
        )  # fmt: skip


def _kept(session: Session, row: Row, attempt: Attempt) -> None:
    """Tell of what displeased and of what was adopted, each once."""
    is_negative = row.overall in NEGATIVE
    if not attempt.was:
        fact = OpinionGiven(
            opinion_id=row.id, is_negative=is_negative, wants_contact=row.want_contact
        )
        publish(session, fact)
    if is_negative:
        zh, en = OVERALL[Level(row.overall)]
        publish(
            session,
            Notify(
                event="opinion.negative",
                key=str(row.id),
                facts={"level": zh, "reason": row.reason or ""},
                facts_en={"level": en},
            ),
        )
    adopted = SuggestionState.ADOPTED
    if row.suggestion_state == adopted and attempt.was.get("suggestion_state") != adopted:
        publish(session, SuggestionAdopted(opinion_id=row.id))
        if row.customer is not None:
            told = Notify(event="suggestion.adopted", key=str(row.id), to_customer_id=row.customer)
            publish(session, told)


def _own_guests(person_id: UUID) -> ColumnElement[bool]:
    """A consultant's own opinions are also those of the own guests."""
    return Opinion.customer.in_(customers.looked_after_by(person_id))


OPINIONS = Register(form=OpinionForm, model=Opinion, check=_check, kept=_kept, own=_own_guests)
