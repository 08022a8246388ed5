"""The steps of docs/cdnow.md that are no command of Rollbook, for who wants to see it in a browser.

python -m tests.journeys.cdnow_walk open DATA    a chain of eight stores, two people
python -m tests.journeys.cdnow_walk file CSV     the purchases as one file for the chain
python -m tests.journeys.cdnow_walk close DATA   months reviewed and accepted, one by one
python -m tests.journeys.cdnow_walk path         where the package keeps the file
"""

import argparse
import logging
import sys
from pathlib import Path

import structlog
from argon2 import PasswordHasher

from deploy.local.home import database_at_hand
from tenants import registry
from tenants.people import identity
from tests.journeys import cdnow

MARK = "cdnow"
PASSWORD = "rollbook"


def main() -> int:
    """Do one step."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["open", "file", "close", "path"])
    parser.add_argument("where", type=Path, nargs="?", default=Path(".cdnow"))
    given = parser.parse_args()
    if given.step == "path":
        _say(str(cdnow.master_file()))
    elif given.step == "file":
        _say(f"{len(cdnow.rows())} rows in {cdnow.write_csv(given.where, cdnow.rows())}")
    else:
        with database_at_hand(given.where):
            _open() if given.step == "open" else cdnow.close_everything(_opened())
    return 0


def _open() -> None:
    cdnow.open_chain(MARK, password_hash=PasswordHasher().hash(PASSWORD))
    _say(f"sign in as {MARK}-manager or {MARK}-analyst, password {PASSWORD}")


def _opened() -> cdnow.Chain:
    hq = registry.tenant_by_slug(f"{MARK}-hq")
    manager, analyst = (identity.credentials(f"{MARK}-{who}") for who in ("manager", "analyst"))
    assert hq, "run the step `open` first"
    assert manager
    assert analyst
    stores = {store.code: store for store in registry.all_tenants(hq=hq.name)}
    return cdnow.Chain(hq=hq, stores=stores, manager=manager.person.id, analyst=analyst.person.id)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
