"""Post a letter, and say in our own words when no contract allows it."""

from datetime import datetime

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from shared import errors
from shared.events import letters

_NOT_ALLOWED = "42501"  # the policy of ops.letter: no contract links the two on that day


class NoContract(errors.Forbidden):
    """No contract between store and headquarters covers that day."""

    zh = "当日没有有效的加盟合同"


def post(session: Session, letter: letters.Outgoing, *, now: datetime) -> bool:
    """Post a letter; False when the same revision went before.

    Raises: NoContract; nothing of this letter is left then, the transaction goes on.
    """
    try:
        with session.begin_nested():
            return letters.send(session, letter, now=now)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        raise NoContract(receiver=letter.receiver, on=letter.on) from error
