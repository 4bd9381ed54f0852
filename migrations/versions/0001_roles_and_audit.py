"""The roles of the portal, and what every table needs: the audit trail, `updated_at`, search words of relatives"""

from __future__ import annotations

from alembic import op

from portal.rights import ADMINISTRATOR, MACHINE, MANAGER, NOBODY, READ, ROLES, STAFF, VIEWER, allow, lock

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Roles belong to the whole server: another database of it may have them already, or be making them at this moment.
# The user that runs this may take each of them and has none of their rights without doing so (from PostgreSQL 16 on;
# before, a role that inherits also inherits these).
MAKE_ROLE = """
do $$
begin
    begin
        create role {role} nologin noinherit;
    exception when duplicate_object or unique_violation then
        null;
    end;
    if current_setting('server_version_num')::int < 160000 then
        if not pg_has_role(current_user, '{role}', 'member') then
            execute 'grant {role} to current_user';
        end if;
    elsif not pg_has_role(current_user, '{role}', 'set') then
        execute 'grant {role} to current_user with set true, inherit false';
    end if;
exception
    when unique_violation then
        null;
    when insufficient_privilege then
        raise exception 'The role {role} must exist and be granted to %. % Let an administrator of the server run: '
            'CREATE ROLE {role} NOLOGIN NOINHERIT; GRANT {role} TO %;', current_user, sqlerrm, current_user;
end $$;
grant usage on schema public to {role};
"""

# Roles that another database of the server still uses stay.
DROP_ROLE = """
revoke usage on schema public from {role};
do $$
begin
    drop role {role};
exception when dependent_objects_still_exist or insufficient_privilege or undefined_object then
    null;
end $$;
"""

FUNCTIONS = r"""
-- How people call somebody: "Jane Adams", "Oak Holdings LLC".
create function name_to_show(is_company boolean, company text, first_name text, last_name text) returns text
language sql immutable as $$
    select coalesce(
        nullif(case when is_company then company end, ''),
        nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''),
        company,
        ''
    )
$$;

-- How people sort somebody: "Adams Jane", "Oak Holdings LLC". Calls no function of ours: generated columns use it, and
-- a restore works them out while our functions can't be found by their bare names.
create function name_to_sort(is_company boolean, company text, first_name text, last_name text) returns text
language sql immutable as $$
    select coalesce(
        nullif(case when is_company then company end, ''),
        nullif(trim(coalesce(last_name, '') || ' ' || coalesce(first_name, '')), ''),
        company,
        ''
    )
$$;

-- Columns that follow from others: a change of these alone is no change of the record.
create function derived_columns() returns text[]
language sql immutable as $$
    select '{search_text,sort_name,owner_name,updated_at,updatedAt,version,last_seen_at,last_sign_in_at}'::text[]
$$;

create function touch() returns trigger
language plpgsql as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end $$;

-- `updated_at` of records moves with real changes only.
create function touch_record() returns trigger
language plpgsql as $$
begin
    if to_jsonb(new) - derived_columns() is distinct from to_jsonb(old) - derived_columns() then
        new.updated_at := clock_timestamp();
    else
        new.updated_at := old.updated_at;
    end if;
    return new;
end $$;

-- Lets rows that carry the name of this one in their search_text work it out anew. Arguments: pairs of a table and
-- its column that refers here.
create function refresh_relatives() returns trigger
language plpgsql as $$
begin
    for i in 0 .. tg_nargs - 1 by 2 loop
        execute format('update %I set search_text = search_text where %I = $1', tg_argv[i], tg_argv[i + 1])
        using new.id;
    end loop;
    return null;
end $$;

-- One row in audit_log per change, whatever path it came by. Arguments: the columns whose values are secret.
-- Security definer, because nobody may write the trail directly.
create function audit_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    before jsonb;
    after jsonb;
    changes jsonb;
begin
    if tg_op = 'INSERT' then
        -- The quick way for imports: what is NULL was not given.
        after := jsonb_strip_nulls(to_jsonb(new)) - public.derived_columns();
        select jsonb_object_agg(key, jsonb_build_array(null, case when key = any(tg_argv) then '"•••"' else value end))
        into changes
        from jsonb_each(after);
    else
        before := to_jsonb(old);
        after := to_jsonb(new);
        select jsonb_object_agg(key, jsonb_build_array(
            case when key = any(tg_argv) and value <> 'null' then '"•••"' else value end,
            case when key = any(tg_argv) and after ->> key is not null then '"•••"' else after -> key end
        ))
        into changes
        from jsonb_each(before)
        where value <> coalesce(after -> key, 'null') and key <> all(public.derived_columns());
        if changes is null then
            return null;
        end if;
    end if;
    insert into public.audit_log (actor_id, actor_name, database_role, door, action, table_name, row_id, changes)
    values (
        nullif(current_setting('portal.actor_id', true), '')::uuid,
        nullif(current_setting('portal.actor_name', true), ''),
        coalesce(nullif(current_setting('role'), 'none'), session_user),
        nullif(current_setting('portal.door', true), ''),
        lower(tg_op),
        tg_table_name,
        coalesce(after, before) ->> 'id',
        changes
    );
    return null;
end $$;
revoke execute on function audit_change() from public;
"""

AUDIT_LOG = """
create table audit_log (
    id bigint generated always as identity primary key,
    at timestamptz default clock_timestamp() not null,
    actor_id uuid,
    actor_name text,
    database_role text not null,
    door text,
    action text not null,
    table_name text not null,
    row_id text not null,
    changes jsonb not null,
    constraint audit_log_action_check check (action in ('insert', 'update', 'delete', 'reveal'))
);
create index audit_log_actor_id_idx on audit_log (actor_id, id desc);
create index audit_log_at_idx on audit_log (at desc, id desc);
create index audit_log_row_idx on audit_log (table_name, row_id, id desc);
"""

# Showing a sealed value is an act like a change. Security definer as above; only those who may see such values call it.
REVEAL = """
create function portal_note_reveal(table_name text, row_id text, column_name text) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    insert into public.audit_log (actor_id, actor_name, database_role, door, action, table_name, row_id, changes)
    values (
        nullif(current_setting('portal.actor_id', true), '')::uuid,
        nullif(current_setting('portal.actor_name', true), ''),
        coalesce(nullif(current_setting('role'), 'none'), session_user),
        nullif(current_setting('portal.door', true), ''),
        'reveal', table_name, row_id, jsonb_build_object(column_name, jsonb_build_array('•••', '•••'))
    )
$$;
revoke execute on function portal_note_reveal(text, text, text) from public;
grant execute on function portal_note_reveal(text, text, text) to portal_manager, portal_administrator;
"""

# The owner writes the trail from inside audit_change(); it never reads, changes or deletes.
AUDIT_RIGHTS = """
create policy keeper on audit_log for insert to current_user with check (true);
grant select on sequence audit_log_id_seq to portal_machine;
"""

# Alembic goes on keeping its own table as the owner; others may ask for the version at most. The machine may read every
# table and sequence there is, so that `pg_dump --role=portal_machine --enable-row-security` is a whole backup.
VERSION_RIGHTS = """
create policy keeper on alembic_version to current_user using (true) with check (true);
"""
UNDO_VERSION_RIGHTS = """
drop policy keeper on alembic_version;
drop policy portal_nobody on alembic_version;
drop policy portal_machine on alembic_version;
revoke select on alembic_version from portal_nobody, portal_machine;
alter table alembic_version no force row level security;
alter table alembic_version disable row level security;
"""

UNDO_FUNCTIONS = """
drop function portal_note_reveal(text, text, text);
drop function audit_change();
drop function refresh_relatives();
drop function touch_record();
drop function touch();
drop function derived_columns();
drop function name_to_sort(boolean, text, text, text);
drop function name_to_show(boolean, text, text, text);
"""


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    for role in ROLES:
        op.execute(MAKE_ROLE.format(role=role))
    op.execute(FUNCTIONS)
    op.execute(AUDIT_LOG + REVEAL + AUDIT_RIGHTS + lock("audit_log"))
    op.execute(allow("audit_log", dict.fromkeys((VIEWER, STAFF, MANAGER, ADMINISTRATOR, MACHINE), READ)))
    op.execute(VERSION_RIGHTS + allow("alembic_version", {NOBODY: READ, MACHINE: READ}) + lock("alembic_version"))


def downgrade() -> None:
    op.execute(UNDO_VERSION_RIGHTS)
    op.execute("drop table audit_log")
    op.execute(UNDO_FUNCTIONS)
    # pg_trgm stays: it may have been there before, and does no harm.
    for role in ROLES:
        op.execute(DROP_ROLE.format(role=role))
