"""Issues of what has failed by now: a few rows at a time, so that nobody waits for it"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# The trigger of issues finds the issue of each row that is touched.
RECORDS = """
update buildium_sync_status set issue_id = null where id in (
    select id from buildium_sync_status
    where issue_id is null and (
        sync_status in ('failed', 'conflict', 'missing')
        or sync_status = 'blocked' and coalesce(cause, '') not in ('waiting for parent', 'awaiting import')
        or sync_status = 'uncertain' and next_attempt_at is null
    )
    limit 1000
)
"""
EVENTS = """
update buildium_webhook_events set issue_id = null where id in (
    select id from buildium_webhook_events where issue_id is null and state in ('failed', 'dead') limit 1000
)
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # The owner of the tables sees no row.
        op.execute("set role portal_machine")
        for few in (RECORDS, EVENTS):
            while op.get_bind().exec_driver_sql(few).rowcount:
                pass
        op.execute("reset role")


def downgrade() -> None:
    pass
