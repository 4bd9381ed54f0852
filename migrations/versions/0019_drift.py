"""What runs find changed in Buildium, whether a webhook announced it, and deliveries that were refused"""

from __future__ import annotations

from alembic import op

from portal.rights import sync_tables

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = r"""
alter table buildium_sync_runs
    add column conflicts integer not null default 0,
    add column refused integer not null default 0,
    add column resumed integer not null default 0;

create table sync_drift (
    id uuid default gen_random_uuid() primary key,
    run_id uuid not null,
    entity_type varchar(50) not null,
    finding varchar(20) not null,
    entity_id text,
    buildium_id integer not null,
    record_name text,
    fields jsonb,
    changed_at timestamptz,
    known_at timestamptz,
    read_at timestamptz default clock_timestamp() not null,
    announcement varchar(20) default 'awaited' not null,
    judged_after timestamptz,
    event_name varchar(100),
    event_id uuid,
    announced_at timestamptz,
    created_at timestamptz default clock_timestamp() not null,
    constraint sync_drift_run_id_fkey foreign key (run_id) references buildium_sync_runs (id) on delete cascade,
    constraint sync_drift_finding_check check (
        finding in ('changed', 'new there', 'gone there', 'back there', 'conflict')
    ),
    constraint sync_drift_announcement_check check (
        announcement in ('awaited', 'announced', 'late', 'missed', 'none')
    )
);
create index sync_drift_announcement_idx on sync_drift (announcement, created_at desc, id desc);
create index sync_drift_awaited_idx on sync_drift (judged_after) where announcement = 'awaited';
create index sync_drift_created_at_idx on sync_drift (created_at desc, id desc);
create index sync_drift_entity_idx on sync_drift (entity_type, buildium_id, created_at desc);
create index sync_drift_kind_idx on sync_drift (entity_type, announcement, created_at desc, id desc);
create index sync_drift_run_id_idx on sync_drift (run_id, created_at desc, id desc);

create table buildium_webhook_refusals (
    id uuid default gen_random_uuid() primary key,
    minute timestamptz not null,
    reason varchar(100) not null,
    number integer default 0 not null,
    last_at timestamptz default clock_timestamp() not null
);
create unique index buildium_webhook_refusals_minute_reason_key on buildium_webhook_refusals (minute, reason);
create index buildium_webhook_refusals_last_at_idx on buildium_webhook_refusals (last_at);
"""

UNDO = """
drop table sync_drift, buildium_webhook_refusals;
alter table buildium_sync_runs drop column conflicts, drop column refused, drop column resumed;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(sync_tables("sync_drift", "buildium_webhook_refusals"))


def downgrade() -> None:
    op.execute(UNDO)
