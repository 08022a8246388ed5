"""A reaction told after the card was signed: kept for ever, told at once, nothing changed."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from shared.domain.appointments.events import ReactionObserved
from shared.domain.appointments.models.visits import Treatment
from shared.domain.appointments.queries import reactions as queries
from shared.domain.appointments.rules.visits import Reaction
from shared.domain.appointments.service import reactions
from shared.events import messages
from shared.records.judging import NotInThisState
from tests.domain.appointments.test_visits import told
from tests.factories import visits as made
from tests.factories.records import TODAY, editor
from tests.factories.sales import new_item

DESK = editor()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[ReactionObserved]:
    """What F06 would hear, did it exist; the fact stands on the list of the unheard until then."""
    found: list[ReactionObserved] = []
    monkeypatch.setitem(messages._listeners, ReactionObserved, [found.append])
    return found


def signed(session: Session, **more: object) -> Treatment:
    """Have a treatment signed."""
    _visit, card = made.begun(session, made.single(new_item(session).id))
    return made.sign(session, card, **more)


def test_a_reaction_at_the_signature_says_what_a_complaint_needs(
    store_session: Session, heard: list[ReactionObserved]
) -> None:
    card = signed(store_session, reaction="REDNESS")
    (fact,) = heard
    assert (fact.treatment_id, fact.customer_id, fact.severity) == (card.id, card.customer, "L1")
    assert (fact.observed_at, fact.late_reaction_id) == (card.signed_at, None)


def test_a_reaction_told_later_leaves_the_signed_card_alone(
    store_session: Session, heard: list[ReactionObserved]
) -> None:
    card = signed(store_session)
    version, later = card.version, made.later(DESK, 7 * 24 * 60)
    said = reactions.Told(key=uuid4(), reaction=Reaction.REDNESS, words="脸颊一直发红")
    row = reactions.tell_later(store_session, card, said, by=later)
    assert reactions.tell_later(store_session, card, said, by=later).id == row.id
    (fact,) = heard
    assert (fact.treatment_id, fact.late_reaction_id, fact.severity) == (card.id, row.id, "L1")
    assert (fact.customer_id, fact.told_to, fact.observed_at) == (card.customer, DESK.id, later.now)
    assert messages.from_wire(ReactionObserved, messages.to_wire(fact)) == fact
    assert (card.version, card.reaction, row.treated_on) == (version, "NONE", TODAY)
    assert [one.words for one in queries.of_card(store_session, card.id)] == ["脸颊一直发红"]
    assert told(store_session, "visit.reaction") == 1


def test_a_key_is_one_reaction(store_session: Session) -> None:
    card, key = signed(store_session), uuid4()
    for reaction in (Reaction.PAIN, Reaction.PAIN):
        said = reactions.Told(key=key, reaction=reaction)
        reactions.tell_later(store_session, card, said, by=DESK)
    for other in (
        reactions.Told(key=key, reaction=Reaction.ITCHING),
        reactions.Told(key=key, reaction=Reaction.PAIN, words="左脸"),  # corrected, not sent again
    ):
        with pytest.raises(reactions.KeyTaken):
            reactions.tell_later(store_session, card, other, by=DESK)
    assert len(queries.of_card(store_session, card.id)) == 1


def test_an_unsigned_card_says_it_on_the_card(store_session: Session) -> None:
    _visit, card = made.begun(store_session, made.single(new_item(store_session).id))
    said = reactions.Told(key=uuid4(), reaction=Reaction.PAIN)
    with pytest.raises(NotInThisState):
        reactions.tell_later(store_session, card, said, by=DESK)


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM late_reactions", "UPDATE late_reactions SET told_on = told_on"],
)
def test_what_was_told_is_never_taken_back(store_session: Session, sql: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        store_session.execute(text(sql))
