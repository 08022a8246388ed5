"""Settings of a tenant (specification 10): each change is a row, the newest counts.

Shape: a setting is a name and a JSON object; who reads it knows its shape and its default. The
    row's own instant says from when it counts, so that a past date can be asked about.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.db.base import LEDGER, Base

Value = dict[str, Any]


class TenantSetting(Base):
    """One value that a setting had from an instant on."""

    __tablename__ = "tenant_settings"
    __table_args__ = ({"info": LEDGER},)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    value: Mapped[Value] = mapped_column(JSONB)
    set_by: Mapped[UUID]


def setting(session: Session, name: str, *, default: Value, at: datetime) -> Value:
    """Give what a setting was at an instant; the default where nobody had set it."""
    found = session.scalars(
        select(TenantSetting.value)
        .where(TenantSetting.name == name, TenantSetting.since <= at)
        .order_by(TenantSetting.since.desc())
        .limit(1)
    ).first()
    return default if found is None else found


def change_setting(session: Session, name: str, value: Value, *, by: UUID, now: datetime) -> None:
    """Set a setting from now on."""
    session.add(TenantSetting(name=name, since=now, value=value, set_by=by))
