"""Install the Python packages into .venv, by uv, which pip fetches into .boot.

A bare Debian has neither venv nor an installable pip target of its own; `pip --target` works
everywhere (ecosystem.md 6.1).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.faults import Fault
from deploy.setup import say, stamps, trust

UV = "0.13.9"
WITHOUT_DEPENDENCIES = ("data",)  # packages of which we want a file, not the code
FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def ensure(root: Path, groups: Sequence[str]) -> Path:
    """Have the product's packages and these groups in .venv; answer with its Python.

    Raises: Fault.
    """
    python = root / ".venv" / "bin" / "python"
    stamp = root / ".venv" / "rollbook.stamp"
    inputs = [root / "pyproject.toml", root / "constraints.txt"]
    digest = stamps.digest_of(root, inputs, sys.version, UV)
    installed_from, installed = _read(stamp)
    if installed_from == digest and {*groups} <= installed and python.exists():
        return python
    uv, env = _uv(root), _environment(root)
    if not _is_same_python(python):
        installed = set()
        with say.step(f"Making .venv with Python {sys.version.split()[0]}"):
            make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, ".venv"]
            say.run(make, env=env, cwd=root)
    wanted = sorted({*groups} | installed)
    with say.step(f"Installing Python packages ({', '.join(['product', *wanted])})"):
        _install(root, uv, env, wanted)
    stamps.write(stamp, " ".join([digest, *wanted]))
    return python


def _read(stamp: Path) -> tuple[str, set[str]]:
    try:
        digest, *groups = stamp.read_text(encoding="utf-8").split()
    except (FileNotFoundError, ValueError):
        return "", set()
    return digest, set(groups)


def _is_same_python(python: Path) -> bool:
    if not python.exists():
        return False
    asked = subprocess.run(
        [str(python), "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == sys.version


def _install(root: Path, uv: str, env: Mapping[str, str], groups: Sequence[str]) -> None:
    base = [uv, "pip", "install", "--quiet", "--python", ".venv/bin/python"]
    base += ["-c", "constraints.txt"]
    with_dependencies = [name for name in groups if name not in WITHOUT_DEPENDENCIES]
    chosen = [part for name in with_dependencies for part in ("--group", name)]
    say.run([*base, "-r", "pyproject.toml", *chosen], env=env, cwd=root)
    for name in groups:
        if name in WITHOUT_DEPENDENCIES:
            say.run([*base, "--no-deps", "--group", name], env=env, cwd=root)


def _uv(root: Path) -> str:
    folder = root / ".boot"
    stamp = folder / "uv.stamp"
    fact = f"{UV} {sys.platform} {os.uname().machine}"
    program = folder / "bin" / "uv"
    if stamps.is_fresh(stamp, fact) and program.exists():
        return str(program)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--upgrade", "--target", str(folder), f"uv=={UV}"]
    if not _has_pip():
        if found := shutil.which("uv"):
            return found
        raise Fault(
            "this Python has no pip",
            "Debian, Ubuntu: apt install python3-pip. Others: python3 -m ensurepip --user.",
        )
    with say.step("Fetching the installer uv"):
        say.run(command, cwd=root)
    stamps.write(stamp, fact)
    return str(program)


def _has_pip() -> bool:
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
    )
    return asked.returncode == 0


def _environment(root: Path) -> dict[str, str]:
    # Somebody behind a mirror has told pip about it; uv reads its own settings only.
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for name, value in pip_settings(_pip_config(root)).items():
        env.setdefault(name, value)
    return trust.trusting(env)


def _pip_config(root: Path) -> str:
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )
    return asked.stdout


def pip_settings(listing: str) -> dict[str, str]:
    """Translate what `pip config list` says into uv's variables.

    Shape: lines like global.index-url='https://...'; the environment's come last and win.
    """
    found: dict[str, str] = {}
    for row in listing.splitlines():
        key, _, value = row.partition("=")
        name = FROM_PIP.get(key.rpartition(".")[2])
        if name:
            found[name] = " ".join(value.strip().strip("'\"").replace("\\n", " ").split())
    if "UV_INDEX" in found:
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # pip looks into all of them, too
    return found
