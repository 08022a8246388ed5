"""Imports every models module, so that the metadata is whole; for migrations and provisioning."""

from sqlalchemy import MetaData

from shared.db import tenant_settings as settings
from shared.db.base import Base, HqBase
from shared.domain.appointments.models import bookings, visits
from shared.domain.cards import models as cards
from shared.domain.catalog import models as catalog
from shared.domain.customers import models as customers
from shared.domain.franchise.models import chain, post, restating, stores
from shared.domain.franchise.models import plans as store_plans
from shared.domain.notifications import models as notifications
from shared.domain.reporting.models import days, months, plans
from shared.domain.sales.models import cash, imports, receipts
from shared.domain.surveys import models as surveys
from shared.records import models as records

MODULES = (
    settings,
    records,
    cards,
    catalog,
    customers,
    bookings,
    visits,
    notifications,
    surveys,
    cash,
    imports,
    receipts,
    days,
    months,
    plans,
    post,
    stores,
    chain,
    store_plans,
    restating,
)
HISTORIES: dict[str, MetaData] = {"tenant": Base.metadata, "hq": HqBase.metadata}
