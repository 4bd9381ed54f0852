"""Runs say how far they are in what they count: records of a listing, or parents whose listings are read"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table buildium_sync_runs add column done integer not null default 0")
    op.execute("update buildium_sync_runs set done = seen")


def downgrade() -> None:
    op.execute("alter table buildium_sync_runs drop column done")
