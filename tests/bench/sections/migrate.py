"""One revision over many tenants, and a run with nothing to do, beside `migrate_schemas`.

The revision: a nullable column, an index on it, twenty rows filled in. Ours is rendered and applied
by the product's runner. Both without the start-up of the command; both once in this many tenants
that were made beforehand, so django-tenants does not see a fuller database than we do.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tenants import migrations, registry, script
from tenants.logins import connect
from tests.bench import town
from tests.bench.figures import Line, Samples, seconds, times_faster
from tests.bench.peers import filling
from tests.bench.servers import Peer, our_server, peer_server
from tests.bench.sizes import Sizes
from tests.tenancy import trial_history

PEERS = ("django", "django_tenants", "rest_framework")
ROWS = 20
SEED = (
    "INSERT INTO items (code, name, category, price_fen, cost_fen, on_sale_from, created_at) "
    f"SELECT 'B' || n, 'x', 'FACIAL', 100, 0, '2025-01-01', now() "
    f"FROM generate_series(1, {ROWS}) n ON CONFLICT DO NOTHING"
)
_REVISION = """
from django.db import migrations, models


def fill(apps, schema_editor):
    apps.get_model("store", "Items").objects.update({column}="{column}")


class Migration(migrations.Migration):
    dependencies = [("store", "{before}")]
    operations = [
        migrations.AddField("Items", "{column}", models.CharField(max_length=20, null=True)),
        migrations.AddIndex("Items", models.Index(fields=["{column}"], name="{column}_ix")),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
"""


def measure(sizes: Sizes) -> Iterator[Line]:
    """Migrate both sides in turn, then ask both again."""
    with our_server(sizes), peer_server(sizes) as peer, tempfile.TemporaryDirectory() as folder:
        town.new_stores(sizes.migrated)
        _seed()
        filling.tenants(peer, [f"m{n}" for n in range(sizes.migrated)], more=SEED)
        history = Path(folder)
        trial_history.write(history, "x0", None, [], [])
        trial_history.use(history)
        _stand_at_the_trial()
        ours: Samples = []
        theirs: Samples = []
        for number in range(1, sizes.migrate_rounds + 1):
            executor = ("standard", "multiprocessing")[number % 2]
            ours.append(_ours(history, number))
            theirs.append(_theirs(peer, number, executor))
        yield times_faster(
            "migrate.revision",
            f"column, index and small backfill over {sizes.migrated} tenants",
            (ours, theirs),
            beside_is="django-tenants migrate_schemas",
            note="its executors in turn: multiprocessing (2), standard",
        )
        nothing = [seconds(migrations.upgrade_across_tenants) for _ in range(5)]
        again = float(peer.run("migrates", "multiprocessing"))
        yield times_faster(
            "migrate.noop",
            f"nothing to do in {sizes.migrated} tenants",
            (nothing, [again] * len(nothing)),
            beside_is="migrate_schemas, once",
        )


def _seed() -> None:
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        for tenant in registry.all_tenants():
            connection.execute(f"SET search_path = {tenant.name}")
            connection.execute(SEED)


def _stand_at_the_trial() -> None:
    """Bring everybody to the trial history's first revision, which does nothing."""
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("UPDATE registry.tenants SET version = 'x0'")
        connection.execute("UPDATE registry.stock SET version = 'x0'")


def _ours(history: Path, number: int) -> float:
    column = f"bench_{number}"
    statements = [
        f"ALTER TABLE items ADD COLUMN {column} varchar(20)",
        f"CREATE INDEX ix_{column} ON items ({column})",
        f"UPDATE items SET {column} = '{column}'",
    ]
    trial_history.write(history, f"x{number}", script.head("tenant"), statements, [])
    trial_history.use(history)
    took = seconds(migrations.upgrade_across_tenants)
    if migrations.tenants_behind():
        raise RuntimeError("not everybody was migrated")
    return took


def _theirs(peer: Peer, number: int, executor: str) -> float:
    column = f"bench_{number}"
    before = "0001_initial" if number == 1 else f"{number:04d}_bench"
    text = _REVISION.format(column=column, before=before)
    made = peer.folder / "made_store" / f"{number + 1:04d}_bench.py"
    made.write_text(text, encoding="utf-8")
    return float(peer.run("migrates", executor))
