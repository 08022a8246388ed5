"""Let the workers' login read who works in a tenant and how to reach them; never a password."""

from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Grant the columns of the directory."""
    op.execute(
        "GRANT SELECT (id, login, name, locale, disabled_at) ON registry.people TO app_dispatch"
    )
    op.execute("GRANT SELECT (person_id, tenant, role) ON registry.memberships TO app_dispatch")


def downgrade() -> None:
    """Take them back."""
    op.execute("REVOKE SELECT (person_id, tenant, role) ON registry.memberships FROM app_dispatch")
    op.execute(
        "REVOKE SELECT (id, login, name, locale, disabled_at) ON registry.people FROM app_dispatch"
    )
