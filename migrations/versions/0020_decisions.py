"""Decided conflicts: kept, undone within a time, and made for many records at once"""

from __future__ import annotations

from alembic import op

from portal.rights import MACHINE, audited, sync_tables

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = r"""
create table sync_decisions (
    id uuid default gen_random_uuid() primary key,
    status_id uuid not null,
    entity_type varchar(50) not null,
    entity_id text not null,
    record_name text,
    batch_id uuid,
    local_version integer not null,
    fields jsonb not null,
    secrets text,
    decided_by_id uuid,
    decided_by text not null,
    decided_at timestamptz default clock_timestamp() not null,
    undone_by_id uuid,
    undone_by text,
    undone_at timestamptz,
    undone_words text
);
create index sync_decisions_decided_at_idx on sync_decisions (decided_at desc, id desc);
create index sync_decisions_status_id_idx on sync_decisions (status_id, decided_at desc, id desc);
create index sync_decisions_entity_idx on sync_decisions (entity_type, entity_id, decided_at desc);
create index sync_decisions_decided_by_id_idx on sync_decisions (decided_by_id, decided_at desc, id desc);
create index sync_decisions_batch_id_idx on sync_decisions (batch_id) where batch_id is not null;

create table sync_decision_batches (
    id uuid default gen_random_uuid() primary key,
    act varchar(10) not null,
    state varchar(20) default 'proposed' not null,
    decision_id uuid,
    undoes_id uuid,
    entity_type varchar(50) not null,
    scope varchar(20),
    choices jsonb default '{}'::jsonb not null,
    found integer not null,
    total integer not null,
    requested_by_id uuid,
    requested_by text not null,
    created_at timestamptz default clock_timestamp() not null,
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    constraint sync_decision_batches_act_check check (act in ('decide', 'undo')),
    constraint sync_decision_batches_state_check check (state in ('proposed', 'queued', 'running', 'done'))
);
create index sync_decision_batches_created_at_idx on sync_decision_batches (created_at desc, id desc);
create index sync_decision_batches_undoes_id_idx on sync_decision_batches (undoes_id) where undoes_id is not null;
create index sync_decision_batches_open_idx
    on sync_decision_batches (state, created_at)
    where state in ('proposed', 'queued', 'running');

create table sync_decision_batch_rows (
    id bigint generated always as identity primary key,
    batch_id uuid not null,
    status_id uuid not null,
    record_name text,
    local_version integer not null,
    seen varchar(16),
    decision_id uuid,
    outcome varchar(20) default 'waiting' not null,
    reason text,
    constraint sync_decision_batch_rows_batch_id_fkey
        foreign key (batch_id) references sync_decision_batches (id) on delete cascade,
    constraint sync_decision_batch_rows_outcome_check check (outcome in ('waiting', 'done', 'skipped'))
);
create unique index sync_decision_batch_rows_batch_id_status_id_key
    on sync_decision_batch_rows (batch_id, status_id);
create index sync_decision_batch_rows_outcome_idx on sync_decision_batch_rows (batch_id, outcome, id);

-- Which fields an open conflict is about, and who changed ours.
create index buildium_sync_status_conflict_idx
    on buildium_sync_status using gin (conflict)
    where sync_status = 'conflict';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(sync_tables("sync_decisions", "sync_decision_batches", "sync_decision_batch_rows"))
    # Whoever backs everything up reads the sequence, too.
    op.execute(f"grant select on sequence sync_decision_batch_rows_id_seq to {MACHINE}")
    op.execute(audited("sync_decisions", secrets="'secrets'"))


def downgrade() -> None:
    op.execute("drop index buildium_sync_status_conflict_idx")
    op.execute("drop table sync_decisions, sync_decision_batch_rows, sync_decision_batches")
