"""A history of our own, that tests may add revisions to."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import Cluster
from tenants import script
from tenants.logins import connect
from tests.tenancy import trial_history

_numbers = itertools.count(1)


class Trial:
    """An own history in a folder; `column` is new to every schema, whatever ran before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 1
        self.column = f"trial_{next(_numbers)}"

    def add_column(self) -> None:
        """Write one more revision: a column and an index."""
        if self.number > 1:
            self.column = f"trial_{next(_numbers)}"
        self.revise(
            f"ALTER TABLE customers ADD COLUMN {self.column} varchar(20)",
            f"CREATE INDEX ix_{self.column} ON customers ({self.column})",
        )

    def revise(self, *statements: str) -> None:
        """Write one more revision, x2 first."""
        self.number += 1
        down = f"x{self.number - 1}"
        trial_history.write(self.folder, f"x{self.number}", down, list(statements), [])
        trial_history.use(self.folder)


@pytest.fixture
def history(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """An own tenant history: every tenant stands at `x1`; the folder takes further revisions."""
    monkeypatch.setattr(script, "_directory", script._directory)  # put back at the end
    before = script.head("tenant")
    trial_history.write(tmp_path, "x1", None, [], [])
    trial_history.use(tmp_path)
    _stand_all_at("x1")
    yield Trial(tmp_path)
    _stand_all_at(before)
    script.steps.cache_clear()


def _stand_all_at(version: str) -> None:
    with connect("app_migrator") as connection:
        connection.execute("UPDATE registry.tenants SET version = %s", [version])
