"""Options that several commands share."""

import argparse
import os
from pathlib import Path

from deploy.local.home import DEFAULT

ROOT = Path(__file__).resolve().parents[2]
CALLED_FROM = "ROLLBOOK_CALLED_FROM"


def path(text: str) -> Path:
    """Read a file's name as it was meant: relative to where ./rollbook was called."""
    return Path(os.environ.get(CALLED_FROM, ".")) / Path(text).expanduser()


def add_data(parser: argparse.ArgumentParser) -> None:
    """Let the command work on another data folder than the usual one."""
    parser.add_argument(
        "--data",
        type=path,
        default=ROOT / DEFAULT,
        metavar="DIR",
        help=f"the data folder (default: {DEFAULT} in this checkout)",
    )
