"""Vendors, tasks and work orders"""

from __future__ import annotations

from alembic import op

from portal.rights import audited, parts, records, touched

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = r"""
create table vendor_categories (
    id uuid default gen_random_uuid() primary key,
    buildium_category_id integer,
    name varchar(255) not null,
    description text,
    is_active boolean default true not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    is_system boolean default false not null,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(name::text, '') || ' ' || coalesce(buildium_category_id::text, '')
    )) stored not null
);
create unique index vendor_categories_buildium_category_id_key on vendor_categories (buildium_category_id);
create index vendor_categories_name_order_idx on vendor_categories (lower(name::text) collate "C", id);
create index vendor_categories_search_text_idx on vendor_categories using gin (search_text gin_trgm_ops);

create table vendors (
    id uuid default gen_random_uuid() primary key,
    buildium_vendor_id integer,
    name varchar(255) not null,
    category_id uuid references vendor_categories on delete restrict,
    contact_name varchar(255),
    email varchar(255),
    phone_number varchar(50),
    address_line1 varchar(255),
    address_line2 varchar(255),
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100),
    tax_id varchar(255),
    notes text,
    is_active boolean default true not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    address_line3 varchar(100),
    is_company boolean default true not null,
    first_name varchar(127),
    last_name varchar(127),
    tax_payer_type varchar(10),
    include_in_1099 boolean,
    expense_gl_account_id uuid references gl_accounts on delete set null,
    account_number varchar(255),
    alternate_email varchar(255),
    website varchar(100),
    insurance_provider varchar(65),
    insurance_policy_number varchar(65),
    insurance_expiration_date date,
    extra_phones jsonb,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(name::text, '') || ' ' || coalesce(contact_name::text, '')
        || ' ' || coalesce(first_name::text, '') || ' ' || coalesce(last_name::text, '')
        || ' ' || coalesce(email::text, '') || ' ' || coalesce(alternate_email::text, '')
        || ' ' || coalesce(phone_number::text, '') || ' ' || coalesce(address_line1::text, '')
        || ' ' || coalesce(city::text, '') || ' ' || coalesce(postal_code::text, '')
        || ' ' || coalesce(buildium_vendor_id::text, '')
        || ' ' || regexp_replace(coalesce(phone_number::text, ''), '\D', '', 'g')
    )) stored not null,
    constraint vendors_tax_payer_type_check check (tax_payer_type in ('SSN', 'EIN'))
);
create index idx_vendors_active on vendors (is_active, id);
create index idx_vendors_category on vendors (category_id);
create index idx_vendors_name on vendors (lower(name::text) collate "C", id);
create unique index vendors_buildium_vendor_id_key on vendors (buildium_vendor_id);
create index vendors_expense_gl_account_id_idx on vendors (expense_gl_account_id);
create index vendors_insurance_expiration_date_idx on vendors (insurance_expiration_date, id);
create index vendors_search_text_idx on vendors using gin (search_text gin_trgm_ops);
create index vendors_updated_at_idx on vendors (updated_at, id);

create table task_categories (
    id uuid default gen_random_uuid() primary key,
    buildium_category_id integer,
    name varchar(255) not null,
    description text,
    color varchar(7),
    is_active boolean default true not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    is_system boolean default false not null,
    sub_categories jsonb,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(name::text, '') || ' ' || coalesce(buildium_category_id::text, '')
    )) stored not null,
    constraint task_categories_color_check check (color ~ '^#[0-9A-Fa-f]{6}$')
);
create unique index task_categories_buildium_category_id_key on task_categories (buildium_category_id);
create index task_categories_name_order_idx on task_categories (lower(name::text) collate "C", id);
create index task_categories_search_text_idx on task_categories using gin (search_text gin_trgm_ops);

create table tasks (
    id uuid default gen_random_uuid() primary key,
    buildium_task_id integer,
    property_id uuid references properties on delete restrict,
    unit_id uuid references units on delete restrict,
    subject varchar(255) not null,
    description text,
    priority varchar(20) default 'Normal' not null,
    status varchar(20) default 'New' not null,
    assigned_to varchar(255),
    estimated_cost numeric(10, 2),
    actual_cost numeric(10, 2),
    scheduled_date timestamptz,
    completed_date timestamptz,
    category varchar(100),
    notes text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    task_type varchar(20) default 'Todo' not null,
    category_id uuid references task_categories on delete set null,
    sub_category_id integer,
    assigned_to_user_id integer,
    lease_id bigint references lease on delete restrict,
    requested_by_tenant_id uuid references tenants on delete restrict,
    requested_by_owner_id uuid references owners on delete restrict,
    contact_detail jsonb,
    buildium_created_at timestamptz,
    buildium_updated_at timestamptz,
    version integer default 1 not null,
    search_text text,
    constraint tasks_actual_cost_check check (actual_cost >= 0),
    constraint tasks_estimated_cost_check check (estimated_cost >= 0),
    constraint tasks_priority_check check (priority in ('Low', 'Normal', 'High')),
    constraint tasks_status_check check (status in ('New', 'InProgress', 'Completed', 'Deferred', 'Closed')),
    constraint tasks_task_type_check check (
        task_type in ('Todo', 'ResidentRequest', 'RentalOwnerRequest', 'ContactRequest')
    )
);
create index idx_tasks_assigned on tasks (assigned_to, id);
create index idx_tasks_priority on tasks (priority, id);
create index idx_tasks_property on tasks (property_id);
create index idx_tasks_status on tasks (status, scheduled_date, id);
create index idx_tasks_unit on tasks (unit_id);
create index tasks_assigned_to_user_id_idx on tasks (assigned_to_user_id);
create unique index tasks_buildium_task_id_key on tasks (buildium_task_id);
create index tasks_category_id_idx on tasks (category_id);
create index tasks_created_at_idx on tasks (created_at, id);
create index tasks_lease_id_idx on tasks (lease_id);
create index tasks_requested_by_owner_id_idx on tasks (requested_by_owner_id);
create index tasks_requested_by_tenant_id_idx on tasks (requested_by_tenant_id);
create index tasks_scheduled_date_idx on tasks (scheduled_date, id);
create index tasks_search_text_idx on tasks using gin (search_text gin_trgm_ops);
create index tasks_subject_order_idx on tasks (lower(subject::text) collate "C", id);
create index tasks_updated_at_idx on tasks (updated_at, id);

create table task_history (
    id uuid default gen_random_uuid() primary key,
    buildium_history_id integer,
    task_id uuid not null references tasks on delete cascade,
    status varchar(20),
    notes text,
    completed_date timestamptz,
    assigned_to varchar(255),
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    entry_at timestamptz,
    message_pushed boolean default false not null,
    version integer default 1 not null
);
create unique index task_history_task_id_buildium_history_id_key on task_history (task_id, buildium_history_id);
create index task_history_task_id_idx on task_history (task_id, entry_at);

create table task_history_files (
    id uuid default gen_random_uuid() primary key,
    buildium_file_id integer,
    task_history_id uuid not null references task_history on delete cascade,
    file_name varchar(255) not null,
    file_type varchar(100),
    file_size integer,
    file_url text,
    description text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    physical_file_name varchar(255),
    upload_state varchar(20) default 'waiting' not null,
    version integer default 1 not null,
    constraint task_history_files_file_size_check check (file_size >= 0),
    constraint task_history_files_upload_state_check check (upload_state in ('waiting', 'sent', 'failed'))
);
create index task_history_files_buildium_file_id_idx on task_history_files (buildium_file_id);
create index task_history_files_task_history_id_idx on task_history_files (task_history_id);

create table work_orders (
    id uuid default gen_random_uuid() primary key,
    buildium_work_order_id integer,
    property_id uuid references properties on delete restrict,
    unit_id uuid references units on delete restrict,
    subject varchar(255),
    description text,
    priority varchar(20) default 'Normal',
    status varchar(20) default 'New',
    assigned_to varchar(255),
    estimated_cost numeric(10, 2),
    actual_cost numeric(10, 2),
    scheduled_date timestamptz,
    completed_date timestamptz,
    category varchar(100),
    notes text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    category_id uuid references task_categories on delete set null,
    vendor_id uuid references vendors on delete restrict,
    task_id uuid references tasks on delete restrict,
    assigned_to_user_id integer,
    entry_allowed varchar(10) default 'Unknown' not null,
    entry_notes text,
    entry_contact_ids integer[],
    invoice_number varchar(50),
    chargeable_to varchar(100),
    version integer default 1 not null,
    search_text text,
    constraint work_orders_actual_cost_check check (actual_cost >= 0),
    constraint work_orders_entry_allowed_check check (entry_allowed in ('Unknown', 'Yes', 'No')),
    constraint work_orders_estimated_cost_check check (estimated_cost >= 0),
    constraint work_orders_priority_check check (priority in ('Low', 'Normal', 'High')),
    constraint work_orders_status_check check (status in ('New', 'InProgress', 'Completed', 'Deferred', 'Closed'))
);
create index idx_work_orders_property on work_orders (property_id);
create index idx_work_orders_status on work_orders (status, scheduled_date, id);
create index idx_work_orders_unit on work_orders (unit_id);
create index work_orders_assigned_to_user_id_idx on work_orders (assigned_to_user_id);
create unique index work_orders_buildium_work_order_id_key on work_orders (buildium_work_order_id);
create index work_orders_category_id_idx on work_orders (category_id);
create index work_orders_created_at_idx on work_orders (created_at, id);
create index work_orders_priority_idx on work_orders (priority, id);
create index work_orders_scheduled_date_idx on work_orders (scheduled_date, id);
create index work_orders_search_text_idx on work_orders using gin (search_text gin_trgm_ops);
create index work_orders_subject_order_idx on work_orders (lower(subject::text) collate "C", id);
create index work_orders_task_id_idx on work_orders (task_id);
create index work_orders_updated_at_idx on work_orders (updated_at, id);
create index work_orders_vendor_id_idx on work_orders (vendor_id);

create table work_order_lines (
    id uuid default gen_random_uuid() primary key,
    work_order_id uuid not null references work_orders on delete cascade,
    position integer default 0 not null,
    gl_account_id uuid references gl_accounts on delete restrict,
    quantity numeric(15, 4) default 1 not null,
    unit_price numeric(15, 4) default 0 not null,
    memo text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null
);
create index work_order_lines_gl_account_id_idx on work_order_lines (gl_account_id);
create index work_order_lines_work_order_id_idx on work_order_lines (work_order_id, position);
"""

KEEP = r"""
-- The names of category and assignee for display, and what a task or work order is found by.
create function keep_work() returns trigger
language plpgsql as $$
begin
    if new.category_id is not null then
        new.category := (select left(name, 100) from task_categories where id = new.category_id);
    end if;
    if new.assigned_to_user_id is not null then
        new.assigned_to := coalesce(
            (
                select left(nullif(trim(concat_ws(' ', first_name, last_name)), ''), 255)
                from staff_users where buildium_user_id = new.assigned_to_user_id
            ),
            new.assigned_to
        );
    end if;
    new.search_text := concat_ws(' ',
        new.subject, new.assigned_to, new.category,
        (select name from properties where id = new.property_id),
        (select unit_number from units where id = new.unit_id)
    );
    if tg_table_name = 'tasks' then
        new.search_text := lower(concat_ws(' ', new.search_text, new.buildium_task_id));
    else
        new.search_text := lower(concat_ws(' ',
            new.search_text,
            (select name from vendors where id = new.vendor_id),
            new.invoice_number,
            new.buildium_work_order_id
        ));
    end if;
    return new;
end $$;
create trigger keep before insert or update on tasks for each row execute function keep_work();
create trigger keep before insert or update on work_orders for each row execute function keep_work();

create trigger refresh_work after update on properties for each row
    when (old.name is distinct from new.name)
    execute function refresh_relatives('tasks', 'property_id', 'work_orders', 'property_id');
create trigger refresh_work after update on units for each row
    when (old.unit_number is distinct from new.unit_number)
    execute function refresh_relatives('tasks', 'unit_id', 'work_orders', 'unit_id');
create trigger refresh_work after update on task_categories for each row
    when (old.name is distinct from new.name)
    execute function refresh_relatives('tasks', 'category_id', 'work_orders', 'category_id');
create trigger refresh_work after update on vendors for each row
    when (old.name is distinct from new.name)
    execute function refresh_relatives('work_orders', 'vendor_id');

create function refresh_work_of_staff() returns trigger
language plpgsql as $$
begin
    update tasks set search_text = search_text where assigned_to_user_id = new.buildium_user_id;
    update work_orders set search_text = search_text where assigned_to_user_id = new.buildium_user_id;
    return null;
end $$;
create trigger refresh_work_on_insert after insert on staff_users for each row
    execute function refresh_work_of_staff();
create trigger refresh_work after update on staff_users for each row
    when (
        (old.buildium_user_id, old.first_name, old.last_name)
        is distinct from (new.buildium_user_id, new.first_name, new.last_name)
    )
    execute function refresh_work_of_staff();
"""

RECORDS = ("vendor_categories", "vendors", "task_categories", "tasks", "work_orders")
PARTS = ("task_history", "task_history_files", "work_order_lines")

UNDO = """
drop trigger refresh_work on staff_users;
drop trigger refresh_work_on_insert on staff_users;
drop trigger refresh_work on units;
drop trigger refresh_work on properties;
drop table work_order_lines, work_orders, task_history_files, task_history, tasks, task_categories, vendors,
    vendor_categories;
drop function refresh_work_of_staff();
drop function keep_work();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(KEEP)
    op.execute(records(*RECORDS) + parts(*PARTS))
    op.execute(touched(*RECORDS, *PARTS))
    op.execute(audited("vendors", secrets="'tax_id', 'account_number'"))
    op.execute(audited(*(table for table in RECORDS if table != "vendors"), *PARTS))


def downgrade() -> None:
    op.execute(UNDO)
