"""A one-row read through the web application, with tenancy and without, in turn.

With: 20 stores at random, so every connection is at hand. Told beside it, without a goal: more
stores than the two processes keep connections for, where most requests must log in anew.
"""

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from tenants.people import api_tokens
from tenants.pool import Limits
from tenants.registry import Tenant
from tests.bench import load, seeds, town, webs
from tests.bench.figures import Line, interleaved, share_of
from tests.bench.servers import our_server
from tests.bench.sizes import Sizes
from tests.factories.tenants import new_person

PEERS = ()


def measure(sizes: Sizes) -> Iterator[Line]:
    """Ask both applications in turn."""
    with our_server(sizes):
        stores = town.new_stores(sizes.read_stores)
        seeds.give(stores, seeds.catalogue(customers=1))
        asked = [_request(store, token_of(store)) for store in stores]
        few = asked[: sizes.web_stores]
        env = {**os.environ, "ROLLBOOK_BENCH_SLUG": stores[0].slug}
        same: dict[str, Any] = {"ours": True, "path": "/healthz"}
        with (
            webs.served("web.wsgi:app", sizes, **same) as ours,
            webs.served("tests.bench.untenanted:app", sizes, env=env, **same) as plain,
        ):
            got = interleaved(
                {
                    "with": _rate(ours, few, sizes),
                    "without": _rate(plain, few[:1], sizes),
                    "beyond": _rate(ours, asked, sizes),
                },
                sizes.read_rounds,
                warm=1,
            )
    beside = {"unit": "/s", "beside_is": "the same without tenancy"}
    yield share_of(
        "read.with_tenancy",
        f"a one-row read over HTTP, {len(few)} stores at random",
        (got["with"], got["without"]),
        **beside,
    )
    yield share_of(
        "read.beyond_the_pool",
        f"the same, {len(asked)} stores at random: more than the pools keep",
        (got["beyond"], got["without"]),
        **beside,
        note=f"{webs.WORKERS} processes keep {Limits().total} connections each; a miss logs in",
    )


def token_of(store: Tenant) -> str:
    """Make a person of a store and a token of theirs."""
    person = new_person((store, "MGR"), (store, "FD"))
    return api_tokens.make_api_token(person, store, label="bench", now=datetime.now(UTC))


def _request(store: Tenant, token: str) -> bytes:
    path = f"/api/v1/s/{store.slug}/customers/1"
    return load.request("GET", path, "127.0.0.1", token=token)


def _rate(web: webs.Web, asked: list[bytes], sizes: Sizes) -> Callable[[], float]:
    chance = random.Random(1)  # noqa: S311 a load, not a secret
    return lambda: load.ask(web.port, lambda: chance.choice(asked), seconds=sizes.read_seconds).rate
