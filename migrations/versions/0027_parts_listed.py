"""When what lies inside a record was last listed: a change of it whose event was lost is found, and only once"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table buildium_sync_status add column listed_for timestamptz")


def downgrade() -> None:
    op.execute("alter table buildium_sync_status drop column listed_for")
