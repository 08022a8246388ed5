"""Whether a process could work now: does the database let its login in, and is it migrated.

Shape: {"database": "ok" | "away", "registry": "ok" | "behind", "tenants": "ok" | "3 behind"};
a database that is newer than this code is ok: during an update the old processes go on.
"""

import psycopg

from shared.errors import Unavailable
from tenants import script
from tenants.services import service

Parts = dict[str, str]

_AWAY: Parts = {"database": "away"}
_STANDING = """
    SELECT (SELECT revision FROM registry.version) AS registry, (
        SELECT count(*) FROM registry.tenants WHERE state <> 'retired'
            AND (version = ANY(%(tenant)s) OR hq_version = ANY(%(hq)s))) AS behind
"""


def parts_as(login: str) -> Parts:
    """Look at the database as one service login; answers within seconds whatever is broken."""
    older = {history: script.older(history) for history in ("registry", "tenant", "hq")}
    try:
        with service(login) as connection:
            found = connection.execute(_STANDING, older).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return {"database": "ok", "registry": "behind"}  # nothing was migrated yet
    except (psycopg.Error, Unavailable):
        return dict(_AWAY)
    if found is None or found["registry"] is None or found["registry"] in older["registry"]:
        return {"database": "ok", "registry": "behind"}
    behind = f"{found['behind']} behind" if found["behind"] else "ok"
    return {"database": "ok", "registry": "ok", "tenants": behind}


def is_ready(parts: Parts) -> bool:
    """Judge: a single tenant that is behind has trouble of its own, the process can work."""
    return all(state == "ok" for name, state in parts.items() if name != "tenants")
