"""A bad day, made inside the database: hundreds of thousands of failed records, a long log, a full inbox of webhooks.
The same size gives the same rows. Triggers run, so that failures are grouped as they are in life."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from bench.rows import DICE

TABLES = (
    "buildium_sync_status", "buildium_api_log", "buildium_webhook_events", "sync_issues", "sync_decisions",
    "sync_drift",
)  # fmt: skip

MAKE_RECORDS = """
with thrown as (
    select n, pg_temp.dice(n, 20, 10) as sort from generate_series(1, %(number)s::int) as n
)
insert into buildium_sync_status (
    id, entity_type, entity_id, buildium_id, sync_status, cause, error_message, error_fields, attempts, record_name,
    failed_at, conflict, created_at, updated_at
)
select
    md5('failed ' || n)::uuid,
    (array['unit', 'property', 'vendor', 'tenant', 'lease', 'task', 'bill', 'owner', 'work_order', 'unit'])[sort + 1],
    md5('record ' || n), 3000000 + n,
    (array['failed', 'failed', 'failed', 'failed', 'failed', 'blocked', 'conflict', 'missing', 'failed', 'failed'])
        [sort + 1],
    (array['refused 422', 'refused 400', 'refused 404', 'permission', 'retries used up', 'missing data', 'conflict',
        'missing', 'refused 409', 'refused 422'])[sort + 1],
    'Buildium can''t take this: “Record ' || n || '” (' || n || ').',
    case when sort in (0, 1, 5, 9) then jsonb_build_array(jsonb_build_object(
        'field', (array['Address.PostalCode', 'Name', '', '', '', 'UnitNumber', '', '', '', 'MarketRent'])[sort + 1],
        'message', 'Record ' || n || ' isn''t valid.')) end,
    1 + n %% 6, 'Record ' || n,
    now() - n * interval '3 seconds',
    case when sort = 6 then jsonb_build_object('Comment', jsonb_build_object(
        'label', 'Comments', 'field', 'comment', 'base', 'Before', 'ours', 'Ours ' || n, 'theirs', 'Theirs ' || n,
        'changed_by', 'Person ' || n %% 9, 'changed_by_id', md5('person ' || n %% 9)::uuid)) end,
    now() - interval '40 days', now() - n * interval '3 seconds'
from thrown
"""

MAKE_DECISIONS = """
insert into sync_decisions (status_id, entity_type, entity_id, record_name, local_version, fields, decided_by,
    decided_by_id, decided_at)
select md5('failed ' || n)::uuid, 'tenant', md5('record ' || n), 'Record ' || n, 1, jsonb_build_object(
        'Comment', jsonb_build_object('label', 'Comments', 'field', 'comment', 'side', 'ours', 'secret', false,
            'base', 'Before', 'ours', 'Ours', 'theirs', 'Theirs')),
    'Person ' || n %% 9, md5('person ' || n %% 9)::uuid, now() - n * interval '20 seconds'
from generate_series(1, %(number)s::int) as n
"""

MAKE_DRIFT = """
with run as (
    insert into buildium_sync_runs (kind, entity_type, state, requested_by, started_at, finished_at)
    values ('full', 'unit', 'done', 'bench', now() - interval '1 hour', now()) returning id
)
insert into sync_drift (run_id, entity_type, finding, entity_id, buildium_id, record_name, announcement, created_at)
select run.id, 'unit', 'changed', md5('record ' || n), 3000000 + n, 'Record ' || n,
    (array['awaited', 'announced', 'missed', 'announced'])[1 + n %% 4], now() - n * interval '15 seconds'
from run, generate_series(1, %(number)s::int) as n
"""

MAKE_LOG = """
insert into buildium_api_log (
    endpoint, operation, method, request_data, response_status, response_data, duration_ms, lane, entity_type,
    entity_id, job_id, created_at
)
select
    verbs.path || '/' || n, verbs.verb || ' ' || verbs.path || '/{id}', verbs.verb,
    case when verbs.verb <> 'GET' then jsonb_build_object('Name', 'Record ' || n, 'Address', '{}'::jsonb) end,
    status, jsonb_build_object('Id', n, 'Name', 'Record ' || n), 40 + pg_temp.dice(n, 22, 900), 'people', 'unit',
    md5('record ' || n %% 200000), 'push:unit:' || n %% 200000, now() - n * interval '3.5 seconds'
from generate_series(1, %(number)s::int) as n,
lateral (select
    (array['GET', 'GET', 'GET', 'PUT', 'POST', 'PATCH'])[1 + pg_temp.dice(n, 23, 6)] as verb,
    (array['/v1/rentals', '/v1/rentals/units', '/v1/leases', '/v1/bills', '/v1/tasks', '/v1/vendors'])
        [1 + pg_temp.dice(n, 24, 6)] as path,
    (array[422, 429, 500, null])[1 + pg_temp.dice(n, 21, 80)] as failed
) as verbs, lateral (select case when pg_temp.dice(n, 21, 80) < 4 then failed else 200 end as status) as answer
"""

MAKE_EVENTS = """
insert into buildium_webhook_events (
    event_id, event_type, event_data, raw_body, entity_type, buildium_entity_id, state, processed, why, reason,
    error_message, retry_count, next_attempt_at, created_at
)
select
    md5('event ' || n), (array['Rental.Updated', 'RentalUnit.Updated', 'Lease.Updated', 'Task.Created'])[1 + n %% 4],
    jsonb_build_object('EventName', 'Rental.Updated', 'PropertyId', n), convert_to('{"n":' || n || '}', 'utf8'),
    (array['property', 'unit', 'lease', 'task'])[1 + n %% 4], 3000000 + n %% 200000, state,
    state in ('processed', 'echo', 'coalesced', 'ignored'),
    case when state = 'ignored' then 'scope' end, case when state = 'ignored' then 'Not for the portal.' end,
    case when state in ('failed', 'dead') then 'Buildium answered 500 about ' || n || '.' end,
    case when state in ('failed', 'dead') then 5 else 0 end,
    case when state in ('failed', 'received') then now() + interval '1 hour' end, now() - n * interval '10 seconds'
from generate_series(1, %(number)s::int) as n,
lateral (select (array['failed', 'dead', 'received', 'ignored', 'coalesced', 'echo', 'echo', 'processed', 'processed',
    'processed'])[1 + case when pg_temp.dice(n, 25, 50) = 0 then pg_temp.dice(n, 26, 3) else 3 + pg_temp.dice(n, 27, 7)
    end] as state) as thrown
"""


def fill(connection: psycopg.Connection[Any], records: int, calls: int, events: int) -> None:
    """As the superuser, into tables that hold no such rows yet."""
    connection.execute(DICE)
    with connection.transaction():
        for statement, number in (
            (MAKE_RECORDS, records), (MAKE_LOG, calls), (MAKE_EVENTS, events), (MAKE_DECISIONS, records // 2),
            (MAKE_DRIFT, records // 2),
        ):  # fmt: skip
            connection.execute(statement, {"number": number})
    for table in TABLES:
        connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(table)))
    connection.execute("checkpoint")
