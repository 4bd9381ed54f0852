"""A create whose outcome is unknown is looked for as it was sent, whatever has been edited since"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table buildium_sync_status add column last_post_body jsonb")


def downgrade() -> None:
    op.execute("alter table buildium_sync_status drop column last_post_body")
