"""Measure the desk: `python -m tests.bench.desk [--json FILE]`, some two minutes, with chromium.

One store of twelve people and 120 bookings a day, served by gunicorn over a database with fsync.
Keystrokes and bytes are the same everywhere; seconds are this machine's.
"""

import argparse
import json
import sys
from pathlib import Path

from tests.bench import webs
from tests.bench.desk import board, crowd, walks
from tests.bench.desk.shop import open_shop
from tests.bench.servers import our_server
from tests.bench.sizes import SIZES

PARTS = {
    "walks": walks.measure,
    "board": board.measure,
    "one place, fifty desks": crowd.one_place,
    "fifty boards": crowd.fifty_boards,
}


def main() -> None:
    """Open the shop, walk through it, follow its board, crowd it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    sizes = SIZES["full"]
    with our_server(sizes):
        shop = open_shop()
        with webs.served("web.wsgi:app", sizes, ours=True, path="/healthz") as web:
            found = {name: part(shop, web) for name, part in PARTS.items()}
    said = json.dumps(found, indent=1, ensure_ascii=False)
    sys.stdout.write(f"{said}\n")
    if given.json:
        given.json.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    main()
