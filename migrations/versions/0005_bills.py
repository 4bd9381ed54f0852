"""Bills and their payments"""

from __future__ import annotations

from alembic import op

from portal.rights import audited, parts, records, touched

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = r"""
create table bill_categories (
    id uuid default gen_random_uuid() primary key,
    buildium_category_id integer,
    name varchar(255) not null,
    description text,
    is_active boolean default true not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    gl_account_id uuid references gl_accounts on delete restrict,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(name::text, '') || ' ' || coalesce(buildium_category_id::text, '')
    )) stored not null
);
create index bill_categories_buildium_category_id_idx on bill_categories (buildium_category_id);
create index bill_categories_gl_account_id_idx on bill_categories (gl_account_id);
create index bill_categories_name_order_idx on bill_categories (lower(name::text) collate "C", id);
create index bill_categories_search_text_idx on bill_categories using gin (search_text gin_trgm_ops);

create table bills (
    id uuid default gen_random_uuid() primary key,
    buildium_bill_id integer,
    vendor_id uuid not null references vendors on delete restrict,
    property_id uuid references properties on delete restrict,
    unit_id uuid references units on delete restrict,
    date date not null,
    due_date date not null,
    amount numeric(10, 2) not null,
    description text,
    reference_number varchar(255),
    category_id uuid references bill_categories on delete restrict,
    is_recurring boolean default false not null,
    recurring_schedule jsonb,
    status varchar(20) default 'pending' not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    work_order_id uuid references work_orders on delete restrict,
    paid_date date,
    approval_status varchar(20),
    version integer default 1 not null,
    search_text text,
    constraint bills_status_check check (status in ('pending', 'paid', 'overdue', 'cancelled'))
);
create index bills_amount_idx on bills (amount, id);
create unique index bills_buildium_bill_id_key on bills (buildium_bill_id);
create index bills_category_id_idx on bills (category_id);
create index bills_due_date_idx on bills (due_date, id);
create index bills_reference_number_order_idx on bills (lower(reference_number::text) collate "C", id);
create index bills_search_text_idx on bills using gin (search_text gin_trgm_ops);
create index bills_unpaid_due_date_idx on bills (due_date, id) where paid_date is null;
create index bills_updated_at_idx on bills (updated_at, id);
create index bills_work_order_id_idx on bills (work_order_id);
create index idx_bills_date on bills (date, id);
create index idx_bills_property on bills (property_id);
create index idx_bills_status on bills (status, due_date, id);
create index idx_bills_unit on bills (unit_id);
create index idx_bills_vendor on bills (vendor_id);

create table bill_lines (
    id uuid default gen_random_uuid() primary key,
    bill_id uuid not null references bills on delete cascade,
    buildium_line_id integer,
    position integer default 0 not null,
    gl_account_id uuid not null references gl_accounts on delete restrict,
    accounting_entity_type varchar(20) default 'Rental' not null,
    property_id uuid references properties on delete restrict,
    unit_id uuid references units on delete restrict,
    amount numeric(15, 2) not null,
    memo varchar(240),
    markup_amount numeric(15, 2),
    markup_type varchar(20),
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    constraint bill_lines_accounting_entity_type_check check (
        accounting_entity_type in ('Rental', 'Association', 'Company')
    ),
    constraint bill_lines_markup_amount_check check (markup_type is distinct from 'Percent' or markup_amount <= 100),
    constraint bill_lines_markup_type_check check (markup_type in ('Percent', 'Amount'))
);
create index bill_lines_bill_id_idx on bill_lines (bill_id, position);
create unique index bill_lines_buildium_line_id_key on bill_lines (buildium_line_id);
create index bill_lines_gl_account_id_idx on bill_lines (gl_account_id);
create index bill_lines_property_id_idx on bill_lines (property_id);
create index bill_lines_unit_id_idx on bill_lines (unit_id);

create table bill_files (
    id uuid default gen_random_uuid() primary key,
    bill_id uuid not null references bills on delete cascade,
    buildium_file_id integer,
    file_name varchar(255) not null,
    file_type varchar(100),
    file_size integer,
    file_url text,
    description text,
    physical_file_name varchar(255),
    upload_state varchar(20) default 'waiting' not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    constraint bill_files_file_size_check check (file_size >= 0),
    constraint bill_files_upload_state_check check (upload_state in ('waiting', 'sent', 'failed'))
);
create index bill_files_bill_id_idx on bill_files (bill_id);
create index bill_files_buildium_file_id_idx on bill_files (buildium_file_id);

create table bill_payments (
    id uuid default gen_random_uuid() primary key,
    buildium_payment_id integer,
    bill_id uuid not null references bills on delete restrict,
    bank_account_id uuid not null references bank_accounts on delete restrict,
    amount numeric(10, 2) not null,
    date date not null,
    reference_number varchar(255),
    memo text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    search_text text,
    constraint bill_payments_amount_check check (amount >= 0)
);
create index bill_payments_amount_idx on bill_payments (amount, id);
create unique index bill_payments_buildium_payment_id_bill_id_key on bill_payments (buildium_payment_id, bill_id);
create index bill_payments_date_idx on bill_payments (date, id);
create index bill_payments_search_text_idx on bill_payments using gin (search_text gin_trgm_ops);
create index bill_payments_updated_at_idx on bill_payments (updated_at, id);
create index idx_bill_payments_bank on bill_payments (bank_account_id);
create index idx_bill_payments_bill on bill_payments (bill_id);

create table bill_payment_lines (
    id uuid default gen_random_uuid() primary key,
    payment_id uuid not null references bill_payments on delete cascade,
    bill_line_id uuid not null references bill_lines on delete restrict,
    amount numeric(15, 2) not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null
);
create index bill_payment_lines_bill_line_id_idx on bill_payment_lines (bill_line_id);
create unique index bill_payment_lines_payment_id_bill_line_id_key on bill_payment_lines (payment_id, bill_line_id);
"""

KEEP = r"""
-- A bill is found by vendor, property and unit; a payment by what finds its bill.
create function keep_bill() returns trigger
language plpgsql as $$
begin
    new.search_text := lower(concat_ws(' ',
        new.reference_number,
        (select name from vendors where id = new.vendor_id),
        (select name from properties where id = new.property_id),
        (select unit_number from units where id = new.unit_id),
        new.amount, new.description, new.buildium_bill_id
    ));
    return new;
end $$;
create trigger keep before insert or update on bills for each row execute function keep_bill();

create function keep_bill_payment() returns trigger
language plpgsql as $$
begin
    new.search_text := lower(concat_ws(' ',
        new.reference_number, new.memo, new.amount, new.buildium_payment_id,
        (
            select concat_ws(' ', bills.reference_number, vendors.name)
            from bills join vendors on vendors.id = vendor_id where bills.id = new.bill_id
        )
    ));
    return new;
end $$;
create trigger keep before insert or update on bill_payments for each row execute function keep_bill_payment();

create trigger refresh_bills after update on vendors for each row
    when (old.name is distinct from new.name)
    execute function refresh_relatives('bills', 'vendor_id');
create trigger refresh_bills after update on properties for each row
    when (old.name is distinct from new.name)
    execute function refresh_relatives('bills', 'property_id');
create trigger refresh_bills after update on units for each row
    when (old.unit_number is distinct from new.unit_number)
    execute function refresh_relatives('bills', 'unit_id');
create trigger refresh_payments after update on bills for each row
    when (old.search_text is distinct from new.search_text)
    execute function refresh_relatives('bill_payments', 'bill_id');
"""

RECORDS = ("bill_categories", "bills", "bill_payments")
PARTS = ("bill_lines", "bill_files", "bill_payment_lines")

UNDO = """
drop trigger refresh_bills on units;
drop trigger refresh_bills on properties;
drop trigger refresh_bills on vendors;
drop table bill_payment_lines, bill_payments, bill_files, bill_lines, bills, bill_categories;
drop function keep_bill_payment();
drop function keep_bill();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(KEEP)
    op.execute(records(*RECORDS) + parts(*PARTS))
    op.execute(touched(*RECORDS, *PARTS) + audited(*RECORDS, *PARTS))


def downgrade() -> None:
    op.execute(UNDO)
