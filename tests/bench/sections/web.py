"""A JSON list of 50 receipts and a recorded sale, beside Django REST framework on django-tenants.

Both: gunicorn with equal processes and threads, token sign-in, the same rows, the same JSON with
items and money in three questions. A sale of ours also takes a receipt number, holds month and cash
day, marks the day and writes the job that follows; Django's only writes the receipt. The flat list
is the peer at its best: no sign-in, no items, six columns.
"""

import json
import random
from collections.abc import Callable, Iterator
from uuid import uuid4

from tests.bench import load, seeds, town, webs
from tests.bench.figures import Line, Samples, interleaved, share_of
from tests.bench.peers import filling
from tests.bench.sections.read import token_of
from tests.bench.servers import Peer, our_server, peer_server
from tests.bench.sizes import Sizes

PEERS = ("django", "django_tenants", "rest_framework")
RECEIPTS = 120
LIST_PATH = f"/sales?first={seeds.FIRST_DAY}&last=2025-06-30&limit=50"
Requests = Callable[[], bytes]


def measure(sizes: Sizes) -> Iterator[Line]:
    """Serve both, ask both in turn."""
    with our_server(sizes), peer_server(sizes) as peer:
        text = f"{seeds.catalogue()}; {seeds.receipts(RECEIPTS, lines=2)}"
        stores = town.new_stores(sizes.web_stores)
        seeds.give(stores, text)
        places = [(f"/api/v1/s/{store.slug}", token_of(store)) for store in stores]
        names = [f"t{number}" for number in range(sizes.web_stores)]
        filling.tenants(peer, names, more=text)
        token = _peer_token(peer)
        django = [(f"{name}.localhost", token) for name in names]
        with (
            webs.served("web.wsgi:app", sizes, ours=True, path="/healthz") as ours,
            webs.served(
                "tests.bench.peers.wsgi:application", sizes, env=peer.env, ours=False, path="/sales"
            ) as theirs,
        ):
            _compare_answers(ours.port, _lists(places)(), theirs.port, _peer_lists(django)())
            got, cpu = _measured(
                {
                    "list": (ours, _lists(places)),
                    "their list": (theirs, _peer_lists(django)),
                    "their flat list": (theirs, _peer_lists(django, path="/flat-sales")),
                    "sale": (ours, _sales(places)),
                    "their sale": (theirs, _peer_sales(django)),
                },
                sizes,
            )
    yield from _lines(got, cpu)


def _lines(got: dict[str, Samples], cpu: dict[str, Samples]) -> Iterator[Line]:
    rate = {"unit": "/s", "beside_is": "DRF on django-tenants"}
    yield share_of(
        "web.list",
        "JSON list of 50 receipts with items and money",
        (got["list"], got["their list"]),
        **rate,
    )
    yield share_of(
        "web.list_beside_flat",
        "the same beside DRF's flat list without sign-in",
        (got["list"], got["their flat list"]),
        **rate,
    )
    yield share_of("web.sale", "a recorded sale", (got["sale"], got["their sale"]), **rate)
    micros = {"unit": "µs", "beside_is": "DRF", "note": "the web processes' alone"}
    for kind, says in (("list", "a list of 50"), ("sale", "a recorded sale")):
        sides = (cpu[kind], cpu[f"their {kind}"])
        yield share_of(f"web.{kind}_cpu", f"processor time of {says}", sides, **micros)


def _measured(
    cases: dict[str, tuple[webs.Web, Requests]], sizes: Sizes
) -> tuple[dict[str, Samples], dict[str, Samples]]:
    cpu: dict[str, Samples] = {name: [] for name in cases}

    def measured(name: str) -> float:
        web, requests = cases[name]
        before = web.cpu_seconds()
        rate = load.ask(web.port, requests, seconds=sizes.web_seconds).rate
        answered = max(rate * sizes.web_seconds, 1)
        cpu[name].append((web.cpu_seconds() - before) * 1e6 / answered)
        return rate

    steps = {name: lambda name=name: measured(name) for name in cases}
    got = interleaved(steps, sizes.web_rounds, warm=1)
    return got, {name: samples[1:] for name, samples in cpu.items()}


def _compare_answers(our_port: int, ours: bytes, their_port: int, theirs: bytes) -> None:
    """See that both sides answer the same receipt in the same shape, else nothing is compared."""
    mine = load.answer(our_port, ours)["items"]
    other = load.answer(their_port, theirs)
    if len(mine) != len(other) or mine[0].keys() != other[0].keys():
        raise RuntimeError(f"the answers differ: {[*mine[0]]} {[*other[0]]}")


def _lists(places: list[tuple[str, str]]) -> Requests:
    asked = [
        load.request("GET", f"{base}{LIST_PATH}", "127.0.0.1", token=token)
        for base, token in places
    ]
    return _any_of(asked)


def _peer_lists(places: list[tuple[str, str]], path: str = "/sales") -> Requests:
    return _any_of(
        [load.request("GET", path, host, token=token, scheme="Token") for host, token in places]
    )


def _sales(places: list[tuple[str, str]]) -> Requests:
    chance = random.Random(1)  # noqa: S311 a load, not a secret

    def one() -> bytes:
        base, token = chance.choice(places)
        return load.request("POST", f"{base}/sales", "127.0.0.1", token=token, body=_body())

    return one


def _peer_sales(places: list[tuple[str, str]]) -> Requests:
    chance = random.Random(1)  # noqa: S311 a load, not a secret

    def one() -> bytes:
        host, token = chance.choice(places)
        return load.request("POST", "/sales", host, token=token, scheme="Token", body=_body())

    return one


def _body() -> bytes:
    lines = [{"item_id": item, "quantity": 1, "amount_fen": 12000} for item in (1, 2)]
    money = [{"tender": "CASH", "amount_fen": 24000}]
    new = {"key": str(uuid4()), "customer_id": 1, "lines": lines, "tenders": money}
    return json.dumps(new).encode()


def _any_of(asked: list[bytes]) -> Requests:
    chance = random.Random(1)  # noqa: S311 a load, not a secret
    return lambda: chance.choice(asked)


def _peer_token(peer: Peer) -> str:
    token = "a" * 40
    with peer.connect() as connection:
        connection.execute(
            "WITH made AS (INSERT INTO auth_user (username, password, is_superuser, first_name, "
            "last_name, email, is_staff, is_active, date_joined) VALUES ('till', '', false, '', "
            "'', '', false, true, now()) RETURNING id) "
            "INSERT INTO authtoken_token (key, created, user_id) SELECT %s, now(), id FROM made",
            [token],
        )
    return token
