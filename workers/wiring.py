"""Bring together what a worker process needs: every actor, every listener, the broker."""

import importlib
import pkgutil

import dramatiq
from dramatiq import Broker

from shared.config import settings
from shared.domain.wiring import WIRED
from workers import actors, broker, job

LOADED = (
    *WIRED,
    *(
        importlib.import_module(f"{actors.__name__}.{found.name}")
        for found in pkgutil.iter_modules(actors.__path__)
    ),
)


def make_broker() -> Broker:
    """Build this process's broker from the settings; call it after forking."""
    made = broker.build(settings(), answer=job.answer)
    dramatiq.set_broker(made)
    return made
