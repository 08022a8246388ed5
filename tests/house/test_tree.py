"""What lies in the repository: nothing of one machine, nothing half done."""

import re
import subprocess

import pytest

from tests.house.code import ROOT

MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|home|Users|work|tmp|opt|mnt)/[\w.-]+")
REGISTRIES = re.compile(
    r"\b(?:files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|registry\.yarnpkg\.com"
    r"|registry\.npmmirror\.com|mirrors?\.[\w.-]+/pypi|proxy\.golang\.org)"
)
TODO = re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)")


def tracked() -> list[str]:
    """List the files git knows; without git, none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_that_say(pattern: re.Pattern[str], *, but: tuple[str, ...] = ()) -> list[str]:
    """List the lines of text files in which a pattern is found."""
    found = []
    for name in tracked():
        if name in but:
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_path_of_one_machine_is_in_the_tree() -> None:
    allowed = ("tests/house/test_tree.py", "deploy/local/binaries.py")
    assert lines_that_say(MACHINE_PATHS, but=allowed) == []


def test_no_address_of_a_registry_is_in_the_tree() -> None:
    assert lines_that_say(REGISTRIES, but=("tests/house/test_tree.py",)) == []


def test_nothing_is_left_to_do_without_an_issue() -> None:
    assert lines_that_say(TODO, but=("tests/house/test_tree.py",)) == []


def test_what_is_made_is_not_committed() -> None:
    made = re.compile(r"\.mo$|^web/static/build/|^node_modules/|\.pyc$|^\.venv/|^uv\.lock$")
    assert [name for name in tracked() if made.search(name)] == []


def test_each_history_has_one_head() -> None:
    heads = {}
    for folder in sorted((ROOT / "alembic").iterdir()):
        if not folder.is_dir() or folder.name == "__pycache__":
            continue
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
        made = {_value(text, "revision") for text in texts}
        replaced = {_value(text, "down_revision") for text in texts}
        heads[folder.name] = sorted(made - replaced)
    assert heads
    assert {name: found for name, found in heads.items() if len(found) > 1} == {}


def test_migrations_say_when_they_may_run() -> None:
    named = re.compile(r"[a-z]?\d{4}_(pre|post)_\w+\.py$")
    files = (ROOT / "alembic").glob("*/*.py")
    assert [path.name for path in files if not named.match(path.name)] == []


def _value(text: str, name: str) -> str:
    found = re.search(rf"^{name}(?:: [^=]+)? = [\"'](\w+)[\"']", text, re.M)
    return found[1] if found else ""
