"""Jobs of the cards: those that end soon or have ended."""

from sqlalchemy.orm import Session

from shared.domain.cards.events import WatchCards
from shared.domain.cards.service import watching
from workers.job import At, job


@job(WatchCards, time_limit_s=60)
def watch_cards(session: Session, request: WatchCards, at: At) -> None:
    """Tell of cards that end soon, end those whose last day is over."""
    watching.watch_cards(session, day=request.day, now=at.now)
