"""Keep schemas ready for new tenants, and drop what killed restores left behind.

A part of its own: it alone works as app_provision, the login that may make logins. In server mode
it runs as `python -m workers.run provisioner`, in a process that no request and no job reaches.
"""

import time

import structlog

from shared.config import settings
from tenants import stock

STOCK_SECONDS = 5.0
LOOK_SECONDS = 300.0

log = structlog.get_logger(__name__)


class Provisioner:
    """Refills often, looks for leftovers now and then."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")

    def step(self) -> bool:
        """Make one ready schema if one is missing; say whether there may be more to make."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            for name in stock.drop_abandoned():
                log.warning("dropped", schema=name)
            self._looked_at = time.monotonic()
        return stock.refill(settings().stock)
