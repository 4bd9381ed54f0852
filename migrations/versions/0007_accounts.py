"""Users, their sessions, and attempts to sign in"""

from __future__ import annotations

from alembic import op

from portal.rights import (
    ADMINISTRATOR,
    EDIT,
    GATE,
    MACHINE,
    MANAGER,
    READ,
    STAFF,
    VIEWER,
    allow,
    audited,
    lock,
    touched,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = r"""
create table users (
    id uuid default gen_random_uuid() primary key,
    email varchar(255) not null,
    name varchar(255) not null,
    role varchar(20) not null,
    password_hash varchar(255) not null,
    is_active boolean default true not null,
    must_change_password boolean default true not null,
    last_sign_in_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    constraint users_role_check check (role in ('viewer', 'staff', 'manager', 'administrator'))
);
create unique index users_email_key on users (lower(email::text));
create index users_name_idx on users (lower(name::text) collate "C", id);

create table user_sessions (
    id uuid default gen_random_uuid() primary key,
    token_hash varchar(64) not null,
    user_id uuid not null references users on delete cascade,
    created_at timestamptz default now() not null,
    last_seen_at timestamptz default now() not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    address text,
    user_agent text
);
create index user_sessions_expires_at_idx on user_sessions (expires_at);
create unique index user_sessions_token_hash_key on user_sessions (token_hash);
create index user_sessions_user_id_idx on user_sessions (user_id, created_at desc);

create table sign_in_attempts (
    id bigserial primary key,
    email_key varchar(64) not null,
    address text,
    at timestamptz default clock_timestamp() not null,
    succeeded boolean not null
);
create index sign_in_attempts_address_idx on sign_in_attempts (address, at desc);
create index sign_in_attempts_at_idx on sign_in_attempts (at);
create index sign_in_attempts_email_key_idx on sign_in_attempts (email_key, at desc);
"""

OWN_ROW = "= nullif(current_setting('portal.actor_id', true), '')::uuid"

# Everybody may see who is who and change their own name and password; role, address and being active are the
# administrator's. At the gate, signing in is written down.
USERS = allow("users", {ADMINISTRATOR: EDIT, MACHINE: READ}) + "".join(
    f"""
    grant select on users to {role};
    grant update (name, password_hash, must_change_password, version) on users to {role};
    create policy {role} on users for select to {role} using (true);
    create policy {role}_self on users for update to {role} using (id {OWN_ROW}) with check (id {OWN_ROW});
    """
    for role in (VIEWER, STAFF, MANAGER)
)
USERS_AT_THE_GATE = f"""
grant select on users to {GATE};
grant update (last_sign_in_at, password_hash, version) on users to {GATE};
create policy {GATE} on users to {GATE} using (true) with check (true);
"""

# People see and end their own sessions, administrators everybody's; the machine forgets old ones.
SESSIONS = allow("user_sessions", {GATE: EDIT, ADMINISTRATOR: "select, update", MACHINE: "select, delete"}) + "".join(
    f"""
    grant select, update on user_sessions to {role};
    create policy {role} on user_sessions to {role} using (user_id {OWN_ROW}) with check (user_id {OWN_ROW});
    """
    for role in (VIEWER, STAFF, MANAGER)
)

ATTEMPTS = (
    allow("sign_in_attempts", {GATE: EDIT, ADMINISTRATOR: READ, MACHINE: "select, delete"})
    + f"grant usage on sequence sign_in_attempts_id_seq to {GATE};"
    + f"grant select on sequence sign_in_attempts_id_seq to {MACHINE};"
)

UNDO = """
drop table sign_in_attempts, user_sessions, users;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("".join(map(lock, ("users", "user_sessions", "sign_in_attempts"))))
    op.execute(USERS + USERS_AT_THE_GATE + SESSIONS + ATTEMPTS)
    op.execute(touched("users") + audited("users", secrets="'password_hash'"))


def downgrade() -> None:
    op.execute(UNDO)
