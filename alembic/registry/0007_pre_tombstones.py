"""Tombstones of erased guests, found by every restore; where a restored tenant came from.

A tenant's login writes its own and can neither read nor change one: it has no use for them. The
row names nobody: a digest under the master key of a row's number and the moment it was made.
"""

from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None

_UP = """
CREATE TABLE ops.tombstone (
  tenant name NOT NULL DEFAULT session_user,
  digest bytea NOT NULL,
  erased_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, digest));
ALTER TABLE ops.tombstone ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.tombstone FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_own ON ops.tombstone FOR INSERT TO tenant_login
  WITH CHECK (tenant = session_user);
CREATE POLICY provision_reads ON ops.tombstone FOR SELECT TO app_provision USING (true);
GRANT INSERT ON ops.tombstone TO tenant_login;
GRANT SELECT ON ops.tombstone TO app_provision;
ALTER TABLE registry.tenants ADD COLUMN origin name;
CREATE INDEX tenants_origin ON registry.tenants (origin) WHERE origin IS NOT NULL;
GRANT UPDATE (args) ON ops.job TO tenant_login
"""


def upgrade() -> None:
    """Make the table; let a tenant take a guest's words out of its own jobs."""
    for statement in _UP.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    """Forget who was erased: an older export brings them back."""
    op.execute("REVOKE UPDATE (args) ON ops.job FROM tenant_login")
    op.execute("ALTER TABLE registry.tenants DROP COLUMN origin")
    op.execute("DROP TABLE ops.tombstone")
