"""Files of a tenant: photos, signatures, what people send and what is made for them.

Shape: an object store, a folder or S3; an object is `tenant/kind/uuid`: names that people give
never become paths. A file is put before the row that names it is committed, so one without a row
may be left behind; whoever keeps files sweeps old ones without rows.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, from_url

from shared import errors
from shared.config import settings

Kind = Literal["attachments", "runs"]

_GONE = (NotFoundError, FileNotFoundError)
_TENANT = re.compile(r"t_[a-z0-9]{10}", re.ASCII)


class NoSuchFile(errors.Missing):
    """There is no such file."""

    zh = "找不到该文件"


class StoreAway(errors.Unavailable):
    """Files cannot be reached right now, try again."""

    zh = "文件暂时无法读取,请稍后再试"


class Shelf:
    """The files of one kind of one tenant."""

    def __init__(self, tenant_name: str, kind: Kind) -> None:
        if not _TENANT.fullmatch(tenant_name):
            raise ValueError(tenant_name)
        self._prefix = f"{tenant_name}/{kind}/"

    def put(self, key: UUID, content: bytes) -> None:
        """Keep a file; it is there for others once this returns.

        Raises: StoreAway.
        """
        with _reachable():
            store().put(self._path(key), content)

    def get(self, key: UUID) -> bytes:
        """Give a file's content.

        Raises: NoSuchFile, StoreAway.
        """
        with _reachable():
            try:
                return bytes(store().get(self._path(key)).bytes())
            except _GONE as error:
                raise NoSuchFile(key=key) from error

    def delete(self, keys: Iterable[UUID]) -> None:
        """Remove files; one that is gone already does not matter.

        Raises: StoreAway.
        """
        with _reachable():
            for key in keys:
                with suppress(*_GONE):
                    store().delete(self._path(key))

    def put_before(self, moment: datetime) -> list[UUID]:
        """List the files that were put before a moment.

        Raises: StoreAway.
        """
        with _reachable():
            return [
                UUID(found["path"].rpartition("/")[2])
                for listed in store().list(self._prefix)
                for found in listed
                if found["last_modified"] < moment
            ]

    def _path(self, key: UUID) -> str:
        return f"{self._prefix}{key}"


@lru_cache(maxsize=1)
def store() -> Any:
    """Open the store of this process: a folder beside the data, or what the settings name."""
    read = settings()
    if read.files_url:
        return from_url(read.files_url)
    return LocalStore(read.data_dir / "objects", mkdir=True)


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise StoreAway from error
