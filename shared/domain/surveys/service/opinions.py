"""The register of opinions and what it asks beyond the declaration.

Form: F09.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.surveys.events import OpinionGiven, SuggestionAdopted
from shared.domain.surveys.forms.opinion import Opinion as OpinionForm
from shared.domain.surveys.models import Opinion
from shared.domain.surveys.rules import NEGATIVE, OVERALL, Level, SuggestionState, Way
from shared.events.jobs import publish_all
from shared.events.messages import Fact, Request
from shared.events.notices import Notify
from shared.forms.record import State
from shared.records.register import Attempt, Register, Row, Sitting


class Opinions(Sitting):
    """Opinions judged at one sitting: whose they are, and which visits have one already."""

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        super().__init__(session, attempts)
        asked = {a.values["customer"] for a in attempts} - {None}
        known = customers.known(session, asked) if asked else set()
        self._people = customers.same_people(session, known) if known else {}
        profiles = set[int]().union(*self._people.values())
        days = {_visit_day(attempt) for attempt in attempts}
        self._given = _given(session, profiles, days) if profiles else {}

    def check(self, attempt: Attempt) -> None:
        """Judge one opinion."""
        values = attempt.values
        if values["anonymous"]:
            _check_anonymous(attempt)
        elif values["customer"] is not None:
            self._check_customer(attempt)
        if values["visit_on"] is not None and values["visit_on"] > attempt.by.today:
            attempt.refuse("visit_on", "FUTURE")
        _check_suggestion(attempt)
        attempt.computed["way"] = attempt.was.get("way") or Way.PAPER

    def count_in(self, attempt: Attempt) -> None:
        """Remember that the visit has an opinion now."""
        if attempt.before is None and attempt.values["customer"] is not None:
            visit = attempt.values["customer"], attempt.values["visit_on"]
            self._given.setdefault(visit, {})[None] = ""

    def kept(self, written: Sequence[tuple[Row, Attempt]]) -> None:
        """Tell of what displeased and of what was adopted, each once."""
        told = [one for row, attempt in written for one in _news(row, attempt)]
        publish_all(self.session, told)

    def _check_customer(self, attempt: Attempt) -> None:
        people = self._people.get(attempt.values["customer"])
        if people is None and attempt.was.get("customer") == attempt.values["customer"]:
            return  # erased since
        if people is None:
            attempt.refuse("customer", "NOT_FOUND")
            return
        day = attempt.values["visit_on"] = _visit_day(attempt)
        before_id = attempt.before.id if attempt.before is not None else 0
        numbers = [
            number
            for one in people
            for of, number in self._given.get((one, day), {}).items()
            if of != before_id
        ]
        if numbers:
            attempt.refuse(
                "customer", "DUPLICATE",
                zh=f"该顾客此次到店已填写 {numbers[0]}".strip(),
                en=f"this visit has {numbers[0] or 'one'} already",
            )  # fmt: skip


def _given(
    session: Session, customer_ids: set[int], days: set[date]
) -> dict[tuple[Any, Any], dict[int | None, str]]:
    """Find the opinions of visits: (customer, day) -> id -> number."""
    found = session.execute(
        select(Opinion.id, Opinion.number, Opinion.customer, Opinion.visit_on).where(
            Opinion.customer.in_(customer_ids),
            Opinion.visit_on.in_(days),
            Opinion.state != State.VOID,
        )
    )
    visits: dict[tuple[Any, Any], dict[int | None, str]] = {}
    for opinion_id, number, customer, day in found:
        visits.setdefault((customer, day), {})[opinion_id] = number
    return visits


def _visit_day(attempt: Attempt) -> date:
    day: date = attempt.values["visit_on"] or attempt.by.today
    return day


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


def _news(row: Row, attempt: Attempt) -> Iterator[Fact | Request]:
    is_negative = row.overall in NEGATIVE
    if not attempt.was:
        yield OpinionGiven(
            opinion_id=row.id, is_negative=is_negative, wants_contact=row.want_contact
        )
    if is_negative:
        zh, en = OVERALL[Level(row.overall)]
        yield Notify(
            event="opinion.negative",
            key=str(row.id),
            facts={"level": zh},
            facts_en={"level": en},
            records={"reason": f"F09/{row.id}/reason"},
        )
    adopted = SuggestionState.ADOPTED
    if row.suggestion_state == adopted and attempt.was.get("suggestion_state") != adopted:
        yield SuggestionAdopted(opinion_id=row.id)
        if row.customer is not None:
            yield Notify(event="suggestion.adopted", key=str(row.id), to_customer_id=row.customer)


def _own_guests(person_id: UUID) -> ColumnElement[bool]:
    """A consultant's own opinions are also those of the own guests."""
    return Opinion.customer.in_(customers.looked_after_by(person_id))


OPINIONS = Register(form=OpinionForm, model=Opinion, sitting=Opinions, own=_own_guests)
