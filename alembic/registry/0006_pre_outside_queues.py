"""Queues of their own for what is handed to other people's servers: mail, texts, hooks.

The directory that workers read also says to which address a person's mail goes.
"""

from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

_QUEUES = "'now', 'reports', 'bulk'"


def upgrade() -> None:
    """Allow three more queues; the rows that are there satisfy the wider rule already."""
    op.execute("GRANT SELECT (email) ON registry.people TO app_dispatch")
    op.execute("ALTER TABLE ops.job DROP CONSTRAINT job_queue_check")
    op.execute(
        "ALTER TABLE ops.job ADD CONSTRAINT job_queue_check "
        f"CHECK (queue IN ({_QUEUES}, 'mail', 'texts', 'hooks')) NOT VALID"
    )


def downgrade() -> None:
    """Allow the first three alone; what waits in the others is thrown away."""
    op.execute("REVOKE SELECT (email) ON registry.people FROM app_dispatch")
    op.execute(f"DELETE FROM ops.job WHERE queue NOT IN ({_QUEUES})")
    op.execute("ALTER TABLE ops.job DROP CONSTRAINT job_queue_check")
    op.execute(
        f"ALTER TABLE ops.job ADD CONSTRAINT job_queue_check CHECK (queue IN ({_QUEUES})) NOT VALID"
    )
