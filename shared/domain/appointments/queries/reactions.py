"""Reactions that guests told of after their cards were signed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import LateReaction


def of_card(session: Session, treatment_id: int) -> Sequence[LateReaction]:
    """List what was told after a card was signed, the first first."""
    wanted = select(LateReaction).where(LateReaction.treatment_id == treatment_id)
    return session.scalars(wanted.order_by(LateReaction.id)).all()


def keep(session: Session, values: dict[str, Any]) -> tuple[LateReaction, bool]:
    """Write a row, or find the one with its key; tells whether it is new.

    Locks: the key.
    """
    made = session.scalars(
        insert(LateReaction)
        .values(values)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(LateReaction)
    ).one_or_none()
    if made is not None:
        return made, True
    found = select(LateReaction).where(LateReaction.key == values["key"])
    return session.scalars(found).one(), False
