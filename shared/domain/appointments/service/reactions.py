"""A reaction of the skin: observed at the signature, or told when the guest is home again.

Form: F05 reaction, W3 (skin injury is of severity L1). The draft of the complaint is F06's, which
does not exist yet: the fact says all that it will need.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.events import ReactionObserved
from shared.domain.appointments.models.visits import LateReaction, Treatment
from shared.domain.appointments.queries import reactions as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.visits import Reaction
from shared.domain.catalog import queries as catalog
from shared.events.jobs import publish_all
from shared.events.notices import Notify
from shared.forms.record import State
from shared.records.judging import NotInThisState
from shared.records.register import Editor


class KeyTaken(errors.Conflict):
    """Another reaction was told with this key."""

    code = "DUPLICATE"
    zh = "该幂等键已用于另一条记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a guest tells of a reaction; `key` sent again is the same."""

    key: UUID
    reaction: Reaction
    words: str | None = None


def tell_later(session: Session, card: Treatment, told: Told, *, by: Editor) -> LateReaction:
    """Write down a reaction that follows a signed card, on which nothing changes.

    Shape: also when the month of the treatment is closed, since no figure of it changes.
    Locks: the key.
    Emits: ReactionObserved, the notice visit.reaction.
    Raises: NotInThisState for a card that is not signed or void, KeyTaken.
    """
    if card.signed_at is None or card.state == State.VOID:
        raise NotInThisState(state=card.state)
    row, is_new = queries.keep(
        session,
        {
            "treatment_id": card.id, "key": told.key, "reaction": str(told.reaction),
            "words": told.words, "treated_on": card.business_date, "told_on": by.today,
            "told_at": by.now, "told_to": by.id,
        },
    )  # fmt: skip
    if not is_new:
        if (row.treatment_id, row.reaction, row.words) != (card.id, told.reaction, told.words):
            raise KeyTaken
        return row
    publish(session, card, told.reaction, by=by, late=row)
    return row


def publish(
    session: Session, card: Any, reaction: Reaction, *, by: Editor, late: LateReaction | None = None
) -> None:
    """Tell of a reaction, so that somebody acts before the guest has to complain."""
    zh, en = rules.REACTIONS[reaction]
    item = catalog.by_ids(session, [card.item])[card.item].name
    notice = Notify(
        event="visit.reaction",
        key=card.number if late is None else f"{card.number}/{late.id}",
        facts={"no": card.number, "item": item, "reaction": zh},
        facts_en={"reaction": en},
        records={"customer": f"customers/{card.customer}"},
        is_urgent=True,
    )
    fact = ReactionObserved(
        treatment_id=card.id, late_reaction_id=late.id if late is not None else None,
        customer_id=card.customer, told_to=by.id, observed_at=by.now, day=by.today,
    )  # fmt: skip
    publish_all(session, [fact, notice])
