"""Remember the last audit of the wall that found nothing, so that the next looks at what is new."""

from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the one row's table."""
    op.execute(
        """
        CREATE TABLE registry.clean_audit (
          is_last boolean PRIMARY KEY DEFAULT true CHECK (is_last),
          questions varchar(64) NOT NULL,
          cluster bigint NOT NULL,
          horizon bigint NOT NULL,
          made_at timestamptz NOT NULL)
        """
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON registry.clean_audit TO app_provision")


def downgrade() -> None:
    """Forget it; the next audit looks at everything."""
    op.execute("DROP TABLE registry.clean_audit")
