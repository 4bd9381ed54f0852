"""Rows that were here before the first import, and the records in Buildium that they may be"""

from __future__ import annotations

from alembic import op

from portal.rights import EDITORS, PEOPLE, READ, allow, lock

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = r"""
alter table buildium_sync_runs add column for_review integer not null default 0;

create table sync_adoptions (
    id uuid default gen_random_uuid() primary key,
    entity_type varchar(50) not null,
    entity_id text not null,
    record_name text,
    state varchar(20) default 'waiting' not null,
    buildium_id integer,
    decided_by text,
    decided_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    constraint sync_adoptions_state_check check (state in ('waiting', 'review', 'linked', 'different', 'new'))
);
create unique index sync_adoptions_entity_key on sync_adoptions (entity_type, entity_id);
create index sync_adoptions_updated_at_idx on sync_adoptions (updated_at desc, id desc);
create index sync_adoptions_state_idx on sync_adoptions (state, entity_type, updated_at desc, id desc);

create table sync_matches (
    id uuid default gen_random_uuid() primary key,
    adoption_id uuid not null,
    entity_type varchar(50) not null,
    buildium_id integer not null,
    body jsonb not null,
    evidence jsonb not null,
    is_strong boolean default false not null,
    created_at timestamptz default now() not null,
    constraint sync_matches_adoption_id_fkey foreign key (adoption_id) references sync_adoptions (id) on delete cascade
);
create unique index sync_matches_adoption_id_key on sync_matches (adoption_id, buildium_id);
create index sync_matches_entity_idx on sync_matches (entity_type, buildium_id);

create table sync_deferred (
    id uuid default gen_random_uuid() primary key,
    entity_type varchar(50) not null,
    buildium_id integer not null,
    why varchar(20) not null,
    created_at timestamptz default now() not null,
    constraint sync_deferred_why_check check (why in ('review', 'parent'))
);
create unique index sync_deferred_entity_key on sync_deferred (entity_type, buildium_id);
"""

# A match that is linked away, and what has arrived after all, is gone.
RIGHTS = "".join(
    lock(table) + allow(table, dict.fromkeys(PEOPLE, READ) | dict.fromkeys(EDITORS, "select, insert, update, delete"))
    for table in ("sync_adoptions", "sync_matches", "sync_deferred")
)
# What a person has decided is audited; what an import finds is none of a person's doing.
DECIDED = r"""
create trigger audit after update on sync_adoptions for each row
    when (old.decided_at is distinct from new.decided_at) execute function audit_change();
create trigger touch before update on sync_adoptions for each row when (old.* is distinct from new.*)
    execute function touch();
"""

UNDO = r"""
drop table sync_deferred, sync_matches, sync_adoptions;
alter table buildium_sync_runs drop column for_review;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)
    op.execute(DECIDED)


def downgrade() -> None:
    op.execute(UNDO)
