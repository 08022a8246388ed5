"""Files lie under their tenant by ids of our own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from obstore.store import LocalStore

from shared import files
from shared.files import NoSuchFile, Shelf, StoreAway

OURS, THEIRS = "t_aaaaaaaaaa", "t_bbbbbbbbbb"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test's own."""
    opened = LocalStore(tmp_path)
    monkeypatch.setattr(files, "store", lambda: opened)
    return tmp_path


def test_a_file_is_kept_given_and_removed() -> None:
    shelf, key = Shelf(OURS, "runs"), uuid4()

    shelf.put(key, "丽影".encode())
    shelf.put(key, b"again")

    assert shelf.get(key) == b"again"
    shelf.delete([key, uuid4()])
    with pytest.raises(NoSuchFile):
        shelf.get(key)


def test_another_tenant_and_another_kind_have_other_files(folder: Path) -> None:
    key = uuid4()
    Shelf(OURS, "runs").put(key, b"ours")

    for other in (Shelf(THEIRS, "runs"), Shelf(OURS, "attachments")):
        with pytest.raises(NoSuchFile):
            other.get(key)
        other.delete([key])
    assert (folder / OURS / "runs" / str(key)).read_bytes() == b"ours"


@pytest.mark.parametrize("name", ["", "..", "t_aaaaaaaaaa/../t_bbbbbbbbbb", "t_AAAAAAAAAA"])
def test_what_is_no_tenant_has_no_files(name: str) -> None:
    with pytest.raises(ValueError, match="^"):
        Shelf(name, "runs")


def test_old_files_are_found() -> None:
    shelf, key = Shelf(OURS, "runs"), uuid4()
    shelf.put(key, b"x")
    now = datetime.now(UTC)

    assert shelf.put_before(now + timedelta(minutes=1)) == [key]
    assert shelf.put_before(now - timedelta(minutes=1)) == []
    assert Shelf(THEIRS, "runs").put_before(now) == []


def test_a_store_that_is_away_says_try_again(folder: Path) -> None:
    (folder / OURS).write_bytes(b"no folder")
    with pytest.raises(StoreAway):
        Shelf(OURS, "runs").put(uuid4(), b"x")
