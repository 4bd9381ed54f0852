"""Work orders follow their task: where it is, how it stands, when it is due; and how old they are"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHANGES = """
alter table work_orders
    add own_status varchar(20),
    add own_priority varchar(20),
    add own_scheduled_date timestamptz,
    add opened_at timestamptz default now() not null,
    drop constraint work_orders_actual_cost_check;
create index work_orders_opened_at_idx on work_orders (opened_at, id);
create index work_orders_status_opened_at_idx on work_orders (status, opened_at, id);

-- Buildium has both as floating point numbers, and gets them back as it said them.
alter table work_order_lines
    alter column quantity type numeric,
    alter column unit_price type numeric;
"""

# A new work order waits for whoever is changing its task. A stored one needn't: the change of the task reaches it.
KEEP = """
create function follow_task() returns trigger
language plpgsql as $$
declare
    its tasks%rowtype;
begin
    if tg_op = 'INSERT' or old.task_id is distinct from new.task_id then
        select * into its from tasks where id = new.task_id for share;
    else
        select * into its from tasks where id = new.task_id;
    end if;
    new.status := coalesce(new.own_status, its.status);
    new.priority := coalesce(new.own_priority, its.priority);
    new.scheduled_date := coalesce(new.own_scheduled_date, its.scheduled_date);
    new.completed_date := its.completed_date;
    new.property_id := its.property_id;
    new.unit_id := its.unit_id;
    new.category_id := its.category_id;
    new.category := its.category;
    new.assigned_to_user_id := its.assigned_to_user_id;
    new.assigned_to := its.assigned_to;
    if tg_op = 'INSERT' and new.buildium_work_order_id is not null then
        -- Made in Buildium, which doesn't say when; not before its task, and mostly soon after it.
        new.opened_at := least(coalesce(its.buildium_created_at, new.opened_at), new.opened_at);
    end if;
    return new;
end $$;
-- Before `keep`, which works out the names of what is set here.
create trigger follow_task before insert or update on work_orders for each row
    when (new.task_id is not null) execute function follow_task();

create function lead_work_orders() returns trigger
language plpgsql as $$
begin
    update work_orders set task_id = task_id where task_id = new.id;
    return null;
end $$;
create trigger lead_work_orders after update on tasks for each row
    when (
        (
            old.status, old.priority, old.scheduled_date, old.completed_date, old.property_id, old.unit_id,
            old.category_id, old.category, old.assigned_to_user_id, old.assigned_to
        ) is distinct from (
            new.status, new.priority, new.scheduled_date, new.completed_date, new.property_id, new.unit_id,
            new.category_id, new.category, new.assigned_to_user_id, new.assigned_to
        )
    )
    execute function lead_work_orders();
"""

UNDO = """
drop trigger lead_work_orders on tasks;
drop trigger follow_task on work_orders;
drop function lead_work_orders();
drop function follow_task();

alter table work_order_lines
    alter column quantity type numeric(15, 4),
    alter column unit_price type numeric(15, 4);
drop index work_orders_status_opened_at_idx;
drop index work_orders_opened_at_idx;
alter table work_orders
    add constraint work_orders_actual_cost_check check (actual_cost >= 0) not valid,
    drop opened_at,
    drop own_scheduled_date,
    drop own_priority,
    drop own_status;
"""


def upgrade() -> None:
    op.execute(CHANGES)
    op.execute(KEEP)


def downgrade() -> None:
    op.execute(UNDO)
