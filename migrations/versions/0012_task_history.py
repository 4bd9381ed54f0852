"""Who wrote what in a task's history, how far its files are, and who asked for a task that no record stands for"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHANGES = """
alter table tasks
    drop contact_detail,
    add contact_first_name varchar(255),
    add contact_last_name varchar(255),
    add contact_email varchar(255),
    add contact_phone_home varchar(50),
    add contact_phone_work varchar(50),
    add contact_phone_mobile varchar(50),
    add entry_permitted boolean,
    add has_pets boolean,
    add entry_notes text,
    add history_changed_at timestamptz;

alter table task_history
    add written_here boolean default false not null,
    add written_by varchar(255),
    add changes_status boolean default false not null,
    add edited_notes text,
    add priority varchar(20),
    add due_date date,
    add file_ids integer[],
    add buildium_created_at timestamptz,
    add buildium_updated_at timestamptz;

alter table task_history_files
    drop constraint task_history_files_upload_state_check,
    add constraint task_history_files_upload_state_check
        check (upload_state in ('waiting', 'sending', 'sent', 'failed', 'removing')),
    add sent_at timestamptz,
    add tries smallint default 0 not null,
    add problem text,
    add asked_for_at timestamptz;
"""

KEEP = """
-- A task is completed when its history says so for the first time since it was last open (MAPPING §4.13).
-- Entries are in the order of Buildium, whose times are cut to seconds; those that it hasn't yet come last.
create function keep_completed_date() returns trigger
language plpgsql as $$
declare
    completed timestamptz;
begin
    with story as (
        select status, entry_at, row_number() over (order by buildium_history_id nulls last, entry_at) as place
        from task_history where task_id = new.task_id and status is not null
    )
    select entry_at into completed from story
        where status = 'Completed' and place > coalesce(
            (select max(place) from story where status in ('New', 'InProgress', 'Deferred')), 0
        )
        order by place limit 1;
    update tasks set completed_date = completed where id = new.task_id and completed_date is distinct from completed;
    return null;
end $$;
create trigger keep_completed_date after insert or update of status, entry_at, buildium_history_id on task_history
    for each row execute function keep_completed_date();
"""

UNDO = """
drop trigger keep_completed_date on task_history;
drop function keep_completed_date();

update task_history_files set upload_state = 'waiting' where upload_state = 'sending';
update task_history_files set upload_state = 'sent' where upload_state = 'removing';
alter table task_history_files
    drop asked_for_at,
    drop problem,
    drop tries,
    drop sent_at,
    drop constraint task_history_files_upload_state_check,
    add constraint task_history_files_upload_state_check check (upload_state in ('waiting', 'sent', 'failed'));

alter table task_history
    drop buildium_updated_at,
    drop buildium_created_at,
    drop file_ids,
    drop due_date,
    drop priority,
    drop edited_notes,
    drop changes_status,
    drop written_by,
    drop written_here;

alter table tasks
    drop history_changed_at,
    drop entry_notes,
    drop has_pets,
    drop entry_permitted,
    drop contact_phone_mobile,
    drop contact_phone_work,
    drop contact_phone_home,
    drop contact_email,
    drop contact_last_name,
    drop contact_first_name,
    add contact_detail jsonb;
"""


def upgrade() -> None:
    op.execute(CHANGES)
    op.execute(KEEP)


def downgrade() -> None:
    op.execute(UNDO)
