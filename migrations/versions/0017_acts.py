"""What people do at the dashboard"""

from __future__ import annotations

from alembic import op

from portal.rights import audited, sync_tables

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = r"""
create table sync_acts (
    id uuid default gen_random_uuid() primary key,
    at timestamptz default clock_timestamp() not null,
    actor_id uuid,
    actor_name text not null,
    kind varchar(50) not null,
    words text not null,
    target_kind varchar(50),
    target_id text,
    filter jsonb,
    reason text,
    asked integer default 1 not null,
    queued integer default 0 not null,
    skipped integer default 0 not null,
    skipped_because jsonb default '{}'::jsonb not null,
    finished_at timestamptz,
    cancelled_at timestamptz,
    cancelled_by text,
    constraint sync_acts_numbers_check check (asked >= 0 and queued >= 0 and skipped >= 0)
);
create index sync_acts_actor_id_idx on sync_acts (actor_id, at desc);
create index sync_acts_at_idx on sync_acts (at desc, id desc);
create index sync_acts_open_idx on sync_acts (at) where finished_at is null and cancelled_at is null;
create index sync_acts_target_idx on sync_acts (target_kind, target_id, at desc, id desc) where target_id is not null;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(sync_tables("sync_acts") + audited("sync_acts"))


def downgrade() -> None:
    op.execute("drop table sync_acts")
