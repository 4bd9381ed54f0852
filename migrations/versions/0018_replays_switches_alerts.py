"""Webhook events that are switched off or handled again by the many; alerts for people"""

from __future__ import annotations

from alembic import op

from portal.rights import EDITORS, PEOPLE, READ, allow, audited, lock, sync_tables

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

EVENTS = r"""
alter table buildium_webhook_events
    add column replay_id uuid,
    add column signed_by smallint,
    add column signed_of smallint,
    add column begun_at timestamptz,
    add column effect jsonb,
    add column coalesced_into uuid,
    add column why varchar(20);
create index buildium_webhook_events_replayed_idx
    on buildium_webhook_events (created_at desc, id desc)
    where replayed_at is not null;
create index buildium_webhook_events_replay_id_idx
    on buildium_webhook_events (replay_id, created_at desc, id desc)
    where replay_id is not null;
create index buildium_webhook_events_why_idx
    on buildium_webhook_events (why, created_at desc, id desc)
    where why is not null;
create index buildium_webhook_events_coalesced_into_idx
    on buildium_webhook_events (coalesced_into, created_at desc)
    where coalesced_into is not null;
"""

# The owner sees no row: Row Level Security is forced upon it, too.
REASONS = r"""
set local role portal_machine;
update buildium_webhook_events set why = case
    when reason like 'The body is no event%' then 'unreadable'
    when reason like 'Sent for account%' then 'account'
    when reason like 'The event holds no usable%' then 'nameless'
    when reason = 'foreign' then 'foreign'
    else 'scope' end
where state = 'ignored';
reset role;
"""

TABLES = r"""
create table sync_event_switches (
    id uuid default gen_random_uuid() primary key,
    event_name varchar(100) not null,
    reason text,
    switched_off_by text,
    created_at timestamptz default now() not null
);
create unique index sync_event_switches_event_name_key on sync_event_switches (event_name);

create table sync_replays (
    id uuid default gen_random_uuid() primary key,
    filter jsonb not null,
    words text not null,
    state varchar(20) default 'queued' not null,
    total integer not null,
    queued integer default 0 not null,
    skipped integer default 0 not null,
    cursor_at timestamptz,
    cursor_id uuid,
    cancel_requested boolean default false not null,
    requested_by text not null,
    act_id uuid,
    heartbeat_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz default clock_timestamp() not null,
    constraint sync_replays_state_check check (state in ('queued', 'running', 'done', 'cancelled'))
);
create index sync_replays_created_at_idx on sync_replays (created_at desc, id desc);
create index sync_replays_open_idx on sync_replays (created_at) where state in ('queued', 'running');

create table sync_alerts (
    id uuid default gen_random_uuid() primary key,
    kind varchar(20) not null,
    cause varchar(100),
    channel varchar(20) not null,
    recipients text not null,
    subject text not null,
    body text not null,
    url text not null,
    state varchar(20) default 'waiting' not null,
    attempts integer default 0 not null,
    next_attempt_at timestamptz default now(),
    sent_at timestamptz,
    error_message text,
    requested_by text,
    once varchar(100),
    created_at timestamptz default clock_timestamp() not null,
    updated_at timestamptz default now() not null,
    constraint sync_alerts_channel_check check (channel in ('email', 'webhook')),
    constraint sync_alerts_kind_check check (kind in ('problem', 'clear', 'digest', 'test')),
    constraint sync_alerts_state_check check (state in ('waiting', 'sent', 'failed'))
);
create index sync_alerts_created_at_idx on sync_alerts (created_at desc, id desc);
create index sync_alerts_state_idx on sync_alerts (state, created_at desc, id desc);
create index sync_alerts_due_idx on sync_alerts (next_attempt_at, created_at) where state = 'waiting';
create unique index sync_alerts_once_key on sync_alerts (once);

create table sync_alert_causes (
    cause varchar(100) primary key,
    title text not null,
    detail text default '' not null,
    url text not null,
    number integer not null,
    is_part boolean default false not null,
    is_open boolean default false not null,
    opened_at timestamptz not null,
    clear_since timestamptz,
    told_at timestamptz,
    told_number integer,
    is_told boolean default false not null,
    updated_at timestamptz default now() not null
);

create table sync_alert_silences (
    id uuid default gen_random_uuid() primary key,
    cause varchar(100) not null,
    until timestamptz not null,
    silenced_by text not null,
    created_at timestamptz default now() not null
);
create unique index sync_alert_silences_cause_key on sync_alert_silences (cause);
"""

# What is switched on again, or speaks again, is gone.
TAKEN_AWAY = ("sync_event_switches", "sync_alert_silences")
REMOVABLE = "".join(
    lock(table) + allow(table, dict.fromkeys(PEOPLE, READ) | dict.fromkeys(EDITORS, "select, insert, update, delete"))
    for table in TAKEN_AWAY
)
# That it was asked for is audited; its progress is none of a person's doing.
ASKED = "create trigger audit after insert on sync_replays for each row execute function audit_change();"
TOUCH = "".join(
    f"create trigger touch before update on {table} for each row when (old.* is distinct from new.*)"
    " execute function touch();"
    for table in ("sync_alerts", "sync_alert_causes")
)

UNDO = """
drop table sync_alert_silences, sync_alert_causes, sync_alerts, sync_replays, sync_event_switches;
drop index buildium_webhook_events_replayed_idx, buildium_webhook_events_replay_id_idx,
    buildium_webhook_events_why_idx, buildium_webhook_events_coalesced_into_idx;
alter table buildium_webhook_events
    drop column replay_id, drop column signed_by, drop column signed_of, drop column begun_at, drop column effect,
    drop column coalesced_into, drop column why;
"""


def upgrade() -> None:
    op.execute(EVENTS)
    op.execute(TABLES)
    op.execute(sync_tables("sync_replays", "sync_alerts", "sync_alert_causes") + REMOVABLE)
    op.execute(audited(*TAKEN_AWAY) + ASKED + TOUCH)
    op.execute(REASONS)


def downgrade() -> None:
    op.execute(UNDO)
