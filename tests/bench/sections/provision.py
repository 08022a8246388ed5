"""Making a store, cold and from the stock, at three sizes of the database, beside django-tenants.

Our time holds the login, its grants and settings; a sign-up's also the owner. Django's: one
squashed migration and no app of users in each tenant, so it is favoured.
"""

import statistics
from collections.abc import Iterator

import psycopg

from tenants import migrations, stock
from tests.bench import town
from tests.bench.figures import Line, Samples, seconds, times_faster
from tests.bench.peers import filling
from tests.bench.servers import empty_maker, our_server, peer_server
from tests.bench.sizes import Sizes

PEERS = ("django", "django_tenants", "rest_framework")
Sides = dict[str, Samples]


def measure(sizes: Sizes) -> Iterator[Line]:
    """Measure at each size, then what a migration without anything to do asks."""
    found: dict[int, Sides] = {}
    with (
        our_server(sizes),
        peer_server(sizes) as peer,
        peer.maker() as make,
        empty_maker(sizes) as make_in_empty,
    ):
        make("warm_up")
        for size in sizes.tenants:
            town.fill(size)
            with peer.connect() as connection:
                there = connection.execute(
                    "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'filler%'"
                ).fetchone()
            filling.fillers(peer, [f"filler_{n}" for n in range((there or (0,))[0], size)])
            found[size] = {"cold": [], "empty": [], "signup": [], "django": []}
            for number in range(sizes.provision_rounds):
                found[size]["cold"].append(seconds(town.new_store))
                found[size]["empty"].append(make_in_empty("next"))
                found[size]["django"].append(make(f"made_{size}_{number}"))
                while stock.refill(1):
                    pass
                owner = town.new_owner()
                found[size]["signup"].append(seconds(lambda who=owner: town.new_store(owner=who)))
            yield from _lines(size, found[size], is_last=size == sizes.tenants[-1])
        yield _growth(found)
        yield _nothing_to_do(sizes.tenants[-1])


def _lines(size: int, sides: Sides, *, is_last: bool) -> Iterator[Line]:
    at = "" if is_last else f"_{size}"
    beside = {"beside_is": "django-tenants creates one"}
    yield times_faster(
        f"provision.cold{at}",
        f"a cold store, login and grants included, {size:,} tenants there",
        (sides["cold"], sides["django"]),
        **beside,
    )
    yield times_faster(
        f"provision.signup{at}",
        f"a sign-up from the warm stock with its owner, {size:,} tenants there",
        (sides["signup"], sides["django"]),
        **beside,
    )


def _growth(found: dict[int, Sides]) -> Line:
    first, *_, last = found
    full, empty = found[last]["cold"], found[last]["empty"]
    theirs = [statistics.median(found[size]["django"]) for size in (first, last)]
    return Line(
        key="provision.growth",
        says=f"a cold store at {last:,} tenants beside one in an empty database",
        unit="s",
        ours=full,
        beside=empty,
        beside_is="in an empty one",
        ratios=[took / beside for took, beside in zip(full, empty, strict=True)],
        how="full : empty",
        note=f"django-tenants grows x {theirs[1] / theirs[0]:.2f}",
    )


def _nothing_to_do(size: int) -> Line:
    asked: list[str] = []
    real = psycopg.Cursor.execute

    def counting(self: psycopg.Cursor, query: object, *rest: object, **more: object) -> object:
        asked.append(str(query))
        return real(self, query, *rest, **more)  # type: ignore[arg-type]

    psycopg.Cursor.execute = counting  # type: ignore[method-assign, assignment]
    try:
        took = seconds(migrations.upgrade_across_tenants)
    finally:
        psycopg.Cursor.execute = real  # type: ignore[method-assign]
    return Line(
        key="provision.noop_queries",
        says=f"migrating {size:,} tenants with nothing to do: queries",
        unit="queries",
        ours=[float(len(asked))],
        ratios=[float(len(asked))],
        how="queries",
        note=f"{took * 1000:.1f} ms with connecting",
    )
