"""Look for cash days that nobody has closed.

Form: J10 at noon; event cash.unclosed, a day later cash.still_unclosed.
"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from shared.domain.sales.queries import cash
from shared.events.jobs import publish
from shared.events.notices import Notify

WATCHED_DAYS = 35


def watch_cash_days(session: Session, *, day: date) -> None:
    """Tell the manager of each open day before this one, the headquarters when it is a day older.

    Units: days that are open longer than 35 days were told long ago.
    Emits: Notify, once per day and reader.
    """
    for unclosed in cash.unsettled_before(session, day, limit=366):
        if unclosed < day - timedelta(days=WATCHED_DAYS):
            continue
        facts = {"date": unclosed.isoformat()}
        publish(session, Notify(event="cash.unclosed", key=unclosed.isoformat(), facts=facts))
        if unclosed < day - timedelta(days=1):
            late = Notify(event="cash.still_unclosed", key=unclosed.isoformat(), facts=dict(facts))
            publish(session, late)
