"""The file of one exported tenant: a tar, and after it the SHA-256 of every byte before.

Shape: members `tables/NAME.copy.gz` (COPY text, UTF-8, rows in key order) and, last,
`manifest.json`: format, tenant, versions of both histories, people, and per table its columns,
rows, bytes and SHA-256 of the text. `tar` reads it; it takes the last line for padding.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from shared import errors

FORMAT = "rollbook-tenant/1"
MANIFEST = "manifest.json"

_SEAL = b"sha256 "
_SEAL_BYTES = len(_SEAL) + 64 + 1
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 32 << 20
_IN_MEMORY = 8 << 20


class ExportBroken(errors.Invalid):
    """This is no whole export of a tenant."""

    code = "TYPE"
    zh = "导出文件不完整或已损坏"


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a manifest says of one table."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person with roles in the tenant; never a password."""

    id: str
    login: str
    name: str
    locale: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export says of itself."""

    # slug, kind, display_name, code, time_zone, day_change_hour, currency, origin (its first name)
    tenant: dict[str, Any]
    versions: dict[str, str]  # history -> revision
    tables: tuple[TableFacts, ...]
    people: tuple[PersonFacts, ...]
    made_at: str


class Tally:
    """Counts rows and bytes of COPY text and hashes it, as it passes."""

    def __init__(self) -> None:
        self.rows = self.bytes = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes | memoryview) -> None:
        """Take note of a piece; a row ends with a newline, one inside a value is written \\\\n."""
        self.rows += bytes(data).count(b"\n")
        self.bytes += len(data)
        self._hash.update(data)

    def facts(self, name: str, columns: tuple[str, ...]) -> TableFacts:
        """Say what was counted."""
        return TableFacts(name, columns, self.rows, self.bytes, self._hash.hexdigest())


class Writer:
    """Writes tables, then the manifest, then the seal."""

    def __init__(self, file: IO[bytes]) -> None:
        self._sealed = _Hashing(file)
        self._tar = tarfile.open(fileobj=self._sealed, mode="w|")  # noqa: SIM115 closed in `finish`

    def table(
        self, name: str, columns: tuple[str, ...], pieces: Iterable[bytes | memoryview]
    ) -> TableFacts:
        """Write one table's COPY text."""
        tally = Tally()
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            with gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=3, mtime=0) as packed:
                for piece in pieces:
                    tally.add(piece)
                    packed.write(piece)
            self._member(_member_name(name), spool.tell(), spool)
        return tally.facts(name, columns)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and the seal."""
        text = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)
        data = text.encode()
        self._member(MANIFEST, len(data), io.BytesIO(data))
        self._tar.close()
        self._sealed.seal()

    def _member(self, name: str, size: int, content: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        content.seek(0)
        self._tar.addfile(member, content)


class Reader:
    """A file whose seal was found whole; tables are verified as they are read."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.manifest = _manifest(self._content(MANIFEST).read(_LARGEST_MANIFEST))

    def table(self, facts: TableFacts) -> Iterator[bytes]:
        """Give a table's COPY text.

        Raises: ExportBroken, at the end at the latest, when it is not what the manifest says.
        """
        tally = Tally()
        try:
            with gzip.GzipFile(fileobj=self._content(_member_name(facts.name))) as unpacked:
                while piece := unpacked.read(_CHUNK):
                    tally.add(piece)
                    if tally.bytes > facts.bytes:  # before a small file fills the disk
                        break
                    yield piece
        except (OSError, EOFError) as error:  # gzip's own errors are OSErrors
            raise ExportBroken(table=facts.name) from error
        if tally.facts(facts.name, facts.columns) != facts:
            raise ExportBroken(table=facts.name)

    def _content(self, name: str) -> IO[bytes]:
        try:
            content = self._tar.extractfile(name)
        except (KeyError, tarfile.TarError) as error:
            raise ExportBroken(missing=name) from error
        if content is None:
            raise ExportBroken(missing=name)
        return content


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write an export beside `path`, readable by its owner alone; it appears when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            yield Writer(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open an export after checking every byte of it.

    Raises: ExportBroken.
    """
    with path.open("rb") as file:
        _check_seal(file)
        file.seek(0)
        try:
            tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 closed below
        except tarfile.TarError as error:
            raise ExportBroken(file=path.name) from error
        with tar:
            yield Reader(tar)


class _Hashing(io.RawIOBase):
    """Passes bytes on to a file and hashes them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._hash.update(data)
        return self._file.write(data)

    def seal(self) -> None:
        self._file.write(_SEAL + self._hash.hexdigest().encode() + b"\n")


def _check_seal(file: IO[bytes]) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    digest, left = hashlib.sha256(), size - _SEAL_BYTES
    while left > 0:
        piece = file.read(min(left, _CHUNK))
        digest.update(piece)
        left -= len(piece)
    if file.read() != _SEAL + digest.hexdigest().encode() + b"\n":
        raise ExportBroken(seal="does not fit")


def _member_name(table: str) -> str:
    return f"tables/{table}.copy.gz"


def _manifest(data: bytes) -> Manifest:
    try:
        read = json.loads(data)
        if read.pop("format") != FORMAT:
            raise ExportBroken(format="unknown")
        tables = tuple(_facts(TableFacts, "columns", table) for table in read.pop("tables"))
        people = tuple(_facts(PersonFacts, "roles", person) for person in read.pop("people"))
        return Manifest(tables=tables, people=people, **read)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ExportBroken(manifest="unreadable") from error


def _facts(kind: Callable[..., Any], listed: str, given: dict[str, Any]) -> Any:
    return kind(**{**given, listed: tuple(given[listed])})
