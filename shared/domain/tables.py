"""Imports every models module, so that the metadata is whole; for migrations and provisioning."""

from sqlalchemy import MetaData

from shared.db.base import Base, HqBase
from shared.domain.catalog import models as catalog
from shared.domain.customers import models as customers
from shared.domain.sales.models import cash, imports, receipts

MODULES = (catalog, customers, cash, imports, receipts)
HISTORIES: dict[str, MetaData] = {"tenant": Base.metadata, "hq": HqBase.metadata}
