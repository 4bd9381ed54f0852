"""The outbox, the inbox, the log, runs, the breaker, pauses and schedules"""

from __future__ import annotations

from alembic import op

from portal.rights import EDITORS, PEOPLE, READ, allow, audited, lock, sync_tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = r"""
create table buildium_sync_status (
    id uuid default gen_random_uuid() primary key,
    entity_type varchar(50) not null,
    entity_id text not null,
    buildium_id integer,
    last_synced_at timestamptz,
    sync_status varchar(20) default 'pending' not null,
    error_message text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    local_version integer default 1 not null,
    synced_version integer,
    remote_snapshot jsonb,
    remote_hash varchar(64),
    remote_seen_at timestamptz,
    queued_at timestamptz,
    attempts integer default 0 not null,
    next_attempt_at timestamptz,
    lane varchar(10) default 'people' not null,
    lease_token uuid,
    leased_until timestamptz,
    last_post_attempt_at timestamptz,
    last_post_fingerprint varchar(64),
    lookups integer default 0 not null,
    cause varchar(60),
    error_fields jsonb,
    blocked_on text,
    conflict jsonb,
    candidates jsonb,
    record_name text,
    constraint buildium_sync_status_lane_check check (lane in ('people', 'bulk')),
    constraint buildium_sync_status_sync_status_check check (
        sync_status in ('pending', 'blocked', 'syncing', 'synced', 'failed', 'uncertain', 'conflict', 'missing', 'held')
    )
);
create index buildium_sync_status_blocked_on_idx on buildium_sync_status (blocked_on) where blocked_on is not null;
create index buildium_sync_status_buildium_id_idx on buildium_sync_status (buildium_id) where buildium_id is not null;
create index buildium_sync_status_cause_idx
    on buildium_sync_status (cause, updated_at desc, id desc)
    where cause is not null;
create index buildium_sync_status_due_idx
    on buildium_sync_status (next_attempt_at, id)
    where sync_status in ('pending', 'uncertain');
create unique index buildium_sync_status_entity_type_buildium_id_key
    on buildium_sync_status (entity_type, buildium_id)
    where entity_type <> 'bill_payment' and buildium_id is not null;
create index buildium_sync_status_entity_type_sync_status_idx on buildium_sync_status (entity_type, sync_status);
create index buildium_sync_status_leased_until_idx
    on buildium_sync_status (leased_until)
    where sync_status = 'syncing';
create index buildium_sync_status_record_name_idx on buildium_sync_status using gin (lower(record_name) gin_trgm_ops);
create index buildium_sync_status_updated_at_idx on buildium_sync_status (updated_at desc, id desc);
create index buildium_sync_status_last_synced_at_idx on buildium_sync_status (entity_type, last_synced_at);
create unique index idx_buildium_sync_entity on buildium_sync_status (entity_type, entity_id);
create index idx_buildium_sync_status on buildium_sync_status (sync_status, updated_at desc, id desc);

create table buildium_webhook_events (
    id uuid default gen_random_uuid() primary key,
    event_id varchar(255) not null,
    event_type varchar(100),
    event_data jsonb,
    processed boolean default false not null,
    processed_at timestamptz,
    error_message text,
    retry_count integer default 0 not null,
    max_retries integer default 5 not null,
    created_at timestamptz default clock_timestamp() not null,
    updated_at timestamptz default now() not null,
    account_id integer,
    event_datetime timestamptz,
    sent_at timestamptz,
    entity_type varchar(50),
    buildium_entity_id integer,
    state varchar(20) default 'received' not null,
    reason text,
    next_attempt_at timestamptz,
    raw_body bytea,
    deliveries integer default 1 not null,
    last_received_at timestamptz,
    replayed_at timestamptz,
    replayed_by text,
    constraint buildium_webhook_events_state_check check (
        state in ('received', 'processed', 'coalesced', 'echo', 'ignored', 'failed', 'dead')
    )
);
create index buildium_webhook_events_created_at_idx on buildium_webhook_events (created_at desc, id desc);
create index buildium_webhook_events_due_idx
    on buildium_webhook_events (next_attempt_at, created_at)
    where state in ('received', 'failed');
create index buildium_webhook_events_entity_idx
    on buildium_webhook_events (entity_type, buildium_entity_id, created_at desc);
create index buildium_webhook_events_kind_idx
    on buildium_webhook_events (entity_type, state, created_at desc, id desc);
create unique index buildium_webhook_events_event_id_key on buildium_webhook_events (event_id);
create index buildium_webhook_events_state_idx on buildium_webhook_events (state, created_at desc, id desc);
create index idx_webhook_events_processed on buildium_webhook_events (processed, created_at desc, id desc);
create index idx_webhook_events_type on buildium_webhook_events (event_type, state, created_at desc, id desc);

create table buildium_api_log (
    id uuid default gen_random_uuid() primary key,
    endpoint text not null,
    method varchar(10) not null,
    request_data jsonb,
    response_status integer,
    response_data jsonb,
    error_message text,
    duration_ms integer,
    created_at timestamptz default clock_timestamp() not null,
    operation varchar(200),
    attempt integer default 1 not null,
    lane varchar(10),
    error_class varchar(60),
    entity_type varchar(50),
    entity_id text,
    buildium_id integer,
    job_id text,
    webhook_event_id uuid,
    run_id uuid,
    trace_id uuid
);
create index buildium_api_log_created_at_idx on buildium_api_log (created_at desc, id desc);
create index buildium_api_log_entity_idx
    on buildium_api_log (entity_type, entity_id, created_at desc)
    where entity_id is not null;
create index buildium_api_log_failures_idx
    on buildium_api_log (created_at desc, id desc)
    where response_status is null or response_status >= 400;
create index buildium_api_log_operation_idx on buildium_api_log (operation, created_at desc, id desc);
create index buildium_api_log_slow_idx on buildium_api_log (created_at desc, id desc) where duration_ms >= 1000;
create index buildium_api_log_run_id_idx on buildium_api_log (run_id) where run_id is not null;
create index buildium_api_log_webhook_event_id_idx
    on buildium_api_log (webhook_event_id)
    where webhook_event_id is not null;

create table buildium_api_cache (
    id uuid default gen_random_uuid() primary key,
    endpoint varchar(255) not null,
    parameters jsonb default '{}'::jsonb not null,
    response_data jsonb,
    expires_at timestamptz not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null
);
create unique index idx_buildium_cache_endpoint on buildium_api_cache (endpoint, parameters);
create index idx_buildium_cache_expires on buildium_api_cache (expires_at);

create table buildium_sync_runs (
    id uuid default gen_random_uuid() primary key,
    kind varchar(20) not null,
    entity_type varchar(50) not null,
    state varchar(20) default 'queued' not null,
    batch uuid,
    cursor_offset integer default 0 not null,
    since timestamptz,
    total integer,
    seen integer default 0 not null,
    created integer default 0 not null,
    updated integer default 0 not null,
    unchanged integer default 0 not null,
    missing integer default 0 not null,
    calls integer default 0 not null,
    error_message text,
    stop_requested boolean default false not null,
    requested_by text,
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    constraint buildium_sync_runs_kind_check check (kind in ('import', 'incremental', 'full', 'owners')),
    constraint buildium_sync_runs_state_check check (state in ('queued', 'running', 'done', 'failed', 'stopped'))
);
create index buildium_sync_runs_batch_idx on buildium_sync_runs (batch);
create index buildium_sync_runs_created_at_idx on buildium_sync_runs (created_at desc, id desc);
create index buildium_sync_runs_entity_type_idx on buildium_sync_runs (entity_type, created_at desc);
create index buildium_sync_runs_open_idx
    on buildium_sync_runs (state, created_at)
    where state in ('queued', 'running');

create table buildium_connection (
    id smallint default 1 primary key,
    state varchar(10) default 'closed' not null,
    reason text,
    opened_at timestamptz,
    next_probe_at timestamptz,
    account_id integer,
    account_name text,
    updated_at timestamptz default now() not null,
    constraint buildium_connection_id_check check (id = 1),
    constraint buildium_connection_state_check check (state in ('closed', 'open'))
);

create table sync_pauses (
    id uuid default gen_random_uuid() primary key,
    entity_type varchar(50) not null,
    direction varchar(10) not null,
    reason text,
    paused_by text,
    created_at timestamptz default now() not null,
    constraint sync_pauses_direction_check check (direction in ('push', 'pull'))
);
create unique index sync_pauses_entity_type_direction_key on sync_pauses (entity_type, direction);

create table sync_schedules (
    name varchar(50) primary key,
    interval_seconds integer not null,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_error text,
    next_due_at timestamptz,
    updated_at timestamptz default now() not null,
    constraint sync_schedules_interval_seconds_check check (interval_seconds > 0)
);
"""

LOGS = ("buildium_sync_status", "buildium_webhook_events", "buildium_api_log", "buildium_api_cache")
STEERING = ("buildium_sync_runs", "buildium_connection", "sync_schedules")

# A row that is resumed is gone.
PAUSE_RIGHTS = lock("sync_pauses") + allow(
    "sync_pauses", dict.fromkeys(PEOPLE, READ) | dict.fromkeys(EDITORS, "select, insert, update, delete")
)

TOUCHED = (
    "buildium_sync_status",
    "buildium_webhook_events",
    "buildium_api_cache",
    "buildium_sync_runs",
    "buildium_connection",
    "sync_schedules",
)
TOUCH = "".join(
    f"create trigger touch before update on {table} for each row when (old.* is distinct from new.*)"
    " execute function touch();"
    for table in TOUCHED
)

UNDO = """
drop table sync_schedules, sync_pauses, buildium_connection, buildium_sync_runs, buildium_api_cache, buildium_api_log,
    buildium_webhook_events, buildium_sync_status;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("insert into buildium_connection default values")
    op.execute(sync_tables(*LOGS, *STEERING) + PAUSE_RIGHTS)
    op.execute(TOUCH + audited("sync_pauses"))


def downgrade() -> None:
    op.execute(UNDO)
