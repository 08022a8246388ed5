"""Alembic's door: it writes revisions; applying them is `./rollbook migrate` (tenants/migrations).

Autogenerate compares with one tenant at head: `alembic -n tenant -x schema=t_... revision
--autogenerate -m "..." --rev-id 0007`; `-n hq` likewise with a headquarters' schema.
"""

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from shared.domain import tables
from tenants.logins import connect
from tenants.migrations import ours

HISTORY = context.config.config_ini_section


def _write_revision() -> None:
    schema = context.get_x_argument(as_dictionary=True)["schema"]
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect("app_migrator"),
        poolclass=NullPool,
        use_native_hstore=False,
    )
    with engine.connect() as connection:
        connection.execute(text("SET ROLE app_owner"))
        connection.execute(text(f'SET search_path = "{schema}", ext'))
        connection.dialect.default_schema_name = schema
        metadata = tables.HISTORIES[HISTORY]
        context.configure(
            connection=connection, target_metadata=metadata, include_name=ours(metadata)
        )
        # The registry keeps each tenant's version, so Alembic takes the schema to be at head.
        migration = context.get_context()
        migration.get_current_heads = migration.script.get_heads  # type: ignore[method-assign]
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode() or HISTORY == "registry":
    raise SystemExit("run ./rollbook migrate: each schema has its own login and transaction")
_write_revision()
