"""A store, its people, and a guest whom they lead from step to step."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller
from tests.factories import visits as made
from tests.factories.cards import package_offer
from tests.factories.records import send_picture
from tests.factories.sales import new_item

AsRole = Callable[[Tenant, Role], Caller]


def stocked(store: Tenant) -> dict[str, Any]:
    """Fill a store with two guests, a facial sold as a package, body care and a mask."""
    with tenant_session(store) as session:
        facial = new_item(session, price_fen=400_00)
        found = {
            "guest": made.guest(session).id,
            "second": made.guest(session).id,
            "facial": facial.id,
            "offer": package_offer(session, facial.id).id,
            "body": new_item(session, price_fen=500_00, category=Category.BODY).id,
            "mask": new_item(session, price_fen=100_00, duration_minutes=15).id,
            "serum": new_item(session, category=Category.PRODUCT).id,
        }
        now = datetime.now(UTC)
        batch = stock.Batch(item_id=found["serum"], quantity=5, batch_no="S1")
        stock.receive(session, batch, stock.Mover(by=None, now=now, day=now.date()))
        session.commit()
    return found


class House:
    """The people of one store, and a guest whom they lead from step to step."""

    def __init__(self, as_role: AsRole, store: Tenant) -> None:
        self.desk, self.advice, self.care = (as_role(store, one) for one in ("FD", "CON", "BEA"))
        self.visit: Any = {}

    def arrives(self, customer: int) -> Any:
        """Let a guest walk in to the beautician."""
        asked = {"customer": customer, "staff": str(self.care.person_id), "is_requested": True}
        answer = self.desk.post("/visits", asked)
        assert answer.status_code == 201, answer.text
        self.visit = answer.json
        return answer.json

    def step(self, who: Caller, act: str, json: Any = None, *, status: int = 200) -> Any:
        """Take one step in the version that was answered last."""
        seen = {"If-Match": f'"{self.visit["version"]}"'}
        answer = who.call("POST", f"/visits/{self.visit['id']}/{act}", json=json, headers=seen)
        assert answer.status_code == status, answer.text
        if status == 200:
            fresh = who.get(f"/visits/{self.visit['id']}")
            self.visit = fresh.json
        return answer.json

    def quoted(self, *lines: dict[str, Any]) -> None:
        """Advise and quote; the guest agrees."""
        self.step(self.desk, "greeting")
        self.step(self.advice, "consultation", {"needs": "补水"})
        self.step(self.advice, "quote", {"lines": list(lines), "is_agreed": True})

    def signs(self, line: int = 0, **more: Any) -> Any:
        """Fill in the card of a line and have it signed."""
        card = self.visit["lines"][line]["treatment_id"]
        sign = send_picture(self.care, "treatments/guest_sign")
        now = datetime.now(UTC)
        typed = {
            "ended_at": now.isoformat(), "skin_before": "干燥", "skin_after": "水润",
            "reaction": "NONE", "guest_feeling": "VERY_SATISFIED", "guest_sign": sign, **more,
        }  # fmt: skip
        version = self.care.get(f"/treatments/{card}").json["version"]
        seen = {"If-Match": f'"{version}"'}
        answer = self.care.call("POST", f"/treatments/{card}/signature", json=typed, headers=seen)
        assert answer.status_code == 200, answer.text
        return answer.json

    def settles(self, *tenders: tuple[str, int], key: str | None = None, status: int = 200) -> Any:
        """Pay at the till."""
        paid = [{"tender": tender, "amount_fen": fen} for tender, fen in tenders]
        body = {"key": key or str(uuid4()), "tenders": paid or None}
        return self.step(self.desk, "settlement", body, status=status)


def bought(house: House, shop: dict[str, Any]) -> None:
    """Have the guest buy the package of 3 + 1 by WeChat."""
    sale = house.desk.post(
        "/sales",
        {
            "key": str(uuid4()), "customer_id": shop["guest"],
            "lines": [{"offer_id": shop["offer"], "quantity": 1, "amount_fen": 1000_00}],
            "tenders": [{"tender": "WECHAT", "amount_fen": 1000_00}],
        },
    )  # fmt: skip
    assert sale.status_code == 201, sale.text
