"""Do an operator's errands with whole tenants: suspend, resume, export, restore, retire.

A part of the provisioner, which alone works as app_provision. It sees no tenant's rows but when it
copies them as their own login. Files lie in the folder `exports` of the data folder, named after
tenant, errand and attempt: no attempt ever writes over another's.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import structlog

from shared import errors
from shared.config import settings
from tenants import errands, provisioning, registry
from tenants.errands import Errand, LeaseLost
from tenants.moving import exporting, restoring, retiring
from tenants.moving.restoring import Wanted
from tenants.provisioning import Also
from tenants.registry import Tenant
from tenants.services import service
from workers.loop import Loop

LOOK_SECONDS = 2.0
BEAT_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 900.0

log = structlog.get_logger(__name__)


class NoSuchFile(errors.Missing):
    """There is no such file among the exports."""

    zh = "导出文件夹中没有这个文件"


def folder() -> Path:
    """Give the folder of the files."""
    return settings().data_dir / "exports"


def step() -> bool:
    """Do the next errand, if any; say whether there may be more."""
    errand = errands.claim()
    if errand is None:
        return False
    with structlog.contextvars.bound_contextvars(errand=str(errand.id), kind=errand.kind):
        beat = Loop("errand", partial(_renew, errand), pause_seconds=BEAT_SECONDS)
        try:
            log.info("errand", outcome=_do(errand), attempt=errand.attempt)
        finally:
            beat.stop()
    return True


def _renew(errand: Errand) -> bool:
    errands.renew(errand)
    return False


def _do(errand: Errand) -> str:
    try:
        _VERBS[errand.kind](errand, lambda connection: errands.finish(connection, errand))
    except LeaseLost:
        return "lost"
    except (errors.DomainError, psycopg.Error, OSError) as error:
        final = isinstance(error, errors.DomainError) and error.kind != "unavailable"
        errands.give_back(
            errand,
            error_class=type(error).__name__,
            pause_seconds=min(4.0**errand.attempt, LONGEST_PAUSE_SECONDS),
            final=final,
        )
        return "refused" if final else "again"
    return "done"


def _suspend(errand: Errand, also: Also) -> None:
    provisioning.suspend(_tenant(errand), also=also)


def _resume(errand: Errand, also: Also) -> None:
    provisioning.resume(_tenant(errand), also=also)


def _export(errand: Errand, also: Also) -> None:
    tenant = _tenant(errand)
    done = exporting.export(tenant, _file(errand, tenant))
    with service("app_provision") as connection:
        errands.finish(connection, errand, _told(done.file, rows=done.rows, bytes=done.bytes))
    _forget_earlier(errand, tenant)


def _restore(errand: Errand, also: Also) -> None:
    path = folder() / Path(errand.args["file"]).name
    if not path.is_file():
        raise NoSuchFile(file=path.name)
    wanted = Wanted(
        slug=errand.args["slug"],
        display_name=errand.args.get("name"),
        code=errand.args.get("code"),
        with_people=errand.args.get("people", True),
    )
    restoring.restore(path, wanted, also=also)


def _retire(errand: Errand, also: Also) -> None:
    tenant = _tenant(errand)
    path = _file(errand, tenant) if errand.args["export"] else None

    def end(connection: psycopg.Connection[Any]) -> None:
        errands.finish(connection, errand, _told(path) if path else None)

    retiring.retire(tenant, export_to=path, also=end)
    _forget_earlier(errand, tenant)


_VERBS: dict[str, Callable[[Errand, Also], None]] = {
    "suspend": _suspend,
    "resume": _resume,
    "export": _export,
    "restore": _restore,
    "retire": _retire,
}


def _tenant(errand: Errand) -> Tenant:
    assert errand.tenant is not None
    return registry.kept(errand.tenant)


def _file(errand: Errand, tenant: Tenant) -> Path:
    return folder() / f"{tenant.slug}-{errand.id}-{errand.attempt}.rollbook"


def _told(file: Path, **more: Any) -> dict[str, Any]:
    return {"file": file.name, **more}


def _forget_earlier(errand: Errand, tenant: Tenant) -> None:
    """Remove what attempts that were killed had written."""
    for attempt in range(1, errand.attempt):
        earlier = folder() / f"{tenant.slug}-{errand.id}-{attempt}.rollbook"
        earlier.unlink(missing_ok=True)
