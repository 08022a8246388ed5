"""What an operator asks the provisioner to do with whole tenants, and how far it has come.

Nobody but app_provision reads or writes it: not the web, not the workers, no tenant.
"""

from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of errands."""
    op.execute(
        """
        CREATE TABLE ops.errand (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
          kind varchar(10) NOT NULL
            CHECK (kind IN ('suspend', 'resume', 'export', 'restore', 'retire')),
          tenant name,
          args jsonb NOT NULL CHECK (pg_column_size(args) < 4096),
          state varchar(8) NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'running', 'done', 'dead')),
          run_at timestamptz NOT NULL,
          attempt smallint NOT NULL DEFAULT 0,
          max_attempt smallint NOT NULL DEFAULT 6,
          lease_until timestamptz,
          lease_by uuid,
          error_class varchar(120),
          result jsonb,
          created_at timestamptz NOT NULL,
          finished_at timestamptz,
          CHECK ((tenant IS NULL) = (kind = 'restore')))
        """
    )
    op.execute(
        "CREATE INDEX errand_open ON ops.errand (created_at) WHERE state IN ('queued', 'running')"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ops.errand TO app_provision")


def downgrade() -> None:
    """Forget what was asked."""
    op.execute("DROP TABLE ops.errand")
