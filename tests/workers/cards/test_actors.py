"""Cards that end, through the real wrapper: told once, ended once, whatever is delivered twice."""

from datetime import date

from sqlalchemy import text

from shared.domain.cards.events import WatchCards
from shared.domain.cards.queries import cards, chains
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import cards as made
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person
from tests.workers.conftest import ask
from workers.testing import drain


def test_cards_are_looked_through_once_a_day_and_end_once(store: Tenant) -> None:
    consultant = new_person((store, "CON"))
    with tenant_session(store) as session:
        offer = made.package_offer(session, new_item(session).id, valid_months=1)
        card = made.sold(session, offer, new_customer(session).id)
        made.looked_after(session, card.customer_id, by=consultant)
        session.commit()
    assert card.valid_until == date(2025, 7, 9)

    for day in (date(2025, 7, 2), date(2025, 7, 2), date(2025, 7, 10), date(2025, 7, 10)):
        ask(store, WatchCards(day=day))
        drain(store)

    with tenant_session(store) as session:
        assert cards.get(session, card.id).state == "EXPIRED"
        kinds = session.execute(text("SELECT kind FROM card_entries ORDER BY seq")).scalars()
        assert list(kinds) == ["ISSUE", "EXPIRE"]
        told = session.execute(
            text("SELECT text_zh FROM deliveries WHERE channel = 'APP'")
        ).scalars()
        assert list(told) == ["您的补水疗程将于2025-07-09到期,剩余4次。"]
        assert chains.breaks(session) == []
