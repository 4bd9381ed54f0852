"""What the dashboard no longer needs is found by indexes, and an issue doesn't go while something fails for it"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = r"""
alter table sync_issues add column resolved_at timestamptz;
create index sync_issues_resolved_at_idx on sync_issues (resolved_at);
create index sync_retries_act_id_idx on sync_retries (act_id);
create index sync_decision_batches_decision_id_idx
    on sync_decision_batches (decision_id)
    where decision_id is not null;
"""

# A failure holds its issue until it is committed. These locks are shared, so that failures wait for no other failure,
# only for a removal, which waits for nobody.
HOLDING = r"""
create or replace function note_issue(
    direction text, kind text, cause text, status integer, field text, message text, name text
) returns uuid
language plpgsql as $$
declare
    alike text := public.words_alike(message, name);
    place text := public.field_alike(field);
    issue uuid := md5(concat_ws('|', direction, coalesce(kind, ''), coalesce(cause, ''), coalesce(status::text, ''),
        coalesce(lower(place), ''), lower(alike)))::uuid;
    seen timestamptz;
    ended timestamptz;
begin
    select last_seen_at, resolved_at into seen, ended from public.sync_issues where id = issue for key share;
    if found and (ended is not null or seen < clock_timestamp() - interval '1 minute') then
        update public.sync_issues set last_seen_at = clock_timestamp(), resolved_at = null
        where id = (select id from public.sync_issues where id = issue for no key update skip locked);
    elsif not found and pg_try_advisory_xact_lock(hashtextextended(issue::text, 0)) then
        insert into public.sync_issues (id, direction, entity_type, cause, status, field, error, sample)
        values (issue, direction, kind, coalesce(cause, 'unknown'), status, place, alike, left(message, 1000))
        on conflict do nothing;
    end if;
    return issue;
end $$;
"""

BEFORE = r"""
create or replace function note_issue(
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
drop index sync_decision_batches_decision_id_idx, sync_retries_act_id_idx, sync_issues_resolved_at_idx;
alter table sync_issues drop column resolved_at;
"""


def upgrade() -> None:
    op.execute(TABLES + HOLDING)


def downgrade() -> None:
    op.execute(BEFORE)
