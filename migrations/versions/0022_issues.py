"""Failures grouped by cause, and retries of many"""

from __future__ import annotations

from alembic import op

from portal.rights import audited, sync_tables

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = r"""
create table sync_issues (
    id uuid primary key,
    direction text not null,
    entity_type varchar(50),
    cause varchar(100) not null,
    status integer,
    field text,
    error text not null,
    sample text,
    state varchar(20) default 'open' not null,
    ignored_until timestamptz,
    ignored_over integer,
    note text,
    settled_at timestamptz,
    settled_by text,
    first_seen_at timestamptz default clock_timestamp() not null,
    last_seen_at timestamptz default clock_timestamp() not null,
    constraint sync_issues_direction_check check (direction in ('out', 'in')),
    constraint sync_issues_state_check check (state in ('open', 'acknowledged', 'resolved', 'ignored'))
);
create index sync_issues_last_seen_at_idx on sync_issues (last_seen_at desc, id desc);

create table sync_retries (
    id uuid default gen_random_uuid() primary key,
    act_id uuid not null,
    issue_id uuid,
    words text not null,
    requested_by text not null,
    state varchar(20) default 'queued' not null,
    canary varchar(20) default 'waiting' not null,
    stopped_because text,
    asked integer not null,
    heartbeat_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz default clock_timestamp() not null,
    constraint sync_retries_state_check check (state in ('queued', 'running', 'done', 'stopped', 'cancelled')),
    constraint sync_retries_canary_check check (canary in ('waiting', 'passed', 'failed'))
);
create index sync_retries_created_at_idx on sync_retries (created_at desc, id desc);
create index sync_retries_issue_id_idx on sync_retries (issue_id, created_at desc);
create index sync_retries_open_idx on sync_retries (created_at) where state in ('queued', 'running');

create table sync_retry_items (
    retry_id uuid not null,
    place bigint not null,
    row_kind text not null,
    row_id uuid not null,
    issue_id uuid,
    state varchar(20) default 'waiting' not null,
    why text,
    taken_at timestamptz,
    seen_at timestamptz,
    done_at timestamptz,
    constraint sync_retry_items_pkey primary key (retry_id, place),
    constraint sync_retry_items_retry_id_fkey foreign key (retry_id) references sync_retries (id) on delete cascade,
    constraint sync_retry_items_row_kind_check check (row_kind in ('record', 'webhook')),
    constraint sync_retry_items_state_check check (
        state in ('waiting', 'sending', 'succeeded', 'failed', 'later', 'skipped', 'left')
    )
);
create unique index sync_retry_items_open_key on sync_retry_items (row_id) where state in ('waiting', 'sending');
create index sync_retry_items_row_id_idx on sync_retry_items (row_id);
create index sync_retry_items_state_idx on sync_retry_items (retry_id, state, place);

alter table buildium_sync_status
    add column issue_id uuid,
    add column failed_at timestamptz,
    add column retries integer default 0 not null,
    add column retried_issue_id uuid;
create index buildium_sync_status_issue_id_idx
    on buildium_sync_status (issue_id, failed_at desc, id desc)
    where issue_id is not null;
alter table buildium_webhook_events add column issue_id uuid, add column failed_at timestamptz;
create index buildium_webhook_events_issue_id_idx
    on buildium_webhook_events (issue_id, failed_at desc, id desc)
    where issue_id is not null;
alter table buildium_sync_runs add column issue_id uuid, add column failed_at timestamptz;
create index buildium_sync_runs_issue_id_idx
    on buildium_sync_runs (issue_id, failed_at desc, id desc)
    where issue_id is not null;
"""

FUNCTIONS = r"""
-- A message without what differs from record to record: its name, quoted words, ids, dates, numbers, addresses.
create function words_alike(message text, name text) returns text
language plpgsql immutable as $$
declare
    found text := left(coalesce(message, ''), 1000);
    months constant text := '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
begin
    if length(name) > 2 then
        found := replace(found, name, '…');
    end if;
    found := regexp_replace(found, '“[^”]*”|‘[^’]*’|"[^"]*"|(?<![[:alnum:]])''[^'']*''(?![[:alnum:]])', '…', 'g');
    found := regexp_replace(found, '[^[:space:]<>()]+@[^[:space:]<>()]+', '…', 'g');
    found := regexp_replace(found, '\m' || months || '\.? [0-9]{1,2}(st|nd|rd|th)?(,? [0-9]{4})?', '#', 'gi');
    found := regexp_replace(found, '\m[0-9]{1,2}(st|nd|rd|th)? ' || months || '\.?,?( [0-9]{4})?', '#', 'gi');
    found := regexp_replace(found, '[$€£]?[[:alnum:]_/.-]*[0-9][[:alnum:]_/.,:%+-]*', '#', 'g');
    found := regexp_replace(found, '#([[:space:]]*(,|and|or|am|pm)?[[:space:]]*#)+', '#', 'gi');
    found := regexp_replace(found, '#[[:space:]]+(am|pm)\M', '#', 'gi');
    found := btrim(regexp_replace(found, '[[:space:]]+', ' ', 'g'), ' .');
    return left(found, 300);
end $$;

-- The place of an error without the number of the line: Lines[3].Amount is Lines.Amount.
create function field_alike(field text) returns text
language sql immutable as $$
    select nullif(left(
        regexp_replace(regexp_replace(field, '^\$\.', ''), '\[[0-9]*\]|\.[0-9]+(?=\.|$)', '', 'g'), 200
    ), '')
$$;

-- The HTTP status that a message names; NULL for none.
create function status_named(message text) returns integer
language sql immutable as $$
    select coalesce(
        substring(message from 'answered ([1-5][0-9][0-9])'), substring(message from '\(([1-5][0-9][0-9])\)')
    )::integer
$$;

-- The issue that a failure belongs to; its row is made with the first one. Two pages of a pull may fail for the same
-- two causes in opposite order, so nothing here waits for anybody.
create function note_issue(
    direction text, kind text, cause text, status integer, field text, message text, name text
) returns uuid
language plpgsql as $$
declare
    alike text := public.words_alike(message, name);
    place text := public.field_alike(field);
    issue uuid := md5(concat_ws('|', direction, coalesce(kind, ''), coalesce(cause, ''), coalesce(status::text, ''),
        coalesce(lower(place), ''), lower(alike)))::uuid;
    seen timestamptz;
begin
    select last_seen_at into seen from public.sync_issues where id = issue;
    if found and seen < clock_timestamp() - interval '1 minute' then
        update public.sync_issues set last_seen_at = clock_timestamp()
        where id = (select id from public.sync_issues where id = issue for update skip locked);
    elsif not found and pg_try_advisory_xact_lock(hashtextextended(issue::text, 0)) then
        insert into public.sync_issues (id, direction, entity_type, cause, status, field, error, sample)
        values (issue, direction, kind, coalesce(cause, 'unknown'), status, place, alike, left(message, 1000))
        on conflict do nothing;
    end if;
    return issue;
end $$;

create function issue_of_record() returns trigger
language plpgsql as $$
declare
    said jsonb;
    seen timestamptz := clock_timestamp();
begin
    if new.sync_status = 'synced' or tg_op = 'UPDATE' and new.local_version <> old.local_version then
        new.retries := 0;
        new.retried_issue_id := null;
    end if;
    if not (
        new.sync_status in ('failed', 'conflict', 'missing')
        or new.sync_status = 'blocked' and coalesce(new.cause, '') not in ('waiting for parent', 'awaiting import')
        or new.sync_status = 'uncertain' and new.next_attempt_at is null
    ) then
        new.issue_id := null;
        new.failed_at := null;
        return new;
    end if;
    if tg_op = 'INSERT' then
        seen := coalesce(new.failed_at, seen);
    elsif (new.sync_status, new.cause, new.error_message, new.error_fields)
        is not distinct from (old.sync_status, old.cause, old.error_message, old.error_fields)
    then
        if old.issue_id is not null then
            new.issue_id := old.issue_id;
            new.failed_at := old.failed_at;
            return new;
        end if;
        seen := old.updated_at;
    end if;
    said := case when jsonb_typeof(new.error_fields) = 'array' then new.error_fields -> 0 end;
    new.issue_id := public.note_issue(
        'out', new.entity_type, coalesce(new.cause, new.sync_status),
        case when new.cause like 'refused %' then substring(new.cause from '[0-9]+')::integer
            when new.cause = 'permission' then 403
            when new.cause = 'missing' then 404
            else public.status_named(new.error_message) end,
        said ->> 'field', coalesce(nullif(said ->> 'message', ''), new.error_message), new.record_name
    );
    new.failed_at := seen;
    return new;
end $$;

create function issue_of_event() returns trigger
language plpgsql as $$
begin
    if new.state not in ('failed', 'dead') then
        new.issue_id := null;
        new.failed_at := null;
    elsif tg_op = 'INSERT' or old.issue_id is null
        or (new.state, new.error_message, new.retry_count)
            is distinct from (old.state, old.error_message, old.retry_count)
    then
        new.issue_id := public.note_issue(
            'in', new.entity_type,
            case when new.error_message like 'Waiting for a push%' then 'event waits'
                when new.error_message like 'The record can''t be kept here%' then 'event not kept'
                else 'event failed' end,
            public.status_named(new.error_message), null, new.error_message, null
        );
        new.failed_at := case when tg_op = 'INSERT' then coalesce(new.failed_at, clock_timestamp())
            when old.state = new.state and old.issue_id is null then old.updated_at
            else clock_timestamp() end;
    end if;
    return new;
end $$;

create function issue_of_run() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (new.state, new.error_message) is not distinct from (old.state, old.error_message) then
        return new;
    end if;
    if new.state = 'failed' or new.state = 'done' and new.error_message is not null then
        new.issue_id := public.note_issue(
            'in', new.entity_type, case new.state when 'failed' then 'run failed' else 'run incomplete' end,
            public.status_named(new.error_message), new.kind, new.error_message, null
        );
        new.failed_at := clock_timestamp();
    else
        new.issue_id := null;
        new.failed_at := null;
    end if;
    return new;
end $$;

-- A run that went well ends what earlier ones of its kind had failed for; a run over everything ends all of it.
create function issues_ended_by_run() returns trigger
language plpgsql as $$
begin
    update public.buildium_sync_runs set issue_id = null, failed_at = null
    where entity_type = new.entity_type and issue_id is not null and id <> new.id and created_at <= new.created_at
        and (kind = new.kind or new.kind in ('import', 'full'));
    return null;
end $$;

create trigger issue before insert or update on buildium_sync_status
    for each row execute function issue_of_record();
create trigger issue before insert or update on buildium_webhook_events
    for each row execute function issue_of_event();
create trigger issue before insert or update on buildium_sync_runs
    for each row execute function issue_of_run();
create trigger issues_ended after update of state on buildium_sync_runs
    for each row when (new.state = 'done' and old.state <> 'done') execute function issues_ended_by_run();
"""

UNDO = """
drop trigger issues_ended on buildium_sync_runs;
drop trigger issue on buildium_sync_runs;
drop trigger issue on buildium_webhook_events;
drop trigger issue on buildium_sync_status;
drop function issues_ended_by_run(), issue_of_run(), issue_of_event(), issue_of_record();
drop function note_issue(text, text, text, integer, text, text, text);
drop function status_named(text), field_alike(text), words_alike(text, text);
drop index buildium_sync_status_issue_id_idx, buildium_webhook_events_issue_id_idx, buildium_sync_runs_issue_id_idx;
alter table buildium_sync_status
    drop column issue_id, drop column failed_at, drop column retries, drop column retried_issue_id;
alter table buildium_webhook_events drop column issue_id, drop column failed_at;
alter table buildium_sync_runs drop column issue_id, drop column failed_at;
drop table sync_retry_items, sync_retries, sync_issues;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(sync_tables("sync_issues", "sync_retries", "sync_retry_items"))
    op.execute(FUNCTIONS)
    op.execute(audited("sync_issues"))


def downgrade() -> None:
    op.execute(UNDO)
