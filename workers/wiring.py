"""Bring together what a worker process needs: every actor, every listener, the broker."""

import dramatiq
from dramatiq import Broker

from shared.config import settings
from shared.domain.wiring import WIRED
from workers import broker, job
from workers.actors import franchise, reporting, sales

LOADED = (*WIRED, franchise, reporting, sales)


def make_broker() -> Broker:
    """Build this process's broker from the settings; call it after forking."""
    made = broker.build(settings(), answer=job.answer)
    dramatiq.set_broker(made)
    return made
