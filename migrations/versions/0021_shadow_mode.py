"""Shadow mode: pushes are worked out, listed, and not sent"""

from __future__ import annotations

from alembic import op

from portal.rights import EDITORS, PEOPLE, READ, allow, lock

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = r"""
alter table sync_pauses
    add column mode varchar(10) default 'paused' not null,
    add constraint sync_pauses_mode_check check (mode = 'paused' or (mode = 'shadow' and direction = 'push'));
alter table buildium_connection add column begun_at timestamptz;
create index buildium_sync_status_held_idx
    on buildium_sync_status (next_attempt_at, id)
    where sync_status = 'held';

create table sync_shadows (
    id uuid default gen_random_uuid() primary key,
    status_id uuid not null,
    entity_type varchar(50) not null,
    record_name text,
    outcome varchar(20) not null,
    words text not null,
    changes jsonb default '[]'::jsonb not null,
    requests jsonb default '[]'::jsonb not null,
    local_version integer not null,
    tries integer default 0 not null,
    worked_out_at timestamptz default clock_timestamp() not null,
    constraint sync_shadows_status_id_fkey
        foreign key (status_id) references buildium_sync_status (id) on delete cascade,
    constraint sync_shadows_outcome_check check (
        outcome in ('create', 'change', 'erase', 'link', 'nothing', 'blocked', 'later', 'choose', 'unanswered')
    )
);
create unique index sync_shadows_status_id_key on sync_shadows (status_id);
create index sync_shadows_worked_out_at_idx on sync_shadows (worked_out_at desc, id desc);
create index sync_shadows_outcome_idx on sync_shadows (outcome, worked_out_at desc, id desc);
create index sync_shadows_entity_type_idx on sync_shadows (entity_type, worked_out_at desc, id desc);
create index sync_shadows_record_name_idx on sync_shadows using gin (lower(record_name) gin_trgm_ops);
"""

# The owner sees no row: Row Level Security is forced upon it, too. A portal that was connected before doesn't begin.
BEGUN = r"""
set local role portal_machine;
update buildium_connection set begun_at = now()
where account_id is not null or exists (select from buildium_sync_status where buildium_id is not null);
reset role;
"""

# Whoever leaves shadow mode takes away what it worked out.
RIGHTS = lock("sync_shadows") + allow(
    "sync_shadows", dict.fromkeys(PEOPLE, READ) | dict.fromkeys(EDITORS, "select, insert, update, delete")
)

# What is in shadow mode stays held back.
UNDO = r"""
drop table sync_shadows;
drop index buildium_sync_status_held_idx;
alter table buildium_connection drop column begun_at;
alter table sync_pauses drop column mode;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)
    op.execute(BEGUN)


def downgrade() -> None:
    op.execute(UNDO)
