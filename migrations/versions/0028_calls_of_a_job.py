"""The calls of one job are found by an index"""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create index buildium_api_log_job_id_idx on buildium_api_log (job_id, created_at desc, id desc)
            where job_id is not null
    """)


def downgrade() -> None:
    op.execute("drop index buildium_api_log_job_id_idx")
