"""Runs remember which of several listings, or which parent, they are at"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table buildium_sync_runs add column cursor_part integer not null default 0")


def downgrade() -> None:
    op.execute("alter table buildium_sync_runs drop column cursor_part")
