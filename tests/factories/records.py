"""Editors and kept forms for tests."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy.orm import Session

from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from shared.records.register import Editor
from tests.factories.sales import new_item

NOW = datetime(2025, 6, 10, 3, 0, tzinfo=UTC)
TODAY = date(2025, 6, 10)
ANNA, BERTA = UUID(int=1), UUID(int=2)


def editor(
    person: UUID = ANNA, *, now: datetime = NOW, approver: UUID | None = None, may: bool = True
) -> Editor:
    """Make somebody of a store in Shanghai whose day changes at midnight."""
    return Editor(
        id=person,
        permits=lambda resource, verb: may,
        now=now,
        today=_day(now),
        day_of=_day,
        zone="Asia/Shanghai",
        approver_id=approver,
    )


def handout(
    session: Session, *, stocked: int = 1000, cost_fen: int = 5_00, **more: Any
) -> dict[str, Any]:
    """Write a street sample of a new product with its stock, as JSON says it."""
    item = new_item(session, category=Category.PRODUCT, cost_fen=cost_fen)
    if stocked:
        received = stock.Batch(item_id=item.id, quantity=stocked)
        stock.receive(session, received, stock.Mover(by=ANNA, now=NOW, day=TODAY))
    return {
        "handed_at": "2025-06-10T10:00:00+08:00", "kind": "SAMPLE", "item": item.id, "qty": 2,
        "reason": "CAMPAIGN", "campaign": "夏日", "handed_by": str(ANNA), **more,
    }  # fmt: skip


def profile(**more: Any) -> dict[str, Any]:
    """Write a profile with consent to health data, as JSON says it."""
    return {
        "registered_on": "2025-06-10", "front_desk_no": str(ANNA), "consultant": str(BERTA),
        "name": "王小丽", "gender": "F", "phone": "138 1234 5678", "source": "PASSBY",
        "birthday": "1990-05-20", "skin_type": "COMBINATION", "allergies": "无",
        "contraindications": ["NONE"], "consent_service": True, "consent_sensitive": True,
        "customer_sign": str(UUID(int=9)), **more,
    }  # fmt: skip


def contact(**more: Any) -> dict[str, Any]:
    """Write a profile without the health part, as the front desk does."""
    health = ("skin_type", "allergies", "contraindications", "consent_sensitive")
    whole = profile(**{"phone": "13800001234", **more})
    return {name: value for name, value in whole.items() if name in more or name not in health}


def opinion(**more: Any) -> dict[str, Any]:
    """Write a satisfied guest's form, as JSON says it."""
    return {"overall": "SATISFIED", "likes": "环境好", **more}


def _day(instant: datetime) -> date:
    return (instant + timedelta(hours=8)).date()


def png(width: int = 4, height: int = 3) -> bytes:
    """Draw a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "PNG")
    return out.getvalue()


def send_picture(caller: Any, path: str = "customer-profiles/customer_sign") -> str:
    """Send a picture for a field as a caller of the API does; gives its id."""
    sent = caller.call("POST", f"/{path}/files", data={"file": (io.BytesIO(png()), "x.png")})
    assert sent.status_code == 201, sent.text
    return str(sent.json["id"])
